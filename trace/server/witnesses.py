"""The witnesses that the operator chose: a file in the syntax of a policy, made into what the publisher asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..durable import reported
from ..errors import Missing, NoteWrong, Reason, Refused
from ..ledger.cosignature import CosignerKey
from ..ledger.note import Verifier
from ..ledger.policy import Policy, format_policy, parse_policy, policy_of_keys
from ..publish.guard import Found
from ..publish.witnesses import Witnesses

NO_FILE = Reason(
    "settings.witnesses",
    "找不到见证方清单 {name}（SUYUAN_WITNESSES）",
    "there is no list of witnesses {name} (SUYUAN_WITNESSES)",
)
BAD_FILE = Reason(
    "settings.witness-policy",
    "见证方清单 {name}（SUYUAN_WITNESSES）有误：{zh}",
    "the list of witnesses {name} (SUYUAN_WITNESSES) is wrong: {en}",
)


def read_witness_policy(path: Path | None) -> Policy:
    """
    Return the witnesses and the quorum that the file at *path* names, without its logs; none where there is no file.

    Raises:
        Missing: ``settings.witnesses``.
        Refused: ``settings.witness-policy``.
        Unavailable: it may not be read.
    """
    if path is None:
        return Policy()
    with reported(path):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise Missing(NO_FILE.at(name=str(path))) from None
    try:
        policy = parse_policy(data)
    except NoteWrong as wrong:
        why = wrong.problems[0]
        raise Refused(BAD_FILE.at(name=str(path), zh=why.zh, en=why.en)) from None
    return Policy((), policy.witnesses, policy.groups, policy.quorum)


def format_own_policy(keys: Sequence[Verifier | CosignerKey], witnesses: Policy) -> str:
    """
    Return the policy that a log publishes: its own *keys* and its *witnesses*.

    Raises:
        NoteWrong: a witness has a key of the log.
    """
    logs = policy_of_keys(keys).logs
    return format_policy(Policy(logs, witnesses.witnesses, witnesses.groups, witnesses.quorum))


@dataclass(slots=True)
class Seen:
    """What witnesses hold of the log, asked once in each process: later each publication asks them."""

    _found: list[Found] | None = field(default=None, init=False)

    def find(self, witnesses: Witnesses) -> list[Found]:
        """Return the checkpoints that *witnesses* show, as when they were first asked."""
        if self._found is None:
            self._found = witnesses.find_seen()
        return self._found
