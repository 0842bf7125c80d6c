"""
Targets: where a log is published, as files that any web server or bucket can hand out.

A folder (``folder``) or an S3-compatible bucket (``bucket``); both keep what was written once, byte for byte.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

from ..errors import Reason, Refused
from ..settings import BucketAccess

BUCKET: Final = "s3://"

SCHEME = Reason(
    "publish.scheme",
    "不能发布到 {spec}：只能是文件夹或 s3://bucket/prefix",
    "can't publish to {spec}: a target is a folder or s3://bucket/prefix",
)


class Target(Protocol):
    """
    Where files are published, named by paths of the layout such as ``tile/0/000.p/17``.

    What a method wrote is durable when it returns; whoever reads sees a file whole or not at all.
    """

    @property
    def name(self) -> str:
        """The target in words for operators: a path or an ``s3://`` address."""

    def read(self, path: str) -> bytes | None:
        """
        Return the bytes at *path*, None where there is no file.

        Raises:
            Unavailable: the target can't be read.
        """

    def put(self, path: str, data: bytes) -> None:
        """
        Write a file that never changes; the same bytes once more are fine.

        Raises:
            Broken: other bytes are there.
            Unavailable: the target can't be written; the file may be there or not.
        """

    def replace(self, path: str, data: bytes) -> None:
        """
        Write a file in the place of the one that may be there.

        Raises:
            Unavailable: the target can't be written; the file is the old or the new.
        """

    def remove(self, *paths: str) -> None:
        """
        Remove those files of *paths* that are there.

        Raises:
            Unavailable: the target can't be written; some may still be there.
        """


def open_target(spec: str, access: BucketAccess | None = None) -> Target:
    """
    Return the target that *spec* names: ``s3://bucket/prefix`` or a folder, which need not exist yet.

    Args:
        access: how buckets are reached; by default as AWS is.

    Raises:
        Refused: an address that is no bucket's.
    """
    if spec.startswith(BUCKET):
        from .bucket import open_bucket  # the library stays out of processes that publish to a folder

        return open_bucket(spec, access or BucketAccess())
    if "://" in spec:
        raise Refused(SCHEME.at(spec=spec))
    from .folder import FolderTarget

    return FolderTarget(Path(spec).expanduser().absolute())
