"""A backup is whole or refused; a restored folder holds what was saved."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    select,
)

from suyuan.errors import Broken, Conflict, Refused
from suyuan.ledger import schema
from suyuan.ledger.engine import begin_write, open_engine
from suyuan.vault import archive, lines, tables
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
    engine = open_engine(f"sqlite:///{folder / 'suyuan.db'}")
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
    engine = open_engine(f"sqlite:///{target / 'suyuan.db'}")
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
    url = second_postgres
    holder = open_engine(url)
    tables.metadata.create_all(holder)
    read_backup(file, MASTER, tmp_path / "restored", [tables.metadata], lambda _: open_engine(url))
    assert _content(holder) == _content(holdings.engine)
    assert (tmp_path / "restored" / "suyuan.json").exists()
    with pytest.raises(Refused) as caught:
        read_backup(file, MASTER, tmp_path / "again", [tables.metadata], lambda _: open_engine(url))
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


def test_another_master_key_is_refused_before_anything_is_written(file: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read_backup(file, keys.seed("other"), tmp_path / "restored", [tables.metadata], _sqlite)
    assert caught.value.problems[0].code == "backup.damaged"
    assert not (tmp_path / "restored").exists()


def test_tables_of_another_version_are_refused_and_nothing_is_left(file: Path, tmp_path: Path) -> None:
    later = MetaData()
    for table in tables.metadata.sorted_tables:
        table.to_metadata(later)
    later.tables["vault_run"].append_column(Column("more", Integer))

    def prepare(folder: Path) -> Engine:
        engine = open_engine(f"sqlite:///{folder / 'suyuan.db'}")
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


def test_the_ledgers_insert_only_tables_are_restored(holdings: Holdings, tmp_path: Path) -> None:
    both = (schema.metadata, tables.metadata)
    schema.metadata.create_all(holdings.engine)
    entry = {"log_id": LOG, "idx": 0, "event_id": EVENT, "leaf": bytes(32), "body": b"{}"}
    with begin_write(holdings.engine) as connection:
        connection.execute(insert(schema.entries), entry)
    write_backup(
        tmp_path / "file", Holdings(holdings.engine, both, holdings.data), MASTER, log=LOG, made_at=MADE
    )

    def prepare(folder: Path) -> Engine:
        engine = _sqlite(folder)
        schema.metadata.create_all(engine)
        return engine

    read_backup(tmp_path / "file", MASTER, tmp_path / "restored", both, prepare)
    engine = open_engine(f"sqlite:///{tmp_path / 'restored' / 'suyuan.db'}")
    with engine.begin() as connection:
        assert [dict(row) for row in connection.execute(select(schema.entries)).mappings()] == [entry]
    engine.dispose()
    assert {path.name for path in (tmp_path / "restored").iterdir()} == {
        "persons",
        "suyuan.db",
        "suyuan.json",
    }


def test_a_backup_sees_one_moment_while_others_write(holdings: Holdings, tmp_path: Path) -> None:
    # An open transaction of someone else is not part of it, and does not hold it up.
    with holdings.engine.connect() as writer:
        writer.execute(insert(tables.runs), {"log_id": LOG, "run": "ZZZZZ", "sealed": b"unfinished"})
        write_backup(tmp_path / "file", holdings, MASTER, log=LOG, made_at=MADE)
        writer.rollback()
    with tarfile.open(tmp_path / "file") as tar:
        stream = tar.extractfile("tables/vault_run.jsonl")
        assert stream is not None
        assert b"ZZZZZ" not in stream.read()


def test_a_failed_preparation_leaves_nothing(file: Path, tmp_path: Path) -> None:
    def failing(_: Path) -> Engine:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_backup(file, MASTER, tmp_path / "restored", [tables.metadata], failing)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "season.backup"}


def test_a_person_without_a_key_file_stays_erased_after_a_restore(
    vault: Vault, holdings: Holdings, tmp_path: Path
) -> None:
    with vault.begin() as connection:
        vault.erase_person(connection, ANN)
    write_backup(tmp_path / "file", holdings, MASTER, log=LOG, made_at=MADE)
    read_backup(tmp_path / "file", MASTER, tmp_path / "restored", [tables.metadata], _sqlite)
    engine = open_engine(f"sqlite:///{tmp_path / 'restored' / 'suyuan.db'}")
    restored = Vault(engine, LOG, MASTER, tmp_path / "restored" / "persons", keys.stream())
    with restored.begin() as connection:
        assert restored.find_disclosures(connection, [NAME.digest]) == {NAME.digest: None}
    engine.dispose()


def test_a_folder_without_a_configuration_is_backed_up_too(holdings: Holdings, tmp_path: Path) -> None:
    (holdings.data / "suyuan.json").unlink()
    manifest = write_backup(tmp_path / "file", holdings, MASTER, log=LOG, made_at=MADE)
    assert "folder/suyuan.json" not in [member.name for member in manifest.members]


def test_rows_of_another_length_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    (draft / "tables").mkdir(parents=True)
    for table in tables.metadata.sorted_tables:
        text = lines.format_row([column.name for column in table.columns]) + lines.format_row(["too short"])
        (draft / "tables" / f"{table.name}.jsonl").write_bytes(text)
    members = tuple(archive.describe(draft, path) for path in sorted(draft.glob("tables/*")))
    with (tmp_path / "file").open("wb") as stream:
        archive.write_archive(stream, draft, archive.Manifest(archive.FORMAT, LOG, MADE, members), MASTER)
    with pytest.raises(Broken, match="another length"):
        read_backup(tmp_path / "file", MASTER, tmp_path / "restored", [tables.metadata], _sqlite)
    assert not (tmp_path / "restored").exists()
