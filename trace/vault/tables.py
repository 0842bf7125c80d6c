"""
The vault's tables. Nothing personal stands in clear: text is sealed, look-ups go by keyed hashes.

Each primary key is led by ``log_id``, so that a log is a shard. Unlike the books these tables can't be made anew from
the entries: they belong in every backup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData()

_LOG = 200  # characters: a log id is a schema-less URL, C2SP signed-note key name
_ID = 64
_DIGEST = 64
_KEY = 300  # a name of at most 255 bytes, a plus, 8 hex digits

disclosures = Table(
    "vault_disclosure",
    metadata,
    Column("log_id", String(_LOG), primary_key=True),
    Column("digest", String(_DIGEST), primary_key=True),
    Column("person", String(_ID), nullable=False),
    Column("event_id", String(_ID), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("vault_disclosure_person", "log_id", "person"),
    Index("vault_disclosure_event", "log_id", "event_id"),
)

runs = Table(
    "vault_run",
    metadata,
    Column("log_id", String(_LOG), primary_key=True),
    Column("run", String(_ID), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

keys = Table(
    "vault_key",
    metadata,
    Column("log_id", String(_LOG), primary_key=True),
    Column("kid", String(_ID), primary_key=True),
    Column("party", String(_ID), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("label", String(100), nullable=False),
    Index("vault_key_party", "log_id", "party"),
)

rows = Table(
    "vault_row",
    metadata,
    Column("log_id", String(_LOG), primary_key=True),
    Column("row", LargeBinary(32), primary_key=True),
    Column("kind", String(_ID), nullable=False),
    Column("event_id", String(_ID), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("state", String(_ID), nullable=False),
)

names = Table(
    "vault_name",
    metadata,
    Column("log_id", String(_LOG), primary_key=True),
    Column("kind", String(_ID), primary_key=True),
    Column("name_hash", LargeBinary(32), primary_key=True),
    Column("id", String(_ID), nullable=False),
    Column("person", String(_ID), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("vault_name_id", "log_id", "kind", "id"),
    Index("vault_name_person", "log_id", "person"),
)

cosignatures = Table(
    "vault_cosignature",
    metadata,
    Column("log_id", String(_LOG), primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("key", String(_KEY), primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("line", Text, nullable=False),
    Index("vault_cosignature_key", "log_id", "key", "size"),
)
"""Public, but not to be had from the entries. ``key`` is name, plus, key ID; of one size and key the latest stays."""

SEALED_RUN = select(runs.c.sealed).where(runs.c.log_id == bindparam("log_id"), runs.c.run == bindparam("run"))
"""Made once: every look-up of a package code asks it."""

_Item = TypeVar("_Item")


def chunks(items: Iterable[_Item], size: int = 1000) -> Iterable[list[_Item]]:
    """Cut *items* into lists of at most *size*, for statements that may name only so many values."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def insert_new(connection: Connection, table: Table, values: Sequence[Mapping[str, object]]) -> None:
    """Insert *values*, leaving out those whose primary key is already there (ON CONFLICT DO NOTHING)."""
    if not values:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))
    connection.execute(statement, [dict(value) for value in values])
