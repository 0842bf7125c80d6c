"""Work shared out to other processes, the results in order, with little of it under way."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final, TypeVar

from ..errors import Reason, Unavailable

Job = TypeVar("Job")
Result = TypeVar("Result")

_WAITING: Final = 1
"""Jobs that wait for each process beside the one that it works on: it never runs dry, and memory stays small."""

LOST = Reason(
    "audit.worker",
    "一个核验进程被系统终止，可能内存不足",
    "a worker process was killed; memory may be short",
)


def count_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew:
    """*count* processes, started with the first work; with none the work is done here."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def in_order(self, work: Callable[[Job], Result], jobs: Iterable[Job]) -> Generator[Result, None, None]:
        """
        Yield what *work*, a function of a module, makes of each of *jobs*.

        Raises:
            Unavailable: ``audit.worker``.
        """
        if not self._count:
            yield from map(work, jobs)
            return
        under_way: deque[Future[Result]] = deque()
        try:
            for job in jobs:
                under_way.append(self._open().submit(work, job))
                del job  # the queue holds it; two of the largest would be a third of the memory
                if len(under_way) > self._count * (1 + _WAITING):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            raise Unavailable(LOST.at()) from None
        finally:
            for future in under_way:
                future.cancel()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _open(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not forked: a fork would copy the threads' locks, and this process' memory page by page.
            self._pool = ProcessPoolExecutor(self._count, get_context("spawn"), _ignore_interrupts)
        return self._pool


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that gives the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
