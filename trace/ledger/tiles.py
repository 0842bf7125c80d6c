"""
Tiles: the tree's hashes and the entries in files of 256, as strangers fetch them.

Entry *i* of tile (level, index) is the root of the complete subtree ``(8 * level, 256 * index + i)``. A full tile is
8,192 bytes and never changes; the right edge is served as partial tiles.

Examples: ``tile/0/x001/x234/067``, ``tile/1/000.p/17``, ``tile/entries/x001/x234/067.p/5``.

C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import Broken, Reason, Refused, SizeBeyondLog
from .hashing import HASH_BYTES, Hash, node_hash
from .merkle import BEYOND, MAX_SIZE, Node, ReadNodes

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES
MAX_BUNDLED_BYTES = 65_535
MAX_LEVEL = 63

PATH = Reason("tile.path", "不是 tlog-tiles 路径", "not a path of tlog-tiles")
BUNDLE = Reason(
    "tile.bundle", "条目包在第 {offset} 字节处损坏", "the entry bundle is damaged at byte {offset}"
)

_NUMBER = r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
_TILE_PATH = re.compile(r"tile/(0|[1-9][0-9]?)/" + _NUMBER)
_ENTRIES_PATH = re.compile(r"tile/entries/" + _NUMBER)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile of the tree: *level* 0 to 63, *index* from 0, *width* 1 to 256 hashes (256 is full)."""

    level: int
    index: int
    width: int = WIDTH


ReadTiles = Callable[[Sequence[Tile]], Sequence[bytes]]


def format_path(tile: Tile) -> str:
    """Return the path of *tile* under the log's prefix, such as ``tile/0/x001/x234/067.p/5``."""
    return f"tile/{tile.level}/{_format_number(tile.index, tile.width)}"


def parse_path(path: str) -> Tile:
    """
    Return the tile that ``format_path`` would write as *path*.

    Raises:
        Refused: any other path.
    """
    match = _TILE_PATH.fullmatch(path)
    if match is None or int(match[1]) > MAX_LEVEL:
        raise Refused(PATH.at())
    return Tile(int(match[1]), *_parse_number(match[2], match[3]))


def format_entries_path(index: int, width: int = WIDTH) -> str:
    """Return the path of entry bundle *index* (from 0) with *width* entries (1 to 256)."""
    return f"tile/entries/{_format_number(index, width)}"


def parse_entries_path(path: str) -> tuple[int, int]:
    """
    Return index and width of the bundle that ``format_entries_path`` would write as *path*.

    Raises:
        Refused: any other path.
    """
    match = _ENTRIES_PATH.fullmatch(path)
    if match is None:
        raise Refused(PATH.at())
    return _parse_number(match[1], match[2])


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of a tree of *size* leaves, level by level, the partial one last in its level."""
    for level in _levels(size):
        for index in range(size >> HEIGHT * (level + 1)):
            yield Tile(level, index)
        yield from _edge(level, size)


def new_full_tiles(old_size: int, new_size: int) -> Iterator[Tile]:
    """Yield the tiles that become full as a tree grows from *old_size* to *new_size*, level by level."""
    for level in _levels(new_size):
        shift = HEIGHT * (level + 1)
        for index in range(old_size >> shift, new_size >> shift):
            yield Tile(level, index)


def partial_tiles(size: int) -> Iterator[Tile]:
    """Yield the right edge of a tree of *size* leaves: at most one partial tile in each level."""
    for level in _levels(size):
        yield from _edge(level, size)


def tile_nodes(tile: Tile) -> list[Node]:
    """Return the subtrees whose hashes are the content of *tile*, in order."""
    first = tile.index * WIDTH
    return [(tile.level * HEIGHT, first + position) for position in range(tile.width)]


def node_tile(node: Node) -> tuple[int, int, int, int]:
    """
    Return where the hash of *node* is found: tile level, tile index, first position, number of hashes.

    One hash is the node itself; more are folded to it, 128 at most.
    """
    level, index = node
    tile_level, height = divmod(level, HEIGHT)
    first = index << height
    return tile_level, first >> HEIGHT, first % WIDTH, 1 << height


def read_nodes_from_tiles(read_tiles: ReadTiles, size: int) -> ReadNodes:
    """
    Return a ``ReadNodes`` that takes its hashes from the tiles of a tree of *size* leaves.

    Each call asks *read_tiles* once, for each tile once, with the width that the tile has at *size*.

    Raises (when the result is called):
        SizeBeyondLog: a node reaches past *size*.
        Broken: a tile has another length than its width demands.
    """

    def read(nodes: Sequence[Node]) -> list[Hash]:
        places = [node_tile(node) for node in nodes]
        wanted = sorted({tile_at(size, level, index) for level, index, _, _ in places})
        contents = read_tiles(wanted)
        check_contents(wanted, contents)
        found = {(tile.level, tile.index): data for tile, data in zip(wanted, contents, strict=True)}
        return [_fold(found[level, index], start, count, size) for level, index, start, count in places]

    return read


def tile_root(data: bytes) -> Hash:
    """
    Return the root of a full tile, which is one hash of the level above.

    Raises:
        Broken: *data* is not 8,192 bytes; partial tiles are never hashed upward.
    """
    if len(data) != TILE_BYTES:
        raise Broken("length of a full tile", expected=TILE_BYTES, found=len(data))
    return _fold(data, 0, WIDTH, MAX_SIZE)


def format_bundle(entries: Sequence[bytes]) -> bytes:
    """
    Return an entry bundle: for each entry its length (2 bytes, big-endian) and its bytes.

    Raises:
        Broken: an entry is longer than 65,535 bytes, which the store never takes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_BUNDLED_BYTES:
            raise Broken("length of an entry", expected=MAX_BUNDLED_BYTES, found=len(entry))
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def parse_bundle(data: bytes) -> list[bytes]:
    """
    Return the entries of a bundle.

    Raises:
        Refused: *data* ends inside an entry or holds more than 256.
    """
    entries: list[bytes] = []
    offset = 0
    while offset < len(data):
        start = offset + 2
        end = start + int.from_bytes(data[offset:start], "big")
        if start > len(data) or end > len(data) or len(entries) == WIDTH:
            raise Refused(BUNDLE.at(offset=offset))
        entries.append(data[start:end])
        offset = end
    return entries


