"""The gate before the writer: it opens with the server and shuts for good when the ledger contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence

from ..capture.batcher import LOG_STOPPED, Batcher
from ..capture.outcome import Outcome, Submission
from ..errors import Reason, Unavailable
from ..publish.readiness import Point

NOT_OPEN = Reason(
    "log.not-serving", "服务尚未就绪，请稍后再试", "the service is not ready yet, try again later"
)


class Gate:
    """Hands submissions to the batcher of the running server; *limit* is the most that may wait."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._batcher: Batcher | None = None
        self._inside = 0
        self.is_shut = False

    def open(self, batcher: Batcher) -> None:
        """Let submissions through to *batcher*."""
        self._batcher = batcher

    def shut(self) -> None:
        """Take nothing more until the process is started anew."""
        self.is_shut = True

    async def close(self) -> None:
        """Write what is waiting and let the batcher go."""
        batcher, self._batcher = self._batcher, None
        if batcher is not None:
            await batcher.close()

    async def submit(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """
        Append *submissions*; return one outcome for each.

        Raises:
            Unavailable: not open, shut, or too many are waiting.
            Broken: the ledger contradicts itself.
        """
        if self.is_shut:
            raise Unavailable(LOG_STOPPED.at())
        if self._batcher is None:
            raise Unavailable(NOT_OPEN.at())
        self._inside += len(submissions)
        try:
            return await self._batcher.submit(submissions)
        finally:
            self._inside -= len(submissions)

    def look(self) -> Point:
        """Return whether statements are taken, and how many wait."""
        batcher = self._batcher
        open_ = batcher is not None and not batcher.is_stopped and not self.is_shut
        detail = f"{self._inside} of {self._limit} waiting" if open_ else "stopped"
        return Point("queue", open_ and self._inside < self._limit, detail)
