"""
Every table of the first release: ledger, books, vault.

Frozen: what is written here has been run on somebody's data. A later change is a revision of its own.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = ("ledger_entry", "ledger_chain", "ledger_tile", "ledger_checkpoint")


def upgrade() -> None:
    """Make the tables, their indexes and the triggers that keep the ledger append-only."""
    _ledger()
    _registry()
    _goods()
    _quality()
    _vault()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _led() -> list[Column[str]]:
    return [Column("log_id", Text(), primary_key=True), Column("id", Text(), primary_key=True)]


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def _flags(*names: str) -> list[Column[bool]]:
    return [Column(name, Boolean(), nullable=False) for name in names]


def _ledger() -> None:
    """Make the ledger's tables."""
    op.create_table(
        "ledger_log",
        Column("log_id", Text(), primary_key=True),
        Column("size", BigInteger(), nullable=False),
        Column("leaf", LargeBinary(), nullable=False),
        Column("at", Text(), nullable=False),
        Column("checkpoints", BigInteger(), nullable=False),
    )
    op.create_table(
        "ledger_entry",
        Column("log_id", Text(), primary_key=True),
        Column("idx", BigInteger(), primary_key=True, autoincrement=False),
        Column("event_id", Text(), nullable=False),
        Column("leaf", LargeBinary(), nullable=False),
        Column("body", LargeBinary(), nullable=False),
        UniqueConstraint("log_id", "event_id", name="ledger_entry_event"),
    )
    op.create_table(
        "ledger_chain",
        Column("log_id", Text(), primary_key=True),
        Column("subject", Text(), primary_key=True),
        Column("seq", BigInteger(), primary_key=True, autoincrement=False),
        Column("idx", BigInteger(), nullable=False),
    )
    op.create_index("ledger_chain_idx", "ledger_chain", ["log_id", "idx"])
    op.create_table(
        "ledger_tile",
        Column("log_id", Text(), primary_key=True),
        Column("level", Integer(), primary_key=True, autoincrement=False),
        Column("idx", BigInteger(), primary_key=True, autoincrement=False),
        Column("data", LargeBinary(), nullable=False),
        Column("root", LargeBinary(), nullable=False),
    )
    op.create_table(
        "ledger_checkpoint",
        Column("log_id", Text(), primary_key=True),
        Column("size", BigInteger(), primary_key=True, autoincrement=False),
        Column("root", LargeBinary(), nullable=False),
        Column("note", Text(), nullable=False),
    )


def _registry() -> None:
    """Make the books' tables of who and where."""
    op.create_table(
        "book_log_state",
        *_led(),
        *_texts("log", "address"),
        *_flags("demo"),
        *_texts("receipt_kid", "checkpoint_keys"),
    )
    op.create_table(
        "book_party", *_led(), *_texts("roles", "name", "credit_code", "place"), *_numbers("registered")
    )
    op.create_table(
        "book_key",
        *_led(),
        *_texts("party", "x", "custody"),
        *_numbers("since", "until"),
        *_flags("recovery"),
    )
    op.create_index("book_key_party", "book_key", ["log_id", "party"])
    op.create_table("book_site", *_led(), *_texts("what", "party", "place", "crop", "ref"))
    op.create_index("book_site_party", "book_site", ["log_id", "party"])
    op.create_index("book_site_ref", "book_site", ["log_id", "ref"])
    op.create_table("book_quota", *_led(), *_texts("plot"), *_numbers("season", "granted", "used"))
    op.create_table(
        "book_product", *_led(), *_texts("name", "unit"), *_numbers("unit_mass_mg"), *_texts("gtin")
    )
    op.create_table("book_claim", *_led(), *_texts("owner"))


def _goods() -> None:
    """Make the books' tables of batches."""
    op.create_table(
        "book_batch",
        *_led(),
        *_texts("how", "product", "maker"),
        *_numbers("made", "entry"),
        *_texts("day", "ref", "plot"),
        *_numbers("season"),
        *_texts("parents", "composition"),
        *_numbers("adjusted"),
        *_texts("holds", "failed", "recalls"),
        *_numbers("tests", "packages", "sold"),
    )
    op.create_index("book_batch_maker", "book_batch", ["log_id", "maker"])
    op.create_index("book_batch_product", "book_batch", ["log_id", "product"])
    op.create_index("book_batch_ref", "book_batch", ["log_id", "ref"])
    op.create_table(
        "book_position",
        *_led(),
        *_texts("batch", "party"),
        *_numbers("held", "in_transit", "consumed", "packed", "destroyed"),
    )
    op.create_index("book_position_batch", "book_position", ["log_id", "batch"])
    op.create_table("book_edge", *_led(), *_texts("parent", "child"), *_numbers("amount"))
    op.create_index("book_edge_child", "book_edge", ["log_id", "child"])
    op.create_index("book_edge_parent", "book_edge", ["log_id", "parent"])
    op.create_table(
        "book_shipment",
        *_led(),
        *_texts("batch", "sender", "receiver"),
        *_numbers("amount", "accepted"),
        *_flags("inferred"),
    )
    op.create_index("book_shipment_batch", "book_shipment", ["log_id", "batch"])
    op.create_table("book_treatment", *_led(), *_texts("applications"))


