"""
Trust policies: which logs a verifier accepts, and how many of which witnesses must have cosigned.

Example (keys cut short)::

    log pear.example/log+4b4e501a+AXW... https://pear.example/log
    witness bureau bureau.example/w1+1f2e3d4c+BLs... https://bureau.example/
    witness guild guild.example/w+55aa66bb+BO0...
    group both all bureau guild
    quorum both

The names of witnesses and groups mean nothing outside of the file. C2SP tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

from ..errors import NoteWrong, Reason
from .checkpoint import ORIGIN, Checkpoint, parse_checkpoint
from .cosignature import CosignerKey, parse_key, read_time
from .note import UNTRUSTED, OpenedNote, Verifier, open_note
from .trust import KIND, NONE, UNKNOWN, Policy, PolicyGroup, PolicyLog, PolicyWitness, is_item, policy_of_keys

__all__ = [
    "NONE",
    "Cosigned",
    "Policed",
    "Policy",
    "PolicyGroup",
    "PolicyLog",
    "PolicyWitness",
    "check_quorum",
    "format_policy",
    "open_policed",
    "parse_policy",
    "policy_of_keys",
]

MAX_POLICY_BYTES = 1_000_000

FORM = Reason(
    "policy.form",
    "信任策略的格式不对：须是文本，每行（包括最后一行）以换行结尾",
    "the trust policy is malformed: it is text, and each line, the last one too, ends with a line feed",
)
LINE = Reason("policy.line", "策略第 {line} 行的格式不对", "line {line} of the policy is malformed")
END = Reason(
    "policy.end",
    "策略须恰有一行 quorum；不要求见证方时写 quorum none",
    "a policy has exactly one quorum line; quorum none asks for no witness",
)
QUORUM = Reason(
    "policy.quorum",
    "见证方不足：策略要求 {name} 中有 {wanted} 个会签，只有 {found} 个",
    "witnesses are missing: the policy wants {wanted} of {name}, and {found} cosigned",
)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANK = re.compile(r"[ \t]+")
_COUNT = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness that the policy calls *name* cosigned with *key* at *time*, POSIX seconds."""

    name: str
    time: int
    key: CosignerKey


@dataclass(frozen=True, slots=True)
class Policed:
    """A checkpoint that meets a policy: the key of the log that signed it, and every known witness that cosigned."""

    checkpoint: Checkpoint
    log_key: Verifier | CosignerKey
    cosignatures: tuple[Cosigned, ...]


def open_policed(note: str | bytes, policy: Policy, origin: str | None = None) -> Policed:
    """
    Return the checkpoint of *note* if it meets *policy*.

    A log of the policy whose key is named like the checkpoint's origin signed it, no known key signed wrongly, and
    the quorum of witnesses cosigned. A witness counts once; of several cosignatures the latest time is told.

    Args:
        note: the signed checkpoint.
        policy: whom to trust.
        origin: the log that it must be of, any log of the policy where None.

    Raises:
        NoteWrong: it does not meet the policy, or is malformed.
        Refused: the text is not a checkpoint.
    """
    opened = open_note(note, policy.keys)
    checkpoint = parse_checkpoint(opened.text)
    if origin is not None and checkpoint.origin != origin:
        raise NoteWrong(ORIGIN.at(found=checkpoint.origin))
    log_key = _find_log(policy, opened, checkpoint.origin)
    cosigned = _cosigned(policy, opened)
    check_quorum(policy, {one.name for one in cosigned})
    return Policed(checkpoint, log_key, cosigned)


def check_quorum(policy: Policy, cosigned: Collection[str]) -> None:
    """
    Check that the witnesses *cosigned*, by their names in *policy*, are the quorum that it wants.

    Raises:
        NoteWrong: they are not; says how many of the quorum's members are wanted and found.
    """
    if policy.quorum == NONE:
        return
    met = {witness.name for witness in policy.witnesses if witness.name in cosigned}
    wanted = PolicyGroup(policy.quorum, 1, (policy.quorum,))
    for group in policy.groups:  # each comes after its members
        if _found(group, met) >= group.threshold:
            met.add(group.name)
        if group.name == policy.quorum:
            wanted = group
    found = _found(wanted, met)
    if found < wanted.threshold:
        raise NoteWrong(QUORUM.at(name=policy.quorum, wanted=wanted.threshold, found=found))


def _found(group: PolicyGroup, met: Collection[str]) -> int:
    return sum(member in met for member in group.members)


