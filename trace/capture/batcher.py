"""
The batcher: requests of many callers gathered into groups, one transaction each, by one worker.

One worker takes what is waiting, appends it in a thread of its own and answers each caller. Other processes may do the
same on the same log: the log's row is locked by whoever writes.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..errors import Broken, Reason, SuyuanError, Unavailable
from .append import MOST_IN_GROUP, Capture
from .outcome import Outcome, Submission

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


class Batcher:
    """
    The queue before one log's writer; made and used inside one event loop.

    Args:
        queue_limit: statements that may wait; one request alone may be longer.
        group_limit: statements of one transaction.
        wait_s: how long a group that is not full waits for company, in seconds.
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
        self._waiting: deque[_Item] = deque()
        self._group: list[_Item] = []
        self._stopped: Reason | None = None
        self._arrived = asyncio.Event()
        self._enough = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "suyuan-writer")

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
        if self._waiting and len(self._waiting) + len(submissions) > self._queue_limit:
            raise Unavailable(QUEUE_FULL.at(waiting=len(self._waiting)), retry_after_s=_RETRY_SECONDS)
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
            self._wake()
            await asyncio.wait({self._worker})
        await asyncio.to_thread(self._thread.shutdown)

    def _wake(self) -> None:
        self._arrived.set()
        if len(self._waiting) >= self._group_limit or self._stopped is not None:
            self._enough.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name="suyuan-batcher")
            self._worker.add_done_callback(self._end)

    def _end(self, worker: asyncio.Task[None]) -> None:
        """Answer whoever is still waiting when the worker ends, for whatever reason; others are answered already."""
        self._stopped = self._stopped or CLOSING
        for _, request in (*self._group, *self._waiting):
            request.fail(Unavailable(self._stopped.at()))
        self._waiting.clear()

    async def _work(self) -> None:
        while await self._gather():
            self._group = self._take()
            if self._group and isinstance(await self._append(self._group), Broken):
                self._stopped = LOG_STOPPED
                return

    async def _gather(self) -> bool:
        """Wait for a group; False when none will come any more."""
        while not self._waiting:
            if self._stopped is not None:
                return False
            self._arrived.clear()
            await self._arrived.wait()
        if len(self._waiting) < self._group_limit and self._stopped is None:
            self._enough.clear()
            waiter = asyncio.ensure_future(self._enough.wait())
            await asyncio.wait({waiter}, timeout=self._wait_s)
            waiter.cancel()
        return True

    def _take(self) -> list[_Item]:
        """Return the next group, without what callers no longer wait for."""
        group: list[_Item] = []
        while self._waiting and len(group) < self._group_limit:
            item = self._waiting.popleft()
            if not item[1].answer.done():
                group.append(item)
        return group

    async def _append(self, group: Sequence[_Item]) -> SuyuanError | None:
        """Append *group* and answer its callers; return the error that failed all of them."""
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, self._write, [submission for submission, _ in group])
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

    async def _append_singly(self, group: Sequence[_Item]) -> SuyuanError | None:
        """Append each of *group* alone, so that a bug fails the event that meets it and no other."""
        for place, item in enumerate(group):
            error = await self._append([item])
            if error is not None:
                for _, request in group[place + 1 :]:
                    request.fail(error)
                return error
        return None

    def _write(self, submissions: Sequence[Submission]) -> list[Outcome]:
        return self._capture.append([self._capture.read(submission) for submission in submissions])


def _report(error: BaseException) -> None:
    """Log where *error* arose; its own words stay out, since they may quote private data."""
    lines = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s while appending one statement\n%s", type(error).__name__, lines)
