"""A backup file is taken whole, unchanged and under its own master key, or not at all."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from suyuan.errors import Missing, Refused
from suyuan.vault import archive, seal
from tests import keys

MASTER = keys.master()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    draft = tmp_path / "draft"
    for name, data in (
        ("folder/persons/7K/7K3MX9Q2WD.key", b"sealed one"),
        ("folder/persons/9Q/9Q3MX7K2WD.key", b"sealed other"),
        ("folder/suyuan.json", b"{}"),
        ("tables/vault_run.jsonl", b'["log_id","run","sealed"]\n'),
    ):
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    files = sorted(path for path in draft.rglob("*") if path.is_file())
    members = tuple(archive.describe(draft, path) for path in files)
    manifest = archive.Manifest(archive.FORMAT, "green.example/log", "2026-11-23T12:00:00Z", members)
    with (tmp_path / "season.backup").open("wb") as stream:
        archive.write_archive(stream, draft, manifest, MASTER)
    assert archive.check_archive(tmp_path / "season.backup", MASTER) == manifest
    return tmp_path / "season.backup"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        archive.check_archive(tmp_path / "nothing", MASTER)


Members = list[tuple[str, bytes]]


def _rewritten(file: Path, change: Callable[[Members], Members]) -> Path:
    with tarfile.open(file) as tar:
        members: Members = []
        for info in tar.getmembers():
            stream = tar.extractfile(info)
            assert stream is not None
            members.append((info.name, stream.read()))
    target = file.with_suffix(".changed")
    with tarfile.open(target, "w") as tar:
        for name, data in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return target


def _refused(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        archive.check_archive(path, MASTER)
    return caught.value.problems[0].code


def test_rewriting_a_file_without_a_change_is_no_damage(file: Path) -> None:
    archive.check_archive(_rewritten(file, lambda members: members), MASTER)


def _names(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def test_damage_to_any_member_is_refused(file: Path) -> None:
    names = _names(file)
    assert len(names) == 6
    for name in names:

        def damaged(members: Members, name: str = name) -> Members:
            return [(n, (data[:-1] + bytes([data[-1] ^ 1])) if n == name else data) for n, data in members]

        assert _refused(_rewritten(file, damaged)) == "backup.damaged"


def test_a_member_left_out_is_refused(file: Path) -> None:
    for name in _names(file):
        left = _rewritten(file, lambda members, name=name: [m for m in members if m[0] != name])  # type: ignore[misc]
        assert _refused(left) == "backup.damaged"


def test_a_member_too_much_is_refused(file: Path) -> None:
    more = _rewritten(file, lambda members: [*members, ("folder/persons/7K/../../../../x.key", b"x")])
    assert _refused(more) == "backup.damaged"


def test_members_in_another_order_are_refused(file: Path) -> None:
    assert _refused(_rewritten(file, lambda m: [*m[:2], *reversed(m[2:])])) == "backup.damaged"


def test_a_file_cut_short_is_refused(file: Path) -> None:
    whole = file.read_bytes().rstrip(b"\0")  # zeros at the end are tar's padding
    for size in (0, 1, 511, 512, 1000, len(whole) // 2, len(whole) - 512, len(whole) - 1):
        file.with_suffix(".cut").write_bytes(whole[:size])
        assert _refused(file.with_suffix(".cut")) == "backup.damaged"


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 10)
    assert _refused(tmp_path / "noise") == "backup.damaged"


def test_a_backup_of_another_format_is_refused(file: Path) -> None:
    def later(members: Members) -> Members:
        text = members[0][1].replace(b'"format": 1', b'"format": 2')
        mac = seal.keyed_hash(seal.derive(MASTER, "backup"), text).hex().encode()
        return [("manifest.json", text), ("manifest.hmac", mac), *members[2:]]

    assert _refused(_rewritten(file, later)) == "backup.other-version"


def test_a_member_that_would_leave_the_folder_is_refused_even_when_signed(file: Path) -> None:
    def outside(members: Members) -> Members:
        text = members[0][1].replace(b"folder/suyuan.json", b"folder/../evil.json")
        mac = seal.keyed_hash(seal.derive(MASTER, "backup"), text).hex().encode()
        return [("manifest.json", text), ("manifest.hmac", mac), *members[2:]]

    assert _refused(_rewritten(file, outside)) == "backup.damaged"


def test_a_link_in_the_place_of_a_member_is_refused(file: Path) -> None:
    with tarfile.open(file) as source, tarfile.open(file.with_suffix(".link"), "w") as target:
        for info in source.getmembers():
            if info.name == "folder/suyuan.json":
                info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0
            target.addfile(info, source.extractfile(info) if info.isreg() else None)
    assert _refused(file.with_suffix(".link")) == "backup.damaged"


def test_the_header_of_any_member_is_protected_too(file: Path) -> None:
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        offsets = [info.offset for info in tar.getmembers()]
    for offset in offsets:
        for position in (0, 5, 130, 156):  # name, name, size, type
            damaged = bytearray(whole)
            damaged[offset + position] ^= 1
            file.with_suffix(".damaged").write_bytes(damaged)
            assert _refused(file.with_suffix(".damaged")) == "backup.damaged"
