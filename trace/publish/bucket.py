"""
An S3-compatible bucket as target, through obstore.

A file that never changes is put on the condition that there is none (``If-None-Match: *``); where the store knows no
conditions, it is looked up first. Type and caching are stored with each file, so that the bucket can serve it itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import obstore
from obstore import exceptions
from obstore.store import S3Store

from ..errors import Broken, Reason, Refused, Unavailable
from ..settings import BucketAccess
from .layout import describe_path
from .target import BUCKET

if TYPE_CHECKING:
    from obstore.store import S3Config

ADDRESS = Reason(
    "publish.bucket",
    "“{spec}”应写成 s3://存储桶/前缀",
    "{spec!r} should be written like s3://bucket/prefix",
)
GONE = Reason(
    "publish.target",
    "发布目标 {name} 无法读写（{detail}）：请检查网络、地址和 SUYUAN_S3_ 设置；服务会自动重试",
    "the target {name} can't be read or written ({detail}): look at network, address and the settings SUYUAN_S3_...; a "
    "service tries again by itself",
)

_TIMEOUT: Final = timedelta(seconds=20)
_CONNECT: Final = timedelta(seconds=3)
_RETRIES: Final = 2


def open_bucket(spec: str, access: BucketAccess) -> BucketTarget:
    """
    Return the target ``s3://bucket/prefix``; nothing is asked of it yet.

    Keys that *access* leaves out are looked for as AWS does (its variables, the role of the machine).

    Raises:
        Refused: ``publish.bucket``.
    """
    bucket, _, prefix = spec.removeprefix(BUCKET).partition("/")
    if not bucket or not spec.startswith(BUCKET):
        raise Refused(ADDRESS.at(spec=spec))
    try:
        store = S3Store(
            bucket,
            prefix=prefix.strip("/") or None,
            config=_config(access),
            client_options={
                "allow_http": access.allow_http,
                "timeout": _TIMEOUT,
                "connect_timeout": _CONNECT,
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": _TIMEOUT},
        )
    except exceptions.BaseError:
        raise Refused(ADDRESS.at(spec=spec)) from None
    return BucketTarget(spec.rstrip("/"), store)


def _config(access: BucketAccess) -> S3Config:
    config: S3Config = {
        "region": access.region,
        "virtual_hosted_style_request": not access.path_style,
        "disable_bulk_delete": True,  # not every store has it
    }
    if access.endpoint:
        config["endpoint"] = access.endpoint
    if access.access_key:
        config["access_key_id"] = access.access_key
        config["secret_access_key"] = access.secret_key
    return config


@dataclass(frozen=True, slots=True)
class BucketTarget:
    """The files below the prefix of *store*; errors as ``target.Target`` says."""

    name: str
    store: S3Store

    def read(self, path: str) -> bytes | None:
        """Return the bytes at *path*, None where there is no file."""
        with self._asking():
            try:
                return bytes(obstore.get(self.store, path).bytes())
            except (exceptions.NotFoundError, FileNotFoundError):
                return None

    def put(self, path: str, data: bytes) -> None:
        """Write a file that never changes."""
        with self._asking():
            try:
                self._write(path, data, create=True)
                return
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
                pass  # perhaps our own, whose answer got lost
            except exceptions.NotSupportedError:
                if self.read(path) is None:
                    self._write(path, data, create=False)
                    return
        if self.read(path) != data:
            raise Broken(f"other bytes were published as {path}", found=self.name)

    def replace(self, path: str, data: bytes) -> None:
        """Write a file in the place of the one that may be there."""
        with self._asking():
            self._write(path, data, create=False)

    def remove(self, *paths: str) -> None:
        """Remove those files of *paths* that are there."""
        if paths:
            with self._asking():
                obstore.delete(self.store, list(paths))

    def _write(self, path: str, data: bytes, *, create: bool) -> None:
        about = describe_path(path)
        attributes = {"Content-Type": about.media_type, "Cache-Control": about.caching} if about else {}
        mode = "create" if create else "overwrite"
        obstore.put(self.store, path, data, attributes=attributes, mode=mode, use_multipart=False)  # type: ignore[arg-type]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn the library's errors into Unavailable; their words stay out, they may quote requests and keys."""
        try:
            yield
        except (exceptions.BaseError, OSError) as error:
            detail = type(error).__name__.removesuffix("Error")
            raise Unavailable(GONE.at(name=self.name, detail=detail), retry_after_s=10) from None
