"""
Growth: what a log gained between two sizes, recomputed from the bytes of its entries before anything is signed.

A leaf hash that does not follow from its entry's bytes, or a stored hash that does not lead to the root, is found here:
what the database damaged is neither signed nor published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine

from ..errors import Broken
from ..ledger import store
from ..ledger.engine import begin_read
from ..ledger.hashing import HASH_BYTES, Hash, leaf_hash
from ..ledger.merkle import root
from ..ledger.store import StoredEntry
from ..ledger.tiles import HEIGHT, WIDTH, Tile, read_nodes_from_tiles, tile_root

_KEPT_BYTES: Final = 64 << 20
"""So many bytes of entries are kept in memory; of a larger growth its hashes only, and the entries are read again."""

_READ_AGAIN: Final = 4096
"""Entries of a larger growth that are read once more at a time: whole bundles."""


@dataclass(frozen=True, slots=True)
class Level:
    """The hashes of one level of tiles from that at *first* (the beginning of a tile) to the end."""

    first: int
    hashes: bytes


@dataclass(frozen=True, slots=True)
class Growth:
    """
    The tiles that are new or larger at size *new* than at *old*, under the *root* that follows from them.

    ``entries`` are the bytes of the entries from the beginning of their first tile on, None where they are too many.
    """

    old: int
    new: int
    levels: tuple[Level, ...]
    root: Hash
    entries: tuple[bytes, ...] | None = None

    @property
    def first(self) -> int:
        """The index of the first entry whose tile grew."""
        return self.levels[0].first

    def tile(self, tile: Tile) -> bytes:
        """Return the hashes of *tile*, which is among those that grew."""
        level = self.levels[tile.level]
        start = (tile.index * WIDTH - level.first) * HASH_BYTES
        data = level.hashes[start : start + tile.width * HASH_BYTES] if start >= 0 else b""
        if len(data) != tile.width * HASH_BYTES:
            raise Broken("a tile that did not grow is asked for", expected=tile, found=len(data))
        return data


def read_growth(connection: Connection, log_id: str, old: int, new: int) -> Growth:
    """
    Return what the log gained from size *old* to *new* (0 <= old < new).

    Memory: 32 bytes for each entry, besides those that are kept.

    Raises:
        Broken: an entry is missing, or its bytes do not have its leaf hash.
    """
    first = old >> HEIGHT << HEIGHT
    kept: list[bytes] = []
    room = _KEPT_BYTES
    leaves = bytearray()
    for stored in _read(connection, log_id, first, new):
        leaves += stored.leaf
        room -= len(stored.body)
        if room >= 0:
            kept.append(stored.body)
        else:
            kept.clear()
    levels = [Level(first, bytes(leaves))]
    while new >> HEIGHT * len(levels):
        levels.append(_above(connection, log_id, levels, (old, new)))
    growth = Growth(old, new, tuple(levels), Hash(b""), tuple(kept) if kept else None)
    read = read_nodes_from_tiles(lambda tiles: [growth.tile(tile) for tile in tiles], new)
    return Growth(old, new, growth.levels, root(new, read), growth.entries)


def _read(connection: Connection, log_id: str, first: int, end: int) -> Iterator[StoredEntry]:
    """Yield entries [first, end), each checked against its leaf hash."""
    index = first
    for stored in store.read_entries(connection, log_id, first, end):
        found = leaf_hash(stored.body)
        if stored.index != index or found != stored.leaf:
            raise Broken(
                f"entry {index} is not what was appended", expected=stored.leaf.hex(), found=found.hex()
            )
        yield stored
        index += 1
    if index != end:
        raise Broken("entries are missing", expected=end, found=index)


def _above(connection: Connection, log_id: str, levels: Sequence[Level], sizes: tuple[int, int]) -> Level:
    """Return the next level: stored roots of the tiles that were full before, computed ones of those that became so."""
    height = len(levels)
    below = levels[-1]
    old, new = (size >> HEIGHT * height for size in sizes)
    first = old >> HEIGHT << HEIGHT
    hashes = bytearray(b"".join(store.read_roots(connection, log_id, height - 1, (first, old))))
    for index in range(old, new):
        start = (index * WIDTH - below.first) * HASH_BYTES
        hashes += tile_root(below.hashes[start : start + WIDTH * HASH_BYTES])
    return Level(first, bytes(hashes))


def read_bundles(engine: Engine, log_id: str, growth: Growth) -> Iterator[tuple[int, Sequence[bytes]]]:
    """
    Yield the entry bundles that grew: index and entries, all full but perhaps the last.

    Raises:
        Broken: an entry is no longer what *growth* was computed from.
    """
    if growth.entries is not None:
        yield from _bundles(growth.first, growth.entries)
        return
    for first in range(growth.first, growth.new, _READ_AGAIN):
        end = min(first + _READ_AGAIN, growth.new)
        yield from _bundles(first, _read_again(engine, log_id, growth, (first, end)))


def _bundles(first: int, entries: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    for start in range(0, len(entries), WIDTH):
        yield (first + start) // WIDTH, entries[start : start + WIDTH]


def _read_again(engine: Engine, log_id: str, growth: Growth, span: tuple[int, int]) -> tuple[bytes, ...]:
    with begin_read(engine) as connection:
        found = list(_read(connection, log_id, *span))
    start, end = ((index - growth.first) * HASH_BYTES for index in span)
    if b"".join(stored.leaf for stored in found) != growth.levels[0].hashes[start:end]:
        raise Broken("entries changed while they were published", expected=span)
    return tuple(stored.body for stored in found)
