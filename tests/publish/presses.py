"""A log of made-up entries, published; what C2SP tlog-tiles asks of it, read anew; a target that fails on cue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from suyuan.errors import Reason, Unavailable
from suyuan.ledger import store
from suyuan.ledger.checkpoint import open_checkpoint
from suyuan.ledger.engine import begin_read, begin_write, open_engine
from suyuan.ledger.log import Draft, Tail
from suyuan.ledger.note import Signer
from suyuan.publish.checkpoints import Signers
from suyuan.publish.publisher import Ask, Publisher, ask_nobody
from suyuan.publish.target import Target
from suyuan.server.migrate import METADATA
from tests import keys
from tests.ledger import reference

LOG = "log.example/pears"
KEY = Signer(LOG, keys.seed("checkpoint"))
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
POLICY = f"log {KEY.vkey}\nquorum none\n"
GROUP = 4096


class Press:
    """A log that grows by entries that mean nothing, and its publishers; the clock is given."""

    def __init__(self, url: str, signers: Signers = (KEY,)) -> None:
        self.url = url
        self.engine = open_engine(url)
        self.signers = signers
        self.now = NOW
        self.sizes: list[int] = []

    def found(self) -> Press:
        """Make the tables and the empty log."""
        for metadata in METADATA:
            metadata.create_all(self.engine)
        with begin_write(self.engine) as connection:
            store.create_log(connection, LOG)
        return self

    def grow(self, size: int) -> None:
        """Append entries until there are *size*."""
        with begin_write(self.engine) as connection:
            tail = Tail(connection, LOG, self.now)
            for number in range(tail.size, size):
                tail.add(Draft(f"event-{number}", f"a.{number}.c", ()))
                if number % GROUP == GROUP - 1:
                    tail.flush()
            tail.flush()

    def publisher(self, target: Target, ask: Ask = ask_nobody) -> Publisher:
        """Return a publisher that has published nothing yet, as after a start."""
        return Publisher(self.engine, LOG, self.signers, target, lambda: self.now, ask, POLICY)

    def publish_at(self, publisher: Publisher, sizes: Iterable[int]) -> None:
        """Grow to each of *sizes* and publish each."""
        for size in sizes:
            self.grow(size)
            publisher.publish()

    def entries(self) -> list[bytes]:
        """Return the bytes of every entry."""
        with begin_read(self.engine) as connection:
            return [stored.body for stored in store.read_entries(connection, LOG)]

    def signed(self) -> list[str]:
        """Return every checkpoint that was signed."""
        with begin_read(self.engine) as connection:
            return [one.note for one in store.read_checkpoints(connection, LOG)]

    def wait(self, **span: float) -> None:
        """Let the clock run on, or back."""
        self.now += timedelta(**span)


def number_path(number: int) -> str:
    """Return *number* in groups of three digits, as the standard writes it."""
    groups = [number % 1000]
    while number := number // 1000:
        groups.insert(0, number % 1000)
    return "/".join([f"x{group:03}" for group in groups[:-1]] + [f"{groups[-1]:03}"])


def required(entries: Sequence[bytes], size: int) -> dict[str, bytes]:
    """Return the tiles and bundles that a log of *size* entries serves: a plain reading of tlog-tiles."""
    files: dict[str, bytes] = {}

    @cache
    def subtree(level: int, index: int) -> bytes:
        if level == 0:
            return reference.leaf(entries[index])
        children = [subtree(level - 1, index * 256 + child) for child in range(256)]
        while len(children) > 1:
            children = [reference.node(*children[at : at + 2]) for at in range(0, len(children), 2)]
        return children[0]

    level, count = 0, size
    while count:
        for tile in range(-(-count // 256)):
            width = min(256, count - tile * 256)
            path = number_path(tile) + ("" if width == 256 else f".p/{width}")
            hashes = [subtree(level, tile * 256 + at) for at in range(width)]
            files[f"tile/{level}/{path}"] = b"".join(hashes)
            if level == 0:
                part = entries[tile * 256 : tile * 256 + width]
                files[f"tile/entries/{path}"] = b"".join(len(e).to_bytes(2, "big") + e for e in part)
        level, count = level + 1, count // 256
    return files


def check_published(target: Target, entries: Sequence[bytes]) -> int:
    """Fail unless all that the published checkpoint asks for stands at *target*; return its size, 0 without one."""
    note = target.read("checkpoint")
    if note is None:
        return 0
    checkpoint = open_checkpoint(note, [KEY.verifier], LOG)
    assert checkpoint.root == reference.mth(entries[: checkpoint.size])
    for path, data in required(entries, checkpoint.size).items():
        assert target.read(path) == data, path
    return checkpoint.size


def check_list(target: Target, notes: Sequence[str]) -> None:
    """Fail unless *target* lists *notes* and no others."""
    assert target.read("checkpoints/count") == f"{len(notes)}\n".encode()
    for first in range(0, len(notes), 256):
        part = notes[first : first + 256]
        path = f"checkpoints/{number_path(first // 256)}" + ("" if len(part) == 256 else f".p/{len(part)}")
        data = b"".join(len(note).to_bytes(2, "big") + note for note in (one.encode() for one in part))
        assert target.read(path) == data, path


def content(folder: Path) -> dict[str, str]:
    """Return every file below *folder* and its digest."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


OUT = Reason("test.out", "目标出错", "the target fails")


class Failing:
    """*target*, of whose writing operations number *fails* (from 1) fails: not done, or *done* and told as failed."""

    def __init__(self, target: Target, fails: int, *, done: bool) -> None:
        self.target = target
        self.left = fails
        self.done = done
        self.written: list[str] = []
        self.name = target.name

    def read(self, path: str) -> bytes | None:
        return self.target.read(path)

    def put(self, path: str, data: bytes) -> None:
        self._do(lambda: self.target.put(path, data), path)

    def replace(self, path: str, data: bytes) -> None:
        self._do(lambda: self.target.replace(path, data), path)

    def remove(self, *paths: str) -> None:
        if paths:
            self._do(lambda: self.target.remove(*paths), *paths)

    def _do(self, act: Callable[[], None], *paths: str) -> None:
        self.left -= 1
        if self.left or self.done:
            act()
            self.written += paths
        if not self.left:
            raise Unavailable(OUT.at())


def recording(target: Target) -> Failing:
    """Return *target*, which never fails and tells what was written."""
    return Failing(target, 0, done=True)
