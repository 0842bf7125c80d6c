"""
The tree above its lowest tiles: 256 leaves a hash, so that a log of ten million entries is remembered in 2.5 MB.

Roots at any size take, beside it, the complete subtrees of fewer than 256 leaves at that size: its *peaks*, which
whoever has read those entries works out (``peaks_of``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from ..ledger.hashing import HASH_BYTES, Hash
from ..ledger.merkle import MemoryTree, Node, root, subtrees
from ..ledger.tiles import HEIGHT, WIDTH, Tile, tile_nodes


def pair_up(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the complete subtrees over *leaves* (256 at most), row by row from the leaves upward."""
    rows = [list(leaves)]
    while len(rows[-1]) > 1:
        row = rows[-1]
        rows.append([sha256(b"\x01" + a + b).digest() for a, b in zip(row[::2], row[1::2], strict=False)])
    return rows


def peaks_of(rows: Sequence[Sequence[bytes]], count: int) -> list[Hash]:
    """Return the complete subtrees that make up the first *count* leaves of *rows*, largest first; 255 at most."""
    return [Hash(rows[level][index]) for level, index in subtrees(0, count)]


class Crown:
    """The roots of the full tiles of level 0, and the leaf hashes of the last, partial one."""

    def __init__(self, roots: bytes = b"", edge: bytes = b"") -> None:
        self._tree = MemoryTree(_hashes(roots))
        self.edge = edge

    @property
    def size(self) -> int:
        """Leaves so far."""
        return self._tree.size * WIDTH + len(self.edge) // HASH_BYTES

    def extend(self, roots: bytes, edge: bytes) -> None:
        """Add *roots* of full tiles, the first of which may complete the edge; *edge* is the new one, whole."""
        self._tree.extend(_hashes(roots))
        self.edge = edge

    def root(self, size: int | None = None, peaks: Sequence[Hash] | None = None) -> Hash:
        """Return the root over the first *size* leaves, given its *peaks*; by default over all."""
        if size is None or peaks is None:
            leaves = list(_hashes(self.edge))
            return self.root(self.size, peaks_of(pair_up(leaves), len(leaves)))
        rest = iter(peaks)
        return root(size, lambda nodes: [self._find(node) or next(rest) for node in nodes])

    def content(self, tile: Tile) -> bytes:
        """Return what *tile*, of level 1 or above, or of level 0 at the edge, must hold."""
        if tile.level == 0:
            return self.edge[: tile.width * HASH_BYTES]
        return b"".join(self._tree.read([(level - HEIGHT, index) for level, index in tile_nodes(tile)]))

    def roots(self) -> bytes:
        """Return the roots of all full tiles of level 0."""
        return b"".join(self._tree.read([(0, index) for index in range(self._tree.size)]))

    def _find(self, node: Node) -> Hash | None:
        level, index = node
        return self._tree.read([(level - HEIGHT, index)])[0] if level >= HEIGHT else None


def _hashes(data: bytes) -> Iterator[bytes]:
    return (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))
