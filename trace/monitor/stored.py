"""
A log read straight from its database, as if it were published: the same paths, made of what the tables hold.

So the audit from outside also serves whoever may read the database but has neither data folder nor master key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from ..errors import Broken, Missing, Reason, Refused
from ..ledger import store
from ..ledger.engine import begin_read, open_engine
from ..ledger.note import add_signatures
from ..ledger.policy import Policy
from ..ledger.tiles import WIDTH, format_bundle, parse_entries_path, parse_path
from ..settings import parse_database_url
from ..vault.cosignatures import read_cosignatures
from ..verify.paths import CHECKPOINT, CHECKPOINTS, COUNT, ENTRIES, format_count, parse_checkpoints_path

_SQLITE: Final = "sqlite:///"
SCHEMES: Final = (_SQLITE, "postgresql://", "postgresql+psycopg://", "postgres://")

NO_FILE = Reason("audit.no-database", "没有数据库文件 {name}", "there is no database file {name}")
NO_LOG = Reason(
    "audit.no-log",
    "数据库里没有所给公钥的账本：{logs}",
    "the database has no log of the keys that are trusted: {logs}",
)


def is_database(spec: str) -> bool:
    """Tell whether *spec* is the URL of a database."""
    return spec.startswith(SCHEMES)


def open_database(url: str, policy: Policy) -> DatabaseSource:
    """
    Return the log of *policy* that the database at *url* holds; nothing in it is changed.

    Raises:
        Missing: ``audit.no-database``: no such SQLite file; ``audit.no-log``.
        Unavailable: the database.
    """
    engine = _open(url)
    names = sorted({log.key.name for log in policy.logs})
    with begin_read(engine) as connection:
        for name in names:
            if store.find_head(connection, name) is not None:
                return DatabaseSource(engine, name)
    engine.dispose()
    raise Missing(NO_LOG.at(logs=", ".join(names)))


def _open(url: str) -> Engine:
    known = parse_database_url(url)
    file = known.removeprefix(_SQLITE)
    if file != known and not Path(file).is_file():
        raise Missing(NO_FILE.at(name=file))  # or SQLite would make it
    return open_engine(known)


class DatabaseSource:
    """A log in its database."""

    def __init__(self, engine: Engine, log_id: str) -> None:
        self._engine = engine
        self._log_id = log_id

    def read(self, path: str) -> bytes | None:
        """
        Return what would be published at *path*, None where the tables do not hold it.

        Raises:
            Unavailable: the database.
            Broken: the database file is damaged.
        """
        if path == CHECKPOINT:
            return self._checkpoint()
        if path == COUNT:
            return self._count()
        try:
            if path.startswith(ENTRIES):
                return self._entries(*parse_entries_path(path))
            if path.startswith(CHECKPOINTS):
                return self._notes(*parse_checkpoints_path(path))
            return self._tile(path)
        except Refused:
            return None

    def read_all(self, paths: Iterable[str]) -> Iterator[bytes | None]:
        """Yield what would be published at *paths*, in order."""
        return map(self.read, paths)

    def files(self) -> Iterator[str]:
        """Yield nothing: tables hold no partial files of earlier sizes."""
        return iter(())

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    def _checkpoint(self) -> bytes | None:
        with begin_read(self._engine) as connection:
            latest = store.find_checkpoint(connection, self._log_id)
            if latest is None:
                return None
            found = read_cosignatures(connection, self._log_id, latest.size)
        return add_signatures(latest.note, [one.line for one in found]).encode()

    def _count(self) -> bytes:
        with begin_read(self._engine) as connection:
            head = store.find_head(connection, self._log_id)
        return format_count(head.checkpoints if head else 0)

    def _notes(self, index: int, width: int) -> bytes | None:
        first = index * WIDTH
        with begin_read(self._engine) as connection:
            notes = store.read_checkpoint_notes(connection, self._log_id, first, first + width)
        return format_bundle([note.encode() for note in notes]) if notes else None

    def _entries(self, index: int, width: int) -> bytes | None:
        first = index * WIDTH
        with begin_read(self._engine) as connection:
            found = [
                stored.body for stored in store.read_entries(connection, self._log_id, first, first + width)
            ]
        return format_bundle(found) if found else None

    def _tile(self, path: str) -> bytes | None:
        with begin_read(self._engine) as connection:
            try:
                return store.read_tile(connection, self._log_id, parse_path(path))
            except Broken:  # not there, or too short: said of the path, not of the row
                return None
