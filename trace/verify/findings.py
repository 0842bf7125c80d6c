"""What evidence shows once it is checked: every entry in the log, signed by a valid key, no history with a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Reason
from ..ledger.hashing import ZERO, Hash, leaf_hash
from ..ledger.policy import Policy
from ..produce.book import Slice
from ..produce.events import LabelsIssued
from .entry import Proved, prove_entry
from .evidence import Evidence
from .keys import REVOCATION, check_signature, read_keys
from .package import package_steps
from .proof import checkpoint_steps, in_order
from .steps import Step, StepFailed, done, left_open

GAP = Reason(
    "evidence.gap",
    "{subject} 的历史有缺口：第 {index} 条记录不接在前一条之后",
    "the history of {subject} has a gap: entry {index} does not follow the one before",
)
EMPTY = Reason(
    "evidence.empty", "证据包中没有 {subject} 的任何记录", "the evidence holds no entry of {subject}"
)
SUBJECT = Reason(
    "evidence.subject",
    "证据包并非关于 {subject}：其中没有它的完整历史或它的证明",
    "the evidence is not about {subject}: its history, or its proof, is not in there",
)

ENTRIES = Reason(
    "step.entries",
    "{count} 条记录都在检查点的 Merkle 树中，格式正确，对象链与事件一致",
    "{count} entries are in the Merkle tree of the checkpoint; their chains are those of their events",
)
SIGNED = Reason(
    "step.signers",
    "每条记录都由当时有效的密钥签名；密钥的登记可追到第 0 条指定的监管部门（{keys} 条）",
    "each is signed by a key valid there; the keys lead back to a supervisor named in entry 0 ({keys} entries)",
)
WHOLE = Reason(
    "step.chains",
    "{chains} 个对象（批次、标签段、地块）的历史从头起没有缺口",
    "the histories of {chains} subjects (batches, runs, plots) have no gap from their beginning",
)
ABOUT = Reason(
    "step.subject",
    "这些历史和证明关于 {subject}（批次号或溯源码）",
    "these histories and proofs are about {subject} (a batch or a code)",
)
LATER = Reason(
    "open.last",
    "未检查：最后一条之后是否还有记录（记录链只证明到此为止没有缺口）",
    "not checked: whether entries follow the last one (a chain proves that there is no gap so far)",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """The steps that were checked, those left open last, and the entries in rising order."""

    steps: tuple[Step, ...]
    entries: tuple[Proved, ...]


def check_evidence(evidence: Evidence, policy: Policy) -> Findings:
    """
    Check all that *evidence* shows under *policy*, which the caller knows from elsewhere.

    Raises:
        ProofWrong: StepFailed, with what was expected and found.
        Refused: something is malformed, the checkpoint lacks a signature that *policy* wants, or the rules refuse
            a signer.
    """
    checkpoint, steps = checkpoint_steps(evidence.checkpoint, evidence.log, policy)
    keys = [prove_entry(proof, checkpoint) for proof in evidence.keys]
    entries = [prove_entry(proof, checkpoint) for proof in evidence.entries]
    _check_signers(entries, keys)
    _check_chains(evidence, entries)
    package = package_steps(evidence.package, policy) if evidence.package is not None else []
    _check_subject(evidence, entries)
    found = [
        *steps,
        done(ENTRIES, count=len(entries)),
        done(SIGNED, keys=len(keys)),
        done(WHOLE, chains=len(evidence.chains)),
        done(ABOUT, subject=evidence.subject),
        *package,
        left_open(LATER),
        left_open(REVOCATION),
    ]
    return Findings(tuple(in_order(found)), tuple(entries))


def _check_signers(entries: Sequence[Proved], keys: Sequence[Proved]) -> None:
    """Check each signature against the keys registered before it; books that are the same are read once."""
    books: dict[int, Slice] = {}
    for proved in entries:
        index = proved.entry.index
        before = [one for one in keys if one.entry.index < max(index, 1)]
        if len(before) not in books:
            books[len(before)] = read_keys(before, index)
        check_signature(proved, books[len(before)])


def _check_chains(evidence: Evidence, entries: Sequence[Proved]) -> None:
    """Check that the links of each named subject begin at 0 and each names the entry of the one before."""
    heads = dict.fromkeys(evidence.chains, (0, ZERO))
    for proof, proved in zip(evidence.entries, entries, strict=True):
        for link in proved.entry.chains:
            if link.id not in heads:
                continue
            expected = heads[link.id]
            if (link.seq, link.prev) != expected:
                problem = GAP.at(subject=link.id, index=proof.index)
                raise StepFailed(problem, expected=_shown(*expected), found=_shown(link.seq, link.prev))
            heads[link.id] = link.seq + 1, leaf_hash(proof.entry)
    for subject, (seq, _) in heads.items():
        if not seq:
            raise StepFailed(EMPTY.at(subject=subject), expected="seq 0", found="none")


def _check_subject(evidence: Evidence, entries: Sequence[Proved]) -> None:
    """Check that what the evidence is said to be about is what its package and its histories are of."""
    package, wanted = evidence.package, {f"batch:{evidence.subject}"}
    if package is not None:
        wanted = {f"code:{package.code}", *_labelled(entries, package.proof.index)}
    held = {*evidence.chains, f"code:{evidence.subject}"}
    if not wanted <= held:
        problem = SUBJECT.at(subject=evidence.subject)
        raise StepFailed(problem, expected=", ".join(sorted(wanted)), found=", ".join(sorted(held)))


def _labelled(entries: Sequence[Proved], index: int) -> list[str]:
    """Return run and batch of the labels that entry *index* issued, as subjects; a run without a name if none did."""
    for one in entries:
        if one.entry.index == index and isinstance(one.event, LabelsIssued):
            return [f"run:{one.event.run}", f"batch:{one.event.batch}"]
    return ["run:"]


def _shown(seq: int, prev: Hash) -> str:
    return f"seq {seq} after {prev.hex()}"
