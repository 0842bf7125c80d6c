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
class Signings:
    """
    Who signed checkpoints, until the log's entries tell whose turn it was (``settle``).

    *sizes* tells the smallest and the largest size for each trusted key (vkey) that signed; *unknown* are the
    checkpoints that no trusted key signed: one that the log announced may have.
    """

    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    unknown: dict[bytes, None] = field(default_factory=dict)

    def add(self, vkey: str, *sizes: int) -> None:
        """Note that the key signed checkpoints of *sizes*."""
        known = self.sizes.get(vkey, sizes)
        self.sizes[vkey] = min(*known, *sizes), max(*known, *sizes)

    def merge(self, other: Signings) -> None:
        """Add what *other* knows."""
        for vkey, sizes in other.sizes.items():
            self.add(vkey, *sizes)
        self.unknown |= other.unknown


@dataclass(slots=True)
class Listed:
    """The checkpoints of a page, and who signed them."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    signings: Signings = field(default_factory=Signings)
    ahead: int = 0
    """The size of a listed checkpoint that is larger than the latest; 0 where there is none."""
    faults: list[Fault] = field(default_factory=list)


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
            listed.signings.add(open_policed(note, page.policy, page.log).log_key.vkey, checkpoint.size)
        except Refused as refused:
            if refused.problems[0].code == UNTRUSTED.code:
                listed.signings.unknown[note] = None
            else:
                listed.faults.append(Fault(page.path, 0, refusal(CHECKPOINT, refused)))
    return listed


def settle(signings: Signings, state: LogState, policy: Policy) -> list[Fault]:
    """
    Check who signed against the keys that the log's entries announce; one of those must be trusted.

    A checkpoint that no trusted key signed may be signed by another that was announced for its size.
    """
    announced = {key.vkey: key for key in state.checkpoint_keys}
    trusted = {log.key.vkey for log in policy.logs}
    if not announced.keys() & trusted:
        return [Fault("entry/0", 0, LOG_KEY.at(), ", ".join(sorted(trusted)), ", ".join(announced))]
    faults = [
        Fault(f"checkpoint/{size}", size, RETIRED.at(), ", ".join(_signing(state, size)), vkey)
        for vkey, sizes in signings.sizes.items()
        for size in sorted(set(sizes))
        if vkey not in _signing(state, size)
    ]
    for note in signings.unknown:
        size = parse_checkpoint(split_note(note)[0]).size
        try:
            keys = [parse_key(vkey) for vkey in _signing(state, size)]
            open_policed(note, policy_of_keys(keys), state.log)
        except Refused as refused:
            faults.append(Fault(f"checkpoint/{size}", size, refusal(CHECKPOINT, refused)))
    return faults


def _signing(state: LogState, size: int) -> tuple[str, ...]:
    """Return the keys (vkeys) that sign a checkpoint of *size*; of no entries, those that sign the first."""
    return state.signing(max(size, 1))
