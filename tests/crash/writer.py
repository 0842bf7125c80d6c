"""
A process of its own that appends harvests to a farm's log until its standard input ends, and never gives up.

Run as ``python -m tests.crash.writer URL FOLDER LOG SEAT``. Says index, event id and leaf of each statement once it is
acknowledged; ``again CODE`` when it has to send the same bytes once more; ``broken WHY`` when it stops for good.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from suyuan.capture.append import Capture
from suyuan.capture.outcome import Accepted, Outcome, Submission
from suyuan.errors import Broken, Unavailable
from tests.farm import Farm

LARGEST = 7


def main(url: str, folder: str, log: str, seat: str) -> None:
    farm = Farm(url, Path(folder), seat, log)
    capture = farm.capture
    enough = _end_of_input()
    number = 0
    try:
        while not enough.is_set():
            for outcome in _send(capture, farm.harvests(1 + number % LARGEST)):
                assert isinstance(outcome, Accepted), outcome
                say(f"{outcome.index} {outcome.event_id} {outcome.leaf.hex()}")
            number += 1
    except Broken as broken:
        say(f"broken {broken}")
    farm.close()


def _send(capture: Capture, submissions: Sequence[Submission]) -> list[Outcome]:
    while True:
        try:
            return capture.submit(submissions)
        except Unavailable as error:
            say(f"again {error.problem.code}")
            time.sleep(0.05)  # be kind to a server that is just coming up


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _end_of_input() -> Event:
    ended = Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    Thread(target=wait, daemon=True).start()
    return ended


if __name__ == "__main__":
    main(*sys.argv[1:])
