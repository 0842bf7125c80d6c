"""
Files that survive a crash: whole or absent, never half-written.

The order is write, fsync the file, rename, fsync the folder. Without the last step a power cut may forget the name
although the bytes are safe.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import Reason, Unavailable

FILE = Reason("file.access", "无法读写文件 {name}：{detail}", "can't read or write the file {name}: {detail}")


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Turn an operating system's refusal inside the block into Unavailable, which names *path*."""
    try:
        yield
    except OSError as error:
        raise Unavailable(FILE.at(name=path.name, detail=error.strerror or type(error).__name__)) from error


def fsync_folder(folder: Path) -> None:
    """
    Make the names in *folder* durable.

    Raises:
        OSError: the folder can't be opened or flushed.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, *, mode: int = 0o700) -> None:
    """
    Create *folder* and what leads to it, durably; an existing folder is left as it is.

    Args:
        mode: permission bits, whatever the umask; the owner's alone unless told.

    Raises:
        Unavailable: disk full, no permission, or a file of that name.
    """
    with reported(folder):
        missing = []
        step = folder
        while not step.exists():
            missing.append(step)
            step = step.parent
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
            path.chmod(mode)
            fsync_folder(path.parent)
        if not folder.is_dir():
            raise NotADirectoryError(20, "not a folder")


@contextmanager
def draft_file(path: Path, *, replace: bool = True, mode: int = 0o600) -> Iterator[BinaryIO]:
    """
    Open a file that takes the name *path* only when the block ends well; after a crash *path* is the old or the new.

    Args:
        replace: False refuses to touch an existing file.
        mode: permission bits, whatever the umask; the owner's alone unless told.

    Raises:
        FileExistsError: the file is there and *replace* is False.
        Unavailable: disk full, no permission.
    """
    # A number of its own for each draft: processes on two machines may write the same folder under one process id.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with reported(path):
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, mode)
                yield file
                file.flush()
                os.fsync(file.fileno())
            placed = _place(draft, path, replace=replace)
        finally:
            draft.unlink(missing_ok=True)
        fsync_folder(path.parent)
    if not placed:
        raise FileExistsError(f"{path.name} is already there")


def write_file(path: Path, data: bytes, *, replace: bool = True, mode: int = 0o600) -> None:
    """Write *data* under *path*, whole and durable; arguments and errors as for ``draft_file``."""
    with draft_file(path, replace=replace, mode=mode) as file:
        file.write(data)


def _place(draft: Path, path: Path, *, replace: bool) -> bool:
    if replace:
        draft.replace(path)
        return True
    try:
        os.link(draft, path)  # unlike rename, never takes the place of a file
    except FileExistsError:
        return False
    return True


def destroy_file(path: Path) -> bool:
    """
    Overwrite, flush and remove the file at *path*; returns whether it was there.

    Overwriting reaches the old blocks only where the file system writes in place. What makes the erasure sound is that
    the file held a key, itself sealed, and that no copy of it stands in the database.

    Raises:
        Unavailable: no permission or a failing disk; the file may still be there.
    """
    with reported(path):
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        with os.fdopen(handle, "wb") as file:
            file.write(bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        fsync_folder(path.parent)
    return True
