"""``audit``, ``rebuild``, ``checkpoint``, ``backup``, ``restore``."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from suyuan.ledger.engine import begin_write
from suyuan.server.migrate import HEAD
from tests.cli.conftest import PEARS, Shell


def tamper(shell: Shell, *statements: str) -> None:
    """Run SQL on the folder's database, past all guards."""
    connection = sqlite3.connect(shell.data / "suyuan.db")
    triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    for name in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def differences(shell: Shell, *words: str) -> list[str]:
    """Audit; return the differences, of which there must be some."""
    found = shell.json("audit", *words, code=1)["differences"]
    assert found
    assert shell.run("audit", *words, code=1).stdout.splitlines() == found
    return [str(one) for one in found]


def test_a_sound_folder_has_no_difference(shell: Shell) -> None:
    found = shell.json("audit")
    assert found["differences"] == []
    assert found["size"] > 100


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE book_batch SET made = made + 1 WHERE ref = 'JG-01'", "book_batch"),
        ("DELETE FROM vault_run", "vault: label run"),
        ("UPDATE vault_run SET sealed = zeroblob(length(sealed))", "vault: label run"),
        ("DELETE FROM vault_disclosure", "vault: disclosure"),
        ("UPDATE vault_disclosure SET sealed = zeroblob(length(sealed))", "vault: disclosure"),
        ("DELETE FROM ledger_entry WHERE idx = (SELECT max(idx) FROM ledger_entry)", "entries"),
    ],
)
def test_damage_is_named(spoiled: Shell, statement: str, named: str) -> None:
    tamper(spoiled, statement)
    assert any(named in line for line in differences(spoiled))


def test_a_secret_that_does_not_give_the_committed_root_is_named(spoiled: Shell) -> None:
    house = spoiled.open()
    tamper(spoiled, "DELETE FROM vault_run")
    with house.vault.begin() as connection:
        from suyuan.books.store import read_records
        from suyuan.produce.records import Run

        for run in read_records(connection, house.log_id, Run):
            house.vault.put_run_secret(connection, run.id, bytes(32))
    house.close()
    assert all("does not give the root" in line for line in differences(spoiled))


def test_an_erased_person_is_no_difference_once_the_log_says_so(shell: Shell) -> None:
    from suyuan.capture.acts import Act, find_supervisor, say
    from suyuan.cli.frame import office_of
    from suyuan.vault import tables

    house = shell.open()
    with house.vault.begin() as connection:
        person = connection.execute(tables.disclosures.select()).first()
        assert person is not None
        digests = house.vault.find_digests(connection, person.person)
    by, key = find_supervisor(office_of(house))
    say(office_of(house), Act("personal.erased", by, {"digests": digests}), key)
    assert any("still readable" in line for line in differences(shell))
    with house.vault.begin() as connection:
        house.vault.erase_person(connection, person.person)
    house.close()
    assert shell.json("audit")["differences"] == []


def test_an_erased_person_is_a_difference_while_the_log_says_nothing(spoiled: Shell) -> None:
    for path in (spoiled.data / "persons").glob("*/*.key"):
        path.unlink()
    assert any("no personal.erased names it" in line for line in differences(spoiled))


def test_an_earlier_checkpoint_shows_a_log_that_was_rewound(spoiled: Shell, tmp_path: Path) -> None:
    import shutil

    saved = tmp_path / "saved"
    shutil.copytree(spoiled.data, saved)
    spoiled.run("labels", "issue", PEARS, "--count", "1", "--net", "1kg")
    spoiled.run("checkpoint", "--out", str(tmp_path / "checkpoint"))
    spoiled.run("audit", "--against", str(tmp_path / "checkpoint"))
    shutil.rmtree(spoiled.data)
    shutil.copytree(saved, spoiled.data)
    spoiled.run("audit")
    assert any(
        "saved earlier" in line for line in differences(spoiled, "--against", str(tmp_path / "checkpoint"))
    )


def test_a_checkpoint_of_another_log_is_refused(shell: Shell, tmp_path: Path) -> None:
    other = Shell(tmp_path / "other")
    other.run("init")
    other.run("checkpoint", "--out", str(tmp_path / "c"))
    (line,) = shell.fails("audit", "--against", str(tmp_path / "c"))
    assert line.startswith("错误 note.untrusted")
    (tmp_path / "no").write_text("nothing")
    assert shell.fails("audit", "--against", str(tmp_path / "no"))[0].startswith("错误 note.text")
    assert shell.fails("audit", "--against", str(tmp_path / "gone"), code=2)[0].startswith(
        "错误 file.missing"
    )


