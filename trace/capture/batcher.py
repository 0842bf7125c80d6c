"""
The batcher: requests of many callers gathered into groups, one transaction each, by one worker.

Two stages, each in a thread of its own: what waits is read and verified while the group before is being written. A
group begins as soon as the writer is free, with what is ready then: it is small when there is little to do and grows
with the load. Other processes may do the same on the same log: the log's row is locked by whoever writes.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from ..errors import Broken, Reason, SuyuanError, Unavailable
from .append import MOST_IN_GROUP, Capture
from .outcome import Checked, Outcome, Submission

QUEUE_FULL = Reason(
    "queue.full",
    "等待写入的声明已有 {waiting} 条，请稍后再试",
    "{waiting} statements are waiting already, try again later",
)
LOG_STOPPED = Reason(
    "log.stopped",
    "账本数据自相矛盾，已停止写入，请联系运维",
    "the ledger contradicts itself and takes nothing more; tell whoever runs it",
)
CLOSING = Reason("log.closing", "服务正在关闭，请稍后再试", "the service is shutting down, try again later")
EVENT_FAILED = Reason(
    "event.failed",
    "处理这条声明时程序出错，未写入；错误已记录",
    "the program failed on this statement and wrote nothing of it; the failure is logged",
)

_RETRY_SECONDS = 2
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Request:
    """One caller, with as many outcomes as it has so far."""

    answer: asyncio.Future[list[Outcome]]
    outcomes: list[Outcome]
    count: int

    def take(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if len(self.outcomes) == self.count and not self.answer.done():
            self.answer.set_result(self.outcomes)

    def fail(self, error: SuyuanError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


_Item = tuple[Submission, _Request]
_Read = tuple[Checked | SuyuanError, _Request]
_Line = deque[tuple[T, _Request]]


class Batcher:
    """
    The queue before one log's writer; made and used inside one event loop.

    Args:
        queue_limit: statements that may wait; one request alone may be longer.
        group_limit: statements of one transaction.
        wait_s: how long a group that is not full waits for what is being read just then, in seconds.
    """

    def __init__(
        self,
        capture: Capture,
        queue_limit: int = 2048,
        group_limit: int = MOST_IN_GROUP,
        wait_s: float = 0.01,
    ) -> None:
        self._capture = capture
        self._queue_limit = queue_limit
        self._group_limit = group_limit
        self._wait_s = wait_s
        self._waiting: _Line[Submission] = deque()
        self._reading: list[_Item] = []
        self._ready: _Line[Checked | SuyuanError] = deque()
        self._group: list[_Read] = []
        self._stopped: Reason | None = None
        self._arrived = asyncio.Event()
        self._prepared = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._reader = ThreadPoolExecutor(1, "suyuan-reader")
        self._writer = ThreadPoolExecutor(1, "suyuan-writer")

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more is taken, because the ledger contradicts itself or ``close`` was called."""
        return self._stopped is not None

    async def submit(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """
        Append what *submissions* say, in order; return one outcome for each.

        A caller that is cancelled takes back what no group has begun with; the rest is written all the same.

        Raises:
            Unavailable: too many wait, or the writer is stopped, or a group failed; statements of the request may have
                been written: send the same again.
            Broken: the ledger contradicts itself; nothing more will be taken.
        """
        if self._stopped is not None:
            raise Unavailable(self._stopped.at(), retry_after_s=_RETRY_SECONDS)
        inside = len(self._waiting) + len(self._reading) + len(self._ready)
        if inside and inside + len(submissions) > self._queue_limit:
            raise Unavailable(QUEUE_FULL.at(waiting=inside), retry_after_s=_RETRY_SECONDS)
        if not submissions:
            return []
        request = _Request(asyncio.get_running_loop().create_future(), [], len(submissions))
        self._waiting.extend((submission, request) for submission in submissions)
        self._wake()
        return await request.answer

    async def close(self) -> None:
        """Take nothing more, write what is waiting, and let the thread go."""
        self._stopped = self._stopped or CLOSING
        if self._worker is not None:
            self._prepared.set()
            await asyncio.wait({self._worker})
        await asyncio.to_thread(self._reader.shutdown)
        await asyncio.to_thread(self._writer.shutdown)

    def _wake(self) -> None:
        self._arrived.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="suyuan-batcher")
            self._worker.add_done_callback(self._end)

    def _end(self, worker: asyncio.Task[None]) -> None:
        """Answer whoever is still waiting when the worker ends, for whatever reason; others are answered already."""
        self._stopped = self._stopped or CLOSING
        for _, request in (*self._group, *self._ready, *self._reading, *self._waiting):
            request.fail(Unavailable(self._stopped.at()))
        self._waiting.clear()
        self._ready.clear()

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as both:
            reader = both.create_task(self._keep_reading(), name="suyuan-reader")
            await self._keep_writing()
            reader.cancel()

    async def _keep_reading(self) -> None:
        """Read and verify what waits, while the group before is being written."""
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            self._reading = _take(self._waiting, MOST_IN_GROUP)
            self._ready.extend(await self._read(self._reading))
            self._reading = []
            self._prepared.set()

    async def _keep_writing(self) -> None:
        while await self._gather():
            self._group = _take(self._ready, self._group_limit)
            if self._group and isinstance(await self._append(self._group), Broken):
                self._stopped = LOG_STOPPED
                return

    async def _gather(self) -> bool:
        """Wait for a group; False when none will come any more."""
        while not self._ready:
            if self._stopped is not None and not self._waiting and not self._reading:
                return False
            self._prepared.clear()
            await self._prepared.wait()
        if self._reading and len(self._ready) < self._group_limit:
            self._prepared.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._prepared.wait(), self._wait_s)
        return True

    async def _read(self, items: Sequence[_Item]) -> list[_Read]:
        """Read *items* in order; a bug fails the one that meets it and no other."""
        loop = asyncio.get_running_loop()
        said = [submission for submission, _ in items]
        done = loop.run_in_executor(self._reader, self._capture.prepare, said)
        await asyncio.wait({done})
        error = done.exception()
        if error is None:
            return [(read, request) for read, (_, request) in zip(done.result(), items, strict=True)]
        if len(items) == 1:
            _report(error)
            return [(Unavailable(EVENT_FAILED.at()), items[0][1])]
        return [read for item in items for read in await self._read([item])]

    async def _append(self, group: Sequence[_Read]) -> SuyuanError | None:
        """Append *group* and answer its callers; return the error that failed all of them."""
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._writer, self._capture.append, [read for read, _ in group])
        await asyncio.wait({done})
        error = done.exception()
        if error is None:
            for (_, request), outcome in zip(group, done.result(), strict=True):
                request.take(outcome)
        elif isinstance(error, SuyuanError):
            for _, request in group:
                request.fail(error)
            return error
        elif len(group) == 1:
            _report(error)
            group[0][1].take(Unavailable(EVENT_FAILED.at()))
        else:
            return await self._append_singly(group)
        return None

    async def _append_singly(self, group: Sequence[_Read]) -> SuyuanError | None:
        """Append each of *group* alone, so that a bug fails the event that meets it and no other."""
        for place, item in enumerate(group):
            error = await self._append([item])
            if error is not None:
                for _, request in group[place + 1 :]:
                    request.fail(error)
                return error
        return None


def _take(line: _Line[T], most: int) -> list[tuple[T, _Request]]:
    """Return the next of *line*, at most *most*, without what callers no longer wait for."""
    taken: list[tuple[T, _Request]] = []
    while line and len(taken) < most:
        item = line.popleft()
        if not item[1].answer.done():
            taken.append(item)
    return taken


def _report(error: BaseException) -> None:
    """Log where *error* arose; its own words stay out, since they may quote private data."""
    lines = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s while appending one statement\n%s", type(error).__name__, lines)
