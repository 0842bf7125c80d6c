"""Targets: a folder, and a bucket of a real S3 server; both keep what was written once."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import obstore
import pytest

from suyuan.errors import Broken, Refused, Unavailable
from suyuan.publish.bucket import BucketTarget
from suyuan.publish.folder import FolderTarget
from suyuan.publish.layout import describe_path, prefix_of
from suyuan.publish.target import Target, open_target
from suyuan.settings import BucketAccess, load_settings
from tests.publish.buckets import SECRET, s3
from tests.publish.presses import Press, check_list, check_published, content

__all__ = ["s3"]


@pytest.fixture(params=["folder", "bucket"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    """An empty target of each kind."""
    if request.param == "folder":
        return open_target(str(tmp_path / "public"))
    access = request.getfixturevalue("s3")
    return open_target(f"s3://pears/{tmp_path.name}", access)


def test_a_file_that_never_changes_is_written_once(target: Target) -> None:
    assert target.read("tile/0/000") is None
    target.put("tile/0/000", b"hashes")
    target.put("tile/0/000", b"hashes")
    with pytest.raises(Broken, match="tile/0/000"):
        target.put("tile/0/000", b"others")
    assert target.read("tile/0/000") == b"hashes"


def test_a_file_is_replaced(target: Target) -> None:
    target.replace("checkpoint", b"one")
    target.replace("checkpoint", b"two")
    assert target.read("checkpoint") == b"two"


def test_files_are_removed_if_they_are_there(target: Target) -> None:
    for path in ("tile/0/000.p/5", "tile/0/000.p/7"):
        target.put(path, b"hashes")
    target.remove("tile/0/000.p/5", "tile/0/000.p/6")
    target.remove()
    assert target.read("tile/0/000.p/5") is None
    assert target.read("tile/0/000.p/7") == b"hashes"


def test_a_log_is_published_to_each_kind_of_target(target: Target, tmp_path: Path) -> None:
    press = Press(f"sqlite:///{tmp_path / 'suyuan.db'}").found()
    publisher = press.publisher(target)
    for size in (3, 260, 600):
        press.grow(size)
        publisher.publish()
        assert check_published(target, press.entries()) == size
        check_list(target, press.signed())
    press.publish_at(press.publisher(target), [601])
    assert check_published(target, press.entries()) == 601
    assert target.read("tile/0/000.p/3") is None
    press.engine.dispose()


# Folders


def test_published_files_may_be_read_by_everybody(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        target = FolderTarget(tmp_path / "public")
        target.put("tile/0/x001/000", b"hashes")
        target.replace("checkpoint", b"text")
    finally:
        os.umask(before)
    modes = {
        path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in tmp_path.rglob("*")
    }
    assert modes == {
        "public": 0o755,
        "public/checkpoint": 0o644,
        "public/tile": 0o755,
        "public/tile/0": 0o755,
        "public/tile/0/x001": 0o755,
        "public/tile/0/x001/000": 0o644,
    }


def test_a_full_disk_is_told_and_publishing_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press = Press(f"sqlite:///{tmp_path / 'suyuan.db'}").found()
    target = FolderTarget(tmp_path / "public")
    publisher = press.publisher(target)
    press.publish_at(publisher, [10])
    press.grow(300)

    def no_space(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = content(tmp_path / "public")
    with monkeypatch.context() as patch:
        publisher.sign()
        patch.setattr("suyuan.durable.os.fsync", no_space)
        with pytest.raises(Unavailable) as raised:
            publisher.publish()
        assert raised.value.problem.code == "publish.full"
        assert content(tmp_path / "public") == before
    publisher.publish()
    assert check_published(target, press.entries()) == 300
    press.engine.dispose()


def test_a_folder_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "public" / "checkpoint").mkdir(parents=True)
    with pytest.raises(Unavailable) as raised:
        FolderTarget(tmp_path / "public").read("checkpoint")
    assert raised.value.problem.code == "file.access"


def test_a_write_that_fails_for_another_reason_keeps_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("not a folder")
    with pytest.raises(Unavailable) as raised:
        FolderTarget(tmp_path / "public").replace("checkpoint", b"text")
    assert raised.value.problem.code == "file.access"


# Buckets


def test_files_in_a_bucket_carry_type_and_caching(s3: BucketAccess, tmp_path: Path) -> None:
    target = open_target(f"s3://pears/{tmp_path.name}/log/", s3)
    assert target.name == f"s3://pears/{tmp_path.name}/log"
    target.put("tile/entries/000", b"entries")
    target.replace("checkpoint", b"text")
    assert isinstance(target, BucketTarget)
    tile, note = (obstore.get(target.store, path).attributes for path in ("tile/entries/000", "checkpoint"))
    assert tile["Cache-Control"] == "public, max-age=31536000, immutable"
    assert tile["Content-Type"] == "application/octet-stream"
    assert note["Cache-Control"] == "no-cache"
    assert note["Content-Type"] == "text/plain; charset=utf-8"


def test_a_bucket_that_is_not_there_is_unavailable(s3: BucketAccess) -> None:
    target = open_target("s3://apples/log", s3)
    acts: list[Callable[[str, bytes], None]] = [target.put, target.replace]
    for act in acts:
        with pytest.raises(Unavailable) as raised:
            act("checkpoint", b"text")
        assert raised.value.problem.code == "publish.target"


def test_a_server_that_does_not_answer_is_unavailable_and_no_key_is_told(s3: BucketAccess) -> None:
    target = open_target("s3://pears/log", replace(s3, endpoint="http://127.0.0.1:9"))
    with pytest.raises(Unavailable) as raised:
        target.read("checkpoint")
    assert raised.value.problem.code == "publish.target"
    assert SECRET not in repr(raised.value) + repr(s3) + repr(target)


@pytest.mark.parametrize("spec", ["s3://", "s3:///log"])
def test_what_names_no_bucket_is_refused(spec: str) -> None:
    with pytest.raises(Refused) as raised:
        open_target(spec)
    assert raised.value.problems[0].code == "publish.bucket"


def test_access_to_buckets_comes_from_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "SUYUAN_PUBLISH_TO": "s3://pears/log",
        "SUYUAN_S3_ENDPOINT": "https://s3.pear.example/",
        "SUYUAN_S3_REGION": "cn-south-1",
        "SUYUAN_S3_ACCESS_KEY": "key",
        "SUYUAN_S3_SECRET_KEY": SECRET,
        "SUYUAN_S3_PATH_STYLE": "true",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(tmp_path)
    assert settings.publish_to == "s3://pears/log"
    assert settings.bucket == BucketAccess(
        "https://s3.pear.example", "cn-south-1", "key", SECRET, path_style=True, allow_http=False
    )
    assert SECRET not in repr(settings)


def test_no_other_address_becomes_a_folder() -> None:
    for spec in ("https://pear.example/log", "ftp://pear.example", "gs://pears/log"):
        with pytest.raises(Refused) as caught:
            open_target(spec)
        assert caught.value.problems[0].code == "publish.scheme"


# Layout


@pytest.mark.parametrize(
    "path",
    ["", "tile", "tile/0", "tile/0/1", "tile/0/000.p/0", "tile/0/000.p/256", "tile/64/000", "checkpoints/",
     "checkpoints/0", "checkpoint/", "policy.tmp", "tile/entries/000.p/", "tile/0/../../x", "tile/0/x000/001"],
)  # fmt: skip
def test_no_other_path_is_in_the_layout(path: str) -> None:
    assert describe_path(path) is None


@pytest.mark.parametrize(
    ("log_id", "prefix"),
    [("pear.example/log", "/log"), ("pear.example", ""), ("pear.example/a/b", "/a/b"), ("pear.example/", "")],
)
def test_the_prefix_is_the_path_of_the_logs_id(log_id: str, prefix: str) -> None:
    assert prefix_of(log_id) == prefix
