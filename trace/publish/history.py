"""
History: what the entries of some chains say, each in one sentence with both of its times.

The event time is a claim, the ledger time is not; what was written long after, or claims to come from the future, is
marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from ..books.questions import read_chains
from ..books.store import load_records
from ..ledger import store
from ..ledger.entry import parse_entry
from ..ledger.hashing import Hash
from ..ledger.statement import parse_statement
from ..produce import events as ev
from ..produce.book import RecordKey
from ..produce.parse import moment_of, parse_event
from ..produce.records import Batch, Key, Product, Record
from .sentences import Names, describe, mentioned
from .words import Words

LATE_AFTER: Final = timedelta(hours=24)
"""A claim is marked late when the ledger took it in this much later."""

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far a claim may lie after the ledger's time before it is marked: clocks differ."""

MOST_OF_A_CHAIN: Final = 160
MOST_TOLD: Final = 400
"""Entries read for one history; a batch sold in ten thousand orders has more, and the history says how many."""

ORDERS: Final = ("order.sold", "order.returned")
LABEL_STATES: Final = ("labels.activated", "labels.voided")

MARKS: Final = {
    "backfilled": Words("补录", "recorded later"),
    "inferred": Words("推定交接", "handover inferred"),
    "late": Words("迟记", "late"),
    "ahead": Words("日期在后", "dated ahead"),
}
"""What a line of history may be marked with."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One entry as it was read: its place, its leaf hash, the ledger's time, its event and who signed."""

    index: int
    leaf: Hash
    at: datetime
    event: ev.Event
    kid: str


@dataclass(frozen=True, slots=True)
class Told:
    """
    One entry in plain words.

    ``claimed`` is the event's own time as it was signed, ``at`` the ledger's; ``custody`` says whether the signing key
    lies with the party or with the service, ``marks`` are keys of ``MARKS``, ``batch`` the batch that it is about,
    ``spans`` the packages that it names, ``revoked`` the later entry that revoked the signing key: the statement stays
    valid.
    """

    index: int
    leaf: str
    type: str
    event_id: str
    words: Words
    by: str
    signer: Words
    custody: str
    claimed: str
    at: datetime
    marks: tuple[str, ...]
    batch: str = ""
    spans: tuple[Span, ...] = ()
    revoked: int | None = None

    def names(self, run: str, index: int) -> bool:
        """Tell whether the entry names the package *index* of *run*."""
        return any(span.run == run and span.first <= index < span.end for span in self.spans)


@dataclass(frozen=True, slots=True)
class Span:
    """Packages [first, end) of a run."""

    run: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class History:
    """
    Lines in order of their claimed times.

    ``untold`` counts the entries that the chains have beyond those read, ``orders`` those read that concern other
    packages and are left out.
    """

    lines: tuple[Told, ...]
    untold: int = 0
    orders: int = 0

    def of_package(self, run: str, index: int) -> History:
        """Return the history without other packages' orders and label states."""
        lines = [one for one in self.lines if one.type not in ORDERS + LABEL_STATES or one.names(run, index)]
        orders = sum(one.type in ORDERS for one in self.lines) - sum(one.type in ORDERS for one in lines)
        return replace(self, lines=tuple(lines), orders=orders)

    def of_batch(self) -> History:
        """Return the history without orders."""
        lines = tuple(one for one in self.lines if one.type not in ORDERS)
        return replace(self, lines=lines, orders=len(self.lines) - len(lines))


def hear(connection: Connection, log_id: str, indexes: Sequence[int]) -> list[Heard]:
    """Return the entries at *indexes*, read and parsed, in rising order."""
    return [hear_entry(stored) for stored in store.find_entries(connection, log_id, indexes)]


def hear_entry(stored: store.StoredEntry) -> Heard:
    """Return what a stored entry says."""
    entry = parse_entry(stored.body)
    statement = parse_statement(entry.statement)
    return Heard(stored.index, stored.leaf, entry.at, parse_event(statement.payload), statement.kid)


def tell_history(
    connection: Connection, log_id: str, subjects: Iterable[str], wanted: AbstractSet[int]
) -> History:
    """Return what the chains of *subjects* say, each entry once; entries *wanted* are never left out."""
    found = read_chains(connection, log_id, subjects, MOST_OF_A_CHAIN)
    listed = {index for _, indexes in found.values() for index in indexes}
    missed = sum(length - len(indexes) for length, indexes in found.values())
    kept = set(sorted(listed - wanted)[-MOST_TOLD:]) | wanted
    untold = max(0, missed - len(kept - listed)) + len(listed - kept)
    return History(tell(connection, log_id, hear(connection, log_id, sorted(kept))), untold)


def tell(connection: Connection, log_id: str, heard: Iterable[Heard]) -> tuple[Told, ...]:
    """Return *heard* in plain words, in order of the claimed times."""
    lines = list(heard)
    names = load_names(connection, log_id, (one.event for one in lines))
    keys = load_records(connection, log_id, {(Key, one.kid) for one in lines})
    told = [_told(one, names, keys.get((Key, one.kid))) for one in lines]
    return tuple(sorted(told, key=lambda one: (datetime.fromisoformat(one.claimed), one.index)))


def load_names(connection: Connection, log_id: str, events: Iterable[ev.Event]) -> Names:
    """Return the names that sentences about *events* need."""
    records: dict[RecordKey, Record] = load_records(
        connection, log_id, {key for event in events for key in mentioned(event)}
    )
    products: set[RecordKey] = {
        (Product, record.product) for record in records.values() if isinstance(record, Batch)
    }
    return Names(records | load_records(connection, log_id, products - records.keys()))


def _told(heard: Heard, names: Names, key: Record | None) -> Told:
    event = heard.event
    return Told(
        index=heard.index,
        leaf=heard.leaf.hex(),
        type=str(event.__struct_config__.tag),
        event_id=event.id,
        words=describe(event, names),
        by=event.by,
        signer=names.party(event.by),
        custody=key.custody if isinstance(key, Key) else "service",
        claimed=event.at,
        at=heard.at,
        marks=tuple(_marks(event, heard.at)),
        batch=str(getattr(event, "batch", "")),
        spans=tuple(_spans(event)),
        revoked=key.until if isinstance(key, Key) and key.until >= 0 else None,
    )


def _spans(event: ev.Event) -> list[Span]:
    if isinstance(event, ev.OrderSold | ev.OrderReturned):
        return [Span(one.run, one.first, one.end) for one in event.packages]
    if isinstance(event, ev.LabelsActivated | ev.LabelsVoided):
        return [Span(event.run, event.first, event.end)]
    return []


def _marks(event: ev.Event, at: datetime) -> list[str]:
    claimed = moment_of(event)
    holds = {
        "backfilled": event.backfilled,
        "inferred": bool(getattr(event, "inferred", False)),
        "late": at - claimed > LATE_AFTER,
        "ahead": claimed - at > CLOCKS_DIFFER,
    }
    return [mark for mark, held in holds.items() if held]
