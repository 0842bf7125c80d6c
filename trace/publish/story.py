"""
The story of a batch: what it is, where it comes from, what was tested, what speaks against it, what happened.

Everything here follows from public entries; names of individual businesses are never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from sqlalchemy import Connection

from ..books import lineage
from ..books.questions import find_record, find_records, reports_of, runs_of
from ..errors import Missing
from ..ledger import store
from ..produce import events as ev
from ..produce.composition import OUTSIDE, apportion
from ..produce.reasons import NO_BATCH
from ..produce.records import Batch, Hold, Party, Product, Recall, Report, Run, Site
from .history import Heard, History, hear, load_names, tell_history
from .sentences import REASONS, Names
from .words import Words, name_party, say_amount

Cause = Literal["recalled", "failed", "held"]

_GRAVITY: Final[dict[Cause, int]] = {"recalled": 0, "failed": 1, "held": 2}

MOST_TESTS = 20
MOST_BATCHES = 200


@dataclass(frozen=True, slots=True)
class Producer:
    """A party as the outside sees it; ``public`` is False where its name is personal."""

    id: str
    name: Words
    place: str
    public: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Grams of a batch from one village, and their share in thousandths; ``place`` is empty where none is known."""

    place: str
    outside: bool
    mass_g: int
    permille: int


@dataclass(frozen=True, slots=True)
class Block:
    """Something that speaks against a batch: on itself or on a batch that it came from."""

    cause: Cause
    batch: str
    label: str
    reason: Words
    event_id: str


