"""
Names, IDs and spelling of the keys that sign notes.

Example: ``example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k`` is name, key ID and base64 of the
signature type (one byte) and the public key.

C2SP signed-note, "Verifier keys".
"""

from __future__ import annotations

import hashlib
import re

from ..errors import NoteWrong, Reason, Refused
from .radix64 import format_base64, parse_base64

KEY_ID_BYTES = 4

VKEY = Reason("note.vkey", "不是有效的验证公钥（vkey）", "not a valid verifier key (vkey)")
NAME = Reason(
    "note.name", "密钥名不能为空，不能含空白或加号", "a key name has no space or plus and is not empty"
)

_VKEY = re.compile(r"([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


def is_key_name(name: str) -> bool:
    """Tell whether *name* may name a key: not empty, no Unicode space, no plus, no control character."""
    return (
        bool(name) and "+" not in name and not any(c.isspace() or c < " " or _is_surrogate(c) for c in name)
    )


def check_name(name: str) -> None:
    """
    Check that *name* may name a key.

    Raises:
        NoteWrong: it may not.
    """
    if not is_key_name(name):
        raise NoteWrong(NAME.at())


def key_id_of(name: str, material: bytes) -> bytes:
    """Return the key ID: the first 4 bytes of SHA-256(name || LF || *material*), which is type || public key."""
    return hashlib.sha256(name.encode() + b"\n" + material).digest()[:KEY_ID_BYTES]


def format_vkey(name: str, material: bytes) -> str:
    """Return the key *name* as text; *material* is its signature type (one byte) and public key."""
    return f"{name}+{key_id_of(name, material).hex()}+{format_base64(material)}"


def split_vkey(vkey: str) -> tuple[str, bytes]:
    """
    Return name and material (type || public key) of *vkey*. The base64 may itself contain a plus.

    Raises:
        NoteWrong: not a vkey in its one spelling, or a key ID that does not follow from name and key.
    """
    match = _VKEY.fullmatch(vkey)
    if match is None:
        raise NoteWrong(VKEY.at())
    check_name(match[1])
    try:
        material = parse_base64(match[3])
    except Refused:
        raise NoteWrong(VKEY.at()) from None
    if key_id_of(match[1], material).hex() != match[2]:
        raise NoteWrong(VKEY.at())
    return match[1], material


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"
