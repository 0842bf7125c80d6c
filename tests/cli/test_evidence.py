"""``suyuan evidence`` and what ``suyuan verify`` says of its file, elsewhere and without a data folder."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from suyuan.cli import evidence
from suyuan.cli.main import app
from suyuan.errors import Refused
from tests.cli.conftest import PEARS, Shell


@pytest.fixture
def policy(shell: Shell, tmp_path: Path) -> Path:
    house = shell.open()
    path = tmp_path / "policy"
    path.write_text(f"log {house.keys.checkpoint.vkey}\nquorum none\n")
    house.close()
    return path


def _verify(file: Path, policy: Path, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["verify", str(file), "--policy", str(policy), *words])
    assert result.exit_code == code, result.output
    return result.stdout


def test_evidence_of_a_batch_verifies_without_the_service(
    shell: Shell, policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "batch.zip"
    shell.run("checkpoint")
    shell.run("evidence", PEARS, "--out", str(target))
    shell.data.rename(tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert "没有缺口" in _verify(target, policy)
    steps = json.loads(_verify(target, policy, "--json"))["steps"]
    assert [step["code"] for step in steps if step["done"]] == [
        "step.checkpoint", "step.entries", "step.signers", "step.chains", "step.subject",
    ]  # fmt: skip
    (tmp_path / "elsewhere").rename(shell.data)


def test_evidence_of_a_package_holds_page_and_policy(shell: Shell, policy: Path, tmp_path: Path) -> None:
    run = shell.json("labels", "issue", PEARS, "--count", "3", "--net", "5kg")["run"]
    shell.run("checkpoint")
    found = shell.json("labels", "code", run, "1")
    code, target = found["code"], tmp_path / "package.zip"
    shell.run("evidence", found["printed"], "--out", str(target), language="en")
    with zipfile.ZipFile(target) as archive:
        assert {"index.html", "policy", "manifest.json", "package.json"} <= set(archive.namelist())
        assert code in archive.read("index.html").decode()
        assert archive.read("policy").decode().startswith("log ")
    assert "step.package" in _verify(target, policy, "--json")


def test_an_existing_file_is_not_replaced(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "there.zip"
    target.write_bytes(b"mine")
    shell.run("checkpoint")
    shell.fails("evidence", PEARS, "--out", str(target))
    assert target.read_bytes() == b"mine"


def test_what_is_not_there_is_said_to_be_missing(shell: Shell, tmp_path: Path) -> None:
    shell.run("checkpoint")
    assert "没有" in shell.fails("evidence", "没有的批次", code=2)[0]
    assert "输错" in shell.fails("evidence", "00000000000000000001")[0]


@pytest.mark.parametrize("damage", ["cut", "flipped", "bomb"])
def test_a_damaged_file_is_refused_in_plain_words(
    shell: Shell, policy: Path, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "batch.zip"
    shell.run("checkpoint")
    shell.run("evidence", PEARS, "--out", str(target))
    data = bytearray(target.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        data[200] ^= 4
    else:
        monkeypatch.setattr(evidence, "MAX_BYTES", 1000)
    target.write_bytes(data)
    shown = json.loads(_verify(target, policy, "--json", code=1))
    assert not shown["holds"]
    assert "evidence." in shown["problems"][0] or "note" in shown["problems"][0]


def _twice() -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("policy", "one")
        archive.writestr("policy", "another")
    return target.getvalue()


def _packed(method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("policy", "x" * 1000)
    return target.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_only_what_every_reader_unpacks_is_taken(method: int) -> None:
    with pytest.raises(Refused, match=r"evidence\.zip"):
        evidence.unpack("x", _packed(method))


def test_a_member_that_is_there_twice_is_refused() -> None:
    with pytest.raises(Refused, match=r"evidence\.zip"):
        evidence.unpack("x", _twice())


def test_whatever_is_damaged_in_a_zip_file_is_refused_or_changes_nothing_else() -> None:
    whole = evidence.pack({"policy": b"text " * 20, "数据": b"more"})
    for place in range(len(whole)):
        for bit in (0x01, 0x08, 0x80, 0xFF):
            data = whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :]
            with suppress(Refused):
                evidence.unpack("x", data)


def test_the_same_members_make_the_same_file() -> None:
    members = {"a": b"1", "b": b"2"}
    assert evidence.pack(members) == evidence.pack(members)
    assert evidence.unpack("x", evidence.pack(members)) == members
    assert zipfile.ZipFile(io.BytesIO(evidence.pack(members))).testzip() is None
