"""``suyuan publish``, and every command that writes, against what was published before."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from suyuan.ledger.checkpoint import parse_checkpoint
from suyuan.ledger.note import split_note
from suyuan.publish.folder import FolderTarget
from suyuan.publish.target import open_target
from suyuan.settings import BucketAccess
from tests.cli.conftest import PEARS, SEASON, Shell
from tests.cli.test_processes import start, wait_until
from tests.publish.buckets import s3

__all__ = ["s3"]

LOG = "farm.example/log"


def published_size(folder: Path) -> int:
    """Return the size of the checkpoint published in *folder*, 0 without one."""
    note = FolderTarget(folder).read("checkpoint")
    return parse_checkpoint(split_note(note)[0]).size if note else 0


def test_publish_writes_the_log_and_prints_its_checkpoint(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    result = shell.run("publish", "--to", str(folder), language="en")
    assert (folder / "checkpoint").read_text("utf-8") == result.stdout
    assert result.stdout.startswith(f"{LOG}\n")
    assert f"{published_size(folder)} entries published to {folder}" in result.stderr
    assert {path.name for path in folder.iterdir()} == {"checkpoint", "checkpoints", "policy", "tile"}


def test_publish_goes_to_the_data_folder_unless_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.run("publish")
    assert published_size(shell.data / "public")
    monkeypatch.setenv("SUYUAN_PUBLISH_TO", str(shell.data / "elsewhere"))
    shell.run("publish")
    assert published_size(shell.data / "elsewhere") == published_size(shell.data / "public")


def test_publish_writes_to_a_bucket_that_is_set_in_the_environment(
    shell: Shell, s3: BucketAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "SUYUAN_PUBLISH_TO": "s3://pears/of/the/farm",
        "SUYUAN_S3_ENDPOINT": s3.endpoint,
        "SUYUAN_S3_ACCESS_KEY": s3.access_key,
        "SUYUAN_S3_SECRET_KEY": s3.secret_key,
        "SUYUAN_S3_PATH_STYLE": "true",
        "SUYUAN_S3_ALLOW_HTTP": "true",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    result = shell.run("publish")
    assert open_target(given["SUYUAN_PUBLISH_TO"], s3).read("checkpoint") == result.stdout.encode()
    assert s3.secret_key not in result.output
    shell.run("hold", PEARS, "--reason", "suspicion")  # compares with the bucket first


def test_publish_says_what_is_no_bucket(shell: Shell) -> None:
    assert "publish.bucket" in shell.fails("publish", "--to", "s3:///prefix")[0]


def test_publish_says_what_cannot_be_written(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "file.access" in shell.fails("publish", "--to", str(tmp_path / "file" / "public"), code=2)[0]


def test_follow_publishes_what_comes_until_it_is_stopped(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    process = start("--data", str(shell.data), "publish", "--to", str(folder), "--follow")
    wait_until(lambda: published_size(folder) > 0, process)
    before = published_size(folder)
    shell.run("hold", PEARS, "--reason", "suspicion")
    wait_until(lambda: published_size(folder) > before, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in err) == (130, False)


def test_commands_that_write_refuse_a_database_that_was_set_back(shell: Shell, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    with sqlite3.connect(shell.data / "suyuan.db") as live, sqlite3.connect(older) as copy:
        live.backup(copy)
    copy.close()
    live.close()
    shell.run("hold", PEARS, "--reason", "suspicion")
    shell.run("publish")
    for path in shell.data.glob("suyuan.db*"):
        path.unlink()
    shutil.copy(older, shell.data / "suyuan.db")
    where = str(shell.data / "public" / "checkpoint")
    for words in (
        ["publish"],
        ["publish", "--to", str(tmp_path / "second")],
        ["hold", PEARS, "--reason", "suspicion"],
        ["import", str(SEASON)],
        ["checkpoint"],
    ):
        said = " ".join(shell.fails(*words))
        assert "log.behind" in said, words
        assert where in said
    assert "older" in " ".join(shell.fails("publish", language="en"))
    shell.run("trace", PEARS)
    shell.run("audit")


def test_a_backup_does_not_hold_what_was_published(shell: Shell, tmp_path: Path) -> None:
    shell.run("publish")
    shell.run("backup", str(tmp_path / "backup.tar"))
    restored = Shell(tmp_path / "restored")
    key = str(shell.data / "master.key")
    restored.run("restore", str(tmp_path / "backup.tar"), "--master-key-file", key)
    assert not (restored.data / "public").exists()
    restored.run("publish")
    first, second = (FolderTarget(one.data / "public").read("checkpoint") for one in (shell, restored))
    assert first == second
