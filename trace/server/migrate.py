"""
Migrations: the tables of a database brought to the form that this version of Suyuan works with.

Each upgrade is one transaction on both engines; a crash in it leaves the database as it was. Processes that upgrade at
the same time wait for each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from ..books import tables as book_tables
from ..errors import Missing, Reason, Unavailable
from ..ledger import schema
from ..ledger.engine import begin_read, begin_write
from ..vault import tables as vault_tables

METADATA: Final[tuple[MetaData, ...]] = (schema.metadata, book_tables.metadata, vault_tables.metadata)
"""Every table of a data folder, in the order in which they are restored."""

HEAD: Final = "0001"
"""The revision that this version works with; revisions are numbered, so that a newer one sorts behind."""

FOLDER: Final = Path(__file__).with_name("migrations")

EMPTY = Reason(
    "database.empty",
    "数据库里没有溯源的表：请核对 SUYUAN_DATABASE_URL，或用 suyuan restore 恢复备份",
    "the database has none of the tables: check SUYUAN_DATABASE_URL, or restore a backup",
)
OLD = Reason(
    "database.old",
    "数据库结构是 {found} 版，本程序需要 {wanted} 版：请先备份，再运行 suyuan upgrade",
    "the tables are of revision {found}, this version needs {wanted}: back up, then run suyuan upgrade",
)
NEWER = Reason(
    "database.newer",
    "数据库结构（{found} 版）比本程序（{wanted} 版）新：请安装新版程序",
    "the tables (revision {found}) are newer than this version of Suyuan ({wanted}): install the newer one",
)

_VERSION: Final = "alembic_version"
_LOCK: Final = 0x73757975616E  # "suyuan"; an advisory lock: before the first revision there is no row to lock


def upgrade(engine: Engine) -> None:
    """
    Bring the tables of *engine* to this version's revision; nothing happens where they are.

    Raises:
        Unavailable: ``database.newer``, or the database is gone, busy, full or read-only.
    """
    with begin_write(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = find_revision(connection)
        _check_known(found)
        if found != HEAD:
            _run(connection)


def check_revision(engine: Engine) -> None:
    """
    Check that the tables of *engine* are those of this version.

    Raises:
        Missing: ``database.empty``.
        Unavailable: ``database.old``, ``database.newer``, or the database is gone.
    """
    with begin_read(engine) as connection:
        found = find_revision(connection)
    _check_known(found)
    if not found:
        raise Missing(EMPTY.at())
    if found != HEAD:
        raise Unavailable(OLD.at(found=found, wanted=HEAD))


def find_revision(connection: Connection) -> str:
    """Return the revision of the tables, empty where there are none."""
    if not inspect(connection).has_table(_VERSION):
        return ""
    return str(connection.scalar(text(f"SELECT version_num FROM {_VERSION}")) or "")  # noqa: S608


def _check_known(found: str) -> None:
    if found > HEAD:
        raise Unavailable(NEWER.at(found=found, wanted=HEAD))


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, metadata=METADATA)
    command.upgrade(config, HEAD)
