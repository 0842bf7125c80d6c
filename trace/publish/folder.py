"""A folder as target: on a disk of its own, or one that a web server reads."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..durable import fsync_folder, make_folder, reported, write_file
from ..errors import Broken, Reason, Unavailable

FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
"""A web server that runs as somebody else reads what is public."""

FULL = Reason(
    "publish.full",
    "发布文件夹 {name} 所在磁盘已满；账本不受影响，清理后自动继续发布",
    "the disk of the published folder {name} is full; the log is whole and publishing goes on once there is space",
)

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """
    The files below *root*; errors as ``target.Target`` says.

    Each file is written under another name, flushed, and then given its name, which is flushed too. A crash leaves at
    most a hidden ``.tmp`` file.
    """

    root: Path

    @property
    def name(self) -> str:
        """The path of the folder."""
        return str(self.root)

    def read(self, path: str) -> bytes | None:
        """Return the bytes at *path*, None where there is no file."""
        file = self.root / path
        with reported(file):
            try:
                return file.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def put(self, path: str, data: bytes) -> None:
        """Write a file that never changes."""
        file = self.root / path
        with self._writing():
            make_folder(file.parent, mode=FOLDER_MODE)
            if self.read(path) is None:
                with suppress(FileExistsError):  # another process was quicker
                    write_file(file, data, replace=False, mode=FILE_MODE)
                    return
            if self.read(path) != data:
                raise Broken(f"other bytes were published as {path}", found=self.name)
            with reported(file):
                fsync_folder(file.parent)  # a crash may have come between the name and its flush

    def replace(self, path: str, data: bytes) -> None:
        """Write a file in the place of the one that may be there."""
        file = self.root / path
        with self._writing():
            make_folder(file.parent, mode=FOLDER_MODE)
            write_file(file, data, mode=FILE_MODE)

    def remove(self, *paths: str) -> None:
        """Remove those files of *paths* that are there, and the folders of partial tiles that they leave empty."""
        for path in paths:
            file = self.root / path
            with reported(file):
                file.unlink(missing_ok=True)
        for folder in {(self.root / path).parent for path in paths}:
            if folder.suffix == ".p" and folder.is_dir() and not any(folder.iterdir()):
                with reported(folder):
                    folder.rmdir()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in _FULL:
                raise Unavailable(FULL.at(name=self.name), retry_after_s=10) from cause
            raise
