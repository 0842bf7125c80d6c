"""
What a witness remembers: for each log the last checkpoint that it cosigned, one file each.

``DIR/<hex SHA-256 of the origin>/checkpoint`` holds the signed checkpoint with the log's lines that were verified and
the witness's own. It is replaced as a whole and durable before any answer leaves. What readers get comes from memory,
which changes after the file: what is on disk but not yet flushed may be lost in a power cut, and a cosignature that
somebody has seen must not be. Beside it, ``fork`` is the first signed checkpoint that the log showed of the same size
with another root: with the one that was cosigned, proof that the log forked.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..durable import fsync_folder, make_folder, reported, write_file
from ..errors import Broken, Reason, Refused, Unavailable
from ..ledger.checkpoint import Checkpoint, parse_checkpoint
from ..ledger.cosignature import CosignerKey, read_time
from ..ledger.note import open_note

FILE: Final = "checkpoint"
FORK: Final = "fork"
LOCK: Final = "lock"

HELD = Reason(
    "witness.held",
    "{folder} 正由另一个见证进程使用，一个文件夹只能有一个进程",
    "another process witnesses in {folder}: one folder, one process",
)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that was cosigned, when (POSIX seconds), and the note with all lines that count."""

    checkpoint: Checkpoint
    time: int
    note: str


def hash_origin(origin: str) -> str:
    """Return the name under which a log is kept: SHA-256 of its origin, 64 lower-case hex digits."""
    return hashlib.sha256(origin.encode()).hexdigest()


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """
    Keep other processes out of *folder* for as long as the block runs; the lock ends with the process, however it ends.

    Raises:
        Unavailable: ``witness.held``, or the folder can't be written.
    """
    with reported(folder / LOCK):
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(HELD.at(folder=str(folder))) from None
        yield
    finally:
        os.close(handle)


class Memory:
    """
    The logs under *folder*, which the caller holds; *key* is the witness's own, by which its files are known.

    ``find`` and ``keep`` are for one thread at a time on each log; ``peek`` is for any.

    Raises:
        Broken: a file is damaged, of another log, or not cosigned by *key*.
        Unavailable: the folder can't be read.
    """

    def __init__(self, folder: Path, key: CosignerKey) -> None:
        self._folder = folder
        self._key = key
        self._known: dict[str, Witnessed] = {}
        self._doubtful: set[str] = set()
        with reported(folder):
            for draft in folder.glob(f"*/.{FILE}.*.tmp"):  # of a process that was killed
                draft.unlink()
            names = sorted(path.parent.name for path in folder.glob(f"*/{FILE}"))
        for name in names:
            self._load(name)

    def peek(self, name: str) -> Witnessed | None:
        """Return what was last known to be on disk of the log kept as *name* (see ``hash_origin``)."""
        return self._known.get(name)

    def find(self, name: str) -> Witnessed | None:
        """
        Return what was cosigned last of the log kept as *name*; after a write that failed, what the file holds.

        Raises:
            Broken, Unavailable: the file can't be trusted; nothing may be cosigned.
        """
        if name in self._doubtful:
            if (self._folder / name / FILE).exists():
                self._load(name)
            self._doubtful.discard(name)
        return self._known.get(name)

    def keep(self, witnessed: Witnessed) -> None:
        """
        Replace what is known of a log, durably.

        Raises:
            Unavailable: the disk is full or failing. The file is the old or the new one, and counts as it is: nobody
                has seen a cosignature that it does not hold.
        """
        name = hash_origin(witnessed.checkpoint.origin)
        folder = self._folder / name
        self._doubtful.add(name)
        make_folder(folder)
        write_file(folder / FILE, witnessed.note.encode(), mode=0o644)
        self._known[name] = witnessed
        self._doubtful.discard(name)

    def keep_fork(self, name: str, note: str) -> None:
        """
        Keep *note* as proof that the log kept as *name* forked; the first one stays.

        Raises:
            Unavailable: the disk is full or failing.
        """
        with suppress(FileExistsError):
            write_file(self._folder / name / FORK, note.encode(), replace=False, mode=0o644)

    def _load(self, name: str) -> None:
        path = self._folder / name / FILE
        with reported(path):
            note = _read_durable(path)
        try:
            opened = open_note(note, [self._key])
            checkpoint = parse_checkpoint(opened.text)
            found = Witnessed(checkpoint, max(map(read_time, opened.verified)), note.decode())
        except Refused as refused:
            raise Broken(f"{name}/{FILE} is not what this witness wrote", found=str(refused)) from refused
        if hash_origin(checkpoint.origin) != name:
            raise Broken(f"{name}/{FILE} is of another log", found=checkpoint.origin)
        self._known[name] = found


def _read_durable(path: Path) -> bytes:
    """
    Return what *path* holds, flushed.

    A process that was killed between rename and flush leaves a name that a power cut would take back.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())
        data = file.read()
    fsync_folder(path.parent)
    fsync_folder(path.parent.parent)
    return data
