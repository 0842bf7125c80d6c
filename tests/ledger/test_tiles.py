"""Tile paths, shapes and proofs from tiles, against the standard's examples and the tree in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Broken, Refused, SizeBeyondLog
from suyuan.ledger import merkle, tiles
from suyuan.ledger.hashing import Hash, leaf_hash
from suyuan.ledger.merkle import MemoryTree
from suyuan.ledger.tiles import Tile

SIZE = 70_000
LEAVES = [leaf_hash(index.to_bytes(4, "big")) for index in range(SIZE)]
TREE = MemoryTree(LEAVES)


def content(tile: Tile) -> bytes:
    return b"".join(TREE.read(tiles.tile_nodes(tile)))


def contents(wanted: Sequence[Tile]) -> list[bytes]:
    return [content(tile) for tile in wanted]


def test_tile_paths_equal_those_of_tessera(shared: Path) -> None:
    known = json.loads((shared / "vectors/tlog/tessera-tile-paths.json").read_text())
    for case in known["tile_path"]:
        tile = Tile(case["level"], case["index"], case["partial"] or 256)
        assert tiles.format_path(tile) == case["path"]
        assert tiles.parse_path(case["path"]) == tile
    for case in known["entries_path_for_index"]:
        bundle = case["seq"] // 256
        width = min(case["log_size"] - bundle * 256, 256)
        assert tiles.format_entries_path(bundle, width) == case["path"]
        assert tiles.parse_entries_path(case["path"]) == (bundle, width)


def test_nodes_are_found_in_the_tiles_that_tessera_names(shared: Path) -> None:
    for case in json.loads((shared / "vectors/tlog/tessera-tile-paths.json").read_text())["node_to_tile"]:
        level, index, start, count = tiles.node_tile((case["tree_level"], case["tree_index"]))
        assert (level, index) == (case["tile_level"], case["tile_index"])
        assert start == case["node_index"] << case["node_level"]
        assert count == 1 << case["node_level"]


def test_tree_shapes_equal_those_of_the_standard(shared: Path) -> None:
    known = json.loads((shared / "vectors/tlog/c2sp-spec-examples.json").read_text())
    for case in known["tile_index_path"]:
        assert tiles.format_path(Tile(0, case["index"])) == f"tile/0/{case['path']}"
    for shape in known["tree_shapes"]:
        found = list(tiles.tiles_of(shape["size"]))
        for level in range(3):
            full = [tile for tile in found if tile.level == level and tile.width == 256]
            partial = [tile.width for tile in found if tile.level == level and tile.width < 256]
            assert len(full) == shape.get(f"level{level}_full", 0)
            assert partial == [width for width in [shape.get(f"level{level}_partial", 0)] if width]


@given(st.integers(0, 63), st.integers(0, 2**55 - 1), st.integers(1, 256))
@settings(deadline=None)
def test_a_path_is_read_back_as_the_tile_that_wrote_it(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tiles.parse_path(tiles.format_path(tile)) == tile
    assert tiles.parse_entries_path(tiles.format_entries_path(index, width)) == (index, width)


BAD_NUMBERS = [
    "", "0", "00", "0000", "1234", "x001", "x000/001", "x001/x234", "x001/234/567", "001/234", "X001/234", "x01/234",
    "000.p/0", "000.p/256", "000.p/01", "000.p/", "000.p/999", "000.p", "000.p/5/", "000/", "/000", "000 ", "000\n",
    "-01", "+01", "٠٠٠", "x001//234", "000.q/5", "x999/" * 7 + "999", "x999/" * 100 + "999",
]  # fmt: skip


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_a_path_with_a_second_spelling_is_refused(number: str) -> None:
    for parse, prefix in ((tiles.parse_path, "tile/0/"), (tiles.parse_entries_path, "tile/entries/")):
        with pytest.raises(Refused) as caught:
            parse(prefix + number)
        assert caught.value.problems[0].code == "tile.path"


@pytest.mark.parametrize(
    "path",
    [
        "tile/64/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/100/000",
        "tile//000",
        "/tile/0/000",
        "tile/data/000",
        "",
    ],
)
def test_a_path_with_a_bad_level_is_refused(path: str) -> None:
    with pytest.raises(Refused):
        tiles.parse_path(path)


@given(st.text("tile/x0123456789.p ents\n", max_size=40))
@settings(deadline=None)
def test_any_text_is_a_path_in_its_one_spelling_or_refused(text: str) -> None:
    try:
        tile = tiles.parse_path(text)
    except Refused:
        return
    assert tiles.format_path(tile) == text


@given(st.integers(0, 2**20), st.integers(0, 2**12))
@settings(deadline=None, max_examples=30)
def test_full_tiles_that_are_new_are_those_that_were_not_there_before(old: int, grown: int) -> None:
    new = old + grown
    added = set(tiles.new_full_tiles(old, new))
    full = {tile for tile in tiles.tiles_of(new) if tile.width == 256}
    before = {tile for tile in tiles.tiles_of(old) if tile.width == 256}
    assert added == full - before
    assert set(tiles.partial_tiles(new)) == set(tiles.tiles_of(new)) - full


def test_an_empty_tree_has_no_tiles() -> None:
    assert list(tiles.tiles_of(0)) == list(tiles.partial_tiles(0)) == list(tiles.new_full_tiles(0, 0)) == []


def test_the_root_of_a_full_tile_stands_in_the_level_above() -> None:
    for index in (0, 1, 255, 272):
        assert (
            tiles.tile_root(content(Tile(0, index))) == content(Tile(1, index // 256, index % 256 + 1))[-32:]
        )


@pytest.mark.parametrize("length", [0, 32, 8191, 8193, 16384])
def test_a_partial_tile_is_never_hashed_upward(length: int) -> None:
    with pytest.raises(Broken):
        tiles.tile_root(bytes(length))


@given(st.integers(1, SIZE), st.data())
@settings(deadline=None, max_examples=60)
def test_proofs_from_tiles_equal_those_from_memory(size: int, data: st.DataObject) -> None:
    read = tiles.read_nodes_from_tiles(contents, size)
    index = data.draw(st.integers(0, size - 1))
    assert merkle.root(size, read) == TREE.root(size)
    assert merkle.prove_inclusion(index, size, read) == merkle.prove_inclusion(index, size, TREE.read)
    old = index + 1
    assert merkle.prove_consistency(old, size, read) == merkle.prove_consistency(old, size, TREE.read)


def test_a_proof_asks_for_each_tile_once_and_only_for_tiles_of_its_size() -> None:
    asked: list[Sequence[Tile]] = []

    def read_tiles(wanted: Sequence[Tile]) -> list[bytes]:
        asked.append(wanted)
        return contents(wanted)

    for size in (1, 255, 256, 257, 65_535, 65_536, 65_537, SIZE):
        asked.clear()
        merkle.prove_inclusion(size // 2, size, tiles.read_nodes_from_tiles(read_tiles, size))
        assert len(asked) <= 1
        for wanted in asked:
            assert len(set(wanted)) == len(wanted) <= 5
            assert set(wanted) <= set(tiles.tiles_of(size))


@pytest.mark.parametrize("node", [(0, 300), (0, 255), (8, 1), (7, 2), (3, 37), (16, 0)])
def test_a_node_beyond_the_size_is_not_read(node: tuple[int, int]) -> None:
    level, index = node
    size = (index + 1 << level) - 1  # one leaf short
    with pytest.raises(SizeBeyondLog):
        tiles.read_nodes_from_tiles(contents, size)([node])


@pytest.mark.parametrize("change", [b"", bytes(1), bytes(32)])
def test_a_tile_of_another_length_is_broken(change: bytes) -> None:
    def read_tiles(wanted: Sequence[Tile]) -> list[bytes]:
        return [data + change if change else data[:-32] for data in contents(wanted)]

    with pytest.raises(Broken):
        merkle.root(300, tiles.read_nodes_from_tiles(read_tiles, 300))


def test_a_store_that_forgets_a_tile_is_broken() -> None:
    with pytest.raises(Broken):
        merkle.root(300, tiles.read_nodes_from_tiles(lambda wanted: contents(wanted)[1:], 300))


@given(st.lists(st.binary(max_size=300), max_size=256))
@settings(deadline=None, max_examples=40)
def test_a_bundle_is_read_back_as_the_entries_that_made_it(entries: list[bytes]) -> None:
    data = tiles.format_bundle(entries)
    assert tiles.parse_bundle(data) == entries
    assert len(data) == sum(2 + len(entry) for entry in entries)


def test_a_bundle_writes_length_in_two_bytes_big_endian() -> None:
    assert tiles.format_bundle([b"ab", b"", bytes(65_535)])[:7] == b"\x00\x02ab\x00\x00\xff"


def test_a_bundle_that_ends_early_is_refused_at_each_length() -> None:
    data = tiles.format_bundle([b"first", b"second", b"x"])
    ends = {0, 7, 15, 18}
    for length in set(range(len(data))) - ends:
        with pytest.raises(Refused) as caught:
            tiles.parse_bundle(data[:length])
        assert caught.value.problems[0].code == "tile.bundle"


def test_a_bundle_of_more_than_256_entries_is_refused() -> None:
    assert len(tiles.parse_bundle(bytes(2 * 256))) == 256
    with pytest.raises(Refused):
        tiles.parse_bundle(bytes(2 * 257))


def test_an_entry_too_long_for_a_bundle_is_never_written() -> None:
    with pytest.raises(Broken):
        tiles.format_bundle([bytes(65_536)])


def test_tile_nodes_are_the_leaves_of_a_tile_of_level_0() -> None:
    assert tiles.tile_nodes(Tile(0, 2, 3)) == [(0, 512), (0, 513), (0, 514)]
    assert content(Tile(0, 2, 3)) == b"".join(LEAVES[512:515])
    assert isinstance(Hash(content(Tile(1, 0, 1))), bytes)
