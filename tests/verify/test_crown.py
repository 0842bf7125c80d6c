"""The tree above its lowest tiles gives the roots and tiles that the whole tree gives."""

from __future__ import annotations

from hashlib import sha256

import pytest

from suyuan.ledger.merkle import MemoryTree
from suyuan.ledger.tiles import WIDTH, Tile, partial_tiles, tile_nodes, tiles_of
from suyuan.verify.crown import Crown, pair_up, peaks_of

LEAVES = [sha256(bytes([n % 256, n // 256])).digest() for n in range(1500)]
TREE = MemoryTree(LEAVES)


def crown_of(size: int) -> Crown:
    """Return the crown over the first *size* leaves, made in two steps."""
    crown = Crown()
    for end in (size // 2, size):
        roots = b""
        for first in range(crown.size // WIDTH * WIDTH, end // WIDTH * WIDTH, WIDTH):
            roots += pair_up(LEAVES[first : first + WIDTH])[-1][0]
        crown.extend(roots, b"".join(LEAVES[end // WIDTH * WIDTH : end]))
    return crown


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 1024, 1500])
def test_roots_are_those_of_the_whole_tree(size: int) -> None:
    crown = crown_of(size)
    assert (crown.size, crown.root()) == (size, TREE.root(size))
    again = Crown(crown.roots(), crown.edge)
    assert (again.size, again.root()) == (size, TREE.root(size))
    for old in {1, size // 3, size // WIDTH * WIDTH, size} - {0}:
        if old <= size:
            rows = pair_up(LEAVES[old // WIDTH * WIDTH : old // WIDTH * WIDTH + WIDTH])
            assert crown.root(old, peaks_of(rows, old % WIDTH)) == TREE.root(old)


@pytest.mark.parametrize("size", [256, 600, 1500])
def test_tiles_are_those_of_the_whole_tree(size: int) -> None:
    crown = crown_of(size)
    wanted = {tile for tile in tiles_of(size) if tile.level} | set(partial_tiles(size))
    for tile in wanted:
        assert crown.content(tile) == b"".join(TREE.read(tile_nodes(tile)))
    if size % WIDTH:
        assert crown.content(Tile(0, size // WIDTH, 3)) == crown.edge[:96]
