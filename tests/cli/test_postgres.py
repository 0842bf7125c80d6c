"""The commands on PostgreSQL: ``SUYUAN_DATABASE_URL`` instead of the file in the data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import PEARS, SEASON, Shell


@pytest.mark.slow
def test_a_season_goes_from_one_postgresql_to_another(
    tmp_path: Path, fresh_postgres: str, second_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", fresh_postgres)
    first = Shell(tmp_path / "first")
    summary = json.loads(first.say("demo", "--once", "--season", str(SEASON)))
    assert summary["differences"] == 0
    assert not (first.data / "suyuan.db").exists()
    run = first.say("labels", "issue", PEARS, "--count", "2", "--net", "1kg")
    first.run("rebuild")
    first.run("backup", str(tmp_path / "backup"))
    before = first.json("audit"), first.say("labels", "code", run, "1")
    monkeypatch.setenv("SUYUAN_DATABASE_URL", second_postgres)
    second = Shell(tmp_path / "second")
    key = ("--master-key-file", str(first.data / "master.key"))
    second.run("restore", str(tmp_path / "backup"), *key)
    assert before == (second.json("audit"), second.say("labels", "code", run, "1"))
    third = Shell(tmp_path / "third")
    monkeypatch.delenv("SUYUAN_DATABASE_URL")
    third.run("restore", str(tmp_path / "backup"), *key)
    assert before == (third.json("audit"), third.say("labels", "code", run, "1"))


@pytest.mark.slow
def test_a_database_in_use_is_not_restored_into(
    tmp_path: Path, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", fresh_postgres)
    first = Shell(tmp_path / "first")
    first.run("init")
    first.run("backup", str(tmp_path / "backup"))
    second = Shell(tmp_path / "second")
    key = ("--master-key-file", str(first.data / "master.key"))
    (line,) = second.fails("restore", str(tmp_path / "backup"), *key)
    assert line.startswith("错误 backup.not-empty")
    assert not second.data.exists()
    first.run("audit")


def test_a_data_folder_whose_database_was_not_given_says_so(shell: Shell) -> None:
    (shell.data / "suyuan.db").rename(shell.data / "elsewhere.db")
    (line,) = shell.fails("audit", code=2)
    assert line.startswith("错误 database.empty")
    (shell.data / "suyuan.db").unlink(missing_ok=True)
    (shell.data / "elsewhere.db").rename(shell.data / "suyuan.db")
