"""
A process of its own that appends harvests to a farm's log.

Run as ``python -m tests.capture.writer URL FOLDER LOG SEAT COUNT``. Says ``ready``, waits for a line, then says index,
event id and leaf of each statement once it is acknowledged.
"""

from __future__ import annotations

import sys
from pathlib import Path

from suyuan.capture.outcome import Accepted, Submission
from tests.farm import Farm


def statements(farm: Farm, count: int) -> list[list[Submission]]:
    """Return *count* harvests in requests of one to seven; equal for equal seats."""
    harvests = farm.harvests(count)
    requests = []
    while harvests:
        size = 1 + len(harvests) % 7
        requests.append(harvests[:size])
        harvests = harvests[size:]
    return requests


def main(url: str, folder: str, log: str, seat: str, count: str) -> None:
    farm = Farm(url, Path(folder), seat, log)
    requests = statements(farm, int(count))
    capture = farm.capture
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    for request in requests:
        for outcome in capture.submit(request):
            assert isinstance(outcome, Accepted), outcome
            print(outcome.index, outcome.event_id, outcome.leaf.hex(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
