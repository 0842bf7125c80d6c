"""Settings come from the environment once, are checked, and keep their secrets."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from suyuan.errors import Broken, Missing, Refused
from suyuan.settings import (
    Folder,
    create_master_key,
    find_master_key,
    load_settings,
    read_folder,
    write_folder,
)
from tests import keys

TEXT = base64.b64encode(keys.master()).decode()


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("SUYUAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_variable_the_store_is_sqlite_in_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.data == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/suyuan.db"
    assert settings.persons == tmp_path / "data" / "persons"
    assert settings.language == "zh"
    assert not settings.data.exists()


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUYUAN_DATA", str(tmp_path / "one"))
    assert load_settings().data == tmp_path / "one"
    assert load_settings(tmp_path / "two").data == tmp_path / "two"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_always_reached_through_psycopg(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", f"{scheme}://u:p@db/suyuan")
    assert load_settings().database_url == "postgresql+psycopg://u:p@db/suyuan"


def test_an_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", "")
    monkeypatch.setenv("SUYUAN_PORT", "")
    assert load_settings().port == 8000


def test_repr_shows_neither_master_key_nor_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_MASTER_KEY", TEXT)
    monkeypatch.setenv("SUYUAN_DATABASE_URL", "postgresql://u:pass-word@db/suyuan")
    text = repr(load_settings())
    assert TEXT not in text
    assert "pass-word" not in text


def test_everything_wrong_is_reported_at_once_without_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_PORT", "port-value")
    monkeypatch.setenv("SUYUAN_LANGUAGE", "language-value")
    monkeypatch.setenv("SUYUAN_ADDRESS", "ftp://address-value")
    monkeypatch.setenv("SUYUAN_QUEUE_LIMIT", "0")
    with pytest.raises(Refused) as caught:
        load_settings()
    problems = caught.value.problems
    assert sorted(str(p.values["name"]) for p in problems) == [
        "SUYUAN_ADDRESS",
        "SUYUAN_LANGUAGE",
        "SUYUAN_PORT",
        "SUYUAN_QUEUE_LIMIT",
    ]
    assert {p.code for p in problems} == {"settings.value"}
    assert "-value" not in str(caught.value)


def test_an_unknown_database_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", "mysql://u:pass-word@db/suyuan")
    with pytest.raises(Refused, match="SUYUAN_DATABASE_URL") as caught:
        load_settings()
    assert "pass-word" not in str(caught.value)


def test_the_master_key_of_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(base64.b64encode(keys.seed("file")).decode())
    monkeypatch.setenv("SUYUAN_MASTER_KEY_FILE", str(tmp_path / "key"))
    assert find_master_key(load_settings()) == keys.seed("file")
    monkeypatch.setenv("SUYUAN_MASTER_KEY", TEXT)
    assert find_master_key(load_settings()) == keys.master()


def test_a_created_master_key_is_found_again_and_the_owners_alone() -> None:
    settings = load_settings()
    path = create_master_key(settings, keys.stream())
    assert path == settings.data / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(find_master_key(settings)) == 32


def test_a_master_key_is_never_made_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    create_master_key(settings, keys.stream())
    kept = find_master_key(settings)
    assert create_master_key(settings, keys.stream("other")) is None
    assert find_master_key(settings) == kept
    monkeypatch.setenv("SUYUAN_MASTER_KEY", TEXT)
    assert create_master_key(load_settings(Path("elsewhere")), keys.stream()) is None
    assert not Path("elsewhere").exists()


def test_a_missing_master_key_is_missing() -> None:
    with pytest.raises(Missing) as caught:
        find_master_key(load_settings())
    assert caught.value.problem.code == "settings.no-master-key"


@pytest.mark.parametrize("text", ["", "*", "AAAA", base64.b64encode(bytes(33)).decode(), "主密钥"])
def test_what_is_no_key_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    (tmp_path / "key").write_text(text)
    monkeypatch.setenv("SUYUAN_MASTER_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(Refused) as caught:
        find_master_key(load_settings())
    assert caught.value.problems[0].code == "settings.master-key"


def test_the_folders_file_comes_back(tmp_path: Path) -> None:
    folder = Folder("green.example/log", "https://green.example", demo=True)
    write_folder(tmp_path / "data", folder)
    assert read_folder(tmp_path / "data") == folder


def test_a_folder_that_was_never_initialised_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Missing) as caught:
        read_folder(tmp_path)
    assert caught.value.problem.code == "settings.no-folder"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2, "log": "l", "address": "a", "demo": true}',
        '{"format": 1, "log": "l", "address": "a"}',
        '{"format": 1, "log": "l", "address": "a", "demo": 1}',
        '{"format": 1, "log": "l", "address": "a", "demo": true, "more": 1}',
    ],
)
def test_a_damaged_folders_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "suyuan.json").write_text(text)
    with pytest.raises(Broken):
        read_folder(tmp_path)


def test_an_sqlite_file_elsewhere_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", "sqlite:////var/lib/suyuan/suyuan.db")
    assert load_settings().database_url == "sqlite:////var/lib/suyuan/suyuan.db"


def test_an_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_ADDRESS", "https://green.example/")
    assert load_settings().address == "https://green.example"
