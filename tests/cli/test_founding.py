"""``init``: founded once, whatever interrupts it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suyuan.cli.files import write_key_file
from suyuan.ledger.jwk import SigningKey
from suyuan.settings import Folder, read_folder, write_folder
from tests.cli.conftest import Shell
from tests.verify.ledgers import key


def test_a_demo_log_says_loudly_that_it_is_one(empty: Shell) -> None:
    result = empty.run("init")
    assert "演示账本" in result.stderr
    assert read_folder(empty.data) == Folder("localhost:8000/log", "http://localhost:8000", demo=True)
    assert "监管部门" in empty.say("key", "list")


def test_the_operator_is_told_where_the_master_key_is_but_not_what_it_is(empty: Shell) -> None:
    result = empty.run("init", language="en")
    path = empty.data / "master.key"
    assert str(path) in result.stderr
    assert path.read_text().strip() not in result.output
    assert path.stat().st_mode & 0o077 == 0


def test_the_log_is_named_after_the_address(empty: Shell) -> None:
    found = empty.json("init", "--address", "https://Trace.Example.cn/")
    assert found["log"] == "trace.example.cn/log"
    assert found["address"] == "https://Trace.Example.cn"
    assert found["key"].startswith("trace.example.cn/log+")


def test_a_real_log_names_its_supervisors_keys_and_keeps_none(empty: Shell, tmp_path: Path) -> None:
    for word in ("农业局", "市监局"):
        write_key_file(tmp_path / word, key(word))
    options = [f"--supervisor={word}" for word in ("农业局", "市监局")]
    options += [f"--supervisor-key={tmp_path / word}" for word in ("农业局", "市监局")]
    found = empty.json("init", "--log", "green.example/log", *options)
    assert found["demo"] is False
    keys = empty.json("key", "list")
    assert [(one["name"], one["kid"], one["here"]) for one in keys] == sorted(
        [(word, key(word).kid, False) for word in ("农业局", "市监局")], key=lambda one: _party(keys, one[1])
    )
    assert "演示" not in empty.run("audit").stderr


def _party(keys: list[dict[str, str]], kid: str) -> str:
    return next(one["party"] for one in keys if one["kid"] == kid)


def test_a_public_key_file_will_do(empty: Shell, tmp_path: Path) -> None:
    from suyuan.ledger.jwk import format_jwk

    path = tmp_path / "public.jwk"
    path.write_text(json.dumps(format_jwk(key("农业局").public)))
    assert empty.json("init", "--supervisor", "农业局", "--supervisor-key", str(path))["demo"] is False


def test_a_second_init_changes_nothing_and_says_so(shell: Shell) -> None:
    before = (shell.data / "suyuan.json").read_bytes(), (shell.data / "master.key").read_bytes()
    (line,) = shell.fails("init")
    assert line.startswith("错误 init.exists")
    assert before == (
        (shell.data / "suyuan.json").read_bytes(),
        (shell.data / "master.key").read_bytes(),
    )


def test_a_second_init_without_the_master_key_makes_no_other_one(spoiled: Shell) -> None:
    (spoiled.data / "master.key").unlink()
    (line,) = spoiled.fails("init")
    assert line.startswith("错误 init.exists")
    assert not (spoiled.data / "master.key").exists()
    (line,) = spoiled.fails("audit", code=2)
    assert line.startswith("错误 settings.no-master-key")


def test_an_init_that_left_its_file_only_is_finished(empty: Shell) -> None:
    write_folder(empty.data, Folder("green.example/log", "https://green.example", demo=True))
    empty.run("init")
    assert empty.json("audit")["size"] == 1
    assert read_folder(empty.data).log == "green.example/log"


@pytest.mark.parametrize("step", ["create_master_key", "upgrade", "open_vault", "found_log", "open_house"])
def test_an_init_interrupted_at_any_step_is_finished_by_the_next(
    empty: Shell, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from suyuan.server import house

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(house, step, crash)
        empty.run("init", code=130)
    if step == "open_house":
        (line,) = empty.fails("init")
        assert line.startswith("错误 init.exists")
    else:
        empty.run("init")
    empty.run("audit")


def test_a_folder_of_another_log_is_left_alone(shell: Shell) -> None:
    (line,) = shell.fails("init", "--log", "other.example/log")
    assert line.startswith("错误 init.other")
    assert "farm.example/log" in line


@pytest.mark.parametrize("log", ["a b", "a+b", "日志", "x" * 201])
def test_a_log_that_cannot_name_a_key_is_refused(empty: Shell, log: str) -> None:
    (line,) = empty.fails("init", "--log", log)
    assert line.startswith("错误 init.log")
    assert not empty.data.exists()


def test_an_address_that_no_label_could_carry_is_refused(empty: Shell) -> None:
    (line,) = empty.fails("init", "--address", "ftp://x?y")
    assert line.startswith("错误 address.form")


def test_names_without_keys_of_supervisors_are_refused(empty: Shell, tmp_path: Path) -> None:
    write_key_file(tmp_path / "k", SigningKey(bytes(range(32))))
    (line,) = empty.fails("init", "--supervisor-key", str(tmp_path / "k"))
    assert line.startswith("错误 init.supervisors")


def test_a_supervisors_file_that_is_no_key_is_named(empty: Shell, tmp_path: Path) -> None:
    path = tmp_path / "no.jwk"
    for text, code in (("{", "file.json"), ("[]", "file.json"), ('{"kty":"RSA"}', "file.public-key")):
        path.write_text(text)
        (line,) = empty.fails("init", "--supervisor", "x", "--supervisor-key", str(path))
        assert line.startswith(f"错误 {code}")
        assert "no.jwk" in line
    (line,) = empty.fails("init", "--supervisor", "x", "--supervisor-key", str(tmp_path / "gone"), code=2)
    assert line.startswith("错误 file.missing")


def test_what_key_new_prints_founds_a_log(empty: Shell, tmp_path: Path) -> None:
    public = tmp_path / "public.jwk"
    public.write_text(
        empty.run("key", "new", "--out", str(tmp_path / "private.jwk"), "--no-passphrase").stdout
    )
    found = empty.json("init", "--supervisor", "农业局", "--supervisor-key", str(public))
    assert found["demo"] is False
