"""Files that commands read and write: key files, statements, checkpoints."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..durable import reported, write_file
from ..errors import Conflict, Missing, Reason, Refused
from ..ledger.jwk import SigningKey, format_jwk, parse_jwk
from .frame import Frame

if TYPE_CHECKING:
    from ..vault.locked import Lock

NO_FILE = Reason("file.missing", "找不到文件 {name}", "there is no file {name}")
THERE = Reason(
    "file.there",
    "文件 {name} 已存在，不会覆盖",
    "the file {name} is already there and is not replaced",
)
JSON = Reason("file.json", "{name} 不是 JSON 对象", "{name} is no JSON object")
PUBLIC_FILE = Reason(
    "file.public-key", "{name} 不是 Ed25519 公钥 JWK", "{name} is no public Ed25519 key as a JWK"
)


def read_file(path: Path) -> bytes:
    """
    Return the bytes of *path*.

    Raises:
        Missing: ``file.missing``.
        Unavailable: it may not be read.
    """
    with reported(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise Missing(NO_FILE.at(name=str(path))) from None


def read_json(path: Path) -> dict[str, Any]:
    """
    Return the JSON object in *path*.

    Raises:
        Missing, Unavailable: as ``read_file``.
        Refused: ``file.json``.
    """
    try:
        value = json.loads(read_file(path))
    except (ValueError, RecursionError):
        raise Refused(JSON.at(name=str(path))) from None
    if not isinstance(value, dict):
        raise Refused(JSON.at(name=str(path)))
    return value


def write_new(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """
    Write *data* to the new file *path*, whole and durable.

    Raises:
        Conflict: the file is there already.
        Unavailable: disk full, no permission, no such folder.
    """
    try:
        write_file(path, data, replace=False, mode=mode)
    except FileExistsError:
        raise Conflict(THERE.at(name=str(path))) from None


def write_key_file(path: Path, key: SigningKey, lock: Lock | None = None) -> None:
    """
    Write the private *key* to the new file *path*, readable by its owner only (0600); plain without *lock*.

    Raises:
        Conflict, Unavailable: as ``write_new``.
    """
    from ..vault.keyfile import format_key_file

    write_new(path, format_key_file(key, lock, os.urandom), mode=0o600)


def read_key_file(path: Path, frame: Frame | None = None) -> SigningKey:
    """
    Return the private key in *path*; says on standard error where others may read the file.

    A locked file is opened with the passphrase from the environment, else with one that is asked for, or with the
    master key.

    Raises:
        Missing, Unavailable: as ``read_file``; Missing also where there is no passphrase or master key.
        Refused: ``file.key``, ``lock.form``, ``lock.closed``.
    """
    from ..vault.keyfile import is_wide, parse_key_file
    from .locks import find_lock_for

    data = read_file(path)
    if is_wide(path):
        (frame or Frame(None, "zh")).tell(
            f"注意：其他用户也能读取 {path}，请运行 chmod 600 {path}",
            f"note: others may read {path}: run chmod 600 {path}",
        )
    return parse_key_file(data, str(path), find_lock_for(frame))


def read_public_jwk(path: Path) -> dict[str, str]:
    """
    Return the public half of the key in *path*: a private or a public JWK, or what ``key new`` printed of it.

    Raises:
        Missing, Unavailable: as ``read_file``.
        Refused: ``file.json``, ``file.public-key``.
    """
    found = read_json(path)
    printed = found.get("jwk")
    whole = printed if isinstance(printed, dict) else found
    jwk = {name: value for name, value in whole.items() if name not in ("d", "kid")}
    try:
        return format_jwk(parse_jwk(jwk))
    except Refused:
        raise Refused(PUBLIC_FILE.at(name=str(path))) from None
