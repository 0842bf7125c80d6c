"""
The files of a log of one size: what is written when it grew, and what may go since larger files hold it.

Only what grew since the last published size is made. A tile that is partial at a signed size stays until its full tile
and the next one are published, so that whoever holds that checkpoint has time to read on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Engine

from ..books.questions import list_checkpoints
from ..ledger.engine import begin_read
from ..ledger.store import StoredCheckpoint
from ..ledger.tiles import (
    HEIGHT,
    WIDTH,
    Tile,
    format_bundle,
    format_entries_path,
    format_path,
    new_full_tiles,
    partial_tiles,
)
from ..verify.paths import format_checkpoints_path
from .growth import Growth, read_bundles

File = tuple[str, bytes]
"""A path below the prefix, and the bytes that stand there for good."""

Shelf = tuple[int, tuple[StoredCheckpoint, ...]]
"""A bundle of checkpoints in the order in which they were signed: its index, and 256 of them or fewer."""

_NARROWER: Final = range(1, WIDTH)


def read_shelves(engine: Engine, log_id: str, count: int, sizes: tuple[int, int]) -> Iterator[Shelf]:
    """
    Yield the bundles that hold the checkpoints of sizes above the first of *sizes* up to the second, newest first.

    Args:
        count: how many were signed up to the second; more may be signed meanwhile.
    """
    old, new = sizes
    before = new + 1
    while count:
        width = count % WIDTH or WIDTH
        with begin_read(engine) as connection:
            newest_first = list_checkpoints(connection, log_id, before, width)
        if newest_first[0].size <= old:
            return
        count -= width
        before = newest_first[-1].size
        yield count // WIDTH, tuple(reversed(newest_first))


def shelf_file(shelf: Shelf) -> File:
    """Return the file of *shelf*: the notes as they were signed, without cosignatures of others."""
    index, notes = shelf
    return format_checkpoints_path(index, len(notes)), format_bundle([one.note.encode() for one in notes])


def tile_files(growth: Growth) -> Iterator[File]:
    """Yield the tiles that became full."""
    for tile in new_full_tiles(growth.old, growth.new):
        yield format_path(tile), growth.tile(tile)


def bundle_files(engine: Engine, log_id: str, growth: Growth, sizes: set[int]) -> Iterator[File]:
    """
    Yield the entry bundles that became full, and those that are partial at one of *sizes* and not full now.

    Raises:
        Broken: an entry is no longer what *growth* was computed from.
    """
    for index, entries in read_bundles(engine, log_id, growth):
        if len(entries) == WIDTH:
            yield format_entries_path(index), format_bundle(entries)
            continue
        for size in sorted(size - index * WIDTH for size in sizes if size > index * WIDTH):
            yield format_entries_path(index, size), format_bundle(entries[:size])


def edge_files(growth: Growth, sizes: set[int]) -> Iterator[File]:
    """Yield the tiles that are partial at one of *sizes*, not full now, and not written for the old size."""
    edges = {tile for size in sizes for tile in partial_tiles(size)}
    for tile in sorted(edges.difference(partial_tiles(growth.old))):
        if tile.index == growth.new >> HEIGHT * (tile.level + 1):
            yield format_path(tile), growth.tile(tile)


def replaced_paths(engine: Engine, log_id: str, published: int) -> list[str]:
    """
    Return the paths of partial files that may go while a larger log than *published* is written, if they are there.

    Those of a tile go when it and the tile after it were full at the published size already, and none earlier.
    """
    with begin_read(engine) as connection:
        before = list_checkpoints(connection, log_id, published, 1)
    last = before[0].size if before else 0
    paths: list[str] = []
    for level in range(-(-published.bit_length() // HEIGHT)):
        edge, full = (size >> HEIGHT * (level + 1) for size in (last, published))
        for index in range(max(edge - 1, 0), min(edge + 1, full - 1)):
            paths += _partial_paths(engine, log_id, level, index)
    return paths


def _partial_paths(engine: Engine, log_id: str, level: int, index: int) -> list[str]:
    if level:  # once in 65,536 entries; to look up the sizes would cost more
        return [format_path(Tile(level, index, width)) for width in _NARROWER]
    first = index * WIDTH
    with begin_read(engine) as connection:
        found = list_checkpoints(connection, log_id, first + WIDTH, WIDTH - 1)
    widths = [one.size - first for one in found if one.size > first]
    return [
        path
        for width in widths
        for path in (format_path(Tile(0, index, width)), format_entries_path(index, width))
    ]
