"""
Engines: SQLite and PostgreSQL opened so that what was acknowledged is never lost.

SQLite runs with ``synchronous=FULL``, in WAL mode only where its version is free of the WAL-reset bug
(sqlite.org/wal.html#walresetbug), else with a truncated rollback journal. A PostgreSQL commit whose wait for a standby
was cancelled answers success with a notice 01000: it counts as not acknowledged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ..errors import Broken, Reason, Unavailable

GONE = Reason("store.gone", "数据库连不上，请稍后再试", "the database cannot be reached, try again later")
BUSY = Reason("store.busy", "数据库正忙，请稍后再试", "the database is busy, try again later")
FULL = Reason(
    "store.full",
    "磁盘已满，未写入任何内容；请清理磁盘后重试",
    "the disk is full and nothing was written; free space and retry",
)
DISK = Reason(
    "store.disk",
    "磁盘读写出错，提交结果未定；请检查磁盘后用同一事件编号重试",
    "the disk fails and the outcome is in doubt; check it and try again with the same event id",
)
READ_ONLY = Reason("store.read-only", "数据库只读，不能写入", "the database is read-only")
IN_DOUBT = Reason(
    "store.in-doubt",
    "备机未确认，提交结果未定；请用同一事件编号重试",
    "no standby confirmed the commit; try again with the same event id",
)

WRITE: Final = "suyuan_write"
_BUSY_MS: Final = 10_000
_RETRY_MS: Final = 50
_WAL_PAGES: Final = 8000
"""32 MB. A group of a log that has grown touches more than the usual thousand, and each commit would copy them over."""
_CONNECT_SECONDS: Final = 5
_LOCK_SECONDS: Final = 10
"""How long a writer waits for the log's row; as long as SQLite waits for its file."""
_SERVER_CONNECTIONS: Final = 16
"""Kept open: to open one for each request of a rush costs more than the request."""

_FILE_CONNECTIONS: Final = 40
"""As many as the server has threads; beyond its pool SQLAlchemy opens and closes a file for each request."""

_DOUBT: Final = "commit_in_doubt"
_SAFE_WAL: Final = ((3, 44, 6), (3, 50, 7), (3, 51, 3))


def is_wal_safe(version: tuple[int, ...]) -> bool:
    """Tell whether an SQLite *version* is free of the WAL-reset bug: fixed in 3.44.6, 3.50.7 and from 3.51.3 on."""
    if version >= _SAFE_WAL[-1]:
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in _SAFE_WAL[:-1])


def open_engine(url: str) -> Engine:
    """
    Return an engine for *url*, ``sqlite:///FILE`` or ``postgresql+psycopg://...``.

    Transactions begun through ``engine.execution_options(suyuan_write=True)`` take SQLite's write lock at once.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url)
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=_SERVER_CONNECTIONS,
        max_overflow=8,
        hide_parameters=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS},
    )
    event.listen(engine, "connect", _watch_commits)
    event.listen(engine, "commit", _forget_doubt)
    return engine


def _open_sqlite(url: str) -> Engine:
    module = _sqlite_module()
    mode = "WAL" if is_wal_safe(module.sqlite_version_info) else "TRUNCATE"
    engine = create_engine(
        url,
        module=module,
        pool_size=_FILE_CONNECTIONS,
        hide_parameters=True,
        connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False},
    )

    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "synchronous=FULL",
            f"busy_timeout={_BUSY_MS}",
            "fullfsync=ON",
            f"wal_autocheckpoint={_WAL_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        _set_journal(connection, mode, module.OperationalError)

    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)
    return engine


def _set_journal(connection: Any, mode: str, busy: type[Exception]) -> None:
    """Set the journal mode; SQLite does not wait by itself where two processes open a new file at once."""
    for _ in range(_BUSY_MS // _RETRY_MS):
        try:
            connection.execute(f"PRAGMA journal_mode={mode}").close()
            return
        except busy as error:
            if "locked" not in str(error):
                raise
            time.sleep(_RETRY_MS / 1000)
    connection.execute(f"PRAGMA journal_mode={mode}").close()


def _sqlite_module() -> Any:
    """Return pysqlite3 where it is installed (a newer SQLite than Python's own), else the standard library's."""
    try:
        import pysqlite3
    except ImportError:
        import sqlite3

        return sqlite3
    return pysqlite3


def _watch_commits(connection: Any, record: Any) -> None:
    def note(diagnostic: Any) -> None:
        if diagnostic.sqlstate == "01000":
            record.info[_DOUBT] = True

    connection.add_notice_handler(note)
    with connection.cursor() as cursor:
        if cursor.execute("SHOW synchronous_commit").fetchone()[0] not in ("on", "remote_apply"):
            cursor.execute("SET synchronous_commit = on")
        # A plan that is kept was made while the tables were empty: any index looked as good, and reads all of the log.
        cursor.execute("SET plan_cache_mode = force_custom_plan")
        cursor.execute(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
    connection.commit()


def _forget_doubt(connection: Connection) -> None:
    connection.info.pop(_DOUBT, None)


@contextmanager
def begin_write(engine: Engine) -> Iterator[Connection]:
    """
    Open a writing transaction; it is committed when the block ends without an exception.

    Raises:
        Unavailable: database gone, busy, full or read-only, or the commit is in doubt; nothing counts as acknowledged.
    """
    with translated(), engine.connect().execution_options(**{WRITE: True}) as connection:
        with connection.begin():
            yield connection
        if connection.info.pop(_DOUBT, False):
            raise Unavailable(IN_DOUBT.at())


@contextmanager
def begin_read(engine: Engine) -> Iterator[Connection]:
    """
    Open a reading transaction that sees one state of the database throughout.

    Raises:
        Unavailable: database gone or busy.
    """
    with translated(), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Turn the drivers' errors into ours: Unavailable where trying again may help, Broken where data is damaged."""
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable(BUSY.at()) from error
    except DBAPIError as error:
        raise _translate(error) from error


def _translate(error: DBAPIError) -> Exception:
    said = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None) or ""
    if any(word in said for word in ("malformed", "not a database", "could not decode")) or state in (
        "XX001",
        "XX002",
    ):
        return Broken("the database file is damaged", found=said.splitlines()[0])
    if "disk is full" in said or state == "53100":
        return Unavailable(FULL.at())
    if "disk i/o" in said or state == "58030":
        return Unavailable(DISK.at())
    if "readonly" in said or "read-only" in said or state == "25006":
        return Unavailable(READ_ONLY.at())
    if "locked" in said or "busy" in said or state in ("55P03", "57014", "40001", "40P01"):
        return Unavailable(BUSY.at())
    if isinstance(error, OperationalError) or error.connection_invalidated or state[:2] in ("08", "57"):
        return Unavailable(GONE.at())
    return error
