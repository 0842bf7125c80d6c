"""A backup is whole or refused; a restored folder holds what was saved."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    make_url,
    select,
)

from suyuan.errors import Conflict, Missing, Refused
from suyuan.vault import archive, tables
from suyuan.vault.backup import Holdings, read_backup, write_backup
from suyuan.vault.vault import CustodyKey, Disclosure, Vault
from tests import keys
from tests.vault.conftest import LOG

ANN = "7K3MX9Q2WD"
EVENT = "019aaf10-5c00-7000-8000-000000000001"
NAME = Disclosure('["salt1", "household", "吴桂兰"]', "digest-name", ANN, EVENT)
MADE = "2026-11-23T12:00:00Z"
MASTER = keys.master()


@pytest.fixture
def holdings(vault: Vault, engine: Engine, data: Path) -> Holdings:
    with vault.begin() as connection:
        vault.put_disclosures(connection, [NAME])
        vault.put_run_secret(connection, "7K3MX", keys.seed("run"))
        vault.put_custody_key(connection, CustodyKey("kid-1", "PARTY1", "signing"), keys.seed("custody"))
        vault.put_name(connection, "person", "吴桂兰", ANN, ANN)
    (data / "suyuan.json").write_text('{"log": "green.example/log"}')
    (data / "master.key").write_text("never in a backup")
    return Holdings(engine, (tables.metadata,), data)


@pytest.fixture
def file(holdings: Holdings, tmp_path: Path) -> Path:
    path = tmp_path / "season.backup"
    write_backup(path, holdings, MASTER, log=LOG, made_at=MADE)
    return path


def _sqlite(folder: Path) -> Engine:
    engine = create_engine(f"sqlite:///{folder / 'suyuan.db'}")
    tables.metadata.create_all(engine)
    return engine


def _content(engine: Engine) -> dict[str, list[object]]:
    with engine.begin() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables.metadata.sorted_tables
        }


def test_a_restored_folder_holds_what_was_saved(file: Path, holdings: Holdings, tmp_path: Path) -> None:
    target = tmp_path / "restored"
    manifest = read_backup(file, MASTER, target, [tables.metadata], _sqlite)
    engine = create_engine(f"sqlite:///{target / 'suyuan.db'}")
    vault = Vault(engine, LOG, MASTER, target / "persons", keys.stream())
    assert (manifest.log, manifest.made_at) == (LOG, MADE)
    assert _content(engine) == _content(holdings.engine)
    with vault.begin() as connection:
        assert vault.find_disclosures(connection, [NAME.digest]) == {NAME.digest: NAME.text}
        assert vault.find_run_secret(connection, "7K3MX") == keys.seed("run")
    engine.dispose()
    assert (target / "suyuan.json").read_bytes() == (holdings.data / "suyuan.json").read_bytes()
    assert not (target / "master.key").exists()


def test_a_backup_of_either_engine_restores_into_postgresql(
    file: Path, holdings: Holdings, tmp_path: Path, second_postgres: str
) -> None:
    url = make_url(second_postgres)
    holder = create_engine(url)
    tables.metadata.create_all(holder)
    read_backup(file, MASTER, tmp_path / "restored", [tables.metadata], lambda _: create_engine(url))
    assert _content(holder) == _content(holdings.engine)
    assert (tmp_path / "restored" / "suyuan.json").exists()
    with pytest.raises(Refused) as caught:
        read_backup(file, MASTER, tmp_path / "again", [tables.metadata], lambda _: create_engine(url))
    holder.dispose()
    assert caught.value.problems[0].code == "backup.not-empty"
    assert not (tmp_path / "again").exists()


def test_nothing_is_left_beside_a_backup_or_a_restored_folder(
    file: Path, tmp_path: Path, holdings: Holdings
) -> None:
    read_backup(file, MASTER, tmp_path / "restored", [tables.metadata], _sqlite)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "season.backup", "restored"}


def test_equal_content_gives_an_equal_file(file: Path, holdings: Holdings, tmp_path: Path) -> None:
    write_backup(tmp_path / "again", holdings, MASTER, log=LOG, made_at=MADE)
    assert (tmp_path / "again").read_bytes() == file.read_bytes()


def test_a_backup_shows_no_secret_and_no_name(file: Path) -> None:
    kept = file.read_bytes()
    for text in ("吴桂兰", "salt1", "never in a backup"):
        assert text.encode() not in kept
    for secret in (MASTER, keys.seed("run"), keys.seed("custody")):
        assert secret not in kept


def test_a_backup_is_never_replaced(file: Path, holdings: Holdings) -> None:
    before = file.read_bytes()
    with pytest.raises(Conflict):
        write_backup(file, holdings, MASTER, log=LOG, made_at=MADE)
    assert file.read_bytes() == before


def test_a_folder_with_anything_in_it_is_no_target(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "restored"
    target.mkdir()
    (target / "note.txt").write_text("mine")
    with pytest.raises(Refused) as caught:
        read_backup(file, MASTER, target, [tables.metadata], _sqlite)
    assert caught.value.problems[0].code == "backup.not-empty"
    assert [path.name for path in target.iterdir()] == ["note.txt"]


def test_an_empty_folder_is_a_target(file: Path, tmp_path: Path) -> None:
    (tmp_path / "restored").mkdir()
    read_backup(file, MASTER, tmp_path / "restored", [tables.metadata], _sqlite)
    assert (tmp_path / "restored" / "suyuan.db").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        archive.check_archive(tmp_path / "nothing", MASTER)


def test_another_master_key_is_refused_before_anything_is_written(file: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_backup(file, keys.seed("other"), tmp_path / "restored", [tables.metadata], _sqlite)
    assert caught.value.problems[0].code == "backup.damaged"
    assert not (tmp_path / "restored").exists()


Members = list[tuple[str, bytes]]


def _rewritten(file: Path, change: Callable[[Members], Members]) -> Path:
    with tarfile.open(file) as tar:
        members: Members = []
        for info in tar.getmembers():
            stream = tar.extractfile(info)
            assert stream is not None
            members.append((info.name, stream.read()))
    target = file.with_suffix(".changed")
    with tarfile.open(target, "w") as tar:
        for name, data in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return target


def _refused(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        archive.check_archive(path, MASTER)
    return caught.value.problems[0].code


def test_rewriting_a_file_without_a_change_is_no_damage(file: Path) -> None:
    archive.check_archive(_rewritten(file, lambda members: members), MASTER)


def _names(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def test_damage_to_any_member_is_refused(file: Path) -> None:
    names = _names(file)
    assert len(names) >= 9
    for name in names:

        def damaged(members: Members, name: str = name) -> Members:
            return [(n, (data[:-1] + bytes([data[-1] ^ 1])) if n == name else data) for n, data in members]

        assert _refused(_rewritten(file, damaged)) == "backup.damaged"


def test_a_member_left_out_is_refused(file: Path) -> None:
    for name in _names(file):
        left = _rewritten(file, lambda members, name=name: [m for m in members if m[0] != name])  # type: ignore[misc]
        assert _refused(left) == "backup.damaged"


def test_a_member_too_much_is_refused(file: Path) -> None:
    more = _rewritten(file, lambda members: [*members, ("folder/persons/7K/../../../../x.key", b"x")])
    assert _refused(more) == "backup.damaged"


def test_members_in_another_order_are_refused(file: Path) -> None:
    assert _refused(_rewritten(file, lambda m: [*m[:2], *reversed(m[2:])])) == "backup.damaged"


def test_a_file_cut_short_is_refused(file: Path) -> None:
    whole = file.read_bytes().rstrip(b"\0")  # zeros at the end are tar's padding
    for size in (0, 1, 511, 512, 1000, len(whole) // 2, len(whole) - 512, len(whole) - 1):
        file.with_suffix(".cut").write_bytes(whole[:size])
        assert _refused(file.with_suffix(".cut")) == "backup.damaged"


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 10)
    assert _refused(tmp_path / "noise") == "backup.damaged"


def test_tables_of_another_version_are_refused_and_nothing_is_left(file: Path, tmp_path: Path) -> None:
    later = MetaData()
    for table in tables.metadata.sorted_tables:
        table.to_metadata(later)
    later.tables["vault_run"].append_column(Column("more", Integer))

    def prepare(folder: Path) -> Engine:
        engine = create_engine(f"sqlite:///{folder / 'suyuan.db'}")
        later.create_all(engine)
        return engine

    with pytest.raises(Refused) as caught:
        read_backup(file, MASTER, tmp_path / "restored", [later], prepare)
    assert caught.value.problems[0].code == "backup.other-version"
    assert {path.name for path in tmp_path.iterdir()} == {"data", "season.backup"}


@pytest.mark.parametrize("more_at", ["source", "target"])
def test_a_table_on_one_side_only_is_refused(holdings: Holdings, tmp_path: Path, more_at: str) -> None:
    other = MetaData()
    Table("other", other, Column("log_id", String, primary_key=True))
    other.create_all(holdings.engine)
    both, one = (tables.metadata, other), (tables.metadata,)
    saved, wanted = (both, one) if more_at == "source" else (one, both)
    write_backup(
        tmp_path / "file", Holdings(holdings.engine, saved, holdings.data), MASTER, log=LOG, made_at=MADE
    )

    def prepare(folder: Path) -> Engine:
        engine = _sqlite(folder)
        other.create_all(engine)
        return engine

    with pytest.raises(Refused) as caught:
        read_backup(tmp_path / "file", MASTER, tmp_path / "restored", list(wanted), prepare)
    assert caught.value.problems[0].values == {"table": "other"}


def test_a_backup_sees_one_moment_while_others_write(holdings: Holdings, tmp_path: Path) -> None:
    # An open transaction of someone else is not part of it, and does not hold it up.
    if holdings.engine.dialect.name == "sqlite":
        with holdings.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    with holdings.engine.connect() as writer:
        writer.execute(insert(tables.runs), {"log_id": LOG, "run": "ZZZZZ", "sealed": b"unfinished"})
        write_backup(tmp_path / "file", holdings, MASTER, log=LOG, made_at=MADE)
        writer.rollback()
    with tarfile.open(tmp_path / "file") as tar:
        stream = tar.extractfile("tables/vault_run.jsonl")
        assert stream is not None
        assert b"ZZZZZ" not in stream.read()
