"""
The one fake of the tests: real stores that fail on cue, before or after they did what they were asked.

A step that ``failed`` left nothing; one that is ``done`` was persisted, and reported as failed all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any, Literal

from sqlalchemy import Connection, Engine, event

from suyuan.errors import Reason, Unavailable
from suyuan.ledger.engine import WRITE
from suyuan.publish.target import Target

When = Literal["failed", "done"]
WHENS: tuple[When, ...] = ("failed", "done")

CUE = Reason("test.cue", "按测试要求失败：{step}", "failed on cue: {step}")


@dataclass
class Faults:
    """Which step fails next, and what was tried since."""

    steps: list[str] = field(default_factory=list)
    _next: tuple[str, When] | None = None

    def plan(self, step: str, when: When) -> None:
        """Let the next step that is like *step* (``put tile/0/*``) fail."""
        self._next = (step, when)

    def forget(self) -> None:
        """Let nothing fail."""
        self._next = None

    @property
    def is_planned(self) -> bool:
        """Whether a fault is still to come."""
        return self._next is not None

    def take(self, step: str) -> When | None:
        """Note *step*; return how it fails, if its turn has come."""
        self.steps.append(step)
        if self._next is None or not fnmatch(step, self._next[0]):
            return None
        when, self._next = self._next[1], None
        return when

    @contextmanager
    def around(self, step: str) -> Iterator[None]:
        """Fail before or after the block, if the turn of *step* has come."""
        when = self.take(step)
        if when == "failed":
            raise Unavailable(CUE.at(step=step))
        yield
        if when == "done":
            raise Unavailable(CUE.at(step=step))


class FaultyTarget:
    """
    A target whose steps fail on the cues ``read PATH``, ``put PATH``, ``replace PATH`` and ``remove``.

    *pointed* holds everything that ever stood as ``checkpoint``, for however short a time.
    """

    def __init__(self, target: Target, faults: Faults) -> None:
        self._target = target
        self._faults = faults
        self.pointed: list[bytes] = []

    @property
    def name(self) -> str:
        """The name of the target behind."""
        return self._target.name

    def read(self, path: str) -> bytes | None:
        """Read, or fail."""
        with self._faults.around(f"read {path}"):
            return self._target.read(path)

    def put(self, path: str, data: bytes) -> None:
        """Write, or fail, or both."""
        with self._faults.around(f"put {path}"):
            self._target.put(path, data)

    def replace(self, path: str, data: bytes) -> None:
        """Write, or fail, or both."""
        with self._faults.around(f"replace {path}"):
            self._target.replace(path, data)
            self.pointed += [data] if path == "checkpoint" else []

    def remove(self, *paths: str) -> None:
        """Remove, or fail, or both."""
        with self._faults.around("remove"):
            self._target.remove(*paths)


def fail_commits(engine: Engine, faults: Faults) -> None:
    """
    Let writing commits of *engine* fail on the cue ``commit``: the connection breaks before the server hears, or after.

    SQLite has no connection to break; it reports a disk error instead.
    """
    dialect: Any = engine.dialect
    commit = dialect.do_commit
    planned: list[When | None] = [None]

    def before(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITE)
        planned[0] = faults.take("commit") if writes else None

    def do_commit(connection: Any) -> None:
        when = planned[0]
        if when != "failed":
            commit(connection)
        if when is None:
            return
        if dialect.name == "postgresql":
            connection.driver_connection.close()
        elif when == "failed":
            connection.rollback()
        raise dialect.loaded_dbapi.OperationalError("disk I/O error")

    event.listen(engine, "commit", before)
    dialect.do_commit = do_commit
