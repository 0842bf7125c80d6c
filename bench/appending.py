"""Appends a second through group commit, and a bulk import of signed statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from suyuan.capture.append import MOST_IN_GROUP
from suyuan.capture.check import read_submission
from suyuan.capture.outcome import Checked, Submission
from suyuan.ledger import store
from suyuan.ledger.engine import begin_write, open_engine
from suyuan.ledger.log import Draft, Tail
from suyuan.server.house import utc_now
from suyuan.server.migrate import upgrade

from .figure import Figure, Rate, Size, in_turn, rate_of
from .stores import Stores, kinds
from .world import LOG, World, check_accepted, verification_rate


def measure_append(stores: Stores, size: Size) -> Iterator[Figure]:
    """The ledger's append call, and the whole capture, in groups against one transaction each."""
    for kind in kinds():
        yield from _measure_store(kind, stores, size)


def _measure_store(kind: str, stores: Stores, size: Size) -> Iterator[Figure]:
    world = World(stores.new_folder(), getattr(stores, kind)())
    ledger = open_engine(getattr(stores, kind)())
    upgrade(ledger)
    with begin_write(ledger) as connection:
        store.create_log(connection, LOG)
    many, few = size.of(20 * MOST_IN_GROUP, MOST_IN_GROUP), size.of(200, 20)
    drafts = _Supply(world)

    def append(count: int, group: int) -> Rate:
        return lambda: _rate(ledger, drafts.drafts(count), group)

    def capture(count: int, group: int) -> Rate:
        return lambda: _capture_rate(world, drafts.checked(count), group)

    append(MOST_IN_GROUP, MOST_IN_GROUP)()  # what only the first group pays: caches, prepared statements
    rates = in_turn(
        size.rounds,
        grouped=append(many, MOST_IN_GROUP),
        single=append(few, 1),
        captured=capture(many // 4, MOST_IN_GROUP),
        captured_single=capture(few // 2, 1),
    )
    ledger.dispose()
    world.close()
    one = f"one transaction per append, ledger call, {kind}"
    yield Figure(f"append.{kind}", rates["grouped"], "entries/s", one, rates["single"], 10)
    single = f"one transaction per append, whole capture, {kind}"
    yield Figure(f"capture.{kind}", rates["captured"], "statements/s", single, rates["captured_single"])


class _Supply:
    """Statements signed and read before the clock runs, never the same twice."""

    def __init__(self, world: World) -> None:
        self._world = world

    def checked(self, count: int) -> list[Checked]:
        return [read_submission(one) for one in self._world.harvests(count)]

    def drafts(self, count: int) -> list[Draft]:
        return drafts_of(self._world, count)


def drafts_of(world: World, count: int) -> list[Draft]:
    """Return *count* new statements as the ledger takes them."""
    read = [read_submission(one) for one in world.harvests(count)]
    return [Draft(one.statement.event_id, one.statement.token, one.subjects) for one in read]


def append_groups(engine: Engine, drafts: Sequence[Draft], group: int) -> None:
    """Append *drafts*, *group* in a transaction, by the ledger alone."""
    for first in range(0, len(drafts), group):
        part = drafts[first : first + group]
        with begin_write(engine) as connection:
            tail = Tail(connection, LOG, utc_now())
            tail.load([subject for draft in part for subject in draft.subjects])
            for draft in part:
                tail.add(draft)
            tail.flush()


def _rate(engine: Engine, drafts: Sequence[Draft], group: int) -> float:
    return rate_of(len(drafts), lambda: append_groups(engine, drafts, group))


def _capture_rate(world: World, checked: Sequence[Checked], group: int) -> float:
    capture = world.house.capture

    def work() -> None:
        for first in range(0, len(checked), group):
            check_accepted(capture.append(checked[first : first + group]))

    return rate_of(len(checked), work)


def measure_import(stores: Stores, size: Size) -> Iterator[Figure]:
    """A bulk of signed statements, read, verified, folded and appended, against verifying their signatures alone."""
    for kind in kinds():
        world = World(stores.new_folder(), getattr(stores, kind)())
        yield _import_figure(kind, world, size)
        world.close()


def _import_figure(kind: str, world: World, size: Size) -> Figure:
    count = size.of(20_000, 1000) // size.rounds
    sample = [one.token for one in world.harvests(min(count, 2000))]
    rates = in_turn(
        size.rounds,
        imported=lambda: _submit_rate(world, world.harvests(count)),
        verified=verification_rate(sample),
    )
    alone = "Ed25519 verifications on one core"
    return Figure(f"import.{kind}", rates["imported"], "statements/s", alone, rates["verified"])


def _submit_rate(world: World, submissions: Sequence[Submission]) -> float:
    return rate_of(len(submissions), lambda: check_accepted(world.house.capture.submit(submissions)))
