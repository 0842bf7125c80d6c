"""Migrations: they make what the rooms declare, once, whoever runs them and whatever crashes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from suyuan.errors import Missing, Unavailable
from suyuan.ledger.engine import begin_read, begin_write, open_engine
from suyuan.ledger.schema import INSERT_ONLY
from suyuan.server import migrate
from suyuan.server.migrate import FOLDER, HEAD, METADATA, check_revision, find_revision, upgrade

UPGRADE = """
import sys
from suyuan.ledger.engine import open_engine
from suyuan.server.migrate import upgrade
print("ready", flush=True)
sys.stdin.readline()
engine = open_engine(sys.argv[1])
upgrade(engine)
engine.dispose()
"""


@pytest.fixture(name="engine")
def engine_fixture(store_url: str) -> Iterator[Engine]:
    """An empty store, once on SQLite and once on PostgreSQL."""
    engine = open_engine(store_url)
    yield engine
    engine.dispose()


def triggers(engine: Engine) -> dict[str, str]:
    """Return each trigger's definition by its name."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    )
    with begin_read(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(text(query))}


def test_an_upgrade_makes_what_the_rooms_declare(engine: Engine) -> None:
    upgrade(engine)
    with begin_read(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        # Alembic takes a list of them; its stub does not know.
        differences = compare_metadata(context, METADATA)  # type: ignore[arg-type]
    assert differences == [], "write what changed into a revision in trace/server/migrations/versions"


def test_a_column_that_no_revision_makes_is_found(engine: Engine) -> None:
    upgrade(engine)
    with begin_write(engine) as connection:
        connection.execute(text("ALTER TABLE vault_run DROP COLUMN sealed"))
    with begin_read(engine) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA)  # type: ignore[arg-type]


def test_an_upgrade_makes_the_triggers_that_the_ledger_declares(engine: Engine) -> None:
    upgrade(engine)
    made = triggers(engine)
    with begin_write(engine) as connection:
        for metadata in METADATA:
            metadata.drop_all(connection)
    for metadata in METADATA:
        metadata.create_all(engine)
    assert triggers(engine) == made
    assert len(made) == 2 * len(INSERT_ONLY)


@pytest.mark.parametrize("verb", ["UPDATE ledger_checkpoint SET size = 2", "DELETE FROM ledger_checkpoint"])
def test_an_upgraded_ledger_is_append_only(engine: Engine, verb: str) -> None:
    upgrade(engine)
    with begin_write(engine) as connection:
        connection.execute(text("INSERT INTO ledger_checkpoint VALUES ('log', 1, '', '')"))
    with pytest.raises(DatabaseError, match="append-only"), begin_write(engine) as connection:
        connection.execute(text(verb))


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    with begin_write(engine) as connection:
        connection.execute(text("INSERT INTO ledger_log VALUES ('log', 0, '', '', 0)"))
    upgrade(engine)
    check_revision(engine)
    with begin_read(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger_log")) == 1


def test_the_version_asks_for_the_last_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == HEAD
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert sorted(numbers, reverse=True) == numbers
    assert {len(number) for number in numbers} == {4}


def test_an_upgrade_that_fails_leaves_nothing(engine: Engine) -> None:
    with begin_write(engine) as connection:
        connection.execute(text("CREATE TABLE vault_name (id TEXT)"))  # in the way of the last table
    with pytest.raises((DatabaseError, Unavailable)):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["vault_name"]
    assert triggers(engine) == {}


def test_an_empty_database_is_named(engine: Engine) -> None:
    with pytest.raises(Missing) as raised:
        check_revision(engine)
    assert raised.value.problem.code == "database.empty"


def test_an_older_database_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(engine)
    monkeypatch.setattr(migrate, "HEAD", "0999")
    with pytest.raises(Unavailable) as raised:
        check_revision(engine)
    assert raised.value.problem.code == "database.old"
    assert raised.value.problem.values == {"found": HEAD, "wanted": "0999"}


def test_a_newer_database_is_named_and_left_alone(engine: Engine) -> None:
    upgrade(engine)
    with begin_write(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    for step in (check_revision, upgrade):
        with pytest.raises(Unavailable) as raised:
            step(engine)
        assert raised.value.problem.code == "database.newer"
    with begin_read(engine) as connection:
        assert find_revision(connection) == "0999"


def test_processes_that_upgrade_at_once_wait_for_each_other(store_url: str, engine: Engine) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", UPGRADE, store_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in started:
        assert process.stdout
        process.stdout.readline()
    ends = []
    for process in started:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in started:
        _, said = process.communicate(timeout=60)
        ends.append((process.returncode, said))
    assert ends == [(0, b"")] * 3
    check_revision(engine)


def test_the_script_folder_is_complete() -> None:
    assert {path.name for path in Path(FOLDER).iterdir()} >= {"env.py", "script.py.mako", "versions"}
