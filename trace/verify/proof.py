"""The steps that every proof shares: checkpoint, entry and, where its entries are there, the signer's key."""

from __future__ import annotations

from datetime import UTC, datetime

from ..errors import Reason
from ..ledger.checkpoint import Checkpoint
from ..ledger.policy import Cosigned, Policy
from .bundle import Bundle, EntryBundle
from .entry import Proved, check_checkpoint, prove_entry
from .keys import check_signer
from .steps import Step, done, left_open

SIGNED = Reason(
    "step.checkpoint",
    "检查点由可信密钥签名：{origin}，共 {size} 条",
    "the checkpoint is signed by a trusted key: {origin}, {size} entries",
)
COSIGNED = Reason(
    "step.witnesses",
    "{count} 个见证方看过同一检查点并已会签：{witnesses}",
    "witnesses that saw the same checkpoint and cosigned it, {count}: {witnesses}",
)
INCLUDED = Reason(
    "step.inclusion",
    "条目 {index} 在检查点的 Merkle 树中（{hashes} 个哈希）",
    "entry {index} is in the Merkle tree of the checkpoint ({hashes} hashes)",
)
READ = Reason(
    "step.entry",
    "条目格式正确，序号与日志一致，入账时间 {at}",
    "the entry has its form, its index and log agree, ledger time {at}",
)
EVENT = Reason(
    "step.event",
    "签名声明的格式正确，事件为 {type}，由 {by} 声明，对象链与事件一致",
    "the statement has its form: {type}, said by {by}; the entry's chains are those of the event",
)

OTHER_EVENTS = Reason(
    "open.later",
    "未检查：检查点之后或其他条目中的事（作废、封存、召回）",
    "not checked: what other entries say, before or after (voided, held, recalled)",
)
WITNESSES = Reason(
    "open.witnesses",
    "未检查：别人看到的是否同一个检查点（请与他人或见证方核对）",
    "not checked: whether others were shown the same checkpoint (compare with theirs, or with witnesses)",
)
SIGNER = Reason(
    "open.signer",
    "未检查：签名者的密钥（证明文件未附密钥条目）",
    "not checked: the signer's key (the proof comes without the entries of the key)",
)


_LAST_SECOND = 253402300799
"""The end of the year 9999, beyond which there are no dates."""


def check_entry_proof(bundle: EntryBundle, policy: Policy) -> list[Step]:
    """
    Check that the entry of *bundle* is in a log that *policy* accepts; return the steps, those left open last.

    Raises:
        ProofWrong: StepFailed, with what was expected and found.
        Refused: something in the bundle is malformed, or its checkpoint lacks a signature that *policy* wants.
    """
    steps, _ = walk(bundle, policy)
    return in_order([*steps, left_open(OTHER_EVENTS)])


def walk(bundle: Bundle, policy: Policy) -> tuple[list[Step], Proved]:
    """Return the steps that both kinds of bundle share, and the entry; errors as for ``check_entry_proof``."""
    checkpoint, signed = checkpoint_steps(bundle.checkpoint, bundle.log, policy)
    proved = prove_entry(bundle.proof, checkpoint)
    entry, event = proved.entry, proved.event
    steps = [
        *signed,
        done(INCLUDED, index=entry.index, hashes=len(bundle.proof.inclusion)),
        done(READ, at=entry.at.isoformat(timespec="milliseconds")),
        done(EVENT, type=proved.statement.payload["type"], by=event.by),
    ]
    if not bundle.keys:
        return [*steps, left_open(SIGNER)], proved
    entries = [prove_entry(proof, checkpoint) for proof in bundle.keys]
    return [*steps, *check_signer(proved, entries)], proved


def checkpoint_steps(note: str, log: str, policy: Policy) -> tuple[Checkpoint, list[Step]]:
    """
    Return the checkpoint of *log* in *note*, which meets *policy*, and what that shows.

    Where no witness of the policy cosigned, and it asks for none, the witnesses are left open.

    Raises:
        Refused: ``key.none`` or NoteWrong, as ``entry.check_checkpoint``.
    """
    policed = check_checkpoint(note, log, policy)
    found = policed.checkpoint
    signed = done(SIGNED, origin=found.origin, size=found.size)
    if not policed.cosignatures:
        return found, [signed, left_open(WITNESSES)]
    names = ", ".join(map(_say, policed.cosignatures))
    return found, [signed, done(COSIGNED, count=len(policed.cosignatures), witnesses=names)]


def in_order(steps: list[Step]) -> list[Step]:
    """Return *steps*, those left open last."""
    return sorted(steps, key=lambda step: not step.done)


def _say(cosigned: Cosigned) -> str:
    if cosigned.time > _LAST_SECOND:
        return f"{cosigned.name} ({cosigned.time} s)"
    return f"{cosigned.name} ({datetime.fromtimestamp(cosigned.time, UTC):%Y-%m-%d %H:%M:%S} UTC)"
