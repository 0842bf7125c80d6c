"""Readiness: each point by name."""

from __future__ import annotations

from pathlib import Path

from suyuan.ledger.engine import open_engine
from suyuan.publish.readiness import check_database, check_disk
from suyuan.vault.vault import Vault
from tests.keys import master, stream
from tests.orchard import LOG, Orchard, new_orchard


def test_a_founded_house_is_ready(tmp_path: Path) -> None:
    orchard = new_orchard(tmp_path)
    points = check_database(orchard.house.engine, LOG, orchard.house.vault)
    orchard.house.close()
    assert [(point.name, point.ok) for point in points] == [
        ("database", True),
        ("tables", True),
        ("durability", True),
    ]


def test_postgresql_says_how_durable_it_is(tmp_path: Path, fresh_postgres: str) -> None:
    orchard = Orchard(tmp_path, fresh_postgres)
    points = check_database(orchard.house.engine, LOG, orchard.house.vault)
    orchard.house.close()
    assert [point.name for point in points if point.ok][:2] == ["database", "tables"]
    assert points[-1].name == "durability"
    assert points[-1].detail.startswith("synchronous_commit=on fsync=")
    assert points[-1].ok is points[-1].detail.endswith("fsync=on")  # a server made for tests may leave it off


def test_a_database_that_is_gone_is_one_point(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'none' / 'suyuan.db'}")
    vault = Vault(engine, LOG, master(), tmp_path / "persons", stream())
    points = check_database(engine, LOG, vault)
    assert [(point.name, point.ok, point.detail) for point in points] == [("database", False, "store.gone")]


def test_a_log_of_another_name_has_no_tables(tmp_path: Path) -> None:
    orchard = new_orchard(tmp_path)
    points = {
        point.name: point.ok for point in check_database(orchard.house.engine, "x", orchard.house.vault)
    }
    assert points["tables"] is False


def test_a_full_disk_is_told_before_it_is_full(tmp_path: Path) -> None:
    assert check_disk(tmp_path, 1).ok
    assert not check_disk(tmp_path, 1 << 60).ok
    assert not check_disk(tmp_path / "none").ok
