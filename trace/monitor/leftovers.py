"""
Files beside those that the latest checkpoint needs: partial ones of earlier sizes, and the policy.

A partial file must be the beginning of the whole one. A folder is read whole; a server does not say what it has, so
there only what the latest checkpoint needs is read. What lies beyond that checkpoint is being published: no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..errors import Refused
from ..ledger.hashing import HASH_BYTES
from ..ledger.policy import parse_policy
from ..ledger.tiles import WIDTH, Tile, format_entries_path, format_path, parse_entries_path, parse_path
from ..verify.crown import Crown
from ..verify.fault import FORM, PARTIAL, Fault, show
from ..verify.paths import CHECKPOINTS, ENTRIES, POLICY, format_checkpoints_path, parse_checkpoints_path
from .reading import cut_bundle
from .source import Source


def check_leftovers(source: Source, crown: Crown, listed: int) -> Iterator[Fault]:
    """
    Yield a fault for each partial file that is not the beginning of the whole one, and for a policy that can't be read.

    Args:
        crown: the tree of the latest checkpoint, all of whose files were found right.
        listed: how many checkpoints were.

    Raises:
        Unavailable: the source.
    """
    yield from _check_policy(source)
    for path in source.files():
        expected = _find_expected(path, source, crown, listed)
        found = source.read(path) if expected is not None else None
        if expected is not None and found is not None and found != expected:
            yield Fault(path, crown.size, PARTIAL.at(), show(expected), show(found))


def _check_policy(source: Source) -> Iterator[Fault]:
    data = source.read(POLICY)
    try:
        parse_policy((data or b"quorum none\n").decode())
    except (Refused, UnicodeDecodeError) as error:
        yield Fault(POLICY, 0, FORM.at(), "", str(error))


def _find_expected(path: str, source: Source, crown: Crown, listed: int) -> bytes | None:
    """Return what the partial file at *path* must hold; None for other files, and those beyond the checkpoint."""
    try:
        if path.startswith(ENTRIES):
            return _bundle(source, format_entries_path, parse_entries_path(path), crown.size)
        if path.startswith(CHECKPOINTS):
            return _bundle(source, format_checkpoints_path, parse_checkpoints_path(path), listed)
        return _tile(source, parse_path(path), crown)
    except Refused:
        return None


def _bundle(
    source: Source, format: Callable[[int, int], str], place: tuple[int, int], size: int
) -> bytes | None:
    index, width = place
    widest = min(WIDTH, size - index * WIDTH)
    if width >= widest:
        return None
    whole = source.read(format(index, widest))
    return None if whole is None else cut_bundle(whole, width)


def _tile(source: Source, tile: Tile, crown: Crown) -> bytes | None:
    if tile.width == WIDTH or (tile.index * WIDTH + tile.width) * WIDTH**tile.level > crown.size:
        return None
    if tile.level or (tile.index + 1) * WIDTH > crown.size:
        return crown.content(tile)
    whole = source.read(format_path(Tile(0, tile.index)))
    return None if whole is None else whole[: tile.width * HASH_BYTES]
