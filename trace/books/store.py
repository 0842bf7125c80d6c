"""Records read and written: slices for the fold, changes after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql

from ..ledger.bulk import ask, list_values, look_up, tell
from ..produce.book import Changes, RecordKey, Slice
from ..produce.fold import missing
from ..produce.records import RECORDS, R, Record
from ..produce.rights import Signed
from .tables import TABLES, from_row, to_row

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def load_records(connection: Connection, log_id: str, keys: Iterable[RecordKey]) -> dict[RecordKey, Record]:
    """Return the records of *keys* that there are, one query for each kind, all in one round trip."""
    wanted: dict[type[Record], list[str]] = defaultdict(list)
    for kind, id in keys:
        wanted[kind].append(id)
    dialect = connection.dialect.name
    questions = [
        (look_up(TABLES[kind], "id", dialect), (list_values(ids), log_id)) for kind, ids in wanted.items()
    ]
    found: dict[RecordKey, Record] = {}
    for kind, rows in zip(wanted, ask(connection, questions), strict=True):
        found.update(((kind, row[1]), from_row(kind, row)) for row in rows)
    return found


def load_slice(connection: Connection, log_id: str, events: Iterable[Signed], book: Slice) -> None:
    """Load into *book* every record that *events* need, asking again until nothing new comes."""
    waiting = list(events)
    while keys := set().union(*(missing(signed, book) for signed in waiting)):
        book.load(load_records(connection, log_id, keys), keys)


def write_changes(connection: Connection, log_id: str, changes: Changes) -> None:
    """Insert or replace the changed records, on PostgreSQL by one statement for each kind, all in one round trip."""
    changed: dict[type[Record], list[dict[str, Any]]] = defaultdict(list)
    for (kind, _), record in changes.items():
        changed[kind].append(to_row(log_id, record))
    dialect = connection.dialect.name
    if dialect == "sqlite":
        for kind, rows in changed.items():
            connection.exec_driver_sql(_replace(kind, dialect), [tuple(row.values()) for row in rows])
    elif changed:
        lists = [
            (_replace(kind, dialect), msgspec.json.encode(rows).decode()) for kind, rows in changed.items()
        ]
        tell(connection, [(statement, (rows,)) for statement, rows in lists])


@cache
def _replace(kind: type[Record], dialect: str) -> str:
    """
    Return the statement that inserts or replaces records, for the driver: Core would bind each row anew.

    SQLite takes one row at a time, PostgreSQL all of them as one JSON list: arrays are slow to bind.
    """
    table = TABLES[kind]
    names = [f'"{column.name}"' for column in table.columns]
    fresh = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ('"log_id"', '"id"'))
    fields = ", ".join(f'"{column.name}" {column.type.compile(_POSTGRESQL)}' for column in table.columns)
    values = f"SELECT * FROM json_to_recordset(CAST(%s AS json)) AS r({fields})"  # noqa: S608
    if dialect == "sqlite":
        values = f"VALUES ({', '.join('?' * len(names))})"
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    return f"{into} {values} ON CONFLICT (log_id, id) DO UPDATE SET {fresh}"


def read_records(connection: Connection, log_id: str, kind: type[R]) -> Iterator[R]:
    """Yield every record of *kind*, sorted by id."""
    table = TABLES[kind]
    query = select(table).where(table.c.log_id == log_id).order_by(table.c.id)
    for row in connection.execute(query):
        yield from_row(kind, row)  # type: ignore[misc]


def find_records(connection: Connection, log_id: str, kind: type[R], **where: str) -> list[R]:
    """Return the records of *kind* whose plain columns have the values of *where*, sorted by id."""
    table = TABLES[kind]
    query = select(table).where(
        table.c.log_id == log_id, *(table.c[name] == value for name, value in where.items())
    )
    # Sorted here: asked for an order, SQLite walks the primary key through the whole log instead of an index.
    records = [from_row(kind, row) for row in connection.execute(query)]
    return sorted(records, key=lambda record: record.id)  # type: ignore[arg-type]


def clear(connection: Connection, log_id: str) -> None:
    """Empty the books of a log, before they are made anew."""
    for table in TABLES.values():
        connection.execute(delete(table).where(table.c.log_id == log_id))


def read_all(connection: Connection, log_id: str) -> dict[RecordKey, Record]:
    """Return every record of the log."""
    return {
        (kind, record.id): record for kind in RECORDS for record in read_records(connection, log_id, kind)
    }
