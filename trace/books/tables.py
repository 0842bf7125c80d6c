"""
The books' tables: one for each kind of record, its columns the record's fields.

Lists and structs stand as JSON text. Every primary key is led by ``log_id``; everything here can be made anew from the
entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_type_hints

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from ..produce.records import RECORDS, Record

metadata = MetaData()

_PLAIN: Final[dict[object, type[TypeEngine[Any]]]] = {str: Text, int: BigInteger, bool: Boolean}

INDEXES: Final[dict[str, tuple[str, ...]]] = {
    "batch": ("ref", "product", "maker"),
    "edge": ("parent", "child"),
    "position": ("batch",),
    "report": ("batch",),
    "run": ("batch",),
    "sale": ("batch",),
    "shipment": ("batch",),
    "site": ("party", "ref"),
    "key": ("party",),
}
"""Columns that questions are asked by."""


def _columns(kind: type[Record]) -> list[Column[Any]]:
    hints = get_type_hints(kind)
    columns: list[Column[Any]] = [
        Column("log_id", Text, primary_key=True),
        Column("id", Text, primary_key=True),
    ]
    for field in msgspec.structs.fields(kind):
        if field.name != "id":
            columns.append(Column(field.name, _PLAIN.get(hints[field.name], Text), nullable=False))
    return columns


def _table(kind: type[Record]) -> Table:
    name = f"book_{kind.kind}"
    indexes = [Index(f"{name}_{column}", "log_id", column) for column in INDEXES.get(kind.kind, ())]
    return Table(name, metadata, *_columns(kind), *indexes)


TABLES: Final[dict[type[Record], Table]] = {kind: _table(kind) for kind in RECORDS}
"""The table of each kind of record."""

_FIELDS: Final = {kind: tuple(TABLES[kind].columns.keys())[1:] for kind in RECORDS}
_FLAGS: Final = {
    kind: tuple(name for name, hint in get_type_hints(kind).items() if hint is bool) for kind in RECORDS
}
_NESTED: Final[dict[type[Record], dict[str, Any]]] = {
    kind: {name: hint for name, hint in get_type_hints(kind).items() if name != "kind" and hint not in _PLAIN}
    for kind in RECORDS
}


def to_row(log_id: str, record: Record) -> dict[str, Any]:
    """Return *record* as a row of its table."""
    row = {"log_id": log_id, **msgspec.structs.asdict(record)}
    for name in _NESTED[type(record)]:
        row[name] = msgspec.json.encode(row[name]).decode()
    return row


def from_row(kind: type[Record], row: Sequence[Any]) -> Record:
    """Return the record of *kind* that *row* holds, as its table or the driver gives it: column by column."""
    values = dict(zip(_FIELDS[kind], row[1:], strict=True))
    for name in _FLAGS[kind]:
        values[name] = bool(values[name])  # SQLite has numbers only
    for name, hint in _NESTED[kind].items():
        values[name] = msgspec.json.decode(values[name], type=hint)
    return kind(**values)
