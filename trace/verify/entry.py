"""One entry under one checkpoint: who signed the log, that the entry is in it, and that its fields agree."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Reason, Refused
from ..ledger.checkpoint import Checkpoint
from ..ledger.cosignature import CosignerKey, parse_key
from ..ledger.entry import Entry, parse_entry
from ..ledger.hashing import leaf_hash
from ..ledger.merkle import check_inclusion
from ..ledger.note import Verifier
from ..ledger.policy import Policed, Policy, open_policed
from ..ledger.statement import Statement, parse_statement
from ..produce.events import Event
from ..produce.parse import parse_event
from ..produce.subjects import subjects_of
from .bundle import EntryProof
from .steps import expect, proving

NO_KEY = Reason("key.none", "没有给出日志的验证公钥", "no verifier key of the log is given")

INCLUSION = Reason(
    "proof.inclusion",
    "条目不在检查点的树中：条目或证明被改动",
    "the entry is not in the tree of the checkpoint: entry or proof was changed",
)
INDEX = Reason("proof.index", "条目中的序号与证明不符", "the index in the entry is not that of the proof")
LOG = Reason("proof.log", "条目属于另一个日志", "the entry is of another log")
CHAINS = Reason(
    "proof.subjects",
    "条目登记的对象与事件不符，有人可能藏起了一段历史",
    "the entry's chains are not those of its event; a part of the history may be hidden",
)


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry that is in the log, read; whether its signer's key was valid is another step."""

    entry: Entry
    statement: Statement
    event: Event


def read_log_keys(text: str) -> tuple[Verifier | CosignerKey, ...]:
    """
    Return the log keys in *text*: one vkey a line, empty lines and those that begin with ``#`` left out.

    Raises:
        Refused: NoteWrong ``note.vkey`` for a line that is none, ``key.none`` where there is no line.
    """
    lines = [line.strip() for line in text.splitlines()]
    keys = tuple(parse_key(line) for line in lines if line and not line.startswith("#"))
    if not keys:
        raise Refused(NO_KEY.at())
    return keys


def check_checkpoint(note: str, log: str, policy: Policy) -> Policed:
    """
    Return the checkpoint of *log*, which meets *policy*, and who cosigned it.

    Raises:
        Refused: ``key.none`` where *policy* has no log; NoteWrong: malformed, badly signed, another log's, signed by no
            log of the policy, or ``policy.quorum``.
    """
    if not policy.logs:
        raise Refused(NO_KEY.at())
    return open_policed(note, policy, log)


def prove_entry(proof: EntryProof, checkpoint: Checkpoint) -> Proved:
    """
    Return the entry of *proof*, which is in the log of *checkpoint* and whose fields agree.

    Raises:
        ProofWrong: StepFailed for a proof that leads elsewhere or fields that contradict it.
        Refused: the entry, its statement or its event is malformed.
    """
    with proving(INCLUSION):
        check_inclusion(
            proof.inclusion, proof.index, checkpoint.size, leaf_hash(proof.entry), checkpoint.root
        )
    entry = parse_entry(proof.entry)
    expect(INDEX, proof.index, entry.index)
    expect(LOG, checkpoint.origin, entry.log)
    statement = parse_statement(entry.statement)
    event = parse_event(statement.payload)
    expect(LOG, entry.log, event.log)
    expect(CHAINS, subjects_of(event), tuple(link.id for link in entry.chains))
    return Proved(entry, statement, event)
