"""
The trail: what an audit remembers of a log as far as it has read it, and how the next stretch must join on.

Passages come in order. Of a million entries with a subject each the trail keeps some 100 MB: a key for each event id,
the end of each subject's chain, the tree above its lowest tiles, the entries of keys.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from ..ledger.hashing import ZERO, Hash
from ..ledger.moment import format_moment
from .crown import Crown
from .fault import CHAIN, EVENT_ID, PREV, ROOT, TIME, Fault, entry_fault
from .shelf import KEY_BYTES, Shelf
from .signers import Signers
from .stretch import CHAIN_RECORD, NO_ID, Passage

_HEAD: Final = struct.Struct(">Q32s")
"""``seq`` and leaf hash of the last entry in a subject's chain."""


class Trail:
    """A log read from entry 0 up to *size*."""

    def __init__(self, log: str) -> None:
        self.log = log
        self.leaf = ZERO
        self.at: datetime | None = None
        self.crown = Crown()
        self.ids = Shelf()
        self.chains = Shelf(_HEAD.size)
        self.signers = Signers(log)
        self._strayed = False

    @property
    def size(self) -> int:
        """Entries read."""
        return self.crown.size

    def take(self, passage: Passage, due: Mapping[int, Hash] | None = None) -> list[Fault]:
        """
        Join *passage* on, and return all that is wrong in it or between it and what came before.

        Args:
            passage: begins where the trail ends.
            due: the signed root for each size that is checked here, if the passage has its peaks.
        """
        faults = [*passage.faults, *self._join(passage)]
        faults += self._take_ids(passage)
        faults += self._take_chains(passage)
        if passage.end > passage.first:
            self.leaf, self.at = passage.leaf, passage.at or self.at
        self.crown.extend(passage.roots, passage.edge)
        for size, peaks in passage.peaks.items():
            faults += self._check_root(size, (due or {})[size], self.crown.root(size, peaks))
        return sorted(faults, key=lambda fault: fault.index)

    def forget_ahead(self) -> None:
        """Forget keys of entries beyond the trail: who read ahead was interrupted, and may read other bytes again."""
        entries, size = self.signers.entries, self.size
        self.signers = Signers(self.log)
        for index, entry in entries.items():
            if index < size:
                self.signers.tell(index, entry)

    def _join(self, passage: Passage) -> Iterable[Fault]:
        if passage.prev is not None and passage.prev != self.leaf:
            yield entry_fault(passage.first, PREV.at(), self.leaf, passage.prev)
        if passage.began is not None and self.at is not None and passage.began < self.at:
            times = format_moment(self.at), format_moment(passage.began)
            yield entry_fault(passage.first, TIME.at(), *times)

    def _take_ids(self, passage: Passage) -> list[Fault]:
        ids, add = passage.ids, self.ids.add
        faults = []
        for at in range(0, len(ids), KEY_BYTES):
            key = ids[at : at + KEY_BYTES]
            if not add(key) and key != NO_ID:
                faults.append(entry_fault(passage.first + at // KEY_BYTES, EVENT_ID.at()))
        return faults

    def _take_chains(self, passage: Passage) -> list[Fault]:
        chains, faults = self.chains, []
        for place, record in enumerate(CHAIN_RECORD.iter_unpack(passage.chains)):
            key, index, seq, prev, last, leaf = record
            head = chains.find(key)
            before, end = _HEAD.unpack(head) if head else (-1, ZERO)
            if seq != before + 1 or prev != end:
                subject = passage.subjects.split("\n")[place]
                expected, found = f"{before + 1} {end.hex()}", f"{seq} {prev.hex()}"
                faults.append(entry_fault(index, CHAIN.at(subject=subject), expected, found))
            chains.put(key, _HEAD.pack(last, leaf))
        return faults

    def _check_root(self, size: int, signed: Hash, found: Hash) -> list[Fault]:
        """Name the first checkpoint that signed another root; after it hardly one can be right."""
        if signed == found or self._strayed:
            return []
        self._strayed = True
        return [Fault(f"checkpoint/{size}", size, ROOT.at(), signed.hex(), found.hex())]
