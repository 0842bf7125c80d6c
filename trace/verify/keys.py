"""
The signer's key: from entry 0, which names the supervisors, to the entry that registered the key.

The entries of keys are folded by the same rules as in live capture. Entries that come later may follow, which show that
the key was revoked since. What they can't show is a revocation that was left out: that takes the whole log, which
``audit`` reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Reason
from ..ledger.jwk import parse_jwk
from ..ledger.radix64 import parse_base64url
from ..ledger.statement import check_statement
from ..produce.book import Draft, Slice, find
from ..produce.events import KeyAdded, KeyRevoked, LogOpened, PartyRegistered
from ..produce.fold import fold
from ..produce.records import Key, Party
from ..produce.rights import Signed
from ..produce.rights import check_signer as check_rights
from .entry import Proved
from .possession import check_countersigned
from .steps import Step, StepFailed, done, expect, left_open

ORDER = Reason(
    "keys.order",
    "密钥条目必须从第 0 条起，按序号递增，且不含所证明的条目",
    "the entries of keys must begin with entry 0, rise, and leave out the entry that they support",
)
KIND = Reason("keys.kind", "密钥条目中混有其他事件", "among the entries of keys is another event")
UNKNOWN = Reason(
    "keys.unknown", "所附条目没有登记签名密钥 {kid}", "no entry given registers the signing key {kid}"
)

VALID = Reason(
    "step.signer",
    "声明由 {party} 的密钥签名（{custody}），该密钥在第 {since} 条登记",
    "the statement is signed by a key of {party} ({custody_en}), registered by entry {since}",
)
REGISTERED = Reason(
    "step.chain",
    "密钥的登记可追到第 0 条指定的监管部门（{entries} 条）",
    "the key's registration leads back to a supervisor named in entry 0 ({entries} entries)",
)
REVOKED = Reason(
    "step.revoked",
    "该密钥自第 {until} 条起吊销；这条声明（第 {index} 条）在此之前，仍然有效",
    "the key is revoked since entry {until}; this statement, entry {index}, came before and stays valid",
)
REVOCATION = Reason(
    "open.revocation",
    "未检查：该密钥是否在此之前已吊销（须审计整个日志）",
    "not checked: whether the key was revoked before (that takes an audit of the whole log)",
)
_CUSTODY = {"party": ("本人保管", "kept by the party"), "service": ("服务代管", "kept by the service")}


def check_signer(proved: Proved, keys: Sequence[Proved]) -> list[Step]:
    """
    Check the signature of *proved* by a key that *keys*, entries in the same log, lead to; return the steps.

    Raises:
        ProofWrong: StepFailed: the entries are out of order, of another kind, or none registers the key.
        Refused: a signature is wrong, or the rules refuse one of the events.
    """
    index = proved.entry.index
    _check_order(keys, index)
    before = [one for one in keys if one.entry.index < max(index, 1)]
    book = read_keys(before, index)
    key = check_signature(proved, book)
    zh, en = _CUSTODY[key.custody]
    party = find(book, Party, key.party)
    name = party.name if party is not None and party.name else key.party
    return [
        done(VALID, party=name, custody=zh, custody_en=en, since=key.since),
        done(REGISTERED, entries=len(before)),
        *_revoked(key, keys[len(before) :], book, index),
        left_open(REVOCATION),
    ]


def _revoked(key: Key, later: Sequence[Proved], book: Slice, index: int) -> list[Step]:
    """Return the step that the entries *later* than *index* show of *key*, if they revoke it."""
    _take_in(later, book)
    until = find(book, Key, key.id)
    return [done(REVOKED, until=until.until, index=index)] if until is not None and until.until >= 0 else []


def check_signature(proved: Proved, book: Slice) -> Key:
    """
    Check that *proved* is signed by a key that *book* has and that was valid there; return the key.

    Raises:
        ProofWrong: StepFailed ``keys.unknown``.
        Refused: the signature is wrong, or the rules refuse the signer.
    """
    key = _check_signature(proved, book)
    if not isinstance(proved.event, LogOpened):
        draft = Draft(book)
        check_rights(_signed(proved), draft)
        draft.close()
    return key


def read_keys(keys: Sequence[Proved], before: int) -> Slice:
    """
    Return what the entries *keys* say of parties and keys; the caller gives those before entry *before*, or entry 0.

    Raises:
        ProofWrong, Refused: as ``check_signer``.
    """
    _check_order(keys, before)
    book = Slice(complete=True)
    _take_in(keys, book)
    return book


def _check_order(keys: Sequence[Proved], index: int) -> None:
    """Check that *keys* begin with entry 0, rise, and leave out entry *index* unless it is that entry 0."""
    indexes = [one.entry.index for one in keys]
    if indexes[:1] != [0] or indexes != sorted(set(indexes)) or index in indexes[1:]:
        raise StepFailed(ORDER.at(), expected=f"0 ... without {index}", found=indexes)


def _take_in(keys: Sequence[Proved], book: Slice) -> None:
    """Fold the entries *keys* into *book*, each checked as live capture does."""
    for one in keys:
        if not isinstance(one.event, LogOpened | PartyRegistered | KeyAdded | KeyRevoked):
            expect(KIND, "party.registered", one.statement.payload["type"])
        _check_signature(one, book)
        check_countersigned(one.event, book)
        book.update(fold(_signed(one), book))


def _signed(proved: Proved) -> Signed:
    return Signed(proved.event, proved.statement.kid, proved.entry.index, proved.entry.at)


def _check_signature(proved: Proved, book: Slice) -> Key:
    """Check the statement's signature by the key that *book* has; entry 0 brings its own."""
    kid = proved.statement.kid
    if isinstance(proved.event, LogOpened):
        jwk = proved.event.receipt_key
        check_statement(proved.statement, parse_jwk({"crv": jwk.crv, "kty": jwk.kty, "x": jwk.x}))
        return Key(id=kid, party="log", x=jwk.x, custody="service", since=0)
    key = find(book, Key, kid)
    if key is None:
        raise StepFailed(UNKNOWN.at(kid=kid), expected=kid, found="none")
    check_statement(proved.statement, parse_base64url(key.x))
    return key
