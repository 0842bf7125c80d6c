"""
Cosignatures: a cosigner says when it saw a checkpoint that is consistent with all it saw before.

What follows the key ID in the line is the time (8 bytes, POSIX seconds) and the signature. Two kinds: Ed25519 (0x04)
over text, for example ::

    cosignature/v1
    time 1679315147
    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

and ML-DSA-44 (0x06) over a binary message, which names the cosigner too and covers no extension lines. A time of zero,
by which a cosigner would say nothing of when, is refused.

C2SP tlog-cosignature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..errors import NoteWrong, Reason, Refused, SignatureWrong
from . import ed25519, mldsa
from .checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from .hashing import EMPTY_ROOT
from .note import (
    ED25519,
    NoteSignature,
    Signer,
    Verifier,
    add_signatures,
    parse_verifier,
    sign_note,
)
from .vkey import VKEY, check_name, format_vkey, key_id_of, split_vkey

COSIGNATURE = b"\x04"
"""Ed25519."""

MLDSA = b"\x06"
"""ML-DSA-44."""

MAX_TIME = 2**63 - 1
MAX_NAME_BYTES = 255
"""The ML-DSA-44 message writes the length of the cosigner's name in one byte."""

TIME_BYTES = 8

TIME = Reason(
    "cosignature.time", "会签时间须在 1 至 2^63-1 秒之间", "the time of a cosignature is 1 to 2^63-1 seconds"
)
FORM = Reason("cosignature.form", "会签的格式不对", "the cosignature is malformed")
KIND = Reason("cosignature.kind", "不支持的会签密钥类型", "not a kind of cosigner key that is known here")
EMPTY = Reason(
    "cosignature.empty", "空日志的根不对，不予会签", "the root of an empty log is wrong, and is not cosigned"
)
NAME = Reason(
    "cosignature.name", "会签密钥名最长 {most} 字节", "the name of a cosigner key has at most {most} bytes"
)


@dataclass(frozen=True, slots=True)
class _Scheme:
    signature_bytes: int
    check_public: Callable[[bytes], None]
    public_key_of: Callable[[bytes], bytes]
    sign_bytes: Callable[[bytes, bytes], bytes]
    check_bytes: Callable[[bytes, bytes, bytes], None]


