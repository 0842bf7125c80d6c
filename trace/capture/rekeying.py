"""
The keys of the log's checkpoints, changed: announced in the log itself, so that an auditor can follow.

Whoever knows only the first key trusts its successor because a checkpoint that the first one signed holds the entry
that announces it. So the log signs once with both before the old key may go.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from ..books.questions import find_record
from ..errors import Missing, Reason, Refused
from ..ledger import store
from ..ledger.cosignature import Cosigner, parse_key
from ..ledger.engine import begin_read
from ..ledger.jwk import SigningKey
from ..ledger.note import Signer, Verifier
from ..produce.log_key import CheckpointKey
from ..produce.records import LogState
from ..produce.rights import LOG
from .acts import Act, say
from .logkeys import NO_KEY, AnySigner, make_cosigner, make_custody_key
from .office import Office
from .outcome import Accepted

NO_LOG = Reason("log.not-opened", "账本尚未开启", "the log has not been opened")
UNDER_WAY = Reason(
    "log-key.under-way",
    "检查点密钥正在更换：{vkey} 还没有停用",
    "a rotation is under way: {vkey} is not retired yet",
)
PAST = Reason("log-key.past", "到期时间 {ends} 已经过去", "the end {ends} is past")
COSIGNS = Reason(
    "log-key.cosigns",
    "日志已有 ML-DSA-44 密钥 {vkey}",
    "the log has an ML-DSA-44 key already: {vkey}",
)
UNCOVERED = Reason(
    "log-key.uncovered",
    "旧密钥还没有签过包含接替公告（第 {entry} 条）的检查点，现在停用会使旧公钥的持有者无法跟随",
    "the old key has not yet signed a checkpoint that holds entry {entry}, which announces its successor: who knows "
    "only the old key could not follow",
)
NOT_FOUND = Reason("log-key.missing", "没有检查点密钥 {vkey}", "there is no checkpoint key {vkey}")


def read_log(engine: Engine, log_id: str) -> LogState:
    """
    Return what the log last said of itself.

    Raises:
        Missing: ``log.not-opened``.
    """
    with begin_read(engine) as connection:
        found = find_record(connection, log_id, LogState, LOG)
    if found is None:
        raise Missing(NO_LOG.at())
    return found


def name_key(log: LogState, name: str) -> CheckpointKey:
    """
    Return the key whose vkey or key ID (8 hex digits) is *name*.

    Raises:
        Missing: ``log-key.missing``.
    """
    for key in log.checkpoint_keys:
        if name in (key.vkey, parse_key(key.vkey).key_id.hex()):
            return key
    raise Missing(NOT_FOUND.at(vkey=name[:300]))


def rotate_key(
    office: Office, new: SigningKey | None = None, ends: datetime | None = None
) -> tuple[Signer, Accepted]:
    """
    Announce a new key of the checkpoints beside the one that signs now.

    Args:
        new: a key that the operator keeps; without it one is made in the vault. A crash before the announcement
            leaves a key that signs nothing.
        ends: when the old key is to be retired at the latest.

    Raises:
        Refused: ``log-key.under-way``, ``log-key.past``, or the rules refuse it.
        Unavailable: the database.
    """
    log = read_log(office.engine, office.pen.log_id)
    old, *others = [key for key in log.checkpoint_keys if key.until < 0 and not key.extra]
    if others:
        raise Refused(UNDER_WAY.at(vkey=old.vkey))
    if ends is not None and ends <= office.pen.mint.clock():
        raise Refused(PAST.at(ends=ends.isoformat()))
    key = new or make_custody_key(office.vault, LOG, "checkpoint", office.pen.mint)
    signer = Signer(log.log, key.seed)
    fields: dict[str, Any] = {"added": signer.vkey, "replaces": old.vkey}
    if ends is not None:
        fields["ends"] = ends.isoformat(timespec="seconds")
    return signer, _announce(office, fields)


def add_cosigner(office: Office) -> tuple[Cosigner, Accepted]:
    """
    Make an ML-DSA-44 cosigner of the log's own checkpoints and announce it.

    Raises:
        Refused: ``log-key.cosigns``: there is one already.
        Unavailable: the database.
    """
    log = read_log(office.engine, office.pen.log_id)
    for key in log.checkpoint_keys:
        if key.until < 0 and not isinstance(parse_key(key.vkey), Verifier):
            raise Refused(COSIGNS.at(vkey=parse_key(key.vkey).key_id.hex()))
    cosigner = make_cosigner(office.vault, log.log, office.pen.mint)
    return cosigner, _announce(office, {"added": cosigner.vkey})


def retire_key(office: Office, vkey: str, at_hand: Sequence[AnySigner]) -> Accepted:
    """
    Announce that the key *vkey* signs no more; *at_hand* are the keys that this process signs with.

    Raises:
        Refused: ``log-key.uncovered``, or the rules refuse it, such as the last key.
        Missing: ``log-key.missing``: the successor is not at hand, so that nothing could be signed.
        Unavailable: the database.
    """
    log = read_log(office.engine, office.pen.log_id)
    left = [key for key in log.checkpoint_keys if key.until < 0 and key.vkey != vkey and not key.extra]
    if left and not any(one.vkey == key.vkey for one in at_hand for key in left):
        raise Missing(NO_KEY.at(vkey=left[0].vkey))
    _check_covered(office, log)
    return _announce(office, {"retired": vkey})


def find_due(log: LogState, now: datetime) -> list[CheckpointKey]:
    """Return the keys whose announced end has come."""
    return [
        key
        for key in log.checkpoint_keys
        if key.until < 0 and key.ends and datetime.fromisoformat(key.ends) <= now
    ]


def _check_covered(office: Office, log: LogState) -> None:
    with begin_read(office.engine) as connection:
        last = store.find_checkpoint(connection, log.log)
    newest = max(key.since for key in log.checkpoint_keys)
    if last is None or last.size <= newest:
        raise Refused(UNCOVERED.at(entry=newest))


def _announce(office: Office, fields: dict[str, Any]) -> Accepted:
    return say(office, Act("log.rekeyed", LOG, fields), office.capture.receipt_key)
