"""A live SQLite database put back to an earlier state, as when a copy is restored under a running server."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from suyuan.ledger.engine import open_engine


def copy_database(source: Engine, path: Path) -> Engine:
    """Copy the live database of *source* to *path*; return an engine for the copy."""
    target = open_engine(f"sqlite:///{path}")
    pour(source, target)
    return target


def pour(source: Engine, target: Engine) -> None:
    """Write all of *source* over *target*, whoever has it open."""
    # Both through the library that the engines use: two copies of SQLite in one process undo each other's locks.
    read, write = source.raw_connection(), target.raw_connection()
    try:
        read.driver_connection.backup(write.driver_connection)  # type: ignore[union-attr]  # sqlite3 or pysqlite3
    finally:
        read.close()
        write.close()
