"""Proofs in logs of a thousand to ten million leaves, made up: how long one takes and how large its file is."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from suyuan.ledger.checkpoint import Checkpoint
from suyuan.ledger.cosignature import COSIGNATURE, Cosigner, cosign_checkpoint
from suyuan.ledger.folded import FoldedTiles
from suyuan.ledger.hashing import HASH_BYTES
from suyuan.ledger.merkle import ReadNodes, check_inclusion, prove_inclusion, root
from suyuan.ledger.note import Signer
from suyuan.ledger.tiles import HEIGHT, WIDTH, Tile, tile_root
from suyuan.ledger.tlogproof import TlogProof, format_proof

from .figure import Figure, Rate, Size, in_turn, rate_of
from .plot import Panel, draw
from .stores import Stores
from .world import LOG, key

SIZES = [10**power for power in range(3, 8)]
PLOT = Path(__file__).parents[1] / "docs" / "proofs.svg"
PROOFS = 500
TIME = 1_790_000_000


def measure_growth(_stores: Stores, size: Size) -> Iterator[Figure]:
    """Time and size of inclusion proofs by the size of the log; draws ``docs/proofs.svg`` where all was measured."""
    sizes = SIZES if size.factor == 1 else SIZES[:-1]
    roots = tile_roots(max(sizes))
    logs = {leaves: _MadeUp(leaves, roots) for leaves in sizes}
    rates = in_turn(size.rounds, **{str(leaves): log.proofs() for leaves, log in logs.items()})
    times = [(leaves, 1e6 / rates[str(leaves)]) for leaves in sizes]
    lengths = [(leaves, float(log.file_bytes())) for leaves, log in logs.items()]
    first, last = sizes[0], sizes[-1]
    as_log = rates[str(first)] * len(str(first - 1)) / len(str(last - 1))
    named = f"those of {first:,} leaves by the ratio of the logarithms"
    yield Figure("proofs.growth", rates[str(last)], "proofs/s", named, as_log)
    yield Figure(
        "proofs.bytes", lengths[-1][1], "bytes", f"the file in a log of {first:,} leaves", lengths[0][1]
    )
    if size.factor == 1:
        built = Panel("Inclusion proof built and checked, µs", times, "leaves; tiles in memory, one core")
        held = Panel(
            ".tlog-proof, bytes", lengths, "leaves; signed by the log and two witnesses, without entry"
        )
        PLOT.write_text(draw([built, held]), encoding="utf-8")


def tile_roots(size: int) -> list[bytes]:
    """Return the roots of the full tiles by level, of a log of *size* leaves that are their indexes."""
    levels: list[bytes] = []
    full = size >> HEIGHT
    while full:
        tiles = (_tile(Tile(len(levels), index), levels) for index in range(full))
        levels.append(b"".join([tile_root(tile) for tile in tiles]))
        full >>= HEIGHT
    return levels


def _tile(tile: Tile, roots: Sequence[bytes]) -> bytes:
    first, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
    if tile.level == 0:
        return b"".join([index.to_bytes(HASH_BYTES, "big") for index in range(first, end)])
    return roots[tile.level - 1][first * HASH_BYTES : end * HASH_BYTES]


class _MadeUp:
    """A log whose leaf hashes are their indexes: its lowest tiles are made when they are read."""

    def __init__(self, size: int, roots: Sequence[bytes]) -> None:
        self.size = size
        self._roots = roots
        self.read: ReadNodes = FoldedTiles().read_nodes(self._read_tiles, size)
        self.root = root(size, self.read)
        chance = random.Random(size)
        self.indexes = [chance.randrange(size) for _ in range(PROOFS)]

    def _read_tiles(self, tiles: Sequence[Tile]) -> list[bytes]:
        return [_tile(tile, self._roots) for tile in tiles]

    def proofs(self) -> Rate:
        """Return what builds and checks the proofs of random leaves, from tiles that were read before."""

        def work() -> None:
            for index in self.indexes:
                [leaf] = self.read([(0, index)])
                check_inclusion(
                    prove_inclusion(index, self.size, self.read), index, self.size, leaf, self.root
                )

        work()
        return lambda: rate_of(len(self.indexes), work)

    def file_bytes(self) -> int:
        """Return the mean size of the proofs' files, without their entries."""
        log = Signer(LOG, key("log").seed)
        witnesses = [Cosigner(f"witness{n}.invalid", key(f"witness {n}").seed, COSIGNATURE) for n in (1, 2)]
        note = cosign_checkpoint(Checkpoint(LOG, self.size, self.root), [log, *witnesses], TIME)
        files = [
            format_proof(TlogProof(index, prove_inclusion(index, self.size, self.read), note))
            for index in self.indexes
        ]
        return round(sum(map(len, (file.encode() for file in files))) / len(files))
