"""
Whether to cosign: the rules of a witness, pure, one error for each answer that the standard knows.

C2SP tlog-witness, "add-checkpoint".
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Conflict, Missing, NoteWrong, ProofWrong, Reason, Refused
from ..ledger.checkpoint import Checkpoint
from ..ledger.note import NoteKey, NoteSignature, open_note
from ..ledger.witnessing import WitnessRequest, check_growth, parse_request

UNKNOWN = Reason("witness.unknown-log", "见证方不认识日志 {origin}", "the witness knows no log {origin}")
ORDER = Reason(
    "witness.order",
    "旧大小 {old} 大于检查点的 {size}",
    "the old size {old} is beyond the checkpoint's {size}",
)
STALE = Reason(
    "witness.stale", "见证方上次会签的大小是 {known}", "the witness cosigned the size {known} last"
)
FORK = Reason(
    "witness.fork",
    "{origin} 的检查点（{size}）没有延续见证方会签过的 {known}",
    "the checkpoint of {origin} at {size} does not continue the one at {known} that the witness cosigned",
)


class RequestWrong(Refused):
    """The request can't be read, or names an old size beyond the new."""

    code = "witness.request"


class LogUnknown(Missing):
    """The checkpoint is of a log that nobody told the witness to trust."""

    code = "witness.log"


class SignerUntrusted(Refused):
    """No trusted key of the log signed the checkpoint, or the signature of one is wrong."""

    code = "witness.signer"


class SizeStale(Conflict):
    """The old size is not the one that the witness cosigned last, which is ``known``."""

    code = "witness.size"

    def __init__(self, known: int) -> None:
        self.known = known
        super().__init__(STALE.at(known=known))


class LogForked(Refused):
    """The checkpoint does not continue the one that the witness cosigned last."""

    code = "witness.forked"


def read_request(body: bytes) -> WitnessRequest:
    """
    Return the request that *body* spells.

    Raises:
        RequestWrong: it spells none.
    """
    try:
        return parse_request(body)
    except Refused as refused:
        raise RequestWrong(refused.problems) from None


def check_signed(request: WitnessRequest, keys: Sequence[NoteKey]) -> tuple[NoteSignature, ...]:
    """
    Return the signatures of the log itself on the checkpoint; those of unknown keys are left out.

    Args:
        keys: those that are trusted for this origin; none means that the log is not known.

    Raises:
        LogUnknown, SignerUntrusted.
    """
    if not keys:
        raise LogUnknown(UNKNOWN.at(origin=request.checkpoint.origin))
    try:
        return open_note(request.note, keys).verified
    except NoteWrong as wrong:
        raise SignerUntrusted(wrong.problems) from None


def check_continues(request: WitnessRequest, known: Checkpoint | None) -> None:
    """
    Check that the checkpoint may be cosigned after *known*, the last one that was.

    Raises:
        RequestWrong: the old size is beyond the checkpoint.
        SizeStale: the old size is not that of *known*.
        LogForked: the proof does not lead from *known* to the checkpoint.
    """
    old, new = request.old, request.checkpoint
    if old > new.size:
        raise RequestWrong(ORDER.at(old=old, size=new.size))
    size = known.size if known else 0
    if old != size:
        raise SizeStale(size)
    try:
        check_growth(known, new, request.proof)
    except ProofWrong as wrong:
        raise LogForked(FORK.at(origin=new.origin, size=new.size, known=size)) from wrong
