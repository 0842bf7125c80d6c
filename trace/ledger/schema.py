"""
The ledger's tables, led by ``log_id`` so that a log is a shard; all but the log's own row are insert-only.

Triggers refuse UPDATE, DELETE and TRUNCATE; in production grants do so first (docs/operations.md).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
)

metadata = MetaData()

logs = Table(
    "ledger_log",
    metadata,
    Column("log_id", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
    Column("checkpoints", BigInteger, nullable=False),
)
"""One row a log: its size, the leaf hash and time of its last entry, its number of checkpoints. Writers lock it."""

entries = Table(
    "ledger_entry",
    metadata,
    Column("log_id", Text, primary_key=True),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("log_id", "event_id", name="ledger_entry_event"),
)
"""The entries, as bytes that are never serialised again."""

chains = Table(
    "ledger_chain",
    metadata,
    Column("log_id", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, nullable=False),
    Index("ledger_chain_idx", "log_id", "idx"),
)
"""Where each subject's chain runs: link *seq* lies in entry *idx*."""

tiles = Table(
    "ledger_tile",
    metadata,
    Column("log_id", Text, primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
)
"""Full tiles of 256 hashes and their roots; the partial right edge follows from the leaf hashes."""

checkpoints = Table(
    "ledger_checkpoint",
    metadata,
    Column("log_id", Text, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
)
"""Every checkpoint ever signed."""

INSERT_ONLY: Final = (entries, chains, tiles, checkpoints)

_REFUSE = "the ledger is append-only"


def _guard_sqlite(table: Table) -> None:
    for verb in ("UPDATE", "DELETE"):
        guard = DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END"
        )
        event.listen(table, "after_create", guard.execute_if(dialect="sqlite"))


def _guard_postgresql(table: Table) -> None:
    function = DDL(  # type: ignore[no-untyped-call]
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$"
    )
    event.listen(table, "before_create", function.execute_if(dialect="postgresql"))
    for verbs, scope in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        guard = DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER {table.name}_no_{scope.lower()} BEFORE {verbs} ON {table.name} "
            f"FOR EACH {scope} EXECUTE FUNCTION ledger_refuse()"
        )
        event.listen(table, "after_create", guard.execute_if(dialect="postgresql"))


for _table in INSERT_ONLY:
    _guard_sqlite(_table)
    _guard_postgresql(_table)