def _find_log(policy: Policy, opened: OpenedNote, origin: str) -> Verifier | CosignerKey:
    signed = {(one.name, one.key_id) for one in opened.verified}
    for log in policy.logs:
        if log.key.name == origin and (log.key.name, log.key.key_id) in signed:
            return log.key
    raise NoteWrong(UNTRUSTED.at())


def _cosigned(policy: Policy, opened: OpenedNote) -> tuple[Cosigned, ...]:
    found = []
    for witness in policy.witnesses:
        name, key_id = witness.key.name, witness.key.key_id
        times = [read_time(one) for one in opened.verified if (one.name, one.key_id) == (name, key_id)]
        if times:
            found.append(Cosigned(witness.name, max(times), witness.key))
    return tuple(found)


def format_policy(policy: Policy) -> str:
    """Return *policy* as text: logs, witnesses, groups, quorum, one space between items, no comments."""
    lines = [_join("log", log.key.vkey, log.url) for log in policy.logs]
    lines += [_join("witness", one.name, one.key.vkey, one.url) for one in policy.witnesses]
    lines += [_join("group", one.name, _spell(one), *one.members) for one in policy.groups]
    return "".join(f"{line}\n" for line in (*lines, f"quorum {policy.quorum}"))


def parse_policy(text: str | bytes) -> Policy:
    """
    Return the policy that *text* spells, with comments, empty lines and spaces and tabs as the standard allows.

    Raises:
        NoteWrong: a malformed line (also a last one without line feed, and any that is not UTF-8, comments excepted), a
            name that is used before its definition, no or a second quorum line, and what a policy can't be.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if len(text) > MAX_POLICY_BYTES or not text.endswith("\n") or _CONTROL.search(text):
        raise NoteWrong(FORM.at())
    reader = _Reader()
    for number, line in enumerate(text[:-1].split("\n"), 1):
        items = _BLANK.split(line.strip(" \t"))
        if items != [""] and not items[0].startswith("#"):
            reader.take(number, items)
    return reader.policy()


class _Reader:
    """The lines of a policy so far."""

    def __init__(self) -> None:
        self._logs: list[PolicyLog] = []
        self._witnesses: list[PolicyWitness] = []
        self._groups: list[PolicyGroup] = []
        self._quorum: str | None = None
        self._defined: set[str] = set()

    def take(self, number: int, items: list[str]) -> None:
        """Take the *items* of line *number*."""
        kind, *rest = items
        if not all(map(is_item, rest)):
            _refuse(number)
        match kind, rest:
            case "log", [vkey, *url] if len(url) <= 1:
                self._logs.append(PolicyLog(parse_key(vkey), *url))
            case "witness", [name, vkey, *url] if len(url) <= 1:
                self._witnesses.append(_witness(name, vkey, *url))
                self._defined.add(name)
            case "group", [name, spelled, *members] if members:
                self._check_defined(*members)
                self._groups.append(PolicyGroup(name, _read(spelled, len(members), number), tuple(members)))
                self._defined.add(name)
            case "quorum", [name]:
                self._set_quorum(name)
            case _:
                _refuse(number)

    def policy(self) -> Policy:
        """Return the policy that the lines make."""
        if self._quorum is None:
            raise NoteWrong(END.at())
        return Policy(tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum)

    def _set_quorum(self, name: str) -> None:
        if self._quorum is not None:
            raise NoteWrong(END.at())
        if name != NONE:
            self._check_defined(name)
        self._quorum = name

    def _check_defined(self, *names: str) -> None:
        for name in names:
            if name not in self._defined:
                raise NoteWrong(UNKNOWN.at(name=name))


def _witness(name: str, vkey: str, url: str = "") -> PolicyWitness:
    key = parse_key(vkey)
    if isinstance(key, Verifier):
        raise NoteWrong(KIND.at(name=name))
    return PolicyWitness(name, key, url)


def _read(spelled: str, members: int, number: int) -> int:
    """Return the threshold that *spelled* is for a group of so many *members*."""
    if spelled in {"all", "any"}:
        return members if spelled == "all" else 1
    if not _COUNT.fullmatch(spelled):
        _refuse(number)
    return int(spelled)


def _spell(group: PolicyGroup) -> str:
    words = {1: "any", len(group.members): "all"}
    return words.get(group.threshold, str(group.threshold))


def _join(*items: str) -> str:
    return " ".join(item for item in items if item)


def _refuse(number: int) -> NoReturn:
    raise NoteWrong(LINE.at(line=number))
