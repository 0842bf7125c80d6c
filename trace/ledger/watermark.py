"""
The watermark: how far one process saw a log committed, so that a database that falls back is noticed while it runs.

A promoted standby that lags, or a backup restored under a running server, is consistent in itself; only whoever
remembers more can tell. To go on from there would give an index twice, and fork the log.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ..errors import Broken
from . import store
from .hashing import ZERO, Hash


class Watermark:
    """
    The largest size of one log that this process saw committed, and the leaf at its end.

    Threads may share it: of two that rise in the same instant the lower may stay, which is weaker and never wrong.
    """

    __slots__ = ("_end",)

    def __init__(self) -> None:
        self._end = (0, ZERO)

    @property
    def size(self) -> int:
        """The largest size seen committed; 0 before the first."""
        return self._end[0]

    def rise(self, size: int, leaf: Hash) -> None:
        """Remember that the log was committed up to *size*, with *leaf* as its last; a smaller size changes nothing."""
        self._end = max(self._end, (size, leaf))

    def check(self, connection: Connection, log_id: str, size: int, leaf: Hash) -> None:
        """
        Make sure that the log, which ends at *size* with *leaf*, continues what was seen.

        Compares two numbers; one leaf is read, and only when another process has written in between.

        Raises:
            Broken: the log is shorter than it was, or another entry stands where it ended.
        """
        seen, last = self._end
        if size < seen:
            raise Broken(
                "the database lost entries that were committed: it was restored, or promoted behind its primary",
                expected=f"{seen} entries or more",
                found=f"{size} entries",
            )
        found = [leaf] if size == seen else store.read_leaves(connection, log_id, seen - 1, seen)
        if seen and found != [last]:
            raise Broken(
                f"entry {seen - 1} of the database is another than was committed",
                expected=last.hex(),
                found=found[0].hex() if found else "nothing",
            )
