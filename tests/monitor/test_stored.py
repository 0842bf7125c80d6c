"""A database audited with only the log's key: neither data folder nor master key is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from suyuan.errors import Missing
from suyuan.ledger import schema, store
from suyuan.ledger.engine import begin_read, begin_write
from suyuan.ledger.note import Signer
from suyuan.ledger.policy import policy_of_keys
from suyuan.monitor.bookkeeping import Bookkeeper
from suyuan.monitor.crew import Crew
from suyuan.monitor.lookout import Lookout, Sight
from suyuan.monitor.stored import is_database, open_database
from tests.keys import seed
from tests.ledger.forger import drop_guards
from tests.orchard import LOG, Orchard, grow_season, new_orchard


@pytest.fixture(params=["sqlite", "postgresql"])
def orchard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Orchard]:
    url = None if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    orchard = grow_season(new_orchard(tmp_path / "data", url))
    yield orchard
    orchard.house.close()


def audit(orchard: Orchard) -> Sight:
    policy = policy_of_keys([orchard.house.keys.checkpoint.verifier])
    with (
        closing(open_database(orchard.house.settings.database_url, policy)) as source,
        closing(Crew(0)) as crew,
    ):
        return Lookout(source, policy, crew, Bookkeeper()).look()


def test_a_sound_database_is_found_sound(orchard: Orchard) -> None:
    sight = audit(orchard)
    assert sight.faults == []
    with begin_read(orchard.house.engine) as connection:
        latest = store.find_checkpoint(connection, LOG)
    assert latest is not None
    assert sight.shown.decode() == latest.note


def test_a_changed_entry_is_named(orchard: Orchard) -> None:
    with begin_write(orchard.house.engine) as connection:
        drop_guards(connection)
        table = schema.entries
        body = connection.scalar(table.select().with_only_columns(table.c.body).where(table.c.idx == 7))
        connection.execute(
            update(table).where(table.c.idx == 7).values(body=bytes(body or b"")[:-9] + b"0" * 9)
        )
    codes = [(fault.problem.code, fault.place) for fault in audit(orchard).faults]
    assert ("audit.entry", "entry/7") in codes


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_checkpoint"])
def test_rows_that_are_gone_are_missed(orchard: Orchard, table: str) -> None:
    with begin_write(orchard.house.engine) as connection:
        drop_guards(connection)
        connection.exec_driver_sql(f"DELETE FROM {table}")
    if table == "ledger_checkpoint":
        with pytest.raises(Missing, match=r"audit\.no-checkpoint"):
            audit(orchard)
    else:
        assert {fault.problem.code for fault in audit(orchard).faults} >= {"audit.absent"}


def test_a_log_of_another_key_or_no_database_is_said(orchard: Orchard, tmp_path: Path) -> None:
    url = orchard.house.settings.database_url
    with pytest.raises(Missing, match=r"audit\.no-log"):
        open_database(url, policy_of_keys([Signer("other.example/log", seed("other")).verifier]))
    absent = tmp_path / "absent.db"
    with pytest.raises(Missing, match=r"audit\.no-database"):
        open_database(f"sqlite:///{absent}", policy_of_keys([Signer(LOG, seed("x")).verifier]))
    assert not absent.exists()


def test_paths_outside_the_layout_hold_nothing(orchard: Orchard) -> None:
    policy = policy_of_keys([orchard.house.keys.checkpoint.verifier])
    with closing(open_database(orchard.house.settings.database_url, policy)) as source:
        assert [
            source.read(path) for path in ("policy", "tile/0/999", "tile/entries/x", "checkpoints/009")
        ] == [None] * 4
        assert list(source.files()) == []


def test_what_is_a_database_is_told_by_its_scheme() -> None:
    assert is_database("sqlite:///log.db")
    assert is_database("postgresql://host/log")
    assert not is_database("https://pear.example/log")
    assert not is_database("public")
