"""
Signed notes: a text and the lines of those who signed it.

Example of a signature line (key name, then base64 of key ID and signature):
``— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=``

Of the signature types only Ed25519 (0x01) is signed and verified here; lines of other keys are kept as unknown.

C2SP signed-note.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from ..errors import NoteWrong, Reason, Refused, SignatureWrong
from .ed25519 import KEY_BYTES, SIGNATURE_BYTES, check_bytes, check_public, public_key_of, sign_bytes
from .radix64 import format_base64, parse_base64

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
"""The standard asks for at least 16."""

ED25519 = b"\x01"
KEY_ID_BYTES = 4

VKEY = Reason("note.vkey", "不是有效的验证公钥（vkey）", "not a valid verifier key (vkey)")
NAME = Reason(
    "note.name", "密钥名不能为空，不能含空白或加号", "a key name has no space or plus and is not empty"
)
TEXT = Reason("note.text", "签名文本的格式不对", "the note is malformed")
LINE = Reason("note.line", "第 {line} 行签名的格式不对", "signature line {line} is malformed")
MANY = Reason("note.many", "签名超过 {most} 行", "more than {most} signatures")
SIGNATURE = Reason("note.signature", "{name} 的签名不对", "the signature of {name} is wrong")
UNTRUSTED = Reason("note.untrusted", "没有可信密钥的签名", "not signed by any trusted key")

_VKEY = re.compile(r"([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named Ed25519 public key (32 bytes)."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        check_public(self.public)

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name || LF || type || public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as text: ``name+530d903a+AekyeRrm56hA...``."""
        return f"{self.name}+{self.key_id.hex()}+{format_base64(ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A named Ed25519 private key, from its 32-byte seed. One key never serves two names."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        public_key_of(self.seed)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, public_key_of(self.seed))

    @property
    def key_id(self) -> bytes:
        """The key ID, 4 bytes."""
        return self.verifier.key_id

    @property
    def vkey(self) -> str:
        """The public half as text."""
        return self.verifier.vkey

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature (64 bytes) over *message*."""
        return sign_bytes(self.seed, message)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: key name, key ID (4 bytes), and what follows the ID."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """The text of a note, with the signatures that are verified and those of keys that the caller did not name."""

    text: str
    verified: tuple[NoteSignature, ...]
    unknown: tuple[NoteSignature, ...]


def parse_verifier(vkey: str) -> Verifier:
    """
    Return the key that *vkey* spells. The base64 may itself contain a plus.

    Raises:
        NoteWrong: not a vkey, another signature type, or a key ID that does not follow from name and key.
    """
    match = _VKEY.fullmatch(vkey)
    if match is None:
        raise NoteWrong(VKEY.at())
    try:
        data = parse_base64(match[3])
        if data[:1] != ED25519 or len(data) != 1 + KEY_BYTES:
            raise NoteWrong(VKEY.at())
        verifier = Verifier(match[1], data[1:])
    except Refused as refused:
        raise NoteWrong(refused.problems) from None
    if verifier.key_id.hex() != match[2]:
        raise NoteWrong(VKEY.at())
    return verifier


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """
    Return *text* as a note with one line for each of *signers*.

    Args:
        text: ends in a line feed, no other control character.
        signers: at least one.

    Raises:
        NoteWrong: *text* can't be a note's text.
    """
    message = _encode(text)
    if not text.endswith("\n") or not signers:
        _refuse(TEXT)
    lines = [
        f"{_DASH}{signer.name} {format_base64(signer.key_id + signer.sign(message))}\n" for signer in signers
    ]
    return f"{text}\n{''.join(lines)}"


def open_note(note: str | bytes, verifiers: Sequence[Verifier]) -> OpenedNote:
    """
    Return the text of *note* if at least one of *verifiers* signed it.

    Lines of keys that are not among *verifiers* (by name and key ID) are passed through as unknown.

    Raises:
        NoteWrong: the note is malformed, a known key's signature is wrong, or no known key signed.
    """
    text, signatures = split_note(note)
    message = text.encode()
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[NoteSignature, None] = {}
    unknown: dict[NoteSignature, None] = {}
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            unknown[signature] = None
        else:
            _check_signature(verifier, signature, message)
            verified[signature] = None
    if not verified:
        _refuse(UNTRUSTED)
    return OpenedNote(text, tuple(verified), tuple(unknown))


def split_note(note: str | bytes) -> tuple[str, list[NoteSignature]]:
    """
    Return the text of *note* and its signature lines, none of them verified.

    Raises:
        NoteWrong: the note is malformed.
    """
    whole = _decode(note)
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        _refuse(TEXT)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteWrong(MANY.at(most=MAX_SIGNATURES))
    return text + "\n", [_parse_line(line, number) for number, line in enumerate(lines, 1)]


def is_key_name(name: str) -> bool:
    """Tell whether *name* may name a key: not empty, no Unicode space, no plus, no control character."""
    return (
        bool(name) and "+" not in name and not any(c.isspace() or c < " " or _is_surrogate(c) for c in name)
    )


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _check_name(name: str) -> None:
    if not is_key_name(name):
        raise NoteWrong(NAME.at())


def _parse_line(line: str, number: int) -> NoteSignature:
    dash, name, spelled = line[:2], *line[2:].partition(" ")[::2]
    if dash != _DASH or not is_key_name(name):
        raise NoteWrong(LINE.at(line=number))
    try:
        data = parse_base64(spelled)
    except Refused:
        raise NoteWrong(LINE.at(line=number)) from None
    if len(data) <= KEY_ID_BYTES:
        raise NoteWrong(LINE.at(line=number))
    return NoteSignature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _check_signature(verifier: Verifier, signature: NoteSignature, message: bytes) -> None:
    problem = SIGNATURE.at(name=verifier.name)
    if len(signature.signature) != SIGNATURE_BYTES:
        raise NoteWrong(problem)
    try:
        check_bytes(verifier.public, signature.signature, message)
    except SignatureWrong:
        raise NoteWrong(problem) from None


def _decode(note: str | bytes) -> str:
    if len(note) > MAX_NOTE_BYTES:
        _refuse(TEXT)
    if isinstance(note, str):
        _encode(note)
        return note
    try:
        text = note.decode()
    except UnicodeDecodeError:
        _refuse(TEXT)
    _encode(text)
    return text


def _encode(text: str) -> bytes:
    if _CONTROL.search(text):
        _refuse(TEXT)
    try:
        return text.encode()
    except UnicodeEncodeError:
        _refuse(TEXT)


def _refuse(reason: Reason) -> NoReturn:
    raise NoteWrong(reason.at()) from None