def _format_number(index: int, width: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    number = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return number if width == WIDTH else f"{number}.p/{width}"


def _parse_number(groups: str, width: str | None) -> tuple[int, int]:
    if len(groups) > 40:  # far beyond 2^63, and before int() does work
        raise Refused(PATH.at())
    index = int(groups.replace("x", "").replace("/", ""))
    found = index, WIDTH if width is None else int(width)
    spelled = f"{groups}.p/{width}" if width else groups
    if index > MAX_SIZE >> HEIGHT or (width and found[1] >= WIDTH) or _format_number(*found) != spelled:
        raise Refused(PATH.at())
    return found


def _levels(size: int) -> range:
    return range(-(-size.bit_length() // HEIGHT))


def _edge(level: int, size: int) -> Iterator[Tile]:
    width = (size >> HEIGHT * level) % WIDTH
    if width:
        yield Tile(level, size >> HEIGHT * (level + 1), width)


def tile_at(size: int, level: int, index: int) -> Tile:
    """
    Return tile *index* of *level* with the width that it has in a tree of *size* leaves.

    Raises:
        SizeBeyondLog: there is no such tile.
    """
    width = min((size >> HEIGHT * level) - index * WIDTH, WIDTH)
    if width < 1:
        raise SizeBeyondLog(BEYOND.at(asked=index * WIDTH + 1 << HEIGHT * level, size=size))
    return Tile(level, index, width)


def check_contents(tiles: Sequence[Tile], contents: Sequence[bytes]) -> None:
    """
    Check that *contents* are as many as *tiles*, and each as long as its width demands.

    Raises:
        Broken: they are not.
    """
    if len(contents) != len(tiles):
        raise Broken("tiles read", expected=len(tiles), found=len(contents))
    for tile, data in zip(tiles, contents, strict=True):
        if len(data) != tile.width * HASH_BYTES:
            raise Broken(f"length of {format_path(tile)}", expected=tile.width * HASH_BYTES, found=len(data))


def _fold(data: bytes, start: int, count: int, size: int) -> Hash:
    """Return the root over *count* hashes (a power of two) from position *start* of a tile."""
    end = (start + count) * HASH_BYTES
    if end > len(data):
        raise SizeBeyondLog(BEYOND.at(asked=start + count, size=size))
    hashes = [Hash(data[at : at + HASH_BYTES]) for at in range(start * HASH_BYTES, end, HASH_BYTES)]
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]
