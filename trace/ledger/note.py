"""
Signed notes: a text and the lines of those who signed it.

Example of a signature line (key name, then base64 of key ID and signature):
``— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=``

The keys here are those of Ed25519 over the text itself (0x01). ``cosignature`` adds the timestamped ones; whatever is a
``NoteKey`` opens notes. Lines of keys that nobody named are kept as unknown.

C2SP signed-note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from ..errors import NoteWrong, Reason, Refused, SignatureWrong
from .ed25519 import KEY_BYTES, SIGNATURE_BYTES, check_bytes, check_public, public_key_of, sign_bytes
from .radix64 import format_base64, parse_base64
from .vkey import KEY_ID_BYTES, VKEY, check_name, format_vkey, is_key_name, key_id_of, split_vkey

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
"""The standard asks for at least 16."""

ED25519 = b"\x01"

TEXT = Reason("note.text", "签名文本的格式不对", "the note is malformed")
LINE = Reason("note.line", "第 {line} 行签名的格式不对", "signature line {line} is malformed")
MANY = Reason("note.many", "签名超过 {most} 行", "more than {most} signatures")
SIGNATURE = Reason("note.signature", "{name} 的签名不对", "the signature of {name} is wrong")
UNTRUSTED = Reason("note.untrusted", "没有可信密钥的签名", "not signed by any trusted key")

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DASH = "\u2014 "


class NoteKey(Protocol):
    """A public key that may have signed a note: ``Verifier``, or ``cosignature.CosignerKey``."""

    @property
    def name(self) -> str:
        """The name of the key."""
        ...

    @property
    def key_id(self) -> bytes:
        """The key ID, 4 bytes."""
        ...

    @property
    def vkey(self) -> str:
        """The key as text."""
        ...

    def check_text(self, text: str, signature: bytes) -> None:
        """Check what follows the key ID in a line, over the *text* of a note; raise SignatureWrong if wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named Ed25519 public key (32 bytes)."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        check_public(self.public)

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name || LF || type || public key)."""
        return key_id_of(self.name, ED25519 + self.public)

    @property
    def vkey(self) -> str:
        """The key as text: ``name+530d903a+AekyeRrm56hA...``."""
        return format_vkey(self.name, ED25519 + self.public)

    def check_text(self, text: str, signature: bytes) -> None:
        """
        Check *signature* (64 bytes) over *text*.

        Raises:
            SignatureWrong: it does not fit.
        """
        if len(signature) != SIGNATURE_BYTES:
            raise SignatureWrong(SIGNATURE.at(name=self.name))
        check_bytes(self.public, signature, text.encode())


@dataclass(frozen=True, slots=True)
class Signer:
    """A named Ed25519 private key, from its 32-byte seed. One key never serves two names."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
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
    name, material = split_vkey(vkey)
    if material[:1] != ED25519 or len(material) != 1 + KEY_BYTES:
        raise NoteWrong(VKEY.at())
    try:
        return Verifier(name, material[1:])
    except Refused as refused:
        raise NoteWrong(refused.problems) from None


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
    signed = (NoteSignature(signer.name, signer.key_id, signer.sign(message)) for signer in signers)
    return f"{text}\n{''.join(map(format_signature, signed))}"


def add_signatures(note: str, signatures: Iterable[NoteSignature]) -> str:
    """
    Return *note* with a line for each of *signatures* behind its own; what it carries already is not repeated.

    Raises:
        NoteWrong: *note* is malformed, or would carry more than 100 signatures.
    """
    _, kept = split_note(note)
    added = [one for one in dict.fromkeys(signatures) if one not in kept]
    if len(kept) + len(added) > MAX_SIGNATURES:
        raise NoteWrong(MANY.at(most=MAX_SIGNATURES))
    return note + "".join(map(format_signature, added))


def open_note(note: str | bytes, verifiers: Sequence[NoteKey]) -> OpenedNote:
    """
    Return the text of *note* if at least one of *verifiers* signed it.

    Lines of keys that are not among *verifiers* (by name and key ID) are passed through as unknown.

    Raises:
        NoteWrong: the note is malformed, a known key's signature is wrong, or no known key signed.
    """
    text, signatures = split_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified: dict[NoteSignature, None] = {}
    unknown: dict[NoteSignature, None] = {}
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            unknown[signature] = None
        else:
            _check_signature(verifier, signature, text)
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
    if not gap:
        _refuse(TEXT)
    return text + "\n", parse_signatures(tail)


def format_signature(signature: NoteSignature) -> str:
    """Return *signature* as one line, with its line feed."""
    return f"{_DASH}{signature.name} {format_base64(signature.key_id + signature.signature)}\n"


def parse_signatures(text: str) -> list[NoteSignature]:
    """
    Return the signatures of *text*, which is signature lines only, as a witness answers; none of them verified.

    Raises:
        NoteWrong: there is no line or more than 100, or one is malformed.
    """
    if not text.endswith("\n"):
        _refuse(TEXT)
    lines = text[:-1].split("\n", MAX_SIGNATURES + 1)
    if len(lines) > MAX_SIGNATURES:
        raise NoteWrong(MANY.at(most=MAX_SIGNATURES))
    return [_parse_line(line, number) for number, line in enumerate(lines, 1)]


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


def _check_signature(verifier: NoteKey, signature: NoteSignature, text: str) -> None:
    try:
        verifier.check_text(text, signature.signature)
    except SignatureWrong:
        raise NoteWrong(SIGNATURE.at(name=verifier.name)) from None


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
