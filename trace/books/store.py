"""Records read and written: slices for the fold, changes after it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from sqlalchemy import Connection, TextualSelect, delete, select, text

from ..produce.book import Changes, RecordKey, Slice
from ..produce.fold import missing
from ..produce.records import RECORDS, R, Record
from ..produce.rights import Signed
from .tables import TABLES, from_row, to_row

_IDS_A_READ = 1000


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
    """Return the query for records by their ids, which come as one parameter: a list of a thousand is slow to bind."""
    table = TABLES[kind]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    ids = "IN (SELECT value FROM json_each(:ids))" if dialect == "sqlite" else "= ANY(CAST(:ids AS text[]))"
    return text(f"SELECT {names} FROM {table.name} WHERE log_id = :log_id AND id {ids}").columns(  # noqa: S608
        *table.columns
    )


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
        connection.exec_driver_sql(_replace(kind, connection.dialect.name), values)


@cache
def _replace(kind: type[Record], dialect: str) -> str:
    """Return the statement that inserts or replaces a record, for the driver: Core would bind each row anew."""
    table = TABLES[kind]
    names = [f'"{column.name}"' for column in table.columns]
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(names))
    fresh = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ('"log_id"', '"id"'))
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) "  # noqa: S608
        f"ON CONFLICT (log_id, id) DO UPDATE SET {fresh}"
    )


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
