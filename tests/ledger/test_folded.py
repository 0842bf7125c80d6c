"""Folded tiles: the same hashes as from the tiles themselves, each tile read once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Broken, SizeBeyondLog
from suyuan.ledger.folded import FoldedTiles
from suyuan.ledger.hashing import Hash
from suyuan.ledger.merkle import MemoryTree, prove_consistency, prove_inclusion, root
from suyuan.ledger.tiles import Tile, tile_nodes

SIZE = 66_000
"""Three levels of tiles: 257 full ones and a partial one below, one full and one partial above."""


@pytest.fixture(scope="module")
def tree() -> MemoryTree:
    return MemoryTree(number.to_bytes(32, "big") for number in range(SIZE))


class Reads:
    """The tiles of a tree, and which of them were asked for."""

    def __init__(self, tree: MemoryTree) -> None:
        self.tree = tree
        self.asked: list[Tile] = []

    def __call__(self, tiles: Sequence[Tile]) -> list[bytes]:
        self.asked += tiles
        return [b"".join(self.tree.read(tile_nodes(tile))) for tile in tiles]


@given(data=st.data())
def test_proofs_and_roots_are_those_of_the_tree(tree: MemoryTree, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, SIZE))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    read = FoldedTiles().read_nodes(Reads(tree), size)
    assert root(size, read) == tree.root(size)
    assert prove_inclusion(index, size, read) == prove_inclusion(index, size, tree.read)
    assert prove_consistency(old, size, read) == prove_consistency(old, size, tree.read)


def test_a_tile_is_read_once_for_each_width(tree: MemoryTree) -> None:
    kept, reads = FoldedTiles(), Reads(tree)
    for size in (300, 300, 700):
        root(size, kept.read_nodes(reads, size))
    wide = [Tile(0, 1, 44), Tile(1, 0, 1), Tile(0, 2, 188), Tile(1, 0, 2)]
    assert sorted(reads.asked) == sorted(wide)
    assert len(kept) == 4


def test_beyond_what_may_be_kept_all_go(tree: MemoryTree) -> None:
    kept, reads = FoldedTiles(most=2), Reads(tree)
    for leaf in (0, 256, 512, 0):
        assert kept.read_nodes(reads, SIZE)([(0, leaf)]) == tree.read([(0, leaf)])
        assert len(kept) <= 2
    assert [tile.index for tile in reads.asked] == [0, 1, 2, 0]


@pytest.mark.parametrize("node", [(0, 300), (3, 37), (8, 1), (8, 2), (16, 0)])
def test_a_subtree_that_is_not_complete_is_refused(tree: MemoryTree, node: tuple[int, int]) -> None:
    with pytest.raises(SizeBeyondLog):
        FoldedTiles().read_nodes(Reads(tree), 300)([node])


def test_a_tile_of_another_length_is_broken_and_not_kept(tree: MemoryTree) -> None:
    kept = FoldedTiles()
    with pytest.raises(Broken, match="length of tile/0/000"):
        kept.read_nodes(lambda tiles: [b"\0" * 31 for _ in tiles], 300)([(0, 5)])
    assert len(kept) == 0
    assert kept.read_nodes(Reads(tree), 300)([(0, 5)]) == [Hash((5).to_bytes(32, "big"))]
