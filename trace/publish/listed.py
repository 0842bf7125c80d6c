"""
The published list of checkpoints, read back.

A promoted standby, or a backup made at the wrong moment, may have every entry and lack the last checkpoint, which was
committed after them. It was signed and shown, so it is taken back before another is signed in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ..errors import NoteWrong, Reason, Refused
from ..ledger import store
from ..ledger.checkpoint import Checkpoint, open_checkpoint
from ..ledger.engine import begin_read, begin_write
from ..ledger.note import NoteKey
from ..ledger.store import StoredCheckpoint
from ..ledger.tiles import WIDTH, parse_bundle
from ..verify.paths import COUNT, format_checkpoints_path, parse_count
from .target import Target

FOREIGN = Reason(
    "publish.foreign",
    "{where} 里的检查点不是本账本签发的，或已损坏；请核对发布位置，确认无误后移走再发布",
    "the checkpoint at {where} was not signed by this log, or is damaged; check the target, and move it away only when "
    "you know why",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A checkpoint of the list: where it stands in words for operators, what it says, and the note as signed."""

    where: str
    checkpoint: Checkpoint
    note: str


def read_count(target: Target) -> int:
    """
    Return how many checkpoints are listed at *target*, 0 where there is no list.

    Raises:
        Refused: ``publish.foreign``; Unavailable: the target can't be read.
    """
    count = target.read(COUNT)
    if count is None:
        return 0
    try:
        return parse_count(count)
    except Refused as refused:
        raise Refused((FOREIGN.at(where=f"{target.name}/{COUNT}"), *refused.problems)) from None


def read_listed(target: Target, log_id: str, keys: Sequence[NoteKey], span: tuple[int, int]) -> list[Listed]:
    """
    Return the checkpoints listed in the places [first, end) of *span*, where *end* is the length of the list.

    Raises:
        Refused: ``publish.foreign``; Unavailable: the target can't be read.
    """
    first, end = max(span[0], 0), span[1]
    found: list[Listed] = []
    for index in range(first // WIDTH, -(-end // WIDTH)):
        start = index * WIDTH
        path = format_checkpoints_path(index, min(end - start, WIDTH))
        where = f"{target.name}/{path}"
        try:
            notes = parse_bundle(target.read(path) or b"")
            if len(notes) != min(end - start, WIDTH):
                raise Refused(())
            for note in notes[max(first - start, 0) :]:
                found.append(Listed(where, open_checkpoint(note, keys, log_id), note.decode()))
        except Refused as refused:
            raise NoteWrong((FOREIGN.at(where=where), *refused.problems)) from None
    return found


def adopt_listed(engine: Engine, log_id: str, listed: Sequence[Listed], known: int) -> None:
    """
    Take back into the database what is *listed* after its *known* checkpoints; the caller has checked their roots.

    Raises:
        Unavailable: the database.
    """
    with begin_write(engine) as connection:
        head = store.find_head(connection, log_id, lock=True)
        if head is None or head.checkpoints != known:
            return  # another process was quicker
        last = store.find_checkpoint(connection, log_id)
        for one in listed:
            if last is None or one.checkpoint.size > last.size:
                last = StoredCheckpoint(one.checkpoint.size, one.checkpoint.root, one.note)
                store.insert_checkpoint(connection, log_id, last)


def count_signed(engine: Engine, log_id: str) -> int:
    """Return how many checkpoints the database knows."""
    with begin_read(engine) as connection:
        head = store.find_head(connection, log_id)
    return head.checkpoints if head else 0