_SCHEMES = {
    kind: _Scheme(
        module.SIGNATURE_BYTES,
        module.check_public,
        module.public_key_of,
        module.sign_bytes,
        module.check_bytes,
    )
    for kind, module in ((COSIGNATURE, ed25519), (MLDSA, mldsa))
}
_LENGTHS = {TIME_BYTES + scheme.signature_bytes for scheme in _SCHEMES.values()}


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """The named public key of a cosigner; *kind* is COSIGNATURE (32 bytes) or MLDSA (1312 bytes)."""

    name: str
    public: bytes
    kind: bytes = COSIGNATURE

    def __post_init__(self) -> None:
        check_name(self.name)
        _scheme(self.kind).check_public(self.public)
        if len(self.name.encode()) > MAX_NAME_BYTES:
            raise NoteWrong(NAME.at(most=MAX_NAME_BYTES))

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name || LF || kind || public key)."""
        return key_id_of(self.name, self.kind + self.public)

    @property
    def vkey(self) -> str:
        """The key as text."""
        return format_vkey(self.name, self.kind + self.public)

    def check_text(self, text: str, signature: bytes) -> None:
        """
        Check *signature*, time and all, over the checkpoint *text*.

        Raises:
            SignatureWrong: it does not fit, or *text* is no checkpoint.
        """
        scheme = _SCHEMES[self.kind]
        if len(signature) != TIME_BYTES + scheme.signature_bytes:
            raise SignatureWrong(FORM.at())
        time = int.from_bytes(signature[:TIME_BYTES], "big")
        try:
            message = _message(self, parse_checkpoint(text), time)
        except Refused as refused:
            raise SignatureWrong(refused.problems) from None
        scheme.check_bytes(self.public, signature[TIME_BYTES:], message)


@dataclass(frozen=True, slots=True)
class Cosigner:
    """The named private key of a cosigner, from its 32-byte seed. One key never serves two names or kinds."""

    name: str
    seed: bytes = field(repr=False)
    kind: bytes = COSIGNATURE

    def __post_init__(self) -> None:
        _ = self.key

    @property
    def key(self) -> CosignerKey:
        """The public half."""
        return CosignerKey(self.name, _scheme(self.kind).public_key_of(self.seed), self.kind)

    @property
    def key_id(self) -> bytes:
        """The key ID, 4 bytes."""
        return self.key.key_id

    @property
    def vkey(self) -> str:
        """The public half as text."""
        return self.key.vkey

    def cosign(self, text: str, time: int) -> NoteSignature:
        """
        Return the cosignature of the checkpoint *text* at *time*.

        Args:
            text: a checkpoint without extension lines, as ``format_checkpoint`` writes it.
            time: POSIX seconds, 1 to 2^63 - 1.

        Raises:
            Refused: *text* is no checkpoint, or *time* out of range.
        """
        key = self.key
        message = _message(key, parse_checkpoint(text), time)
        signature = _SCHEMES[self.kind].sign_bytes(self.seed, message)
        return NoteSignature(self.name, key.key_id, time.to_bytes(TIME_BYTES, "big") + signature)


def parse_key(vkey: str) -> Verifier | CosignerKey:
    """
    Return the key that *vkey* spells: of a note (0x01) or of a cosigner (0x04, 0x06).

    Raises:
        NoteWrong: not a vkey, another signature type, or a key ID that does not follow from name and key.
    """
    name, material = split_vkey(vkey)
    if material[:1] == ED25519:
        return parse_verifier(vkey)
    if material[:1] not in _SCHEMES:
        raise NoteWrong(VKEY.at())
    try:
        return CosignerKey(name, material[1:], material[:1])
    except Refused as refused:
        raise NoteWrong(refused.problems) from None


def read_time(signature: NoteSignature) -> int:
    """
    Return the time that the cosignature *signature* names, in POSIX seconds; it is not verified here.

    Raises:
        NoteWrong: not a cosignature, or a time out of range.
    """
    if len(signature.signature) not in _LENGTHS:
        raise NoteWrong(FORM.at())
    time = int.from_bytes(signature.signature[:TIME_BYTES], "big")
    _check_time(time)
    return time


def cosign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer | Cosigner], time: int) -> str:
    """
    Return *checkpoint* as a note signed by each of *signers*, those first that sign the text itself.

    Args:
        checkpoint: what the log is at *time*.
        signers: at least one ``Signer``: a public log signs with Ed25519 always (C2SP tlog-tiles).
        time: POSIX seconds, for the cosigners among *signers*.

    Raises:
        Refused: a field that no checkpoint can have, no signer, or *time* out of range.
    """
    text = format_checkpoint(checkpoint)
    note = sign_note(text, [one for one in signers if isinstance(one, Signer)])
    return add_signatures(note, [one.cosign(text, time) for one in signers if isinstance(one, Cosigner)])


def _scheme(kind: bytes) -> _Scheme:
    scheme = _SCHEMES.get(kind)
    if scheme is None:
        raise NoteWrong(KIND.at())
    return scheme


def _check_time(time: int) -> None:
    if not 1 <= time <= MAX_TIME:
        raise NoteWrong(TIME.at())


def _message(key: CosignerKey, checkpoint: Checkpoint, time: int) -> bytes:
    """Return the bytes that *key* signs for *checkpoint* at *time*."""
    _check_time(time)
    if not checkpoint.size and checkpoint.root != EMPTY_ROOT:
        raise NoteWrong(EMPTY.at())
    if key.kind == COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{format_checkpoint(checkpoint)}".encode()
    return b"".join(
        (
            b"subtree/v1\n\0",
            _led(key.name.encode()),
            time.to_bytes(8, "big"),
            _led(checkpoint.origin.encode()),
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _led(name: bytes) -> bytes:
    """Return *name* (1 to 255 bytes) led by its length."""
    return bytes([len(name)]) + name
