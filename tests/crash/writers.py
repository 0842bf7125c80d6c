"""Writing processes, and what each was told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.crash.cluster import PATIENCE_S
from tests.farm import Farm

ROOT = Path(__file__).parents[2]

Told = set[tuple[int, str, str]]
"""Index, event id and leaf of what a writer was told is written."""


class Writer:
    """A process that writes to a farm's log; what it says is read by a thread."""

    def __init__(self, farm: Farm, seat: str) -> None:
        command = [sys.executable, "-m", "tests.crash.writer", farm.url, str(farm.folder), farm.log, seat]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload]
        self.lines: list[str] = []
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            self.lines.append(line)

    @property
    def told(self) -> Told:
        """What was acknowledged so far."""
        parts = [line.split() for line in list(self.lines) if line[0].isdigit() and line.endswith("\n")]
        return {(int(index), event_id, leaf) for index, event_id, leaf in parts}

    def said(self, word: str) -> str:
        """Return the first line that begins with *word*, empty when there is none."""
        return next((line for line in list(self.lines) if line.startswith(word)), "")

    def finish(self) -> None:
        """Let the writer finish its request and end."""
        if not self._process.stdin.closed:
            self._process.stdin.close()
        assert self._process.wait(PATIENCE_S) == 0
        self._reader.join()

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._process.stdout.close()


@contextmanager
def write(farm: Farm, seats: Sequence[str]) -> Iterator[list[Writer]]:
    """Let one writer for each seat go; none outlives the block."""
    writers = [Writer(farm, seat) for seat in seats]
    try:
        yield writers
    finally:
        for writer in writers:
            writer.kill()


def all_told(writers: Sequence[Writer]) -> Told:
    """Return what all *writers* were told, which must not contradict itself."""
    told = [one for writer in writers for one in writer.told]
    assert len({index for index, _, _ in told}) == len(told)
    return set(told)
