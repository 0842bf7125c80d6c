"""
What a log asks a witness: cosign this checkpoint, which grew from the size that you saw last.

Example (a log that grew from 1 to 3 leaves)::

    old 1
    KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
    KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

    example.com/log
    3
    RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

    — example.com/log UgIom2VbtIcdFbwF...

C2SP tlog-witness, "add-checkpoint".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import NoteWrong, ProofWrong, Reason, Refused
from .checkpoint import Checkpoint, parse_checkpoint
from .hashing import EMPTY_ROOT, HASH_BYTES, Hash
from .merkle import MAX_SIZE, check_consistency
from .note import split_note
from .radix64 import format_base64, parse_base64

MAX_PROOF = 63
"""The most hashes that the standard lets a request carry."""

FORM = Reason("witness.form", "见证请求的格式不对", "the request to the witness is malformed")

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """
    What the log asks: the size that the witness saw last, the proof from there, the signed checkpoint.

    ``checkpoint`` is what ``note`` carries; its signatures are not verified by parsing.
    """

    old: int
    proof: tuple[Hash, ...]
    note: str
    checkpoint: Checkpoint


def format_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """
    Return the body of a request.

    Args:
        old: the size that the witness cosigned last, 0 if never.
        proof: the consistency proof from *old* to the checkpoint, at most 63 hashes; empty where *old* is 0.
        note: a signed checkpoint.

    Raises:
        Refused: ``parse_request`` would not take it.
    """
    body = "".join((f"old {old}\n", *(f"{format_base64(one)}\n" for one in proof), "\n", note)).encode()
    parse_request(body)
    return body


def parse_request(body: bytes) -> WitnessRequest:
    """
    Return the request that ``format_request`` would write as *body*.

    Raises:
        Refused: anything else, such as leading zeros, 64 hashes, or a note without a checkpoint.
    """
    try:
        head, gap, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Refused(FORM.at()) from None
    first, *lines = head.split("\n")
    match = _OLD.fullmatch(first)
    if match is None or int(match[1]) > MAX_SIZE or not gap or len(lines) > MAX_PROOF:
        raise Refused(FORM.at())
    text, _ = split_note(note)
    return WitnessRequest(int(match[1]), tuple(map(_parse_hash, lines)), note, parse_checkpoint(text))


def check_growth(known: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """
    Check that *new* continues *known* by *proof*; None is a log that was never seen, of no leaves.

    Args:
        proof: the consistency proof between both sizes; empty where *known* has no leaves, or both are of one size.

    Raises:
        ProofWrong: it does not, or the root of no leaves is not the empty root.
    """
    if new.size == 0 and new.root != EMPTY_ROOT:
        raise ProofWrong(
            "a log of no leaves has another root", expected=EMPTY_ROOT.hex(), found=new.root.hex()
        )
    if known is not None and known.size:
        check_consistency(proof, known.size, new.size, known.root, new.root)
    elif proof:
        raise ProofWrong("nothing needs no proof", expected=0, found=len(proof))


def _parse_hash(line: str) -> Hash:
    found = parse_base64(line)
    if len(found) != HASH_BYTES:
        raise NoteWrong(FORM.at())
    return Hash(found)
