"""Rebuild: the books made anew from the entries, or compared with what the entries say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Boolean, Connection, Integer, Table, select, type_coerce

from ..errors import Missing, Reason, SuyuanError
from ..ledger import store
from ..ledger.bulk import insert_rows
from ..ledger.engine import translated
from ..ledger.entry import parse_entry
from ..ledger.statement import parse_statement
from ..produce.records import RECORDS, Record
from .replay import Replay
from .store import clear
from .tables import TABLES, to_row

NO_LOG = Reason("log.missing", "没有账本 {log}", "there is no log {log}")

_EVERY = 1000


def replay_log(
    connection: Connection, log_id: str, progress: Callable[[int], None] = lambda done: None
) -> Replay:
    """
    Return the books as the entries of the log make them; *progress* is told the number of entries done.

    Signatures and hashes are not verified: that is ``ledger.audit``.

    Raises:
        Refused: an entry that the rules or the formats refuse.
    """
    replay = Replay()
    done = 0
    for stored in store.read_entries(connection, log_id):
        entry = parse_entry(stored.body)
        replay.tell(entry, parse_statement(entry.statement))
        done += 1
        if done % _EVERY == 0:
            progress(done)
    progress(done)
    return replay


def rebuild(connection: Connection, log_id: str, progress: Callable[[int], None] = lambda done: None) -> int:
    """
    Empty the books of the log and write them anew from its entries; return the number of records.

    Holds the log's row, so that nothing is appended meanwhile; the caller commits.

    Raises:
        Missing: no such log.
        Refused: an entry that the rules or the formats refuse.
    """
    if store.find_head(connection, log_id, lock=True) is None:
        raise Missing(NO_LOG.at(log=log_id))
    records = replay_log(connection, log_id, progress).records().values()
    clear(connection, log_id)
    rows: dict[type[Record], list[tuple[object, ...]]] = defaultdict(list)
    for record in records:
        rows[type(record)].append(tuple(_ordered(TABLES[type(record)], to_row(log_id, record))))
    for kind, values in rows.items():
        insert_rows(connection, TABLES[kind], values)
    return len(records)


def _ordered(table: Table, row: Mapping[str, object]) -> Iterable[object]:
    return (row[name] for name in table.columns.keys())  # noqa: SIM118  # columns are named, not keyed


def check_books(
    connection: Connection, log_id: str, progress: Callable[[int], None] = lambda done: None
) -> list[str]:
    """
    Return one line for each value in the books of the log that the entries do not say; empty when all is well.

    Raises:
        Refused: an entry that the rules or the formats refuse.
    """
    return compare_books(connection, log_id, replay_log(connection, log_id, progress).records().values())


def compare_books(connection: Connection, log_id: str, records: Iterable[Record]) -> list[str]:
    """
    Return one line for each stored value that differs from *records*, naming table, record and column.

    Rows are compared as they are stored, so that a damaged one is named and nothing is made of it.
    """
    expected: dict[type[Record], dict[str, dict[str, Any]]] = {kind: {} for kind in RECORDS}
    for record in records:
        expected[type(record)][record.id] = to_row(log_id, record)
    lines: list[str] = []
    for kind in RECORDS:
        try:
            with translated():
                lines += _compare(connection, log_id, kind, expected[kind])
        except SuyuanError as error:
            lines.append(f"{TABLES[kind].name}: {error}")
    return lines


def _compare(
    connection: Connection, log_id: str, kind: type[Record], expected: dict[str, dict[str, Any]]
) -> list[str]:
    table = TABLES[kind]
    columns = [_raw(column) for column in table.c]
    query = select(*columns).where(table.c.log_id == log_id).order_by(table.c.id)
    lines = []
    for row in connection.execute(query).mappings():
        where = f"{table.name} {row['id']}"
        wanted = expected.pop(row["id"], None)
        if wanted is None:
            lines.append(f"{where}: not in the entries")
            continue
        lines += [
            f"{where}.{name}: expected {wanted[name]!r}, found {row[name]!r}"
            for name in row
            if row[name] != wanted[name]
        ]
    return lines + [f"{table.name} {id}: missing" for id in sorted(expected)]


def _raw(column: Any) -> Any:
    """Return *column* without the conversion that would make any number but 0 true."""
    return type_coerce(column, Integer).label(column.name) if isinstance(column.type, Boolean) else column
