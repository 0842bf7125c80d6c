"""
From a key of the log that is trusted to those that the log announced after it.

Whoever knows only a key that was retired can't open the latest checkpoint. The last listed one that this key signed
holds the announcement of its successor: once the entries up to there are checked, the successor counts too.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import Refused
from ..ledger.cosignature import parse_key
from ..ledger.note import Verifier, split_note
from ..ledger.policy import Policy, PolicyLog
from ..ledger.tiles import parse_bundle
from ..verify.listed import logs_of
from .memory import Memory
from .reading import Reader


def follow(policy: Policy, memory: Memory | None) -> Policy:
    """Return *policy* with the keys that the log announced in entries which are checked, under a trusted checkpoint."""
    state = memory.trail.signers.state if memory else None
    if memory is None or state is None or memory.trail.size != memory.seen.size:
        return policy
    known = {one.key.vkey for one in policy.logs}
    if not known & {key.vkey for key in state.checkpoint_keys}:
        return policy
    announced = [parse_key(key.vkey) for key in state.checkpoint_keys if key.vkey not in known]
    added = (PolicyLog(key) for key in announced if isinstance(key, Verifier))
    return replace(policy, logs=(*policy.logs, *added))


def find_step(reader: Reader, policy: Policy, memory: Memory | None, log: str) -> bytes | None:
    """
    Return the last listed checkpoint of *log* that seems to bear a line of a key in *policy*; None where there is none.

    Raises:
        Unavailable: the source.
    """
    known = {(one.key.name, one.key.key_id) for one in logs_of(policy, log).logs}
    count = reader.count() if known else 0
    found: bytes | None = None
    for _, data in reader.pages(memory.listed if memory else 0, count or 0):
        try:
            notes = parse_bundle(data) if data is not None else []
        except Refused:
            notes = []
        if not notes:
            break  # named when the list is checked
        for note in notes:
            if _bears(note, known):
                found = note
    return found


def _bears(note: bytes, known: set[tuple[str, bytes]]) -> bool:
    try:
        return any((line.name, line.key_id) in known for line in split_note(note)[1])
    except Refused:
        return False
