"""
The log: entries appended in groups inside the caller's transaction, and proofs read from tiles.

Numbers, links and bytes of an entry are made here, once. Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection

from ..errors import Broken, Missing, Reason, Unavailable
from . import store
from .entry import Entry, Link, format_entry
from .folded import FoldedTiles
from .hashing import ZERO, Hash, leaf_hash
from .merkle import ReadNodes, prove_consistency, prove_inclusion, root
from .moment import round_down
from .store import Head, StoredEntry
from .tiles import WIDTH, Tile, read_nodes_from_tiles, tile_root

MAX_BEHIND: Final = timedelta(seconds=5)
"""How far the clock may lie behind the last entry's time (design.md, "A fact, three times wrapped")."""

CLOCK = Reason(
    "log.clock",
    "服务器时钟比上一条记录慢 {seconds} 秒，暂停写入",
    "the clock is {seconds} s behind the last entry",
)
NO_LOG = Reason("log.missing", "没有账本 {log}", "there is no log {log}")


class Draft(msgspec.Struct, frozen=True):
    """What becomes an entry: the event's id, its statement and the subjects that it touches, sorted."""

    event_id: str
    statement: str
    subjects: tuple[str, ...]


class Appended(msgspec.Struct, frozen=True):
    """Where a draft went: index, leaf hash and ledger time."""

    index: int
    leaf: Hash
    at: datetime


class Tail:
    """
    The right end of a log under its lock, inside one transaction.

    Numbers drafts one by one, so that the caller can fold each before the next, and writes them all at ``flush``.
    """

    def __init__(self, connection: Connection, log_id: str, now: datetime) -> None:
        head = store.find_head(connection, log_id, lock=True)
        if head is None:
            raise Missing(NO_LOG.at(log=log_id))
        self._connection = connection
        self._log_id = log_id
        self._old_size = head.size
        self._leaf = head.leaf
        self.at = ledger_time(head, now)
        self._heads: dict[str, tuple[int, Hash]] = {}
        self._known: set[str] = set()
        self._rows: list[StoredEntry] = []
        self._links: list[tuple[str, int, int]] = []

    @property
    def size(self) -> int:
        """The size of the log with the drafts added so far."""
        return self._old_size + len(self._rows)

    @property
    def leaf(self) -> Hash:
        """The leaf at the end of the log with the drafts added so far."""
        return self._leaf

    def load(self, subjects: Sequence[str]) -> None:
        """Read the ends of the chains of *subjects*; each must be loaded before it is used."""
        fresh = sorted(set(subjects) - self._known)
        self._heads.update(store.find_chain_heads(self._connection, self._log_id, fresh))
        self._known.update(fresh)

    def add(self, draft: Draft) -> Appended:
        """
        Make *draft* the next entry.

        Raises:
            TooLarge: the entry would exceed 60,000 bytes; nothing is added.
            Broken: a subject's chain was not loaded.
        """
        if not self._known.issuperset(draft.subjects):
            raise Broken("a chain was not loaded", expected=draft.subjects)
        index = self.size
        links = tuple(Link(subject, *self._next(subject)) for subject in draft.subjects)
        body = format_entry(Entry(self._log_id, index, self._leaf, self.at, links, draft.statement))
        leaf = leaf_hash(body)
        self._rows.append(StoredEntry(index, draft.event_id, leaf, body))
        self._leaf = leaf
        for link in links:
            self._heads[link.id] = (link.seq, leaf)
            self._links.append((link.id, link.seq, index))
        return Appended(index, leaf, self.at)

    def _next(self, subject: str) -> tuple[int, Hash]:
        seq, leaf = self._heads.get(subject, (-1, ZERO))
        return seq + 1, leaf

    def flush(self) -> None:
        """Write entries, links, completed tiles and the log's new end; the caller commits."""
        if not self._rows:
            return
        connection, log_id = self._connection, self._log_id
        store.insert_entries(connection, log_id, self._rows)
        store.insert_links(connection, log_id, self._links)
        self._flush_tiles()
        store.move_head(connection, log_id, self._old_size, Head(self.size, self._leaf, self.at))
        self._old_size, self._rows, self._links = self.size, [], []

    def _flush_tiles(self) -> None:
        old, new = self._old_size, self.size
        level = 0
        hashes = [row.leaf for row in self._rows]
        first = old
        while indexes := store.full_tile_span(old, new, level):
            start = indexes[0] * WIDTH
            hashes = self._hashes(level, start, first) + hashes
            rows = []
            for place, index in enumerate(indexes):
                data = b"".join(hashes[place * WIDTH : (place + 1) * WIDTH])
                rows.append((level, index, data, tile_root(data)))
            store.insert_tiles(self._connection, self._log_id, rows)
            hashes, first = [row[3] for row in rows], indexes[0]
            level += 1

    def _hashes(self, level: int, start: int, end: int) -> list[Hash]:
        """Return the hashes of *level* in [start, end), from the tiles or leaves that were there before."""
        if level == 0:
            return store.read_leaves(self._connection, self._log_id, start, end)
        return store.read_roots(self._connection, self._log_id, level - 1, (start, end))


def ledger_time(head: Head, now: datetime) -> datetime:
    """
    Return the time of the next entry: *now*, never before the last entry's.

    Raises:
        Unavailable: the clock is more than five seconds behind the last entry.
    """
    now = round_down(now)
    if head.at is None or now >= head.at:
        return now
    if head.at - now > MAX_BEHIND:
        raise Unavailable(CLOCK.at(seconds=int((head.at - now).total_seconds())))
    return head.at


def read_nodes(connection: Connection, log_id: str, size: int, kept: FoldedTiles | None = None) -> ReadNodes:
    """Return the tree of the log at *size* as complete subtrees read from its tiles, or from those *kept*."""

    def read_tiles(tiles: Sequence[Tile]) -> list[bytes]:
        return [store.read_tile(connection, log_id, tile) for tile in tiles]

    return read_nodes_from_tiles(read_tiles, size) if kept is None else kept.read_nodes(read_tiles, size)


def find_root(connection: Connection, log_id: str, size: int, kept: FoldedTiles | None = None) -> Hash:
    """Return the root over the first *size* entries."""
    return root(size, read_nodes(connection, log_id, size, kept))


def prove_entry(
    connection: Connection, log_id: str, index: int, size: int, kept: FoldedTiles | None = None
) -> tuple[Hash, ...]:
    """Return the inclusion proof of entry *index* in the first *size* entries (RFC 9162 section 2.1.3.1)."""
    return prove_inclusion(index, size, read_nodes(connection, log_id, size, kept))


def prove_growth(
    connection: Connection, log_id: str, old: int, new: int, kept: FoldedTiles | None = None
) -> tuple[Hash, ...]:
    """Return the consistency proof between two sizes (RFC 9162 section 2.1.4.1)."""
    return prove_consistency(old, new, read_nodes(connection, log_id, new, kept))
