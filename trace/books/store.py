"""Records read and written: slices for the fold, changes after it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from sqlalchemy import Connection, TextualSelect, delete, select, text
from sqlalchemy.dialects import postgresql

from ..produce.book import Changes, RecordKey, Slice
from ..produce.fold import missing
from ..produce.records import RECORDS, R, Record
from ..produce.rights import Signed
from .tables import TABLES, from_row, to_row

_IDS_A_READ = 1000
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def load_records(connection: Connection, log_id: str, keys: Iterable[RecordKey]) -> dict[RecordKey, Record]:
    """Return the records of *keys* that there are, one query for each kind."""
    wanted: dict[type[Record], list[str]] = defaultdict(list)
    for kind, id in keys:
        wanted[kind].append(id)
    found: dict[RecordKey, Record] = {}
    for kind, ids in wanted.items():
        query = _by_ids(kind, connection.dialect.name)
        for first in range(0, len(ids), _IDS_A_READ):
            part: object = ids[first : first + _IDS_A_READ]
            if connection.dialect.name == "sqlite":
                part = json.dumps(part)
            rows = connection.execute(query, {"log_id": log_id, "ids": part})
            found.update(((kind, row.id), from_row(kind, row)) for row in rows)
    return found


@cache
def _by_ids(kind: type[Record], dialect: str) -> TextualSelect:
    """
    Return the query for records by their ids, which come as one parameter: a list of a thousand is slow to bind.

    On PostgreSQL each id is looked up by itself (OFFSET 0 keeps it so): where a young table has no statistics yet, the
    planner would read all of the log's records instead.
    """
    table = TABLES[kind]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    of_log = f"SELECT {names} FROM {table.name} r WHERE r.log_id = :log_id AND r.id"  # noqa: S608
    if dialect == "sqlite":
        query = f"{of_log} IN (SELECT value FROM json_each(:ids))"  # noqa: S608
    else:
        query = f"SELECT o.* FROM unnest(CAST(:ids AS text[])) AS i, LATERAL ({of_log} = i OFFSET 0) o"  # noqa: S608
    return text(query).columns(*table.columns)


def load_slice(connection: Connection, log_id: str, events: Iterable[Signed], book: Slice) -> None:
    """Load into *book* every record that *events* need, asking again until nothing new comes."""
    waiting = list(events)
    while keys := set().union(*(missing(signed, book) for signed in waiting)):
        book.load(load_records(connection, log_id, keys), keys)


def write_changes(connection: Connection, log_id: str, changes: Changes) -> None:
    """Insert or replace the changed records, one bulk statement for each kind."""
    rows: dict[type[Record], list[tuple[object, ...]]] = defaultdict(list)
    for (kind, _), record in changes.items():
        rows[kind].append(tuple(to_row(log_id, record).values()))
    for kind, values in rows.items():
        statement = _replace(kind, connection.dialect.name)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(statement, values)
        else:
            connection.exec_driver_sql(statement, tuple(map(list, zip(*values, strict=True))))


@cache
def _replace(kind: type[Record], dialect: str) -> str:
    """
    Return the statement that inserts or replaces records, for the driver: Core would bind each row anew.

    SQLite takes one row at a time, PostgreSQL a list for each column.
    """
    table = TABLES[kind]
    names = [f'"{column.name}"' for column in table.columns]
    fresh = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ('"log_id"', '"id"'))
    arrays = ", ".join(f"%s::{column.type.compile(_POSTGRESQL)}[]" for column in table.columns)
    values = f"SELECT * FROM unnest({arrays})"  # noqa: S608
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
