"""Locked key files at the command line: asked for, taken from the environment, changed, never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suyuan.cli.files import read_key_file, write_key_file
from suyuan.errors import Missing, Refused
from suyuan.vault.locked import Lock, is_locked
from tests.cli.conftest import Shell
from tests.verify.ledgers import key

WORD, OTHER = "april pear blossom", "october pear harvest"


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A key file locked with WORD."""
    path = tmp_path / "locked.jwk"
    write_key_file(path, key("x"), Lock(passphrase=WORD))
    return path


def test_a_new_key_file_is_locked_with_a_passphrase_asked_twice(empty: Shell, tmp_path: Path) -> None:
    path = tmp_path / "k"
    result = empty.run("key", "new", "--out", str(path), stdin=f"{WORD}\n{WORD}\n")
    assert is_locked(path.read_bytes())
    assert "用口令加密" in result.stderr
    assert WORD not in result.output
    assert json.loads(result.stdout)["kid"]


def test_two_different_answers_are_asked_again(empty: Shell, tmp_path: Path) -> None:
    path = tmp_path / "k"
    empty.run("key", "new", "--out", str(path), stdin=f"{WORD}\n{OTHER}\n{OTHER}\n{OTHER}\n")
    assert is_locked(path.read_bytes())


def test_nobody_to_ask_is_said_and_nothing_is_written(empty: Shell, tmp_path: Path) -> None:
    lines = empty.fails("key", "new", "--out", str(tmp_path / "k"), code=2, stdin="")
    assert "错误 lock.no-passphrase" in lines[-1]
    assert not (tmp_path / "k").exists()


def test_a_short_passphrase_is_refused(empty: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_PASSPHRASE", "short")
    lines = empty.fails("key", "new", "--out", str(tmp_path / "k"))
    assert lines == ["错误 lock.short：口令至少 8 个字符"]
    assert not (tmp_path / "k").exists()


def test_the_two_ways_without_a_passphrase_exclude_each_other(empty: Shell, tmp_path: Path) -> None:
    words = ("key", "new", "--out", str(tmp_path / "k"), "--no-passphrase", "--master-key")
    assert empty.fails(*words)[0].startswith("错误 lock.both")


def test_the_passphrase_comes_from_the_environment(locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_PASSPHRASE", WORD)
    assert read_key_file(locked) == key("x")


def test_the_passphrase_comes_from_a_file_that_is_its_owners(
    locked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = tmp_path / "word"
    word.write_text(f"{WORD}\n")
    word.chmod(0o640)
    monkeypatch.setenv("SUYUAN_PASSPHRASE_FILE", str(word))
    with pytest.raises(Refused) as caught:
        read_key_file(locked)
    assert caught.value.problems[0].code == "file.mode"
    word.chmod(0o400)
    assert read_key_file(locked) == key("x")
    word.chmod(0o600)
    word.write_bytes(b"\xff\xfe")
    with pytest.raises(Refused) as caught:
        read_key_file(locked)
    assert caught.value.problems[0].code == "lock.passphrase-file"
    word.unlink()
    with pytest.raises(Missing):
        read_key_file(locked)


def test_a_wrong_passphrase_is_a_clear_error(shell: Shell, locked: Path) -> None:
    party = next(row["party"] for row in shell.json("key", "list") if "合作社" in row["name"])
    words = ("key", "new", "--party", party, "--key", str(locked))
    lines = shell.fails(*words, stdin=f"{OTHER}\n")
    assert "错误 lock.closed" in lines[-1]
    assert OTHER not in "".join(lines)
    assert "错误 key.unknown" in shell.fails(*words, stdin=f"{WORD}\n")[-1]


def test_a_plain_file_that_others_may_read_is_taken_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "k"
    write_key_file(path, key("x"))
    assert read_key_file(path) == key("x")
    assert capsys.readouterr().err == ""
    path.chmod(0o644)
    assert read_key_file(path) == key("x")
    assert "chmod 600" in capsys.readouterr().err


def test_a_key_file_is_locked_with_the_master_key(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "k"
    result = shell.run("key", "new", "--out", str(path), "--master-key")
    assert "主密钥" in result.stderr
    event = tmp_path / "event.json"
    event.write_text(
        '{"type":"product.registered","by":"9Q2WD7K3MX","product":"9Q2WD7K3MY","name":"x","unit":"g"}'
    )
    assert shell.say("sign", str(event), "--key", str(path)).count(".") == 2


def test_a_passphrase_is_changed(empty: Shell, locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty.run("key", "encrypt", str(locked), stdin=f"{WORD}\n{OTHER}\n{OTHER}\n")
    monkeypatch.setenv("SUYUAN_PASSPHRASE", OTHER)
    assert read_key_file(locked) == key("x")
    monkeypatch.setenv("SUYUAN_NEW_PASSPHRASE", WORD)
    empty.run("key", "encrypt", str(locked))
    monkeypatch.setenv("SUYUAN_PASSPHRASE", WORD)
    assert read_key_file(locked) == key("x")
    assert locked.stat().st_mode & 0o777 == 0o600


def test_a_lock_is_put_on_and_taken_off(
    empty: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "k"
    write_key_file(path, key("x"))
    monkeypatch.setenv("SUYUAN_PASSPHRASE", WORD)
    empty.run("key", "encrypt", str(path))
    assert is_locked(path.read_bytes())
    assert "没有口令保护" in empty.run("key", "encrypt", str(path), "--no-passphrase").stderr
    assert not is_locked(path.read_bytes())


def test_only_key_files_are_locked(empty: Shell, tmp_path: Path) -> None:
    (tmp_path / "k").write_text("{}")
    assert empty.fails("key", "encrypt", str(tmp_path / "k"))[0].startswith("错误 file.key")
    assert (tmp_path / "k").read_text() == "{}"


def test_the_keys_of_a_witness_are_locked_anew(
    empty: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUYUAN_PASSPHRASE", WORD)
    shown = empty.say("witness", "init", str(tmp_path / "w"), "--name", "bureau.example/w1")
    monkeypatch.setenv("SUYUAN_NEW_PASSPHRASE", OTHER)
    empty.run("key", "encrypt", str(tmp_path / "w" / "witness.key"))
    assert empty.fails("witness", "key", str(tmp_path / "w"))[0].startswith("错误 lock.closed")
    monkeypatch.setenv("SUYUAN_PASSPHRASE", OTHER)
    assert empty.say("witness", "key", str(tmp_path / "w")) == shown
