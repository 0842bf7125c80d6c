"""``key log``: keys of the checkpoints listed, rotated, retired, handed in; the audit follows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from suyuan.capture.mint import Mint
from suyuan.cli.files import write_key_file
from suyuan.ledger import store
from suyuan.ledger.checkpoint import open_checkpoint
from suyuan.ledger.cosignature import Cosigner, parse_key
from suyuan.ledger.engine import begin_read
from suyuan.ledger.note import Signer, split_note
from suyuan.server.house import House, utc_now
from suyuan.vault.locked import Lock
from tests.cli.conftest import Shell
from tests.verify.ledgers import key

LATER = timedelta(days=400)


@pytest.fixture
def young(tmp_path: Path) -> Iterator[Shell]:
    """A log with entry 0 only; it must audit without a difference after each test."""
    shell = Shell(tmp_path / "data")
    shell.run("init", "--address", "https://farm.example")
    yield shell
    shell.run("audit")


def lines(shell: Shell) -> list[str]:
    """Return the key IDs whose lines the latest checkpoint bears."""
    return [line.key_id.hex() for line in split_note(shell.run("checkpoint").stdout)[1]]


def listed(shell: Shell) -> list[dict[str, object]]:
    found: list[dict[str, object]] = shell.json("key", "log", "list")
    return found


def id_of(vkey: str) -> str:
    return parse_key(vkey).key_id.hex()


def test_a_key_is_rotated_and_retired_at_the_command_line(young: Shell) -> None:
    [first] = listed(young)
    new = young.say("key", "log", "rotate")
    assert lines(young) == [first["key_id"], id_of(new)]
    assert "第 1 条起" in young.say("key", "log", "list")
    saved = young.data / "saved"
    young.run("checkpoint", "--out", str(saved))
    young.run("key", "log", "retire", str(first["key_id"]))
    assert lines(young) == [id_of(new)]
    assert [(one["until"], one["signs"]) for one in listed(young)] == [(2, False), (None, True)]
    assert " until 2" in young.run("key", "log", "list", language="en").stdout
    young.run("audit", "--against", str(saved))
    words = ("key", "log", "retire")
    assert young.fails(*words, str(first["vkey"]))[0].startswith("错误 log-key.unused")
    assert young.fails(*words, new)[0].startswith("错误 log-key.last")
    assert young.fails(*words, "00000000", code=2)[0].startswith("错误 log-key.missing")


def test_whoever_knows_only_the_first_key_is_led_to_the_next(young: Shell) -> None:
    first = parse_key(str(listed(young)[0]["vkey"]))
    young.run("key", "log", "rotate")
    young.run("key", "log", "retire", first.key_id.hex())
    house = young.open()
    with begin_read(house.engine) as connection:
        notes = [one.note for one in store.read_checkpoints(connection, house.log_id)]
    house.close()
    assert (
        open_checkpoint(notes[-2], [first], house.log_id).size == 2
    )  # holds entry 1, which announces the successor


def test_an_end_that_was_announced_comes_by_itself(young: Shell) -> None:
    first = listed(young)[0]["key_id"]
    day = (utc_now() + LATER / 2).date().isoformat()
    new = young.say("key", "log", "rotate", "--ends", day)
    assert f"{day}T00:00:00+08:00 停用" in young.say("key", "log", "list")
    house = young.open()
    assert [id_of(one.vkey) for one in refreshed(house)] == [first, id_of(new)]
    late = replace(house, mint=Mint(lambda: utc_now() + LATER, os.urandom))
    assert [one.vkey for one in refreshed(late)] == [new]
    house.close()


def test_an_end_waits_for_a_successor_that_is_not_at_hand(
    young: Shell, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    [first] = listed(young)
    words = ("key", "log", "rotate", "--out", str(tmp_path / "k"), "--no-passphrase")
    young.run(*words, "--ends", (utc_now() + LATER / 2).date().isoformat())
    house = young.open()
    late = replace(house, mint=Mint(lambda: utc_now() + LATER, os.urandom))
    assert [id_of(one.vkey) for one in refreshed(late)] == [first["key_id"]]
    assert "log-key.missing" in caplog.text
    house.close()


def refreshed(house: House) -> list[Signer | Cosigner]:
    return list(house.publisher().signers)


def test_an_end_is_a_day_that_comes(young: Shell) -> None:
    assert young.fails("key", "log", "rotate", "--ends", "soon")[0].startswith("错误 log-key.day")
    assert young.fails("key", "log", "rotate", "--ends", "2026-01-01")[0].startswith("错误 log-key.past")


def test_a_quantum_safe_line_is_added_and_taken_off(young: Shell) -> None:
    [first] = listed(young)
    vkey = young.say("key", "log", "mldsa")
    assert listed(young)[1]["algorithm"] == "ML-DSA-44"
    assert lines(young) == [first["key_id"], id_of(vkey)]
    young.run("key", "log", "retire", id_of(vkey))
    assert lines(young) == [first["key_id"]]


def test_a_new_key_in_a_file_signs_where_it_is_handed_in(
    young: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first] = listed(young)
    monkeypatch.setenv("SUYUAN_PASSPHRASE", "april pear blossom")
    out = tmp_path / "log.jwk"
    new = young.say("key", "log", "rotate", "--out", str(out))
    assert "不在手边" in young.say("key", "log", "list")
    assert young.fails("key", "log", "retire", str(first["key_id"]), code=2)[0].startswith(
        "错误 log-key.missing"
    )
    monkeypatch.setenv("SUYUAN_LOG_KEY_FILE", str(out))
    young.run("key", "log", "retire", str(first["key_id"]))
    assert lines(young) == [id_of(new)]
    out.chmod(0o640)
    refusal = young.fails("checkpoint")[0]
    assert refusal.startswith("错误 file.mode")
    assert "chmod 600" in refusal
    monkeypatch.setenv("SUYUAN_LOG_KEY", out.read_text())
    monkeypatch.delenv("SUYUAN_LOG_KEY_FILE")
    assert lines(young) == [id_of(new)]
    monkeypatch.delenv("SUYUAN_LOG_KEY")
    assert young.fails("checkpoint", code=2)[0].startswith("错误 log-key.missing")
    monkeypatch.setenv("SUYUAN_LOG_KEY", "no key")
    assert young.fails("checkpoint")[0].startswith("错误 file.key：SUYUAN_LOG_KEY")
    monkeypatch.setenv("SUYUAN_LOG_KEY", out.read_text())


def test_a_log_is_founded_with_a_key_that_the_vault_never_sees(
    empty: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.jwk"
    write_key_file(path, key("own"), Lock(passphrase="april pear blossom"))
    monkeypatch.setenv("SUYUAN_LOG_KEY_FILE", f"{path}{os.pathsep}")
    monkeypatch.setenv("SUYUAN_PASSPHRASE", "april pear blossom")
    empty.run("init", "--address", "https://farm.example")
    house = empty.open()
    with house.vault.read() as connection:
        assert [one.label for one in house.vault.keys_of(connection, "log")] == ["receipt"]
    assert house.keys.checkpoint.seed == key("own").seed
    house.close()
    empty.run("audit")
    monkeypatch.delenv("SUYUAN_PASSPHRASE")
    assert empty.fails("audit", code=2)[0].startswith("错误 lock.no-passphrase")


def test_a_rotation_that_is_refused_leaves_no_key_file(shell: Shell, tmp_path: Path) -> None:
    shell.run("key", "log", "rotate")
    out = tmp_path / "next.key"
    (line,) = shell.fails("key", "log", "rotate", "--out", str(out), "--no-passphrase")[-1:]
    assert "log-key.under-way" in line
    assert not out.exists()
