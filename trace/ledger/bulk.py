"""
Bulk: many rows written at once, and several questions answered in one round trip.

On PostgreSQL through the driver itself (COPY, pipelines), whose errors are wrapped as SQLAlchemy wraps those of its own
statements. SQLite has no round trips; there each statement goes through SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

_COPY_FROM: Final = 8
"""Rows from which on COPY costs less than a statement each."""

Question = tuple[str, tuple[object, ...]]
"""A statement for the driver, with its own marks (``?`` on SQLite, ``%s`` on PostgreSQL), and what they stand for."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert *rows*, whole ones, in bulk: COPY on PostgreSQL where there are many, executemany elsewhere."""
    if not rows:
        return
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    postgresql = connection.dialect.name == "postgresql"
    if postgresql and len(rows) >= _COPY_FROM:
        _copy(connection, f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)", table, rows)
    else:
        marks = ", ".join(["%s" if postgresql else "?"] * len(table.columns))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
        connection.exec_driver_sql(statement, list(rows))


def list_values(values: Iterable[str]) -> str:
    """Return *values* as the one value that ``LISTED`` and ``look_up`` read: a list of many is slow to bind."""
    return msgspec.json.encode(list(values)).decode()


LISTED: Final = {
    "sqlite": "SELECT value FROM json_each(?)",
    "postgresql": "SELECT value FROM json_array_elements_text(CAST(%s AS json))",
}
"""The query for the column ``value`` of what ``list_values`` returned, by engine."""


@cache
def look_up(table: Table, key: str, dialect: str) -> str:
    """
    Return the statement for the rows of *table* by listed values of the column *key*, then the log's id.

    On PostgreSQL each value is looked up by itself (OFFSET 0 keeps it so): where a young table has no statistics yet,
    the planner would read all of the log's rows instead.
    """
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = f"SELECT {names} FROM {table.name} WHERE {key}"  # noqa: S608
    if dialect == "sqlite":
        return f"{rows} IN ({LISTED[dialect]}) AND log_id = ?"
    return f"SELECT o.* FROM ({LISTED[dialect]}) i, LATERAL ({rows} = i.value AND log_id = %s OFFSET 0) o"  # noqa: S608


def ask(connection: Connection, questions: Sequence[Question]) -> list[Sequence[Any]]:
    """Run reading statements in order, in one round trip on PostgreSQL; return the rows of each."""
    if connection.dialect.name == "sqlite":
        return [connection.exec_driver_sql(statement, values).all() for statement, values in questions]
    driver: Any = connection.connection.driver_connection
    with _wrapped(connection, questions[0][0] if questions else ""):
        with driver.pipeline():
            cursors = [
                driver.cursor(binary=True).execute(statement, values) for statement, values in questions
            ]
        return [cursor.fetchall() for cursor in cursors]


def tell(connection: Connection, statements: Sequence[Question]) -> None:
    """Run writing statements in order, in one round trip; PostgreSQL only."""
    driver: Any = connection.connection.driver_connection
    with _wrapped(connection, statements[0][0]), driver.pipeline():
        for statement, values in statements:
            driver.cursor().execute(statement, values)


def _copy(connection: Connection, statement: str, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    with _wrapped(connection, statement), driver.cursor().copy(statement) as copy:
        copy.set_types([column.type.compile(dialect).lower() for column in table.columns])
        for row in rows:
            copy.write_row(row)


@contextmanager
def _wrapped(connection: Connection, statement: str) -> Iterator[None]:
    base = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        closed = connection.connection.driver_connection.closed  # type: ignore[union-attr]  # while it is in use
        raise DBAPIError.instance(
            statement, None, error, base, connection_invalidated=closed, dialect=connection.dialect
        ) from error
