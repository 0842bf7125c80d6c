"""An audit of a long log against verifying its signatures alone, and the memory that it takes."""

from __future__ import annotations

import resource
import statistics
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from suyuan.books.replay import Replay
from suyuan.capture.check import read_submission
from suyuan.ledger.audit import Auditor, Trust
from suyuan.ledger.engine import begin_read, begin_write, open_engine
from suyuan.ledger.log import Draft, Tail
from suyuan.ledger.note import Verifier
from suyuan.server.house import utc_now

from .figure import Figure, Size
from .stores import Stores
from .world import LOG, World, verification_rate

ENTRIES = 100_000
STEP = 5000
GROUP = 1000


def measure_audit(stores: Stores, size: Size) -> Iterator[Figure]:
    """One audit on SQLite, in a process of its own, so that the peak of its memory is its own."""
    data, url = stores.new_folder(), stores.sqlite()
    world = World(data, url)
    count = size.of(ENTRIES, 2 * STEP)
    tokens = _fill(world, count)
    verifier = world.house.keys.checkpoint.verifier
    world.house.checkpoint()
    stored = Path(url.removeprefix("sqlite:///")).stat().st_size
    world.close()
    with ProcessPoolExecutor(1, get_context("spawn")) as own:
        rate, verified, peak = own.submit(_audit, url, verifier, tokens).result()
    alone = "Ed25519 verifications on one core"
    yield Figure("audit.sqlite", rate, "entries/s", alone, verified)
    yield Figure("audit.memory", peak / 1e6, "MB", "the log's file (MB); less is better", stored / 1e6)


def _fill(world: World, count: int) -> list[str]:
    """Append harvests at the ledger's call: an audit reads entries, not books. Return some of their tokens."""
    tokens: list[str] = []
    for _ in range(count // GROUP):
        said = [read_submission(one) for one in world.harvests(GROUP)]
        with begin_write(world.house.engine) as connection:
            tail = Tail(connection, LOG, utc_now())
            tail.load([subject for one in said for subject in one.subjects])
            for one in said:
                tail.add(Draft(one.statement.event_id, one.statement.token, one.subjects))
            tail.flush()
        tokens = [one.statement.token for one in said]
    return tokens


def _audit(url: str, verifier: Verifier, tokens: list[str]) -> tuple[float, float, float]:
    """Return entries and verifications a second, medians over stretches in turn, and the growth of the peak (bytes)."""
    verify = verification_rate(tokens)
    audited: list[float] = []
    verified: list[float] = []
    before = _peak()
    start = perf_counter()

    def progress(done: int) -> None:
        nonlocal start
        if done % STEP == 0:
            audited.append(STEP / (perf_counter() - start))
            verified.append(verify())
            start = perf_counter()

    engine = open_engine(url)
    with begin_read(engine) as connection:
        report = Auditor(connection, Trust(LOG, (verifier,)), Replay()).run(progress)
    engine.dispose()
    if report.differences:
        raise SystemExit(f"the audit found: {report.differences[0]}")
    return statistics.median(audited), statistics.median(verified), _peak() - before


def _peak() -> float:
    """Return the most memory that this process has had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent had when it forked
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return float(lines["VmHWM"].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
