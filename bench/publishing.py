"""The log alone: entries in, tiles, bundles and signed checkpoints out; and proofs from what was published."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from threading import Event, Thread

from sqlalchemy import Engine

from suyuan.capture.append import MOST_IN_GROUP
from suyuan.ledger import store
from suyuan.ledger.checkpoint import parse_checkpoint
from suyuan.ledger.engine import begin_write, open_engine
from suyuan.ledger.folded import FoldedTiles
from suyuan.ledger.log import Draft
from suyuan.ledger.merkle import check_inclusion, prove_inclusion
from suyuan.ledger.note import Signer, split_note
from suyuan.ledger.tiles import Tile, format_path
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from suyuan.publish.target import Target
from suyuan.server.house import utc_now
from suyuan.server.migrate import upgrade

from .appending import append_groups, drafts_of
from .figure import Figure, Rate, Size, in_turn, rate_of
from .stores import Stores, kinds
from .world import LOG, World, key

PUBLISHED_EVERY_S = 1.0
"""As the server does (design.md, "Publish")."""


def measure_log(stores: Stores, size: Size) -> Iterator[Figure]:
    """Entries a second through the ledger and out as files, and inclusion proofs a second from those files."""
    if "postgresql" not in kinds():
        return
    with ExitStack() as stack:
        world = World(stores.new_folder(), stores.postgresql())
        stack.callback(world.close)
        log = _Log(stores)
        stack.callback(log.close)
        log.rate(drafts_of(world, MOST_IN_GROUP))
        count = size.of(100 * MOST_IN_GROUP, MOST_IN_GROUP)
        rates = in_turn(size.rounds, whole=lambda: log.rate(drafts_of(world, count)))
        yield Figure("log.postgresql", rates["whole"], "entries/s", "the goal, 20,000 entries/s", 20_000, 1)
        rates = in_turn(size.rounds, proved=log.proofs(size.of(20_000, 1000)))
        yield Figure("proofs.tiles", rates["proved"], "proofs/s", "the goal, 5,000 proofs/s", 5_000, 1)


class _Log:
    """A log without books, published to a folder beside the database."""

    def __init__(self, stores: Stores) -> None:
        self.engine: Engine = open_engine(stores.postgresql())
        upgrade(self.engine)
        with begin_write(self.engine) as connection:
            store.create_log(connection, LOG)
        self.target: Target = FolderTarget(stores.new_folder())
        signers = (Signer(LOG, key("log").seed),)
        self.publisher = Publisher(self.engine, LOG, signers, self.target, utc_now)

    def close(self) -> None:
        self.engine.dispose()

    def rate(self, drafts: Sequence[Draft]) -> float:
        """Append *drafts* while a second thread publishes, until the last is under a published checkpoint."""

        def work() -> None:
            done = Event()
            publishing = Thread(target=self._keep_publishing, args=(done,))
            publishing.start()
            append_groups(self.engine, drafts, MOST_IN_GROUP)
            done.set()
            publishing.join()

        return rate_of(len(drafts), work)

    def _keep_publishing(self, done: Event) -> None:
        while not done.wait(PUBLISHED_EVERY_S):
            self.publisher.publish()
        self.publisher.publish()

    def proofs(self, count: int) -> Rate:
        """Return what builds *count* proofs of random entries from the published tiles, and checks each."""
        text, _ = split_note((self.target.read("checkpoint") or b"").decode())
        checkpoint = parse_checkpoint(text)
        kept, chance = FoldedTiles(), random.Random(1)
        read = kept.read_nodes(self._read_tiles, checkpoint.size)
        indexes = [chance.randrange(checkpoint.size) for _ in range(count)]

        def work() -> None:
            for index in indexes:
                [leaf] = read([(0, index)])
                check_inclusion(
                    prove_inclusion(index, checkpoint.size, read),
                    index,
                    checkpoint.size,
                    leaf,
                    checkpoint.root,
                )

        work()
        return lambda: rate_of(count, work)

    def _read_tiles(self, tiles: Sequence[Tile]) -> list[bytes]:
        return [self.target.read(format_path(tile)) or b"" for tile in tiles]
