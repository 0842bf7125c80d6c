"""
A process that appends ten harvests to a farm's log, says what was acknowledged, and publishes to its folder.

Run as ``python -m tests.crash.round FOLDER SEAT``. Ends with 2 and the code of the problem where something is not
available. The system calls between the two looks at ``MARK`` are those of the round itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from suyuan.capture.outcome import Accepted
from suyuan.errors import Unavailable
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from tests.farm import Farm

MARK = "/the-round-is-on"
COUNT = 10


def main(folder: str, seat: str) -> int:
    home = Path(folder)
    farm = Farm(f"sqlite:///{home / 'suyuan.db'}", home, seat)
    farm.remember()
    harvests, keys = farm.harvests(COUNT), (farm.keys.checkpoint,)
    target = FolderTarget(home / "public")
    publisher = Publisher(farm.engine, farm.log, keys, target, lambda: farm.now, policy="policy\n")
    os.path.exists(MARK)
    try:
        for outcome in farm.capture.submit(harvests):
            assert isinstance(outcome, Accepted), outcome
            print(outcome.index, outcome.event_id, outcome.leaf.hex(), flush=True)  # noqa: T201
        publisher.publish()
    except Unavailable as error:
        print(error.problem.code, file=sys.stderr)  # noqa: T201
        return 2
    finally:
        os.path.exists(MARK)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
