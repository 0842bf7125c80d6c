"""
Folded tiles: tiles kept in memory with every subtree inside them hashed, so that a proof is looked up, not computed.

A tile of a given width never changes, so that nothing kept can become wrong. One takes 16 KB and 255 hashes to fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from ..errors import SizeBeyondLog
from .hashing import HASH_BYTES, Hash
from .merkle import BEYOND, Node, ReadNodes
from .tiles import HEIGHT, WIDTH, ReadTiles, Tile, check_contents, tile_at

MOST_KEPT: Final = 2048
"""34 MB. Beyond it all go and are read again as they are asked for."""

_Rows = tuple[bytes, ...]
"""The hashes of a tile, then those of each pair of them, and so on up to its root."""


class FoldedTiles:
    """The tiles of one log that were read so far, at most *most*; threads may share it."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: dict[Tile, _Rows] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def read_nodes(self, read_tiles: ReadTiles, size: int) -> ReadNodes:
        """
        Return a ``ReadNodes`` over the tree of *size* leaves; as ``read_nodes_from_tiles``, with what is kept.

        Each call asks *read_tiles* at most once, for the tiles that are not kept.

        Raises (when the result is called):
            SizeBeyondLog: a node reaches past *size*.
            Broken: a tile has another length than its width demands.
        """

        def read(nodes: Sequence[Node]) -> list[Hash]:
            places = [_place(node, size) for node in nodes]
            found = self._find({tile for tile, _, _ in places}, read_tiles)
            return [_hash(found[tile], height, position, size) for tile, height, position in places]

        return read

    def _find(self, wanted: set[Tile], read_tiles: ReadTiles) -> dict[Tile, _Rows]:
        found = {tile: rows for tile in wanted if (rows := self._kept.get(tile))}
        missing = sorted(wanted - found.keys())
        if missing:
            contents = read_tiles(missing)
            check_contents(missing, contents)
            fresh = {tile: _fold(data) for tile, data in zip(missing, contents, strict=True)}
            if len(self._kept) + len(fresh) > self._most:
                self._kept.clear()
            self._kept.update(fresh)
            found |= fresh
        return found


def _place(node: Node, size: int) -> tuple[Tile, int, int]:
    """Return where the hash of *node* is found: its tile at *size*, the row in it, the position in the row."""
    level, index = node
    tile_level, height = divmod(level, HEIGHT)
    span = WIDTH >> height
    return tile_at(size, tile_level, index // span), height, index % span


def _fold(data: bytes) -> _Rows:
    rows = [data]
    while len(rows[-1]) >= 2 * HASH_BYTES:
        below = rows[-1]
        pairs = range(0, len(below) - 2 * HASH_BYTES + 1, 2 * HASH_BYTES)
        rows.append(b"".join([sha256(b"\x01" + below[at : at + 2 * HASH_BYTES]).digest() for at in pairs]))
    return tuple(rows)


def _hash(rows: _Rows, height: int, position: int, size: int) -> Hash:
    start = position * HASH_BYTES
    if height >= len(rows) or start >= len(rows[height]):
        raise SizeBeyondLog(BEYOND.at(asked=size + 1, size=size))
    return Hash(rows[height][start : start + HASH_BYTES])
