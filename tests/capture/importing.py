"""
A process that imports a season, and dies on cue.

    python -m tests.capture.importing DATA URL SEASON SEAT [STATEMENT]

Prints the report as JSON. With STATEMENT it kills itself, as by kill -9, before its n-th statement to the database,
counted from 1: inside a transaction or between two, as it comes.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event

from suyuan.server.house import House
from tests import offices


def die_before(house: House, statement: int) -> None:
    """Let this process be killed before its n-th *statement*."""
    numbers = itertools.count(1)

    def count(*_: object) -> None:
        if next(numbers) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(house.engine, "before_cursor_execute", count)


def main(data: str, url: str, season: str, seat: str, statement: str = "0") -> None:
    """Import once."""
    house = offices.enter(Path(data), url, seat)
    die_before(house, int(statement))
    report = offices.run(house, Path(season))
    print(json.dumps(report, ensure_ascii=False))  # noqa: T201
    house.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
