"""
What a trust policy is: logs that are accepted, witnesses, groups of them, and the quorum.

A policy that can be made is sound: each name is defined once and before its use, each is a member once, and no public
key serves twice. ``policy`` writes it, reads it and holds checkpoints to it.

C2SP tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..errors import NoteWrong, Reason
from .cosignature import COSIGNATURE, CosignerKey
from .note import NoteKey, Verifier

NONE = "none"
"""The quorum that asks for no witness."""

NAME = Reason(
    "policy.name",
    "策略中的名称 {name} 不能用：不能为空、不能含空白或控制字符、不能是 none",
    "the policy's name {name} is no name: empty, with white space or control characters, or none",
)
URL = Reason("policy.url", "策略中的网址不能含空白或控制字符", "a URL in a policy has no white space")
KEY_TWICE = Reason("policy.key-twice", "策略中同一公钥出现两次：{name}", "the policy has a key twice: {name}")
NAME_TWICE = Reason(
    "policy.name-twice", "策略中名称 {name} 定义了两次", "the policy defines {name} more than once"
)
UNKNOWN = Reason(
    "policy.unknown", "策略中的名称 {name} 此前没有定义", "the policy uses {name} without defining it before"
)
MEMBER_TWICE = Reason(
    "policy.member-twice", "策略中 {name} 多次列为组的成员", "the policy lists {name} as a member twice"
)
THRESHOLD = Reason(
    "policy.threshold",
    "策略中组 {name} 的门槛应在 1 与成员数 {members} 之间",
    "the threshold of group {name} is from 1 to its {members} members",
)
KIND = Reason(
    "policy.kind", "策略中 {name} 的密钥类型不适合此用途", "the key of {name} is not of a kind for this use"
)

_ITEM = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that is accepted: its key is named like its origin. *url* may be empty."""

    key: Verifier | CosignerKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness, called *name* in this policy only. *url* is its submission prefix and may be empty."""

    name: str
    key: CosignerKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """A group has witnessed a checkpoint where at least *threshold* of its *members* have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """
    Logs, witnesses, groups and the quorum, the name of a witness or group or ``none``.

    Groups stand in an order in which each comes after its members.

    Raises:
        NoteWrong: names that are no names, twice there or not there, a key that serves twice, a threshold out of range.
    """

    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()
    quorum: str = NONE

    def __post_init__(self) -> None:
        _check_keys(self)
        _check_names(self)

    @property
    def keys(self) -> tuple[NoteKey, ...]:
        """Every key of the policy, those of logs first."""
        return (*(log.key for log in self.logs), *(witness.key for witness in self.witnesses))


def policy_of_keys(keys: Iterable[Verifier | CosignerKey]) -> Policy:
    """Return the policy that accepts the logs with *keys* and asks for no witness."""
    return Policy(tuple(PolicyLog(key) for key in keys))


def is_item(text: str) -> bool:
    """Tell whether *text* may stand as one item in a policy file: not empty, no space, no control character."""
    return _ITEM.fullmatch(text) is not None


def _check_keys(policy: Policy) -> None:
    """Check that no public key serves twice, under whatever name: an Ed25519 cosignature does not say whose it is."""
    publics: set[bytes] = set()
    lines: set[tuple[str, bytes]] = set()
    owners: tuple[PolicyLog | PolicyWitness, ...] = (*policy.logs, *policy.witnesses)
    for key, url in [(owner.key, owner.url) for owner in owners]:
        if key.public in publics or (key.name, key.key_id) in lines:
            raise NoteWrong(KEY_TWICE.at(name=key.name))
        publics.add(key.public)
        lines.add((key.name, key.key_id))
        if url and not is_item(url):
            raise NoteWrong(URL.at())
    for log in policy.logs:
        if isinstance(log.key, CosignerKey) and log.key.kind == COSIGNATURE:
            raise NoteWrong(KIND.at(name=log.key.name))


def _check_names(policy: Policy) -> None:
    defined: set[str] = set()
    members: set[str] = set()
    for witness in policy.witnesses:
        _define(witness.name, defined)
    for group in policy.groups:
        for member in group.members:
            _use(member, defined)
            if member in members:
                raise NoteWrong(MEMBER_TWICE.at(name=member))
            members.add(member)
        if not 1 <= group.threshold <= len(group.members):
            raise NoteWrong(THRESHOLD.at(name=group.name, members=len(group.members)))
        _define(group.name, defined)
    if policy.quorum != NONE:
        _use(policy.quorum, defined)


def _define(name: str, defined: set[str]) -> None:
    if name == NONE or not is_item(name):
        raise NoteWrong(NAME.at(name=name))
    if name in defined:
        raise NoteWrong(NAME_TWICE.at(name=name))
    defined.add(name)


def _use(name: str, defined: Collection[str]) -> None:
    if name not in defined:
        raise NoteWrong(UNKNOWN.at(name=name))
