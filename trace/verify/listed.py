"""Checkpoints that a log lists: each signed by its key, checked by themselves before the entries are read."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import Refused
from ..ledger.checkpoint import Checkpoint, parse_checkpoint
from ..ledger.cosignature import parse_key
from ..ledger.note import UNTRUSTED, split_note
from ..ledger.policy import Policy, PolicyLog, open_policed, policy_of_keys
from ..produce.records import LogState
from .fault import CHECKPOINT, LOG_KEY, RETIRED, Fault, refusal


@dataclass(frozen=True, slots=True)
class Page:
    """Signed checkpoints as listed, of sizes up to *most*; trusted are the logs of *policy*, which wants no witness."""

    log: str
    policy: Policy
    notes: tuple[bytes, ...]
    path: str
    most: int


@dataclass(slots=True)
class Listed:
    """
    The checkpoints of a page.

    *signed* tells the smallest and the largest size for each key (vkey) that signed; *unsettled* are those that no
    trusted key signed: one that the log announced may have.
    """

    checkpoints: list[Checkpoint] = field(default_factory=list)
    signed: dict[str, tuple[int, int]] = field(default_factory=dict)
    unsettled: list[bytes] = field(default_factory=list)
    ahead: int = 0
    """The size of a listed checkpoint that is larger than the latest; 0 where there is none."""
    faults: list[Fault] = field(default_factory=list)

    def add_signed(self, vkey: str, *sizes: int) -> None:
        """Note that the key signed checkpoints of *sizes*."""
        known = self.signed.get(vkey, sizes)
        self.signed[vkey] = min(*known, *sizes), max(*known, *sizes)


def logs_of(policy: Policy, log: str) -> Policy:
    """Return *policy* as far as it speaks of the keys of *log*: a listed checkpoint bears no cosignatures."""
    return Policy(tuple(PolicyLog(one.key) for one in policy.logs if one.key.name == log))


def walk_page(page: Page) -> Listed:
    """Check the form and signature of each checkpoint of *page*; what is larger than the latest is left for later."""
    listed = Listed()
    for note in page.notes:
        try:
            checkpoint = parse_checkpoint(split_note(note)[0])
            if checkpoint.size > page.most:
                listed.ahead = checkpoint.size
                break
            listed.checkpoints.append(checkpoint)
            listed.add_signed(open_policed(note, page.policy, page.log).log_key.vkey, checkpoint.size)
        except Refused as refused:
            if refused.problems[0].code == UNTRUSTED.code:
                listed.unsettled.append(note)
            else:
                listed.faults.append(Fault(page.path, 0, refusal(CHECKPOINT, refused)))
    return listed


def settle(listed: Listed, state: LogState, policy: Policy) -> list[Fault]:
    """
    Check who signed against the keys that the log's entries announce; one of those must be trusted.

    A checkpoint that no trusted key signed may be signed by another that was announced for its size.
    """
    announced = {key.vkey: key for key in state.checkpoint_keys}
    trusted = {log.key.vkey for log in policy.logs}
    if not announced.keys() & trusted:
        return [Fault("entry/0", 0, LOG_KEY.at(), ", ".join(sorted(trusted)), ", ".join(announced))]
    faults = [
        Fault(f"checkpoint/{size}", size, RETIRED.at(), ", ".join(state.signing(size)), vkey)
        for vkey, sizes in listed.signed.items()
        for size in sorted(set(sizes))
        if vkey not in state.signing(size)
    ]
    for note in listed.unsettled:
        size = parse_checkpoint(split_note(note)[0]).size
        keys = [parse_key(vkey) for vkey in state.signing(size)]
        try:
            open_policed(note, policy_of_keys(keys), state.log)
        except Refused as refused:
            faults.append(Fault(f"checkpoint/{size}", size, refusal(CHECKPOINT, refused)))
    return faults