def test_a_checkpoint_is_printed_or_written_but_never_over_a_file(shell: Shell, tmp_path: Path) -> None:
    text = shell.run("checkpoint").stdout
    assert text.startswith("farm.example/log\n")
    shell.run("checkpoint", "--out", str(tmp_path / "c"))
    assert (tmp_path / "c").read_text() == text
    assert shell.fails("checkpoint", "--out", str(tmp_path / "c"))[0].startswith("错误 file.there")


def test_books_are_made_anew(spoiled: Shell) -> None:
    spoiled.run("rebuild", "--check")
    tamper(spoiled, "DELETE FROM book_position", "UPDATE book_batch SET made = 1")
    result = spoiled.run("rebuild", "--check", code=1)
    assert "book_batch" in result.stdout
    spoiled.run("rebuild")
    spoiled.run("rebuild", "--check")
    spoiled.run("audit")


def test_tables_of_another_revision_are_named_and_upgraded(shell: Shell) -> None:
    shell.run("upgrade")
    tamper_revision(shell, "9999")
    assert shell.fails("audit", code=2)[0].startswith("错误 database.newer")
    assert shell.fails("upgrade", code=2)[0].startswith("错误 database.newer")
    tamper_revision(shell, "0000")
    assert "suyuan upgrade" in shell.fails("audit", code=2)[0]
    tamper_revision(shell, HEAD)


def tamper_revision(shell: Shell, revision: str) -> None:
    """Say that the tables are of *revision*."""
    with sqlite3.connect(shell.data / "suyuan.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def test_a_restored_folder_has_the_same_root_and_its_labels_live(shell: Shell, tmp_path: Path) -> None:
    run = shell.say("labels", "issue", PEARS, "--count", "2", "--net", "1kg")
    file, key = tmp_path / "backup", shell.data / "master.key"
    shell.run("backup", str(file))
    assert key.read_bytes().strip() not in file.read_bytes()
    other = Shell(tmp_path / "restored")
    other.run("restore", str(file), "--master-key-file", str(key))
    assert other.json("audit") == shell.json("audit")
    assert other.say("labels", "code", run, "1") == shell.say("labels", "code", run, "1")
    other.run("labels", "activate", run)
    other.run("audit")


def test_a_restore_takes_the_master_key_from_the_environment(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("backup", str(tmp_path / "backup"))
    monkeypatch.setenv("SUYUAN_MASTER_KEY", (shell.data / "master.key").read_text().strip())
    other = Shell(tmp_path / "restored")
    other.run("restore", str(tmp_path / "backup"))
    assert other.json("audit") == shell.json("audit")
    assert not (other.data / "master.key").exists()


def test_a_restore_without_the_right_master_key_leaves_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.run("backup", str(tmp_path / "backup"))
    other = Shell(tmp_path / "restored")
    assert other.fails("restore", str(tmp_path / "backup"), code=2)[0].startswith(
        "错误 settings.no-master-key"
    )
    stranger = Shell(tmp_path / "stranger")
    stranger.run("init")
    wrong = str(stranger.data / "master.key")
    lines = other.fails("restore", str(tmp_path / "backup"), "--master-key-file", wrong)
    assert lines[0].startswith("错误 backup.damaged")
    assert not other.data.exists()


def test_a_restore_never_writes_into_a_folder_in_use(shell: Shell, tmp_path: Path) -> None:
    shell.run("backup", str(tmp_path / "backup"))
    (line,) = shell.fails("restore", str(tmp_path / "backup"))
    assert line.startswith("错误 backup.not-empty")
    (line,) = shell.fails("backup", str(tmp_path / "backup"))
    assert line.startswith("错误 backup.there")


def test_a_damaged_backup_is_refused_whole(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    shell.run("backup", str(file))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    other = Shell(tmp_path / "restored")
    key = str(shell.data / "master.key")
    assert other.fails("restore", str(file), "--master-key-file", key)[0].startswith("错误 backup.damaged")
    assert other.fails("restore", str(tmp_path / "gone"), "--master-key-file", key, code=2)
    assert not other.data.exists()


def test_another_checkpoint_key_than_the_log_names_is_a_difference(spoiled: Shell) -> None:
    from suyuan.ledger.note import Signer
    from suyuan.publish.examination import Subject, examine

    house = spoiled.open()
    with begin_write(house.engine):
        pass
    other = Signer(house.log_id, bytes(range(32))).verifier
    found = examine(Subject(house.engine, house.vault, house.log_id, other))
    house.close()
    assert any("checkpoint key" in line for line in found.differences)
