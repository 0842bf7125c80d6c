"""A small log and a plain writer of what is published of it, made from the layout's description alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from suyuan.ledger.checkpoint import Checkpoint, format_checkpoint
from suyuan.ledger.cosignature import COSIGNATURE, Cosigner
from suyuan.ledger.note import Signer, add_signatures, sign_note
from suyuan.ledger.policy import Policy, PolicyLog, PolicyWitness
from suyuan.ledger.tiles import (
    format_bundle,
    format_entries_path,
    format_path,
    partial_tiles,
    tile_nodes,
    tiles_of,
)
from suyuan.monitor.crew import Crew
from suyuan.monitor.lookout import Lookout, Sight
from suyuan.monitor.source import open_source
from tests.keys import seed
from tests.produce.world import name
from tests.verify.ledgers import LOG, Ledger, log_signer, opened

WITNESS = Cosigner("bureau.example/w1", seed("witness"), COSIGNATURE)
POLICY = Policy((PolicyLog(log_signer().verifier),))
WITNESSED = Policy(POLICY.logs, (PolicyWitness("bureau", WITNESS.key),), (), "bureau")


def grown(size: int) -> Ledger:
    """Return a log of *size* entries: two supervisors, two parties with keys, one of them revoked, goods."""
    ledger = opened("局", "二局")
    ledger.register("合作社", ["producer"], "局")
    ledger.register("农场", ["producer"], "二局")
    grow(ledger, size)
    return ledger


def grow(ledger: Ledger, size: int) -> None:
    """Add adjustments of a few batches up to *size* entries."""
    for number in range(len(ledger.entries), size):
        who = ("合作社", "农场")[number % 2]
        ledger.say("batch.adjusted", who, batch=name(f"批{number % 7}"), amount=-500, reason="shrinkage")


def look(folder: Path | str, policy: Policy = POLICY, **parts: Any) -> Sight:
    """Look once at the log in *folder*, in this process."""
    with closing(open_source(str(folder))) as source:
        return Lookout(source, policy, Crew(0), **parts).look()


def codes(sight: Sight) -> list[tuple[str, str]]:
    """Return code and place of each fault, in order."""
    return [(fault.problem.code.removeprefix("audit."), fault.place) for fault in sight.faults]


class Publication:
    """The folder of a published log, written anew or further with each checkpoint."""

    def __init__(self, folder: Path, ledger: Ledger, signers: Sequence[Signer] = ()) -> None:
        self.folder = folder
        self.ledger = ledger
        self.signers = tuple(signers) or (log_signer(),)
        self.notes: list[str] = []

    def publish(self, size: int | None = None, *, time: int = 0) -> str:
        """Publish the first *size* entries; with a *time*, cosigned by the witness. Return the checkpoint."""
        size = len(self.ledger.entries) if size is None else size
        note = self.sign(size)
        self._write_tiles(size)
        self.write_list()
        if time:
            note = add_signatures(note, [WITNESS.cosign(note.partition("\n\n")[0] + "\n", time)])
        self.write("checkpoint", note.encode())
        return note

    def sign(self, size: int) -> str:
        """Sign the first *size* entries, and list that; nothing is written yet."""
        text = format_checkpoint(Checkpoint(LOG, size, self.ledger.tree.root(size)))
        self.notes.append(sign_note(text, self.signers))
        return self.notes[-1]

    def write(self, path: str, data: bytes) -> None:
        """Write one file, whole for whoever watches."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.draft")
        draft.write_bytes(data)
        draft.replace(file)

    def _write_tiles(self, size: int) -> None:
        for tile in {*tiles_of(size), *partial_tiles(size)}:
            self.write(format_path(tile), b"".join(self.ledger.tree.read(tile_nodes(tile))))
            if tile.level == 0:
                first = tile.index * 256
                data = format_bundle(self.ledger.entries[first : first + tile.width])
                self.write(format_entries_path(tile.index, tile.width), data)

    def write_list(self) -> None:
        """Write the list of checkpoints as *notes* has it."""
        for first in range(0, len(self.notes), 256):
            part = [note.encode() for note in self.notes[first : first + 256]]
            path = format_entries_path(first // 256, len(part)).removeprefix("tile/entries/")
            self.write(f"checkpoints/{path}", format_bundle(part))
        self.write("checkpoints/count", b"%d\n" % len(self.notes))
