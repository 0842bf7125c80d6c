"""
Publishing beside the server: the log is signed every second while it grows, and spread to its target.

Two tasks, so that a slow target or witness keeps nobody waiting for the next checkpoint. What fails is tried again, at
most a minute later; a contradiction shuts the gate.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.concurrency import run_in_threadpool

from ..errors import Broken, Problem, Reason, Refused, SuyuanError, Unavailable
from ..publish.publisher import Publisher
from ..publish.readiness import Point
from .frame import Catch, failures
from .gate import Gate

SECONDS: Final = 1.0
"""design.md, "Publish": every second when grown."""

MOST_SECONDS: Final = 60.0
"""The longest between two attempts at a target or a witness that fails."""

UNFORESEEN: Final = Reason(
    "publish.unforeseen",
    "发布时出现意外错误（{kind}），稍后自动重试",
    "an error that nobody foresaw while publishing ({kind}); it is tried again",
)

_log: Final = logging.getLogger(__name__)


class Publishing:
    """Runs *publisher* while the gate is not shut; *refresh* is called before each signature, as keys come and go."""

    def __init__(self, publisher: Publisher, gate: Gate, refresh: Callable[[Publisher], None]) -> None:
        self._publisher = publisher
        self._gate = gate
        self._refresh = refresh
        self._problem: Problem | None = None
        self._unsigned: Problem | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def look(self) -> Point:
        """Return whether the last attempt to publish succeeded; the service takes requests either way."""
        problem = self._unsigned or self._problem
        if problem is not None:
            return Point("publishing", False, problem.code, vital=False)
        return Point("publishing", True, f"{self._publisher.size} entries published", vital=False)

    async def start(self) -> None:
        """Sign what a crash may have left unsigned, then go on beside the server."""
        await self._sign()
        self._tasks = [asyncio.create_task(self._keep_signing()), asyncio.create_task(self._keep_spreading())]

    async def stop(self) -> None:
        """Sign and publish what came last; call it when nothing more is written."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self._sign()
        if self._problem is None:
            await self._spread()

    async def _keep_signing(self) -> None:
        while True:
            await asyncio.sleep(SECONDS)
            await self._sign()

    async def _keep_spreading(self) -> None:
        wait = 0.0
        while True:
            await asyncio.sleep(wait)
            done = await self._spread()
            wait = SECONDS if done else min(max(2 * wait, SECONDS), MOST_SECONDS)

    async def _sign(self) -> None:
        def sign() -> None:
            self._refresh(self._publisher)
            self._publisher.sign()

        before, self._unsigned = self._unsigned, await self._try(sign)
        _tell("signed", before, self._unsigned)

    async def _spread(self) -> bool:
        before, self._problem = self._problem, await self._try(self._publisher.spread)
        _tell("published", before, self._problem)
        return self._problem is None

    async def _try(self, step: Callable[[], object]) -> Problem | None:
        """Take *step* and return what kept it from being done; a contradiction shuts the gate."""
        if self._gate.is_shut:
            return None
        with Catch() as caught:  # else the task ends, and nobody sees that nothing is published
            await run_in_threadpool(step)
        return None if caught.error is None else self._judge(caught.error)

    def _judge(self, error: Exception) -> Problem | None:
        if isinstance(error, Unavailable):
            return error.problem
        if isinstance(error, Refused):
            return error.problems[0]
        if not isinstance(error, SuyuanError):
            return UNFORESEEN.at(kind=_trace(error))
        self._gate.shut()
        failures.error("nothing is signed, published or written any more: %s", error)
        return None


def _trace(error: Exception) -> str:
    """Log where *error* came from and return its kind; its own words stay out, they may quote private data."""
    kind, frames = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
    failures.error("%s while publishing\n%s", kind, frames)
    return kind


def _tell(done: str, before: Problem | None, now: Problem | None) -> None:
    """Warn of what keeps the log from being *done*, once for as long as it does, and say when it no longer does."""
    if now is not None and (before is None or before.code != now.code):
        _log.warning("nothing is %s now: %s", done, now)
    elif before is not None and now is None:
        _log.warning("the log is %s again", done)


def refuse_writing(gate: Gate, check: Callable[[], object]) -> None:
    """Shut the gate where *check* finds that the database is not the log that was published; reading goes on."""
    try:
        check()
    except (Broken, Refused) as error:
        gate.shut()
        failures.error("nothing is written: %s", error)
