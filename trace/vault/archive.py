"""
The form of a backup file: a plain tar, led by an authenticated manifest.

Members in this order: ``manifest.json``, ``manifest.hmac``, ``folder/...`` (``suyuan.json``, the persons' keys),
``tables/<table>.jsonl``. The manifest names size and SHA-256 of every other member and is itself authenticated with a
key derived from the master key: a file that was changed, or that belongs to another master key, is refused whole.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
import tarfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from ..errors import Missing, Reason, Refused
from . import seal

FORMAT = 1

NO_FILE = Reason("backup.no-file", "找不到备份文件 {file}", "there is no backup file {file}")
DAMAGED = Reason(
    "backup.damaged",
    "备份文件已损坏、被改动，或属于另一主密钥：{detail}",
    "the backup is damaged, was changed, or belongs to another master key: {detail}",
)
OTHER_SHAPE = Reason(
    "backup.other-version",
    "备份来自另一版本：表 {table} 的列不同",
    "the backup is of another version: the table {table} has other columns",
)

_MEMBER = re.compile(
    r"tables/[a-z_]+\.jsonl|folder/suyuan\.json|folder/persons/[0-9A-Z]{2}/[0-9A-Z]{4,40}\.key"
)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the file: its name, its size in bytes and its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; ``log`` and ``made_at`` (RFC 3339) are shown to the operator before a restore."""

    format: int
    log: str
    made_at: str
    members: tuple[Member, ...]


def describe(draft: Path, file: Path) -> Member:
    """Return *file* as the member that it becomes, named by its path below *draft*."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Member(file.relative_to(draft).as_posix(), file.stat().st_size, digest)


def write_archive(file: IO[bytes], draft: Path, manifest: Manifest, master: bytes) -> None:
    """Write the manifest and its members, which stand below *draft*, to *file*."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True).encode()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in (("manifest.json", text), ("manifest.hmac", _mac(master, text))):
            tar.addfile(_info(name, len(data)), io.BytesIO(data))
        for member in manifest.members:
            with (draft / member.name).open("rb") as stream:
                tar.addfile(_info(member.name, member.size), stream)


def _info(name: str, size: int) -> tarfile.TarInfo:
    """Return a header without clock, owner or machine, so that equal content gives equal bytes."""
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    return info


def _mac(master: bytes, text: bytes) -> bytes:
    return seal.keyed_hash(seal.derive(master, "backup"), text).hex().encode()


def check_archive(path: Path, master: bytes) -> Manifest:
    """
    Read the whole file and return its manifest; nothing is written.

    Raises:
        Missing: no such file.
        Refused: anything in it is damaged, missing, too much, or not made under *master*.
    """
    if not path.is_file():
        raise Missing(NO_FILE.at(file=str(path)))
    try:
        with tarfile.open(path, mode="r:") as tar:
            infos = tar.getmembers()
            manifest = _parsed_manifest(tar, infos, master)
            found = tuple(_found(tar, info) for info in infos[2:])
    except (tarfile.TarError, OSError, ValueError) as error:
        raise _damaged(type(error).__name__) from error
    if found != manifest.members:
        wrong = set(found) ^ set(manifest.members)
        raise _damaged(", ".join(sorted({member.name for member in wrong})[:5]) or "order")
    return manifest


def _parsed_manifest(tar: tarfile.TarFile, infos: Sequence[tarfile.TarInfo], master: bytes) -> Manifest:
    if [info.name for info in infos[:2]] != ["manifest.json", "manifest.hmac"]:
        raise _damaged("manifest")
    text, mac = (read_member(tar, info) for info in infos[:2])
    if not hmac.compare_digest(mac, _mac(master, text)):
        raise _damaged("manifest.json")
    fields = json.loads(text)
    if fields["format"] != FORMAT:
        raise Refused(OTHER_SHAPE.at(table="*"))
    members = tuple(Member(**member) for member in fields["members"])
    for member in members:
        if not _MEMBER.fullmatch(member.name):
            raise _damaged(member.name)
    return Manifest(FORMAT, fields["log"], fields["made_at"], members)


def _found(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    with open_member(tar, info) as stream:
        return Member(info.name, info.size, hashlib.file_digest(stream, "sha256").hexdigest())  # type: ignore[arg-type]


def open_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    """
    Open the content of one member.

    Raises:
        Refused: it is no plain file.
    """
    stream = tar.extractfile(info) if info.isreg() else None
    if stream is None:
        raise _damaged(info.name)
    return stream


def read_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    """Return the content of one member; errors as for ``open_member``."""
    with open_member(tar, info) as stream:
        return stream.read()


def _damaged(detail: str) -> Refused:
    return Refused(DAMAGED.at(detail=detail))
