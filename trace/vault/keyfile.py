"""
Key files: one private Ed25519 key as a JWK (RFC 8037 section 2), locked or plain.

Example, plain: ``{"crv":"Ed25519","d":"nWGxne_9Wmt...","kid":"kPrK_qmx...","kty":"OKP","x":"11qYAYKx..."}``
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

from ..durable import reported
from ..errors import Missing, Reason, Refused
from ..ledger.jwk import SigningKey, format_jwk, parse_jwk
from ..ledger.radix64 import format_base64url, parse_base64url
from .locked import JWK, NOTE_KEYS, FindLock, Lock, is_locked, lock_bytes, unlock_bytes

NO_FILE = Reason("file.missing", "找不到文件 {name}", "there is no file {name}")
KEY_FILE = Reason(
    "file.key",
    "{name} 不是密钥文件（Ed25519 私钥 JWK）",
    "{name} is no key file (private Ed25519 key as a JWK)",
)
WIDE = Reason(
    "file.mode",
    "其他用户也能读取密钥文件 {name}，请先运行 chmod 600 {name}",
    "others may read the key file {name}: run chmod 600 {name} first",
)

NOTE_KEY = b"PRIVATE+KEY+"
"""How a witness's keys begin (``witness.keys``)."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def format_key_file(key: SigningKey, lock: Lock | None, random: Callable[[int], bytes]) -> bytes:
    """
    Return *key* as the content of a key file, plain without *lock*.

    Raises:
        Refused: ``lock.short``.
    """
    jwk = {**format_jwk(key.public), "d": format_base64url(key.seed), "kid": key.kid}
    plain = json.dumps(jwk, indent=1, sort_keys=True).encode() + b"\n"
    return plain if lock is None else lock_bytes(plain, lock, random)


def parse_key_file(data: bytes, name: str, find_lock: FindLock) -> SigningKey:
    """
    Return the key in *data*, the content of the key file *name*.

    Raises:
        Refused: ``file.key``, ``lock.form``, ``lock.closed``.
        Missing: as *find_lock* does, where the file is locked.
    """
    if is_locked(data):
        data = unlock_bytes(data, name, find_lock)
    try:
        jwk = json.loads(data)
        if not isinstance(jwk, dict):
            raise Refused(KEY_FILE.at(name=name))
        key = SigningKey(parse_base64url(str(jwk.pop("d", ""))))
        kid = jwk.pop("kid", key.kid)
        if parse_jwk(jwk) != key.public or kid != key.kid:
            raise Refused(KEY_FILE.at(name=name))
    except (Refused, ValueError, RecursionError):
        raise Refused(KEY_FILE.at(name=name)) from None
    return key


def open_key_file(data: bytes, name: str, find_lock: FindLock) -> tuple[bytes, str]:
    """
    Return the plain content of the key file *name*, and its kind: ``JWK``, or ``NOTE_KEYS`` for the keys of a witness.

    Raises:
        Refused, Missing: as ``parse_key_file``.
    """
    plain = unlock_bytes(data, name, find_lock) if is_locked(data) else data
    if plain.startswith(NOTE_KEY):
        return plain, NOTE_KEYS
    parse_key_file(plain, name, find_lock)
    return plain, JWK


def is_wide(path: Path) -> bool:
    """
    Tell whether the group or others may read or change *path*.

    Raises:
        Missing: ``file.missing``.
        Unavailable: it may not be looked at.
    """
    with reported(path):
        try:
            return bool(path.stat().st_mode & OTHERS)
        except FileNotFoundError:
            raise Missing(NO_FILE.at(name=str(path))) from None


def read_tight(path: Path) -> bytes:
    """
    Return the bytes of a secret's file, which only its owner may read.

    Raises:
        Refused: ``file.mode``.
        Missing, Unavailable: as ``is_wide``.
    """
    if is_wide(path):
        raise Refused(WIDE.at(name=str(path)))
    with reported(path):
        return path.read_bytes()
