"""
A stretch of entries checked by itself: all that needs neither what came before nor another file.

Stretches are checked in any order and in other processes; what holds one to the next is in the ``Passage`` that comes
out, and ``trail`` joins passages in order.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ..errors import Problem, Refused, SignatureWrong
from ..ledger.entry import Entry, Link, parse_entry
from ..ledger.hashing import HASH_BYTES, ZERO, Hash, leaf_hash
from ..ledger.moment import format_moment
from ..ledger.statement import Statement, check_statement, parse_statement
from ..ledger.tiles import WIDTH, Tile, format_entries_path, format_path, parse_bundle
from ..produce.event import Event
from ..produce.parse import parse_event
from ..produce.subjects import subjects_of
from .crown import pair_up, peaks_of
from .fault import (
    BUNDLE,
    CHAIN,
    ENTRY,
    INDEX,
    KEY,
    LEAF,
    LOG,
    PARTY,
    PREV,
    REWRITTEN,
    SIGNATURE,
    SUBJECTS,
    TILE,
    TIME,
    Fault,
    entry_fault,
    refusal,
    show,
)
from .shelf import KEY_BYTES, key_of
from .signers import Signer, is_of_keys

MOST_FAULTS: Final = 50
"""Faults that one stretch tells; who wants all of them reads the log after it was mended."""

NO_ID: Final = bytes(KEY_BYTES)

CHAIN_RECORD: Final = struct.Struct(">16sQQ32sQ32s")
"""Key of the subject; first entry, ``seq`` and ``prev`` there; last ``seq``, and the leaf hash of the last entry."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Bundles as published, from entry *first* (a multiple of 256) on, with the tiles of level 0 over them.

    A tile that is not there is None: whoever missed it says so. The first entries may be *known*: then only their leaf
    hashes are compared. *signers* holds the keys that the statements name, as they stand after the stretch; entries
    in *told* were taken in by ``Signers``, which checks their signatures. *due* are the sizes whose peaks are wanted.
    """

    log: str
    first: int
    bundles: tuple[bytes, ...]
    widths: tuple[int, ...]
    tiles: tuple[bytes | None, ...]
    signers: Mapping[str, Signer]
    told: frozenset[int] = frozenset()
    known: bytes = b""
    due: tuple[int, ...] = ()


@dataclass(slots=True)
class Passage:
    """
    What is left of a stretch for those that follow.

    Entries *first* (the first that was not known) to *end*; *broken* where a bundle could not be read, and it ends
    before that. What the first names as the one before, and its time; leaf hash and time of the last. *roots* of full
    tiles, leaf hashes of the last partial one (*edge*), the peaks of each due size. *ids* holds a shelf's key for each
    event id (zeros where none could be read), *chains* a ``CHAIN_RECORD`` for each subject, *subjects* their names.
    """

    first: int
    end: int
    broken: bool = False
    prev: Hash | None = None
    began: datetime | None = None
    leaf: Hash = ZERO
    at: datetime | None = None
    roots: bytes = b""
    edge: bytes = b""
    peaks: dict[int, list[Hash]] = field(default_factory=dict)
    ids: bytes = b""
    chains: bytes = b""
    subjects: str = ""
    faults: list[Fault] = field(default_factory=list)


def walk_stretch(stretch: Stretch) -> Passage:
    """Check *stretch* and return what is left of it; it ends before the first bundle that can't be read."""
    walk = _Walk(stretch)
    parts = zip(stretch.bundles, stretch.widths, stretch.tiles, strict=True)
    for number, (bundle, width, tile) in enumerate(parts):
        if not walk.take(Tile(0, stretch.first // WIDTH + number, width), bundle, tile):
            return walk.close(broken=True)
    return walk.close()


class _Walk:
    """One stretch while it is read."""

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._passage = Passage(stretch.first + len(stretch.known) // HASH_BYTES, stretch.first)
        self._faults = self._passage.faults
        self._chains: dict[str, tuple[int, Link, int, Hash]] = {}
        self._ids: list[bytes] = []

    def take(self, tile: Tile, bundle: bytes, published: bytes | None) -> bool:
        """Check the next bundle and its tile; False where the bundle can't be read."""
        first = tile.index * WIDTH
        try:
            entries = parse_bundle(bundle)
        except Refused:
            entries = []
        if len(entries) != tile.width:
            place = format_entries_path(tile.index, tile.width)
            self._faults.append(Fault(place, first, BUNDLE.at(), str(tile.width), str(len(entries))))
            return False
        leaves = [leaf_hash(entry) for entry in entries]
        if published is not None and published != b"".join(leaves):
            self._name_tile(tile, published, leaves)
        known = max(0, self._passage.first - first)
        self._compare_known(first, leaves[:known])
        for number in range(known, tile.width):
            self._check(first + number, entries[number], leaves[number])
        self._climb(first, leaves)
        self._passage.end = first + tile.width
        return True

    def close(self, *, broken: bool = False) -> Passage:
        """Return what is left."""
        passage = self._passage
        passage.broken = broken
        passage.ids = b"".join(self._ids)
        passage.subjects = "\n".join(self._chains)
        passage.chains = b"".join(
            CHAIN_RECORD.pack(key_of(subject), index, link.seq, link.prev, seq, leaf)
            for subject, (index, link, seq, leaf) in self._chains.items()
        )
        del self._faults[MOST_FAULTS:]
        return passage

    def _note(self, index: int, problem: Problem, expected: object = "", found: object = "") -> None:
        self._faults.append(entry_fault(index, problem, expected, found))

    def _name_tile(self, tile: Tile, published: bytes, leaves: Sequence[Hash]) -> None:
        """Name the first entry whose hash is not in the tile, or the tile where its length is wrong."""
        first, path = tile.index * WIDTH, format_path(tile)
        if len(published) != tile.width * HASH_BYTES:
            expected, found = f"{tile.width * HASH_BYTES} bytes", f"{len(published)} bytes"
            self._faults.append(Fault(path, first, TILE.at(), expected, found))
            return
        hashes = [published[at : at + HASH_BYTES] for at in range(0, len(published), HASH_BYTES)]
        place = next(number for number, leaf in enumerate(leaves) if leaf != hashes[number])
        problem = LEAF.at(entry=first + place)
        self._faults.append(Fault(path, first + place, problem, show(leaves[place]), show(hashes[place])))

    def _compare_known(self, first: int, leaves: Sequence[Hash]) -> None:
        for place, leaf in enumerate(leaves):
            expected = self._stretch.known[place * HASH_BYTES : (place + 1) * HASH_BYTES]
            if leaf != expected:
                self._note(first + place, REWRITTEN.at(), expected, leaf)

    def _check(self, index: int, data: bytes, leaf: Hash) -> None:
        passage = self._passage
        try:
            entry = parse_entry(data)
        except Refused as refused:
            self._note(index, refusal(ENTRY, refused))
            self._ids.append(NO_ID)
            passage.leaf = leaf
            return
        self._check_place(index, entry)
        passage.leaf = leaf
        try:
            statement = parse_statement(entry.statement)
            event = parse_event(statement.payload)
        except Refused as refused:
            self._note(index, refusal(ENTRY, refused))
            self._ids.append(NO_ID)
            return
        self._ids.append(key_of(event.id))
        if event.log != self._stretch.log:
            self._note(index, LOG.at(), self._stretch.log, event.log)
        self._check_chains(index, entry, event, leaf)
        if not (index in self._stretch.told and is_of_keys(event)):
            self._check_signed(index, statement, event)

    def _check_place(self, index: int, entry: Entry) -> None:
        passage = self._passage
        if entry.index != index:
            self._note(index, INDEX.at(), index, entry.index)
        if entry.log != self._stretch.log:
            self._note(index, LOG.at(), self._stretch.log, entry.log)
        if index == passage.first:
            passage.prev = entry.prev
        elif entry.prev != passage.leaf:
            self._note(index, PREV.at(), passage.leaf, entry.prev)
        if passage.at is None:
            passage.began = entry.at
        elif entry.at < passage.at:
            self._note(index, TIME.at(), format_moment(passage.at), format_moment(entry.at))
        passage.at = entry.at

    def _check_chains(self, index: int, entry: Entry, event: Event, leaf: Hash) -> None:
        found = tuple([link.id for link in entry.chains])
        expected = subjects_of(event)
        if expected != found:
            self._note(index, SUBJECTS.at(), expected, found)
        for link in entry.chains:
            first, begin, seq, last = self._chains.get(link.id, (index, link, link.seq - 1, link.prev))
            if link.seq != seq + 1 or link.prev != last:
                expect, have = f"{seq + 1} {last.hex()}", f"{link.seq} {link.prev.hex()}"
                self._note(index, CHAIN.at(subject=link.id), expect, have)
            self._chains[link.id] = first, begin, link.seq, leaf

    def _check_signed(self, index: int, statement: Statement, event: Event) -> None:
        signer = self._stretch.signers.get(statement.kid)
        if signer is None or not signer.may_sign(index):
            self._note(index, KEY.at(), found=statement.kid)
            return
        if event.by != signer.party:
            self._note(index, PARTY.at(), signer.party, event.by)
        try:
            check_statement(statement, signer.public)
        except SignatureWrong:
            self._note(index, SIGNATURE.at(), found=statement.kid)

    def _climb(self, first: int, leaves: Sequence[Hash]) -> None:
        """Work out the tile's root, or keep its leaves where it is partial, and the peaks of sizes that end in it."""
        rows = pair_up(leaves)
        if len(leaves) == WIDTH:
            self._passage.roots += rows[-1][0]
        else:
            self._passage.edge = b"".join(leaves)
        for size in self._stretch.due:
            if first < size <= first + len(leaves):
                self._passage.peaks[size] = peaks_of(rows, (size - first) % WIDTH)
