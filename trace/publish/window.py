"""The window: everything that the outside may ask of one log, each question in one reading transaction."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from sqlalchemy import Engine

from ..books import lineage
from ..books.questions import find_record, find_records, list_checkpoints
from ..errors import Missing, Reason
from ..ledger.engine import begin_read
from ..ledger.folded import FoldedTiles
from ..ledger.hashing import Hash
from ..ledger.store import StoredCheckpoint, StoredEntry
from ..ledger.tlogproof import TlogProof
from ..produce.reasons import NO_BATCH
from ..produce.records import LogState, Product, Run
from ..qr.code import parse_code
from ..qr.run import RunTree
from ..vault.vault import Vault
from ..verify.bundle import EntryBundle, PackageBundle
from . import proofs
from .lookup import Verdict, find_run, look_up, recall_story
from .memory import Memory
from .story import Story

NO_CODE = Reason("code.missing", "编码不存在", "there is no such code")

_RUNS_KEPT: Final = 64


_BATCH_ID: Final = re.compile(r"[0-9A-Za-z]{1,20}")


@dataclass(frozen=True, slots=True)
class Trace:
    """Lineage of a batch, with the products of its batches by id."""

    root: str
    direction: lineage.Direction
    lineage: lineage.Lineage
    products: dict[str, Product]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a package's run stands: its entry, and the size of the latest checkpoint (0 while there is none)."""

    entry: int
    leaf: str
    checkpoint: int


@dataclass(frozen=True, slots=True)
class Window:
    """What reads one log for the outside."""

    engine: Engine
    log_id: str
    vault: Vault
    memory: Memory = field(default_factory=Memory)
    tiles: FoldedTiles = field(default_factory=FoldedTiles)
    _blocks: OrderedDict[str, Sequence[Hash]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def log_state(self) -> LogState | None:
        """Return what entry 0 says of the log; None before it is there."""
        with begin_read(self.engine) as connection:
            return find_record(connection, self.log_id, LogState, "log")

    def look_up(self, text: str) -> Verdict:
        """Return the verdict on a package code; see ``lookup.look_up``."""
        with begin_read(self.engine) as connection:
            return look_up(connection, self.vault, self.log_id, text, self.memory)

    def place(self, entry: int) -> Place:
        """Return where entry *entry* stands, for whoever wants to check it."""
        with begin_read(self.engine) as connection:
            stored = proofs.find_entry(connection, self.log_id, entry)
            checkpoints = list_checkpoints(connection, self.log_id, None, 1)
        return Place(entry, stored.leaf.hex(), checkpoints[0].size if checkpoints else 0)

    def batch(self, id: str) -> Story:
        """
        Return the story of a batch.

        Raises:
            Missing: ``batch.missing``.
        """
        with begin_read(self.engine) as connection:
            story = recall_story(connection, self.log_id, _batch_id(id), self.memory)
        return replace(story, history=story.history.of_batch())

    def trace(self, id: str, direction: lineage.Direction) -> Trace:
        """
        Return what a batch came from, or what was made of it.

        Raises:
            Missing: ``batch.missing``.
        """
        id = _batch_id(id)
        with begin_read(self.engine) as connection:
            found = lineage.trace(connection, self.log_id, id, direction)
            if not found.nodes:
                raise Missing(NO_BATCH.at("/id", id=id))
            products = find_records(
                connection, self.log_id, Product, {node.batch.product for node in found.nodes}
            )
        return Trace(id, direction, found, products)

    def entry(self, index: int) -> StoredEntry:
        """
        Return an entry as it is stored.

        Raises:
            Missing: ``entry.missing``.
        """
        with begin_read(self.engine) as connection:
            return proofs.find_entry(connection, self.log_id, index)

    def inclusion(self, index: int, size: int | None) -> proofs.Inclusion:
        """Return the inclusion proof of an entry; see ``proofs.prove_inclusion``."""
        with begin_read(self.engine) as connection:
            return proofs.prove_inclusion(connection, self.log_id, index, size, self.tiles)

    def entry_bundle(self, index: int) -> EntryBundle:
        """Return the proof document of an entry; see ``proofs.prove_entry``."""
        with begin_read(self.engine) as connection:
            return proofs.prove_entry(connection, self.log_id, index)

    def offline_proof(self, index: int) -> TlogProof:
        """Return the C2SP proof of an entry; see ``proofs.prove_offline``."""
        with begin_read(self.engine) as connection:
            return proofs.prove_offline(connection, self.log_id, index)

    def growth(self, old: int, new: int) -> proofs.Growth:
        """Return the consistency proof between two sizes; see ``proofs.prove_growth``."""
        with begin_read(self.engine) as connection:
            return proofs.prove_growth(connection, self.log_id, old, new, self.tiles)

    def checkpoint(self, size: int | None = None) -> StoredCheckpoint:
        """
        Return the checkpoint of *size*, or the latest.

        Raises:
            Missing: ``checkpoint.missing``.
        """
        with begin_read(self.engine) as connection:
            return proofs.find_checkpoint(connection, self.log_id, size)

    def checkpoints(self, before: int | None, limit: int) -> list[StoredCheckpoint]:
        """Return at most *limit* checkpoints, largest first, of sizes below *before*."""
        with begin_read(self.engine) as connection:
            return list_checkpoints(connection, self.log_id, before, limit)

    def package_bundle(self, text: str) -> PackageBundle:
        """
        Return the proof document of one package.

        Raises:
            CodeMistyped: *text* is no code.
            Missing: ``code.missing``.
            Unavailable: ``checkpoint.not-yet``.
        """
        code = parse_code(text)
        with begin_read(self.engine) as connection:
            run = find_run(connection, self.vault, self.log_id, code)
            secret = self.vault.find_run_secret(connection, code.run)
            if run is None or secret is None:
                raise Missing(NO_CODE.at("/code"))
            return proofs.prove_package(connection, self.log_id, self._tree(run, secret), run, code)

    def _tree(self, run: Run, secret: bytes) -> RunTree:
        """Return the run's tree; the hashes of its blocks are kept, so that a large run is hashed once."""
        with self._lock:
            blocks = self._blocks.get(run.id, ())
        tree = RunTree(secret, run.id, run.count, blocks)
        with self._lock:
            self._blocks[run.id] = tree.blocks
            self._blocks.move_to_end(run.id)
            while len(self._blocks) > _RUNS_KEPT:
                self._blocks.popitem(last=False)
        return tree


def _batch_id(text: str) -> str:
    """Return a batch's id as it is stored; what can't be one never reaches the database."""
    if not _BATCH_ID.fullmatch(text):
        raise Missing(NO_BATCH.at("/id", id=text[:40]))
    return text.upper()