@dataclass(frozen=True, slots=True)
class Test:
    """A laboratory's report on the batch or on one that it came from."""

    index: int
    report: str
    passed: bool
    laboratory: Words
    day: str
    batch: str
    label: str
    findings: tuple[ev.Finding, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A batch as the outside sees it; amounts are in units of its product."""

    id: str
    ref: str
    product: str
    product_id: str
    unit: str
    gtin: str
    how: str
    maker: Producer
    made: int
    made_words: Words
    adjusted: int
    day: str
    harvested: tuple[str, str] | None
    """First and last day of harvest among all that it came from."""
    origins: tuple[Origin, ...]
    tests: tuple[Test, ...]
    blocks: tuple[Block, ...]
    ancestors: int
    packages: int
    sold: int
    runs: tuple[Run, ...]
    history: History

    @property
    def label(self) -> str:
        """What people call the batch."""
        return self.ref or self.id


@dataclass(frozen=True, slots=True)
class _Line:
    """A batch with all that it came from, and the records beside them."""

    batch: Batch
    batches: Mapping[str, Batch]
    product: Product
    runs: tuple[Run, ...]
    blocks: tuple[Block, ...]
    reports: tuple[Report, ...]


def tell_story(connection: Connection, log_id: str, id: str, package: tuple[str, int] | None = None) -> Story:
    """
    Return the story of the batch *id*; with *package* (run and index) the history keeps to that package's labels.

    Raises:
        Missing: ``batch.missing``.
    """
    found = lineage.trace(connection, log_id, id, "back")
    if not found.nodes:
        raise Missing(NO_BATCH.at("/id", id=id[:40]))
    line = _gather(connection, log_id, found)
    history = tell_history(connection, log_id, _subjects(line), _wanted(connection, log_id, line))
    batch = line.batch
    days = sorted(one.day for one in line.batches.values() if one.how == "harvested")
    return Story(
        id=batch.id,
        ref=batch.ref,
        product=line.product.name,
        product_id=line.product.id,
        unit=line.product.unit,
        gtin=line.product.gtin,
        how=batch.how,
        maker=find_producer(connection, log_id, batch.maker),
        made=batch.made,
        made_words=say_amount(batch.made, line.product.unit),
        adjusted=batch.adjusted,
        day=batch.day,
        harvested=(days[0], days[-1]) if days else None,
        origins=_origins(connection, log_id, batch),
        tests=_tests(connection, log_id, line),
        blocks=line.blocks,
        ancestors=len(line.batches) - 1,
        packages=batch.packages,
        sold=batch.sold,
        runs=line.runs,
        history=history,
    )


def find_producer(connection: Connection, log_id: str, id: str) -> Producer:
    """Return the party *id* as the outside sees it."""
    party = find_record(connection, log_id, Party, id)
    public = party is not None and bool(party.name)
    return Producer(id, name_party(party), party.place if party and public else "", public)


def _gather(connection: Connection, log_id: str, found: lineage.Lineage) -> _Line:
    batches = {node.batch.id: node.batch for node in found.nodes}
    batch = found.nodes[0].batch
    product = find_record(connection, log_id, Product, batch.product)
    assert product is not None
    blocks = _blocks(connection, log_id, list(batches.values()))
    reports = reports_of(connection, log_id, [one.id for one in batches.values() if one.tests])
    runs = tuple(runs_of(connection, log_id, batch.id))
    return _Line(batch, batches, product, runs, blocks, tuple(reports))


def _blocks(connection: Connection, log_id: str, batches: Sequence[Batch]) -> tuple[Block, ...]:
    holds = find_records(connection, log_id, Hold, (id for batch in batches for id in batch.holds))
    recalls = find_records(connection, log_id, Recall, (id for batch in batches for id in batch.recalls))
    found = [
        Block("recalled", batch.id, batch.ref or batch.id, REASONS[recalls[id].reason], id)
        for batch in batches
        for id in batch.recalls
    ]
    for batch in batches:
        for id in batch.holds:
            cause: Cause = "failed" if holds[id].reason == "failed-test" else "held"
            found.append(Block(cause, batch.id, batch.ref or batch.id, REASONS[holds[id].reason], id))
    return tuple(sorted(found, key=lambda block: _GRAVITY[block.cause]))


def _subjects(line: _Line) -> list[str]:
    return [f"batch:{id}" for id in line.batches] + [f"run:{run.id}" for run in line.runs]


def _wanted(connection: Connection, log_id: str, line: _Line) -> set[int]:
    """Return the entries that no history leaves out: how it was made, tested, labelled and blocked."""
    events = sorted({block.event_id for block in line.blocks})
    wanted = {stored.index for stored in store.find_events(connection, log_id, events).values()}
    wanted |= {report.entry for report in line.reports[-MOST_TESTS:]} | {run.entry for run in line.runs}
    return wanted | {batch.entry for batch in islice(line.batches.values(), MOST_BATCHES)}


def _origins(connection: Connection, log_id: str, batch: Batch) -> tuple[Origin, ...]:
    sites = find_records(connection, log_id, Site, (share.origin for share in batch.composition))
    grams: Counter[tuple[bool, str]] = Counter()
    for share in batch.composition:
        site = sites.get(share.origin)
        grams[share.origin == OUTSIDE, site.place if site else ""] += share.mass_g
    keys = {f"{int(outside)}{place}": (outside, place) for outside, place in grams}
    parts = apportion({key: grams[place] for key, place in keys.items()}, 1000)
    found = [
        Origin(place, outside, grams[outside, place], parts.get(key, 0))
        for key, (outside, place) in keys.items()
    ]
    return tuple(sorted(found, key=lambda origin: (-origin.mass_g, origin.place)))


def _tests(connection: Connection, log_id: str, line: _Line) -> tuple[Test, ...]:
    newest = sorted(line.reports, key=lambda report: (report.passed, -report.entry))[:MOST_TESTS]
    heard = hear(connection, log_id, sorted(report.entry for report in newest))
    names = load_names(connection, log_id, (one.event for one in heard))
    return tuple(test for one in heard for test in _test(one, names))


def _test(heard: Heard, names: Names) -> list[Test]:
    event = heard.event
    if not isinstance(event, ev.TestReported):
        return []
    return [
        Test(
            index=heard.index,
            report=event.report,
            passed=event.passed,
            laboratory=names.party(event.by),
            day=event.at[:10],
            batch=event.batch,
            label=names.batch(event.batch),
            findings=event.findings,
        )
    ]