def _quality() -> None:
    """Make the books' tables of tests, holds, labels and orders."""
    op.create_table("book_report", *_led(), *_texts("batch"), *_flags("passed"), *_numbers("entry"))
    op.create_index("book_report_batch", "book_report", ["log_id", "batch"])
    op.create_table("book_hold", *_led(), *_texts("batches", "reason", "by"))
    op.create_table(
        "book_recall", *_led(), *_texts("batches", "reason", "proposed_by", "approved_by"), *_flags("closed")
    )
    op.create_table(
        "book_run",
        *_led(),
        *_texts("batch", "party"),
        *_numbers("count", "net"),
        *_texts("root", "packed_on"),
        *_numbers("entry"),
        *_texts("spans"),
    )
    op.create_index("book_run_batch", "book_run", ["log_id", "batch"])
    op.create_table(
        "book_sale",
        *_led(),
        *_texts("batch", "shop"),
        *_numbers("count", "returned"),
        *_texts("packages", "runs"),
    )
    op.create_index("book_sale_batch", "book_sale", ["log_id", "batch"])


def _vault() -> None:
    """Make the vault's tables."""
    op.create_table(
        "vault_disclosure",
        Column("log_id", String(200), primary_key=True),
        Column("digest", String(64), primary_key=True),
        Column("person", String(64), nullable=False),
        Column("event_id", String(64), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
    )
    op.create_index("vault_disclosure_event", "vault_disclosure", ["log_id", "event_id"])
    op.create_index("vault_disclosure_person", "vault_disclosure", ["log_id", "person"])
    op.create_table(
        "vault_run",
        Column("log_id", String(200), primary_key=True),
        Column("run", String(64), primary_key=True),
        Column("sealed", LargeBinary(), nullable=False),
    )
    op.create_table(
        "vault_key",
        Column("log_id", String(200), primary_key=True),
        Column("kid", String(64), primary_key=True),
        Column("party", String(64), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        Column("label", String(100), nullable=False),
    )
    op.create_index("vault_key_party", "vault_key", ["log_id", "party"])
    op.create_table(
        "vault_row",
        Column("log_id", String(200), primary_key=True),
        Column("row", LargeBinary(32), primary_key=True),
        Column("kind", String(64), nullable=False),
        Column("event_id", String(64), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        Column("state", String(64), nullable=False),
    )
    op.create_table(
        "vault_name",
        Column("log_id", String(200), primary_key=True),
        Column("kind", String(64), primary_key=True),
        Column("name_hash", LargeBinary(32), primary_key=True),
        Column("id", String(64), nullable=False),
        Column("person", String(64), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
    )
    op.create_index("vault_name_id", "vault_name", ["log_id", "kind", "id"])
    op.create_index("vault_name_person", "vault_name", ["log_id", "person"])
    op.create_table(
        "vault_cosignature",
        Column("log_id", String(200), primary_key=True),
        Column("size", BigInteger(), primary_key=True),
        Column("key", String(300), primary_key=True),
        Column("time", BigInteger(), nullable=False),
        Column("line", Text(), nullable=False),
    )
    op.create_index("vault_cosignature_key", "vault_cosignature", ["log_id", "key", "size"])


def _guard_sqlite() -> None:
    """Refuse UPDATE and DELETE of the insert-only tables."""
    for table in INSERT_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )


def _guard_postgresql() -> None:
    """Refuse UPDATE, DELETE and TRUNCATE of the insert-only tables."""
    op.execute(
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    for table in INSERT_ONLY:
        for verbs, scope in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{scope.lower()} BEFORE {verbs} ON {table} "
                f"FOR EACH {scope} EXECUTE FUNCTION ledger_refuse()"
            )
