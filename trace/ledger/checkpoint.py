"""
Checkpoints: how large the log is and what its root is, as three lines of text under signatures.

Example::

    example.com/suyuan
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

Extension lines are refused: newer cosignatures would not cover them.

C2SP tlog-checkpoint v1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import NoteWrong, Reason, Refused
from .hashing import Hash
from .merkle import MAX_SIZE
from .note import NoteKey, Signer, open_note, sign_note
from .radix64 import format_base64, parse_base64

MAX_ORIGIN_BYTES = 255
"""C2SP tlog-cosignature writes the length of the origin in one byte."""

FORM = Reason("checkpoint.form", "检查点格式不对", "the checkpoint is malformed")
ORIGIN = Reason(
    "checkpoint.origin", "检查点属于另一个日志：{found}", "the checkpoint is of another log: {found}"
)

_TEXT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log *origin* has *size* leaves (0 to 2^63 - 1) under *root* (32 bytes)."""

    origin: str
    size: int
    root: Hash


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """
    Return the text of *checkpoint*, which a note carries.

    Raises:
        Refused: origin, size or root can't stand in a checkpoint.
    """
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{format_base64(checkpoint.root)}\n"
    parse_checkpoint(text)
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """
    Return the checkpoint that ``format_checkpoint`` would write as *text*.

    Raises:
        Refused: anything else, such as leading zeros or extension lines.
    """
    match = _TEXT.fullmatch(text)
    if match is None or int(match[2]) > MAX_SIZE or not _is_origin(match[1]):
        raise Refused(FORM.at())
    root = Hash(parse_base64(match[3]))  # 43 characters and a = are 32 bytes
    return Checkpoint(match[1], int(match[2]), root)


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """
    Return *checkpoint* as a note signed by each of *signers*.

    Raises:
        Refused: as ``format_checkpoint`` does.
    """
    return sign_note(format_checkpoint(checkpoint), signers)


def open_checkpoint(note: str | bytes, verifiers: Sequence[NoteKey], origin: str) -> Checkpoint:
    """
    Return the checkpoint of the log *origin* that at least one of *verifiers* signed.

    Raises:
        NoteWrong: the note is malformed, badly signed, or another log's.
        Refused: the text is not a checkpoint.
    """
    checkpoint = parse_checkpoint(open_note(note, verifiers).text)
    if checkpoint.origin != origin:
        raise NoteWrong(ORIGIN.at(found=checkpoint.origin))
    return checkpoint


def _is_origin(origin: str) -> bool:
    try:
        length = len(origin.encode())
    except UnicodeEncodeError:
        return False
    return length <= MAX_ORIGIN_BYTES and not any(character < " " for character in origin)
