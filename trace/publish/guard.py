"""
The guard against forks: a checkpoint that was seen elsewhere must be of this database, or nothing more is written.

A database restored from an older backup, or a promoted standby that lags, is consistent in itself. What was published,
and what witnesses remember, is not: to write on would give an index twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine

from ..errors import Forked, NoteWrong, Reason, Refused
from ..ledger import store
from ..ledger.checkpoint import Checkpoint, open_checkpoint
from ..ledger.engine import begin_read
from ..ledger.log import find_root
from ..ledger.note import NoteKey
from ..ledger.radix64 import format_base64
from ..verify.paths import CHECKPOINT
from .listed import FOREIGN, adopt_listed, count_signed, read_count, read_listed
from .target import Target

BEHIND = Reason(
    "log.behind",
    "数据库只有 {size} 条，而 {where} 的检查点已签到第 {signed} 条（根 {root}）：数据库是旧备份或落后的备机，"
    "继续写入会使账本分叉，因此拒绝写入",
    "the database has {size} entries, but the checkpoint at {where} was signed for {signed} (root {root}): it is an "
    "older backup or a standby that lagged; to go on writing would fork the log, so nothing is written",
)
FORKED = Reason(
    "log.forked",
    "{where} 的检查点（{signed} 条，根 {root}）与数据库前 {signed} 条的根 {found} 不同：账本已分叉，拒绝写入",
    "the checkpoint at {where} ({signed} entries, root {root}) differs from the root {found} of the first {signed} "
    "entries here: the log is forked, so nothing is written",
)
Found = tuple[str, Checkpoint]
"""Where a checkpoint of this log was found, in words for operators, and the checkpoint."""


def read_published(target: Target, log_id: str, keys: Sequence[NoteKey]) -> Checkpoint | None:
    """
    Return the checkpoint published at *target*, signed by one of *keys*; None where there is none yet.

    Raises:
        Refused: ``publish.foreign``.
        Unavailable: the target can't be read.
    """
    note = target.read(CHECKPOINT)
    if note is None:
        return None
    try:
        return open_checkpoint(note, keys, log_id)
    except Refused as refused:
        foreign = FOREIGN.at(where=where_of(target))
        raise NoteWrong((foreign, *refused.problems)) from None


def find_published(target: Target, log_id: str, keys: Sequence[NoteKey]) -> list[Found]:
    """
    Return the checkpoints that show how far the log was published: the published one, and the last that is listed.

    The list is written first, so that after a crash it may be ahead.

    Raises:
        As ``read_published``.
    """
    published = read_published(target, log_id, keys)
    count = read_count(target)
    listed = read_listed(target, log_id, keys, (count - 1, count))
    found = [(where_of(target), published)] if published else []
    return [*found, *((one.where, one.checkpoint) for one in listed)]


def adopt_published(engine: Engine, target: Target, log_id: str, keys: Sequence[NoteKey]) -> None:
    """
    Check that the database is the log published at *target*, and take back checkpoints that only the target still has.

    Raises:
        As ``read_published`` and ``check_unforked``.
    """
    check_unforked(engine, log_id, find_published(target, log_id, keys))
    count, known = read_count(target), count_signed(engine, log_id)
    if count > known:
        listed = read_listed(target, log_id, keys, (known, count))
        check_unforked(engine, log_id, [(one.where, one.checkpoint) for one in listed])
        adopt_listed(engine, log_id, listed, known)


def where_of(target: Target) -> str:
    """Return in words for operators where the published checkpoint stands."""
    return f"{target.name}/{CHECKPOINT}"


def check_unforked(engine: Engine, log_id: str, found: Iterable[Found]) -> None:
    """
    Check that each of *found*, signed by the log and seen elsewhere, is of this database.

    Reads one row, and for each checkpoint the few hashes of its root.

    Raises:
        Forked: ``log.behind``: it is larger than the database; ``log.forked``: it has another root.
        Unavailable: the database.
    """
    with begin_read(engine) as connection:
        head = store.find_head(connection, log_id)
        size = head.size if head else 0
        for where, checkpoint in found:
            _check(connection, size, where, checkpoint)


def _check(connection: Connection, size: int, where: str, seen: Checkpoint) -> None:
    signed = format_base64(seen.root)
    if seen.size > size:
        raise Forked(BEHIND.at(where=where, signed=seen.size, root=signed, size=size))
    root = find_root(connection, seen.origin, seen.size)
    if root != seen.root:
        raise Forked(FORKED.at(where=where, signed=seen.size, root=signed, found=format_base64(root)))
