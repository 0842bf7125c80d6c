"""
Locked files: bytes that open with a passphrase, or with the master key, in a form that other tools read.

A locked file is one line, a compact JWE (RFC 7516): header, wrapped key, nonce, ciphertext, tag. The header is, by what
opens it, one of these two, shortened here; a private JWK in it is what RFC 7517 section 7 calls an encrypted JWK::

    {"alg":"PBES2-HS512+A256KW","cty":"jwk+json","enc":"A256GCM","p2c":250000,"p2s":"2WCTcJZ1Rvd_CJuJripQ1w"}
    {"alg":"A256KW","cty":"jwk+json","enc":"A256GCM"}

Under the master key, A256KW wraps by a key derived from it (``seal.derive(master, "file")``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import Reason, Refused
from ..ledger.canonical import decode, encode
from ..ledger.radix64 import format_base64url, parse_base64url
from . import seal

PASSPHRASE: Final = "PBES2-HS512+A256KW"  # noqa: S105  # the name of an algorithm
MASTER: Final = "A256KW"
ROUNDS: Final = 250_000
"""More than the 210,000 that OWASP asks of PBKDF2 with HMAC-SHA512, less than the 300,000 at which readers give up."""

MOST_ROUNDS: Final = 1_000_000
SALT_BYTES: Final = 16
SHORTEST: Final = 8

SHORT = Reason("lock.short", "口令至少 {least} 个字符", "a passphrase has at least {least} characters")
FORM = Reason("lock.form", "{name} 不是本系统加密的文件", "{name} is no file that was locked here")
CLOSED = Reason(
    "lock.closed",
    "打不开 {name}：口令或主密钥不对，或文件已损坏",
    "{name} does not open: another passphrase or master key, or the file is damaged",
)

JWK: Final = "jwk+json"
NOTE_KEYS: Final = "text/plain"
"""What is locked, as the header says it (``cty``): a private JWK, or the keys of a witness line by line."""


@dataclass(frozen=True, slots=True)
class Lock:
    """What locks a file and opens it again: a passphrase, or else the master key (32 bytes)."""

    passphrase: str = field(default="", repr=False)
    master: bytes = field(default=b"", repr=False)


FindLock = Callable[[str], Lock]
"""Given the kind of lock, ``PASSPHRASE`` or ``MASTER``, finds it; raises Missing where it can't be had."""


def is_locked(data: bytes) -> bool:
    """Tell whether *data* looks like a locked file rather than a plain one."""
    return data.startswith(b"eyJ") and data.count(b".") == 4


def lock_bytes(data: bytes, lock: Lock, random: Callable[[int], bytes], content: str = JWK) -> bytes:
    """
    Return *data* as the line of a locked file.

    Args:
        random: a source of bytes in the shape of ``os.urandom``.
        content: ``JWK`` or ``NOTE_KEYS``.

    Raises:
        Refused: ``lock.short``.
    """
    header: dict[str, Any] = {"alg": MASTER, "cty": content, "enc": "A256GCM"}
    if not lock.master:
        check_passphrase(lock.passphrase)
        header |= {"alg": PASSPHRASE, "p2c": ROUNDS, "p2s": format_base64url(random(SALT_BYTES))}
    key, nonce = random(seal.KEY_SIZE), random(seal.NONCE_SIZE)
    first = format_base64url(encode(header))
    sealed = seal.encrypt(key, nonce, data, first.encode())
    wrapped = seal.wrap_key(_outer(header, lock), key)
    parts = (wrapped, nonce, sealed[: -seal.TAG_SIZE], sealed[-seal.TAG_SIZE :])
    return ".".join([first, *map(format_base64url, parts)]).encode() + b"\n"


def check_passphrase(passphrase: str) -> None:
    """
    Check that *passphrase* is long enough to lock a file with.

    Raises:
        Refused: ``lock.short``, fewer than 8 characters.
    """
    if len(_normal(passphrase)) < SHORTEST:
        raise Refused(SHORT.at(least=SHORTEST))


def unlock_bytes(data: bytes, name: str, find_lock: FindLock) -> bytes:
    """
    Return what ``lock_bytes`` locked as *data*.

    Args:
        name: of the file, for errors.

    Raises:
        Refused: ``lock.form``, ``lock.closed``.
        Missing: as *find_lock* does.
    """
    try:
        first, *rest = data.decode("ascii").removesuffix("\n").split(".")
        header = decode(parse_base64url(first))
        wrapped, nonce, sealed, tag = map(parse_base64url, rest)
        _check_header(header)
    except (Refused, ValueError):
        raise Refused(FORM.at(name=name)) from None
    key = seal.unwrap_key(_outer(header, find_lock(header["alg"])), wrapped)
    found = None if key is None else seal.decrypt(key, nonce, sealed + tag, first.encode())
    if found is None:
        raise Refused(CLOSED.at(name=name))
    return found


def _check_header(header: dict[str, Any]) -> None:
    """Raise ValueError, or Refused, for any header that is not one of the two."""
    common = {"cty": header.get("cty"), "enc": "A256GCM"}
    if common["cty"] not in (JWK, NOTE_KEYS):
        raise ValueError("another content")
    if header == {"alg": MASTER, **common}:
        return
    rounds, salt = header.get("p2c"), header.get("p2s")
    if header != {"alg": PASSPHRASE, "p2c": rounds, "p2s": salt, **common}:
        raise ValueError("another header")
    if type(rounds) is not int or not 1 <= rounds <= MOST_ROUNDS or not isinstance(salt, str):
        raise ValueError("another count or salt")
    parse_base64url(salt)


def _outer(header: dict[str, Any], lock: Lock) -> bytes:
    """Return the key that wraps the file's own (RFC 7518 section 4.8.1.1 for a passphrase)."""
    if header["alg"] == MASTER:
        return seal.derive(lock.master, "file")
    salt = PASSPHRASE.encode() + b"\0" + parse_base64url(header["p2s"])
    return seal.stretch(_normal(lock.passphrase), salt, header["p2c"])


def _normal(passphrase: str) -> str:
    """Return *passphrase* in the one spelling that each keyboard leads to (RFC 8265 section 4.2.2)."""
    return unicodedata.normalize("NFC", passphrase)
