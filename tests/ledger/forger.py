"""What somebody with the database in hand may do: change rows behind the triggers, or write a log anew."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import Column, Connection, Integer, LargeBinary, Table, delete, text
from sqlalchemy.exc import IntegrityError

from suyuan.ledger import schema, store
from suyuan.ledger.checkpoint import Checkpoint, sign_checkpoint
from suyuan.ledger.engine import begin_write
from suyuan.ledger.entry import parse_entry
from suyuan.ledger.log import Draft, Tail, find_root
from suyuan.ledger.note import Signer
from suyuan.ledger.store import StoredCheckpoint
from tests.farm import Farm


class Undo(Exception):
    """Raised to roll a forgery back."""


@contextmanager
def forged(farm: Farm) -> Iterator[Connection]:
    """Open a transaction in which nothing refuses a change; it is rolled back at the end."""
    try:
        with begin_write(farm.engine) as connection:
            drop_guards(connection)
            yield connection
            raise Undo
    except Undo:
        pass


def drop_guards(connection: Connection) -> None:
    """Drop every trigger of the ledger's tables."""
    for table in schema.INSERT_ONLY:
        if connection.dialect.name == "sqlite":
            query = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
            for trigger in connection.scalars(query, {"table": table.name}).all():
                connection.exec_driver_sql(f'DROP TRIGGER "{trigger}"')
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")


def restore_guards(connection: Connection) -> None:
    """Give the tables that other farms share on PostgreSQL their triggers back."""
    if connection.dialect.name == "postgresql":
        for table in schema.INSERT_ONLY:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")


def row_places(connection: Connection, table: Table, log_id: str) -> list[Any]:
    """Return where each row of the log lies, in the engine's own terms."""
    place = "rowid" if connection.dialect.name == "sqlite" else "ctid"
    query = text(f"SELECT {place} FROM {table.name} WHERE log_id = :log ORDER BY 1")
    return list(connection.scalars(query, {"log": log_id}))


def flip(connection: Connection, column: Column[Any], log_id: str, chance: random.Random) -> str:
    """Flip one bit of *column* in one row of the log, such that the engine can hold it; return what was done."""
    while True:
        try:
            with connection.begin_nested():
                return _flip(connection, column, log_id, chance)
        except IntegrityError:
            continue  # the changed key belongs to another row


def _flip(connection: Connection, column: Column[Any], log_id: str, chance: random.Random) -> str:
    table = column.table
    assert isinstance(table, Table)
    sqlite = connection.dialect.name == "sqlite"
    place = chance.choice(row_places(connection, table, log_id))
    where = "rowid = :place" if sqlite else "ctid = CAST(:place AS tid)"
    query = text(f"SELECT {column.name} FROM {table.name} WHERE {where}")
    old = connection.execute(query, {"place": place}).scalar_one()
    new = None
    while new is None:
        new = _flipped(old, column, chance, any_bytes=sqlite)
    value = "CAST(:new AS TEXT)" if isinstance(old, str) else ":new"
    connection.execute(
        text(f"UPDATE {table.name} SET {column.name} = {value} WHERE {where}"), {"new": new, "place": place}
    )
    return f"{table.name}.{column.name} at {place}: {old!r} became {new!r}"


def _flipped(old: Any, column: Column[Any], chance: random.Random, *, any_bytes: bool) -> Any:
    """Return *old* with one bit flipped, None where the engine could not hold the result."""
    if isinstance(old, int):
        bits = 31 if type(column.type) is Integer else 63
        return old ^ 1 << chance.randrange(bits)
    data = bytearray(old.encode() if isinstance(old, str) else old)
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if isinstance(column.type, LargeBinary) or any_bytes:
        return bytes(data)
    try:
        found = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in found else found


def columns() -> list[Column[Any]]:
    """Return every column of every table of the ledger."""
    return [column for table in schema.metadata.sorted_tables for column in table.columns]


@dataclass(frozen=True)
class Line:
    """What an entry is made from: time, event id, statement, subjects."""

    at: datetime
    draft: Draft


def read_lines(farm: Farm) -> list[Line]:
    """Return what the log's entries were made from."""
    lines = []
    for stored in farm.entries():
        entry = parse_entry(stored.body)
        subjects = tuple(link.id for link in entry.chains)
        lines.append(Line(entry.at, Draft(stored.event_id, entry.statement, subjects)))
    return lines


def write_anew(
    connection: Connection, farm: Farm, lines: Sequence[Line], signers: Sequence[Signer] = ()
) -> StoredCheckpoint | None:
    """
    Replace the log by one made of *lines*, all hashes, chains, tiles and the head recomputed.

    With *signers* its old checkpoints go, and one over the new log is signed.
    """
    for table in (schema.entries, schema.chains, schema.tiles, schema.logs):
        connection.execute(delete(table).where(table.c.log_id == farm.log))
    signed = store.read_checkpoints(connection, farm.log)
    store.create_log(connection, farm.log)
    tail: Tail | None = None
    for line in lines:
        if tail is None or tail.at != line.at:
            if tail is not None:
                tail.flush()
            tail = Tail(connection, farm.log, line.at)
        tail.load(line.draft.subjects)
        tail.add(line.draft)
    assert tail is not None
    tail.flush()
    if not signers:
        connection.execute(
            schema.logs.update().where(schema.logs.c.log_id == farm.log).values(checkpoints=len(signed))
        )
        return None
    connection.execute(delete(schema.checkpoints).where(schema.checkpoints.c.log_id == farm.log))
    root = find_root(connection, farm.log, len(lines))
    note = sign_checkpoint(Checkpoint(farm.log, len(lines), root), signers)
    stored = StoredCheckpoint(len(lines), root, note)
    store.insert_checkpoint(connection, farm.log, stored)
    return stored


def with_statement(line: Line, token: str) -> Line:
    """Return *line* with another statement."""
    return replace(line, draft=structs.replace(line.draft, statement=token))
