"""What a published log holds, read in order: its checkpoint, its list of checkpoints, bundles with their tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import Missing, Reason, Refused
from ..ledger.hashing import HASH_BYTES
from ..ledger.tiles import WIDTH, Tile, format_entries_path, format_path
from ..verify.paths import CHECKPOINT, COUNT, format_checkpoints_path, parse_count
from .source import Source

NO_CHECKPOINT = Reason(
    "audit.no-checkpoint",
    "这里没有公布的日志（没有 checkpoint 文件）",
    "no log is published here: no checkpoint",
)

_LENGTH_BYTES: Final = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """One bundle and the tile of level 0 over it, from entry *first* on; None where there is no such file."""

    first: int
    width: int
    bundle: bytes | None
    tile: bytes | None


class Reader:
    """Reads one published log."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def checkpoint(self) -> bytes:
        """
        Return the latest checkpoint.

        Raises:
            Missing: ``audit.no-checkpoint``.
            Unavailable: the source; so do all others here.
        """
        found = self.source.read(CHECKPOINT)
        if found is None:
            raise Missing(NO_CHECKPOINT.at())
        return found

    def count(self) -> int | None:
        """Return how many checkpoints are listed; None where the file is not there, -1 where it is malformed."""
        data = self.source.read(COUNT)
        try:
            return None if data is None else parse_count(data)
        except Refused:
            return -1

    def pages(self, start: int, end: int) -> Iterator[tuple[str, bytes | None]]:
        """Yield path and bytes of the bundles that hold the listed checkpoints *start* to *end*."""
        found = self.source.read_all(format_checkpoints_path(*place) for place in _places(start, end))
        for place, data in zip(_places(start, end), found, strict=True):
            if data is None:
                data = self._cut_bundle(format_checkpoints_path(place[0]), place)
            yield format_checkpoints_path(*place), data

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Yield bundles and tiles that hold the entries *start* to *end*."""
        found = self.source.read_all(path for place in _places(start, end) for path in _paths(place))
        for place in _places(start, end):
            bundle, tile = next(found), next(found)
            if bundle is None:
                bundle = self._cut_bundle(format_entries_path(place[0]), place)
            if tile is None:
                tile = self._cut_tile(Tile(0, *place))
            yield Piece(place[0] * WIDTH, place[1], bundle, tile)

    def tiles(self, tiles: Sequence[Tile]) -> Iterator[tuple[Tile, bytes | None]]:
        """Yield *tiles* with their content."""
        for tile, data in zip(tiles, self.source.read_all(map(format_path, tiles)), strict=True):
            yield tile, data if data is not None else self._cut_tile(tile)

    def _cut_tile(self, tile: Tile) -> bytes | None:
        """Return a partial tile from the full one, which may have taken its place since the checkpoint was read."""
        full = self.source.read(format_path(Tile(tile.level, tile.index))) if tile.width < WIDTH else None
        return None if full is None else full[: tile.width * HASH_BYTES]

    def _cut_bundle(self, path: str, place: tuple[int, int]) -> bytes | None:
        full = self.source.read(path) if place[1] < WIDTH else None
        return None if full is None else cut_bundle(full, place[1])


def cut_bundle(data: bytes, width: int) -> bytes:
    """Return the first *width* entries of a bundle, or all of it where it ends before."""
    end = 0
    for _ in range(width):
        end += _LENGTH_BYTES + int.from_bytes(data[end : end + _LENGTH_BYTES], "big")
    return data[:end]


def _places(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield index and width of each bundle that holds *start* to *end*; never a list: a log may claim any size."""
    for index in range(start // WIDTH, -(-end // WIDTH)):
        yield index, min(WIDTH, end - index * WIDTH)


def _paths(place: tuple[int, int]) -> tuple[str, str]:
    return format_entries_path(*place), format_path(Tile(0, *place))
