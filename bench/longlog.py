"""A long published log of real signed statements, made without a store: one harvest after another, one key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from suyuan.ledger.canonical import encode
from suyuan.ledger.checkpoint import Checkpoint, sign_checkpoint
from suyuan.ledger.entry import Entry, Link, format_entry
from suyuan.ledger.hashing import ZERO, Hash, leaf_hash
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.ledger.jws import sign_jws
from suyuan.ledger.merkle import MemoryTree
from suyuan.ledger.note import Signer
from suyuan.ledger.tiles import WIDTH, format_bundle, format_entries_path, format_path, tile_nodes, tiles_of
from suyuan.produce.crockford import encode_crockford
from suyuan.verify.possession import prove_possession

from .world import AT, LOG, PLOTS, key

SIGNED_EVERY = 1000
"""Entries from one checkpoint to the next."""


def log_signer() -> Signer:
    """Return the key of the log's checkpoints."""
    return Signer(LOG, sha256(b"suyuan bench checkpoint").digest())


class LongLog:
    """Entries made as ``ledger.log`` makes them, without a store, and written as a published log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tree = MemoryTree()
        self._heads: dict[str, tuple[int, Hash]] = {}
        self._leaf = ZERO
        self._at = datetime(2026, 9, 21, tzinfo=UTC)
        self._bundle: list[bytes] = []
        self._notes: list[bytes] = []

    def write(self, count: int) -> None:
        """Write *count* entries and their tiles, signed now and then."""
        for line in self._opening():
            self._append(*line)
        plots = [_id("plot", number) for number in range(PLOTS)]
        while self._tree.size < count:
            self._harvest(plots[self._tree.size % PLOTS])
            if self._tree.size % SIGNED_EVERY == 0 or self._tree.size == count:
                self._sign()
        self._finish()

    def _opening(self) -> Iterator[tuple[dict[str, object], SigningKey, tuple[str, ...]]]:
        bureau, farm = _id("party", 0), _id("party", 1)
        keys = {word: format_jwk(key(word).public) for word in ("log", "supervisor", "farm")}
        founder = {"party": bureau, "name": "监管部门", "jwk": keys["supervisor"], "custody": "party"}
        opened = self._payload("log.opened", "log", format=1, address="https://bench.invalid")
        opened |= {"checkpoint_key": log_signer().vkey, "receipt_key": keys["log"], "supervisors": [founder]}
        yield opened, key("log"), ("party:log",)
        shape = {
            "party": farm,
            "roles": ["producer"],
            "jwk": keys["farm"],
            "custody": "party",
            "name": "合作社",
        }
        admitted = self._payload("party.registered", bureau, **shape)
        admitted["proof"] = prove_possession(str(admitted["id"]), LOG, farm, key("farm"))
        yield admitted, key("supervisor"), (f"party:{farm}",)

    def _harvest(self, plot: str) -> None:
        batch = _id("batch", self._tree.size)
        shape = {"batch": batch, "plot": plot, "product": _id("product", 0), "season": 2026, "amount": 25_000}
        payload = self._payload("batch.harvested", _id("party", 1), **shape)
        self._append(payload, key("farm"), (f"batch:{batch}", f"plot:{plot}"))

    def _payload(self, kind: str, by: str, **fields: object) -> dict[str, object]:
        number = self._tree.size
        return {
            "type": kind,
            "id": f"019aaf10-5c00-7000-8000-{number:012x}",
            "log": LOG,
            "by": by,
            "at": AT,
            **fields,
        }

    def _append(self, payload: dict[str, object], signer: SigningKey, subjects: tuple[str, ...]) -> None:
        links = []
        for subject in subjects:
            seq, prev = self._heads.get(subject, (-1, ZERO))
            links.append(Link(subject, seq + 1, prev))
        index = self._tree.size
        at = self._at + timedelta(milliseconds=index)
        data = format_entry(
            Entry(LOG, index, self._leaf, at, tuple(links), sign_jws(encode(payload), signer))
        )
        self._leaf = leaf_hash(data)
        self._heads.update({link.id: (link.seq, self._leaf) for link in links})
        self._tree.append(self._leaf)
        self._bundle.append(data)
        if len(self._bundle) == WIDTH:
            self._flush()

    def _flush(self) -> None:
        if self._bundle:
            index = (self._tree.size - 1) // WIDTH
            self._put(format_entries_path(index, len(self._bundle)), format_bundle(self._bundle))
            self._bundle = []

    def _sign(self) -> None:
        checkpoint = Checkpoint(LOG, self._tree.size, self._tree.root())
        self._notes.append(sign_checkpoint(checkpoint, [log_signer()]).encode())

    def _finish(self) -> None:
        self._flush()
        for tile in tiles_of(self._tree.size):
            self._put(format_path(tile), b"".join(self._tree.read(tile_nodes(tile))))
        for first in range(0, len(self._notes), WIDTH):
            part = self._notes[first : first + WIDTH]
            path = format_entries_path(first // WIDTH, len(part)).removeprefix("tile/entries/")
            self._put(f"checkpoints/{path}", format_bundle(part))
        self._put("checkpoints/count", b"%d\n" % len(self._notes))
        self._put("checkpoint", self._notes[-1])

    def _put(self, path: str, data: bytes) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _id(what: str, number: int) -> str:
    """Return an id of ten characters that follows from *what* and *number*."""
    return encode_crockford(int.from_bytes(sha256(f"{what} {number}".encode()).digest()) >> 206, 10)
