"""
Offline proofs: one text file that leads from an entry to a checkpoint with all its signatures.

Example (hash and signatures cut short)::

    c2sp.org/tlog-proof@v1
    extra eyJhdCI6IjIwMjYtMDktMjFUMDA6MzA6MDUuNjI1WiIs...
    index 5
    2qUsLnWgu9Dx6Xb3tfqSnVin8ubgzQQYJiWSXN7bNX8=

    pear.example/log
    7
    Tz+KYWHIO0tlky0WGz2nsJuPnGX9xc1+hgXi0BY/hxs=

    — pear.example/log S05QGiVi...

Nothing in it is verified by reading it. The extra data is under no signature; here it is the entry's bytes, which the
hashes then lead from. Files end in ``.tlog-proof``.

C2SP tlog-proof@v1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from ..errors import NoteWrong, Reason, Refused
from .checkpoint import parse_checkpoint
from .hashing import HASH_BYTES, Hash
from .merkle import MAX_SIZE
from .note import MAX_NOTE_BYTES, split_note
from .radix64 import format_base64, parse_base64

MAX_HASHES = 63
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 200_000
"""Room for a note and, in base64, an entry."""

HEADER = "c2sp.org/tlog-proof@v1"

FORM = Reason("tlog-proof.form", "tlog-proof 证明文件的格式不对", "the tlog-proof file is malformed")

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """
    Entry *index* is in the log of *checkpoint*, a whole signed note; *hashes* lead there, the leaf's sibling first.

    *extra* is opaque data that nobody signed, not empty; None where there is none.
    """

    index: int
    hashes: tuple[Hash, ...]
    checkpoint: str
    extra: bytes | None = None


def format_proof(proof: TlogProof) -> str:
    """
    Return *proof* as text.

    Raises:
        NoteWrong: a field that no proof can have.
    """
    lines = [HEADER]
    if proof.extra is not None:
        lines.append(f"extra {format_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines += map(format_base64, proof.hashes)
    text = "\n".join(lines) + f"\n\n{proof.checkpoint}"
    parse_proof(text)
    return text


def parse_proof(text: str | bytes) -> TlogProof:
    """
    Return the proof that ``format_proof`` would write as *text*.

    Its checkpoint is a well-formed note, and large enough to have an entry *index*; no signature and no hash is
    verified.

    Raises:
        NoteWrong: anything else.
    """
    head, gap, note = _decode(text).partition("\n\n")
    if not gap:
        _refuse()
    first, *lines = head.split("\n", MAX_HASHES + 4)
    if first != HEADER or not lines:
        _refuse()
    extra = _parse_extra(lines.pop(0)) if lines[0].startswith("extra ") else None
    match = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if match is None or len(lines) > MAX_HASHES:
        _refuse()
    index = int(match[1])
    hashes = tuple(map(_parse_hash, lines))
    _check_checkpoint(note, index)
    return TlogProof(index, hashes, note, extra)


def _decode(text: str | bytes) -> str:
    if len(text) > MAX_PROOF_BYTES:
        _refuse()
    try:
        return text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError:
        _refuse()


def _parse_extra(line: str) -> bytes:
    data = _parse_base64(line.removeprefix("extra "))
    if not data:
        _refuse()
    return data


def _parse_hash(line: str) -> Hash:
    data = _parse_base64(line)
    if len(data) != HASH_BYTES:
        _refuse()
    return Hash(data)


def _parse_base64(spelled: str) -> bytes:
    try:
        return parse_base64(spelled)
    except Refused:
        _refuse()


def _check_checkpoint(note: str, index: int) -> None:
    text, _ = split_note(note)
    try:
        checkpoint = parse_checkpoint(text)
    except Refused as refused:
        raise NoteWrong(refused.problems) from None
    if not index < checkpoint.size <= MAX_SIZE:
        _refuse()


def _refuse() -> NoReturn:
    raise NoteWrong(FORM.at()) from None
