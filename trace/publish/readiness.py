"""Readiness: what must hold before a process takes requests, each point by name."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from ..books.questions import find_record
from ..errors import Unavailable
from ..ledger import store
from ..ledger.engine import begin_read
from ..produce.records import LogState
from ..vault.vault import Vault

LEAST_FREE_BYTES: Final = 256 << 20
"""Below this much free disk the process says that it is not ready."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at; ``detail`` is for operators and holds no secret; not ``vital``: may wait."""

    name: str
    ok: bool
    detail: str
    vital: bool = True


def check_database(engine: Engine, log_id: str, vault: Vault) -> list[Point]:
    """Return the points of the database: that it answers, has its tables, and keeps what it acknowledges."""
    try:
        with begin_read(engine) as connection:
            head = store.find_head(connection, log_id)
            opened = find_record(connection, log_id, LogState, "log")
            vault.find_run_secret(connection, "00000")
            durability = _durability(connection)
    except Unavailable as error:
        return [Point("database", False, error.problem.code)]
    size = head.size if head else 0
    return [
        Point("database", True, connection.dialect.name),
        Point("tables", head is not None and opened is not None, f"{size} entries"),
        durability,
    ]


def _durability(connection: Connection) -> Point:
    """Say whether a commit is on disk when it is acknowledged (notes of the engines: sqlite.org/pragma, PostgreSQL)."""
    if connection.dialect.name == "sqlite":
        level = int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
        return Point("durability", level >= 2, f"synchronous={level}")
    commit = str(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one())
    fsync = str(connection.exec_driver_sql("SHOW fsync").scalar_one())
    return Point(
        "durability", commit != "off" and fsync == "on", f"synchronous_commit={commit} fsync={fsync}"
    )


def check_disk(folder: Path, least: int = LEAST_FREE_BYTES) -> Point:
    """Return whether *folder* has at least *least* bytes free."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Point("disk", False, type(error).__name__)
    return Point("disk", free >= least, f"{free >> 20} MiB free")
