"""Several questions at once, and an end to waiting: what is not answered by then is done without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TypeVar

from ..errors import SuyuanError

_Answer = TypeVar("_Answer")


class Parallel:
    """
    Runs named tasks side by side.

    A task that is not done in time goes on by itself, unheard; while it does, no other is started under its name, so
    that whoever keeps us hanging holds one thread and not one more each second.
    """

    def __init__(self) -> None:
        self._running: dict[str, Thread] = {}

    def run(self, tasks: Mapping[str, Callable[[], _Answer]], seconds: float) -> dict[str, _Answer]:
        """
        Return what those *tasks* gave that were done after *seconds*, by name.

        Raises:
            SuyuanError: one of them raised it, in that time.
        """
        answers: SimpleQueue[tuple[str, _Answer | SuyuanError]] = SimpleQueue()
        end = monotonic() + seconds
        started = [name for name in tasks if self._start(name, tasks[name], answers)]
        done: dict[str, _Answer] = {}
        while len(done) < len(started):
            try:
                name, answer = answers.get(timeout=max(end - monotonic(), 0))
            except Empty:
                break
            if isinstance(answer, SuyuanError):
                raise answer
            done[name] = answer
        return done

    def _start(
        self, name: str, task: Callable[[], _Answer], answers: SimpleQueue[tuple[str, _Answer | SuyuanError]]
    ) -> bool:
        before = self._running.get(name)
        if before is not None and before.is_alive():
            return False
        thread = Thread(
            target=lambda: answers.put((name, _take(task))), name=f"suyuan-ask {name}", daemon=True
        )
        self._running[name] = thread
        thread.start()
        return True


def _take(task: Callable[[], _Answer]) -> _Answer | SuyuanError:
    try:
        return task()
    except SuyuanError as error:
        return error
