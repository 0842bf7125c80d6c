"""Which entries of a log speak of a key: from entry 0 to the one that registered it, and the one that revoked it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from ..books.store import load_records
from ..ledger import store
from ..ledger.entry import parse_entry
from ..ledger.statement import parse_statement
from ..produce.events import KeyAdded
from ..produce.parse import parse_event
from ..produce.records import Key, Party


def key_indexes(connection: Connection, log_id: str, indexes: Iterable[int]) -> list[int]:
    """Return the entries that lead from entry 0 to the keys that signed the entries *indexes*, in rising order."""
    found, waiting = {0}, [index for index in indexes if index]
    while waiting:
        records = load_records(
            connection, log_id, [(Key, kid) for kid in _signers(connection, log_id, waiting)]
        )
        keys = [record for record in records.values() if isinstance(record, Key)]
        parties = load_records(connection, log_id, {(Party, key.party) for key in keys}).values()
        reached = {key.since for key in keys}
        reached |= {party.registered for party in parties if isinstance(party, Party)}
        waiting = sorted(reached - found)
        found |= reached
    return sorted(found)


def entries_of_key(connection: Connection, log_id: str, index: int, size: int) -> list[int]:
    """
    Return the entries that lead to the key of entry *index*, and those of the first *size* that show its revocation.

    The entry itself is not among them, unless it is entry 0.
    """
    indexes = key_indexes(connection, log_id, [index])
    later = _revocations(connection, log_id, index, size)
    if later:
        indexes = sorted(
            {*indexes, *later, *key_indexes(connection, log_id, later)} - ({index} if index else set())
        )
    return indexes


def _revocations(connection: Connection, log_id: str, index: int, size: int) -> list[int]:
    """Return the entry among the first *size* that revoked the key of entry *index* later, if there is one."""
    kids = _signers(connection, log_id, [index])
    keys = load_records(connection, log_id, [(Key, kid) for kid in kids]).values()
    return [key.until for key in keys if isinstance(key, Key) and index < key.until < size]


def _signers(connection: Connection, log_id: str, indexes: Sequence[int]) -> set[str]:
    """Return the kids that signed or approved the entries at *indexes*."""
    kids = set()
    for stored in store.find_entries(connection, log_id, indexes):
        statement = parse_statement(parse_entry(stored.body).statement)
        kids.add(statement.kid)
        event = parse_event(statement.payload)
        if isinstance(event, KeyAdded) and event.approver:
            kids.add(event.approver)
    return kids
