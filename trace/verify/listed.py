"""Checkpoints that a log lists: each signed by its key, checked by themselves before the entries are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import Refused
from ..ledger.checkpoint import Checkpoint, parse_checkpoint
from ..ledger.cosignature import parse_key
from ..ledger.note import UNTRUSTED, split_note
from ..ledger.policy import Policy, PolicyLog, open_policed, policy_of_keys
from ..produce.records import LogState
from .fault import CHECKPOINT, LOG_KEY, Fault, refusal


@dataclass(frozen=True, slots=True)
class Page:
    """Signed checkpoints as listed, and whom to trust: the logs of *policy*, which asks for no witness here."""

    log: str
    policy: Policy
    notes: tuple[bytes, ...]
    path: str


@dataclass(slots=True)
class Listed:
    """The checkpoints of a page; *unsettled* are signed by no trusted key, and may be by one that the log announced."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    unsettled: list[bytes] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def logs_of(policy: Policy, log: str) -> Policy:
    """Return *policy* as far as it speaks of the keys of *log*: a listed checkpoint bears no cosignatures."""
    return Policy(tuple(PolicyLog(one.key) for one in policy.logs if one.key.name == log))


def walk_page(page: Page) -> Listed:
    """Check the form and signature of each checkpoint of *page*."""
    listed = Listed()
    for note in page.notes:
        try:
            checkpoint = parse_checkpoint(split_note(note)[0])
            listed.checkpoints.append(checkpoint)
            open_policed(note, page.policy, page.log)
        except Refused as refused:
            if refused.problems[0].code == UNTRUSTED.code:
                listed.unsettled.append(note)
            else:
                listed.faults.append(Fault(page.path, 0, refusal(CHECKPOINT, refused)))
    return listed


def settle(unsettled: Sequence[bytes], state: LogState, policy: Policy) -> list[Fault]:
    """
    Check the checkpoints that no trusted key signed under the keys that the log's entries announce, and those keys.

    A key that was announced counts only where a trusted one is among them.
    """
    announced = {key.vkey for key in state.checkpoint_keys}
    trusted = {log.key.vkey for log in policy.logs}
    if not announced & trusted:
        return [Fault("entry/0", 0, LOG_KEY.at(), ", ".join(sorted(trusted)), ", ".join(sorted(announced)))]
    faults = []
    for note in unsettled:
        size = parse_checkpoint(split_note(note)[0]).size
        keys = [parse_key(key.vkey) for key in state.checkpoint_keys if key.signs(size)]
        try:
            open_policed(note, policy_of_keys(keys), state.log)
        except Refused as refused:
            faults.append(Fault(f"checkpoint/{size}", size, refusal(CHECKPOINT, refused)))
    return faults
