"""A backup that is older than what was published, restored with the commands: nothing writes to it, and all say why."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import PEARS, Shell, _bare_environment, _template, shell
from tests.crash.cluster import wait_for
from tests.crash.serving import serving

__all__ = ["_bare_environment", "_template", "shell"]

pytestmark = pytest.mark.slow


@pytest.fixture
def restored(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """The log restored from a backup made before the last publication, which stands where it stood."""
    monkeypatch.setenv("SUYUAN_PUBLISH_TO", str(tmp_path / "public"))
    shell.run("publish")
    shell.run("backup", str(tmp_path / "backup"))
    shell.run("labels", "issue", PEARS, "--count", "2", "--net", "1kg")
    shell.run("publish")
    other = Shell(tmp_path / "restored")
    other.run("restore", str(tmp_path / "backup"), "--master-key-file", str(shell.data / "master.key"))
    yield other
    other.run("audit")


def proof(public: Path) -> tuple[str, str]:
    """Return size and root of the published checkpoint."""
    size, root = (public / "checkpoint").read_text().splitlines()[1:3]
    return size, root


WRITING = (
    ("labels", "issue", PEARS, "--count", "1", "--net", "1kg"),
    ("hold", PEARS, "--reason", "suspicion"),
    ("checkpoint",),
    ("publish",),
)


def test_no_command_writes_to_a_backup_that_is_too_old(restored: Shell, tmp_path: Path) -> None:
    before = (tmp_path / "public" / "checkpoint").read_bytes()
    size, root = proof(tmp_path / "public")
    entries = restored.json("audit")["size"]
    for words in WRITING:
        (line,) = restored.fails(*words, code=1)
        assert line.startswith("错误 log.behind")
        assert f"数据库只有 {entries} 条" in line
        assert f"{tmp_path}/public/checkpoint 的检查点已签到第 {size} 条（根 {root}）" in line
        assert "拒绝写入" in line
    (line,) = restored.fails(*WRITING[0], code=1, language="en")
    assert re.match(rf"error log\.behind.*signed for {size} .*nothing is written", line)
    assert restored.json("audit")["size"] == entries
    assert (tmp_path / "public" / "checkpoint").read_bytes() == before


def test_the_service_reads_on_and_takes_nothing(restored: Shell, tmp_path: Path) -> None:
    with serving(restored.data, SUYUAN_PUBLISH_TO=str(tmp_path / "public")) as server:
        wait_for(lambda: httpx.get(f"{server.url}/readyz").status_code == 503, "the gate")
        answer = httpx.post(f"{server.url}/api/v1/statements", json={"statement": "a.b.c"})
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["code"] == "log.stopped"
        assert httpx.get(f"{server.url}/api/v1/entries/0").status_code == 200
        assert server.end() == 0
    said = (tmp_path / "serve.log").read_text()
    size, _ = proof(tmp_path / "public")
    assert re.search(rf"nothing is written: .*signed for {size} ", said)


def test_a_backup_that_has_all_that_was_published_goes_on(shell: Shell, tmp_path: Path) -> None:
    shell.run("publish")
    shell.run("backup", str(tmp_path / "backup"))
    public = shutil.copytree(shell.data / "public", tmp_path / "restored.public")
    other = Shell(tmp_path / "restored")
    other.run("restore", str(tmp_path / "backup"), "--master-key-file", str(shell.data / "master.key"))
    shutil.copytree(public, other.data / "public")
    other.run("hold", PEARS, "--reason", "suspicion")
    other.run("publish")
    other.run("audit")
    assert proof(other.data / "public") != proof(public)
