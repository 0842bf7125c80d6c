"""Files are whole or absent."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from suyuan.durable import destroy_file, draft_file, make_folder, write_file
from suyuan.errors import Unavailable


def test_a_file_is_written_for_the_owner_only(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"bytes")
    assert (tmp_path / "a").read_bytes() == b"bytes"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_a_file_is_replaced_unless_forbidden(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"old")
    write_file(tmp_path / "a", b"new")
    with pytest.raises(FileExistsError):
        write_file(tmp_path / "a", b"newer", replace=False)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def _failing(path: Path) -> None:
    with draft_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_a_block_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"old")
    with pytest.raises(KeyboardInterrupt):
        _failing(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_the_draft_of_a_crashed_process_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f".a.{os.getpid()}.tmp").write_bytes(b"half")
    write_file(tmp_path / "a", b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"


def test_writers_of_one_file_never_share_a_draft(tmp_path: Path) -> None:
    with draft_file(tmp_path / "a") as first:
        first.write(b"fir")
        with draft_file(tmp_path / "a") as second:
            second.write(b"second")
        first.write(b"st")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["a"]


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        make_folder(tmp_path / "open" / "folder", mode=0o755)
        write_file(tmp_path / "open" / "folder" / "a", b"bytes", mode=0o644)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in sorted((tmp_path / "open").rglob("*"))]
    assert modes == [0o755, 0o644]


def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with (
        pytest.raises(Unavailable) as caught,
        full.open("wb", buffering=0) as device,
        draft_file(tmp_path / "a"),
    ):
        device.write(b"x")
    assert caught.value.problem.values == {"name": "a", "detail": "No space left on device"}
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        write_file(tmp_path / "none" / "a", b"")
    assert caught.value.problem.code == "file.access"


def test_folders_are_made_for_the_owner_only(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_file_in_the_way_of_a_folder_is_reported(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"")
    for path in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(Unavailable):
            make_folder(path)


def test_a_destroyed_file_is_gone(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"secret")
    assert destroy_file(tmp_path / "a")
    assert not destroy_file(tmp_path / "a")
    assert os.listdir(tmp_path) == []


def test_a_link_is_not_followed_to_what_it_names(tmp_path: Path) -> None:
    write_file(tmp_path / "a", b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(Unavailable):
        destroy_file(tmp_path / "link")
    assert (tmp_path / "a").read_bytes() == b"secret"
