"""``audit URL|FOLDER``: the audit from outside, over the real command."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suyuan.ledger.policy import format_policy
from tests.cli.conftest import PEARS, Shell
from tests.monitor.published import WITNESSED, Publication, grow, grown
from tests.produce.world import name
from tests.verify.ledgers import log_signer

VKEY = log_signer().vkey


@pytest.fixture(scope="module")
def _public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Publication(tmp_path_factory.mktemp("template") / "log", grown(20))
    made.publish(10)
    made.publish(time=1_800_000_000)
    return made.folder


@pytest.fixture
def folder(_public: Path, tmp_path: Path) -> Path:
    """A published log of 20 entries and two checkpoints."""
    shutil.copytree(_public, tmp_path / "log")
    return tmp_path / "log"


@pytest.fixture
def outside(tmp_path: Path) -> Shell:
    """Commands of somebody who has no data folder."""
    return Shell(tmp_path / "none")


def test_a_sound_log_ends_with_0(outside: Shell, folder: Path, tmp_path: Path) -> None:
    result = outside.run("audit", str(folder), "--key", VKEY)
    assert result.stdout == ""
    assert "核对了 20 条" in result.stderr
    (tmp_path / "policy").write_text(format_policy(WITNESSED))
    found = outside.json("audit", str(folder), "--policy", str(tmp_path / "policy"), "--jobs", "0")
    assert found["sound"]
    assert (found["size"], found["checkpoints"], found["log"]) == (20, 2, "demo.invalid/log")
    assert found["witnesses"] == [{"name": "bureau", "time": 1_800_000_000}]
    assert found["differences"] == []


def test_a_broken_log_ends_with_1_and_names_the_first_fault(outside: Shell, folder: Path) -> None:
    file = folder / "tile/entries/000.p/20"
    data = bytearray(file.read_bytes())
    data[-5] ^= 1
    file.write_bytes(data)
    lines = outside.run("audit", str(folder), "--key", VKEY, code=1).stdout.splitlines()
    assert lines[0].startswith("audit.leaf tile/0/000.p/20：第 19 条的哈希与树块不符（应为 ")
    english = outside.run("audit", str(folder), "--key", VKEY, code=1, language="en").stdout.splitlines()
    assert english[0].startswith(
        "audit.leaf tile/0/000.p/20: the hash of entry 19 is not the one in the tile"
    )
    found = outside.json("audit", str(folder), "--key", VKEY, code=1)
    first = found["differences"][0]
    assert list(first) == ["code", "place", "text", "expected", "found"]
    assert (first["code"], first["place"]) == ("audit.leaf", "tile/0/000.p/20")
    file.unlink()
    (line,) = outside.run("audit", str(folder), "--key", VKEY, code=1).stdout.splitlines()
    assert line.startswith("audit.absent tile/entries/000.p/20")


def test_the_last_line_names_what_came_first(outside: Shell, folder: Path) -> None:
    file = folder / "tile/entries/000.p/20"
    data = bytearray(file.read_bytes())
    data[data.index(b"ey", 1000)] ^= 1  # in a statement of entry 1
    file.write_bytes(data)
    result = outside.run("audit", str(folder), "--key", VKEY, code=1, language="en")
    lines = result.stdout.splitlines()
    code, place = lines[0].split(": ")[0].split(" ")
    assert len(lines) > 2
    assert f"broken: {len(lines)} differences, the first is {code} {place};" in result.stderr
    assert not [line for line in lines if "expected none" in line]
    result = outside.run("audit", str(folder), "--key", VKEY, code=1)
    assert f"不符 {len(lines)} 处，第一处是 {code} {place}；" in result.stderr


def test_what_is_for_published_logs_is_not_ignored_inside(shell: Shell) -> None:
    for option in (["--key", VKEY], ["--follow"]):
        assert "audit.inside" in shell.run("audit", *option, code=2).stderr
        assert "audit.inside" in shell.run("audit", str(shell.data), *option, code=2).stderr


def test_what_can_t_be_checked_ends_with_2(outside: Shell, folder: Path, tmp_path: Path) -> None:
    where = str(folder)
    (tmp_path / "state").write_bytes(b"damaged")
    (tmp_path / "text").write_bytes(b"no checkpoint")
    state = str(tmp_path / "state")
    for words, code in (
        ((where,), "policy.choice"),
        ((where, "--key", "demo.invalid/log+00000000+AAAA"), "note.vkey"),
        ((where, "--key", str(tmp_path / "gone")), "file.missing"),
        ((str(tmp_path / "gone"), "--key", VKEY), "audit.no-source"),
        ((str(tmp_path), "--key", VKEY), "audit.no-checkpoint"),
        (("http://127.0.0.1:9/log", "--key", VKEY), "remote.unreached"),
        ((where, "--key", VKEY, "--state", state), "audit.state"),
        ((where, "--key", VKEY, "--state", state, "--books"), "audit.options"),
        ((where, "--key", VKEY, "--state", state, "--against", state), "audit.options"),
        ((where, "--key", VKEY, "--against", str(tmp_path / "text")), "note.text"),
    ):
        assert outside.fails("audit", *words, code=2)[0].startswith(f"错误 {code}"), words


def test_another_key_than_the_log_s_is_no_sound_log(outside: Shell, folder: Path) -> None:
    lines = outside.run("audit", str(folder), "--key", log_signer("other").vkey, code=1).stdout
    assert lines.startswith("audit.checkpoint checkpoint：检查点不可信")


def test_a_state_file_remembers_and_finds_an_old_checkpoint(
    outside: Shell, folder: Path, tmp_path: Path
) -> None:
    words = ("audit", str(folder), "--key", VKEY, "--state", str(tmp_path / "state"))
    for _ in range(2):
        outside.run(*words)
    old = Publication(tmp_path / "old", grown(10))
    old.publish()
    (folder / "checkpoint").write_bytes((old.folder / "checkpoint").read_bytes())
    result = outside.run(*words, code=1)
    assert result.stdout.startswith("audit.stale checkpoint")
    assert result.stdout.count("demo.invalid/log\n") == 2  # both checkpoints, as evidence
    found = outside.json(*words, code=1)
    assert "\n20\n" in found["seen"]
    assert "\n10\n" in found["shown"]


def test_an_audit_that_can_t_go_on_keeps_what_it_has(outside: Shell, folder: Path, tmp_path: Path) -> None:
    file = folder / "tile/0/000.p/20"
    held = file.read_bytes()
    file.write_bytes(gzip.compress(held)[:-1])
    words = ("audit", str(folder), "--key", VKEY, "--state", str(tmp_path / "state"))
    assert outside.fails(*words, code=2)[0].startswith("错误 audit.gzip")
    assert (tmp_path / "state").is_file()
    file.write_bytes(gzip.compress(held)[:10] + b"wrong")
    assert outside.fails(*words, code=2)[0].startswith("错误 audit.gzip")
    file.write_bytes(held)
    assert outside.json(*words)["size"] == 20


def test_a_checkpoint_saved_earlier_is_held_against_the_log(
    outside: Shell, folder: Path, tmp_path: Path
) -> None:
    fork = Publication(tmp_path / "fork", grown(14))
    fork.ledger.say("batch.adjusted", "农场", batch=name("another"), amount=-1, reason="shrinkage")
    (tmp_path / "note").write_text(fork.publish())
    words = ("audit", str(folder), "--key", VKEY, "--against", str(tmp_path / "note"))
    assert outside.run(*words, code=1).stdout.startswith("audit.root checkpoint/15")


def test_an_old_checkpoint_beside_a_newer_list_is_told(outside: Shell, folder: Path, tmp_path: Path) -> None:
    old = Publication(tmp_path / "old", grown(10))
    old.publish()
    (folder / "checkpoint").write_bytes((old.folder / "checkpoint").read_bytes())
    assert "已签署 20 条的检查点" in outside.run("audit", str(folder), "--key", VKEY).stderr
    assert outside.json("audit", str(folder), "--key", VKEY)["ahead"] == 20


def test_the_books_are_replayed_where_asked(outside: Shell, folder: Path) -> None:
    assert outside.run("audit", str(folder), "--key", VKEY, "--books", code=1).stdout.startswith(
        "audit.rule entry/3"
    )


def test_a_data_folder_is_audited_as_always(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data")
    shell.run("init")
    assert shell.json("audit", str(shell.data)) == shell.json("audit")


def test_what_publish_writes_is_sound_from_outside(shell: Shell, tmp_path: Path) -> None:
    for _ in range(2):
        shell.run("publish", "--to", str(tmp_path / "public"))
        words = (
            "audit",
            str(tmp_path / "public"),
            "--policy",
            str(tmp_path / "public/policy"),
            "--jobs",
            "0",
        )
        assert shell.json(*words)["differences"] == []
        assert shell.json(*words, "--books")["size"] > 100
        shell.run("labels", "issue", PEARS, "--count", "1", "--net", "1kg")


def lines_of(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """Yield the lines of a watch as they come."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def test_a_watch_tells_each_checkpoint_and_ends_with_1_at_a_fork(tmp_path: Path) -> None:
    published = Publication(tmp_path / "log", grown(10))
    published.publish()
    words = ["audit", str(published.folder), "--key", VKEY, "--follow", "--interval", "0.1", "--json"]
    command = [sys.executable, "-m", "suyuan.cli", *words, "--state", str(tmp_path / "state"), "--jobs", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        lines = lines_of(process)
        assert next(lines)["size"] == 10
        grow(published.ledger, 300)
        published.publish()
        assert next(lines)["size"] == 300
        published.ledger = grown(299)
        published.ledger.say("batch.adjusted", "农场", batch=name("another"), amount=-1, reason="shrinkage")
        published.notes.pop()
        published.publish()
        last = next(lines)
        assert last["sound"] is False
        assert last["differences"][0]["code"] == "audit.fork"
        assert process.wait(20) == 1


def test_a_watch_that_is_interrupted_saves_what_it_knows(tmp_path: Path) -> None:
    published = Publication(tmp_path / "log", grown(10))
    published.publish()
    words = ["audit", str(published.folder), "--key", VKEY, "--follow", "--interval", "60"]
    command = [sys.executable, "-m", "suyuan.cli", *words, "--state", str(tmp_path / "state"), "--jobs", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert "新检查点：10 条" in process.stdout.readline()
        time.sleep(0.3)
        process.send_signal(2)
        assert process.wait(20) == 130
    assert (tmp_path / "state").is_file()
