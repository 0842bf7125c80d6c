"""
The audit from outside: everything that a published log signed for, read and checked, with only its key trusted.

Reading, the keys of signers and what joins one stretch to the next stay in this process; the rest, signatures above
all, is shared out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from ..errors import Missing, Refused, Unavailable
from ..ledger.checkpoint import Checkpoint, parse_checkpoint
from ..ledger.hashing import Hash
from ..ledger.note import UNTRUSTED, split_note
from ..ledger.policy import Cosigned, Policed, Policy, open_policed
from ..ledger.tiles import (
    WIDTH,
    Tile,
    format_entries_path,
    format_path,
    new_full_tiles,
    parse_bundle,
    partial_tiles,
)
from ..verify.fault import ABSENT, CHECKPOINT, FORK, STALE, TILE, Fault, refusal, show
from ..verify.listed import Signings, logs_of, settle
from ..verify.signers import skim
from ..verify.stretch import Stretch, walk_stretch
from ..verify.trail import Trail
from .bookkeeping import Bookkeeper
from .crew import Crew
from .following import find_step, follow
from .leftovers import check_leftovers
from .listing import Listing, read_listing
from .memory import Memory
from .reading import Piece, Reader
from .source import Source

MOST_FAULTS: Final = 100
"""Faults that end an audit: who wants more reads the log after it was mended."""

_BUNDLES: Final = 8
_BYTES: Final = 4_000_000
"""A stretch is eight bundles, fewer where entries are large."""

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Sight:
    """What one look found: the checkpoint that was shown, who cosigned it, and all faults, the first first."""

    shown: bytes
    checkpoint: Checkpoint | None = None
    cosigned: tuple[Cosigned, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    seen: bytes = b""
    """The checkpoint seen before, where the shown one contradicts it."""
    ahead: int = 0
    """The size of a larger checkpoint in the list: just being published, or the shown one is an old one; 0 for none."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a look tells: *progress* of the entries done and to do, *halt* where memory is sound and may be saved."""

    progress: Progress = lambda done, of: None
    halt: Callable[[], None] = lambda: None


class Lookout:
    """
    Looks at one published log, again and again; *memory* grows with what was found sound.

    A memory that was saved, or one that holds nothing but a checkpoint known from elsewhere, may be set before the
    first look. With *books* the rules of the books are applied too, from entry 0 on.
    """

    def __init__(self, source: Source, policy: Policy, crew: Crew, books: Bookkeeper | None = None) -> None:
        self.source = source
        self.policy = policy
        self.crew = crew
        self.books = books
        self.memory: Memory | None = None
        self._thorough = True

    def look(self, told: Told | None = None) -> Sight:
        """
        Check all that was signed since the last look. After a look with faults, look no more.

        Raises:
            Missing, Unavailable: the log can't be read now; what was checked so far stays.
        """
        sight = Sight(Reader(self.source).checkpoint())
        told = told or Told()
        policed = self._open(sight, told)
        if policed is None:
            return sight
        memory = self._enter(sight, policed)
        if not sight.faults:
            self._read(sight, memory, told)
        if not sight.faults and self._thorough:
            sight.faults += check_leftovers(self.source, memory.trail.crown, memory.listed)
            self._thorough = False
        sight.faults.sort(key=lambda fault: fault.index)
        del sight.faults[MOST_FAULTS:]
        return sight

    def _open(self, sight: Sight, told: Told) -> Policed | None:
        """Return what is shown, opened by a key that is trusted or was followed to; None where there are faults."""
        while True:
            try:
                log = self.memory.trail.log if self.memory else None
                return open_policed(sight.shown, follow(self.policy, self.memory), log)
            except Refused as refused:
                if refused.problems[0].code == UNTRUSTED.code and self._step(sight, told):
                    continue
                if not sight.faults:
                    sight.faults.append(Fault("checkpoint", 0, refusal(CHECKPOINT, refused)))
                return None

    def _step(self, sight: Sight, told: Told) -> bool:
        """Check the log up to the last checkpoint that a trusted key signed; tell whether that led anywhere."""
        policy = follow(self.policy, self.memory)
        try:
            log = parse_checkpoint(split_note(sight.shown)[0]).origin
            note = find_step(Reader(self.source), policy, self.memory, log)
            policed = open_policed(note, logs_of(policy, log), log) if note else None
        except Refused:
            return False
        if note is None or policed is None or (self.memory and not self._leads(policed.checkpoint)):
            return False
        aside = Sight(note)
        memory = self._enter(aside, policed)
        if not aside.faults:
            self._read(aside, memory, told)
        sight.faults += aside.faults
        return not aside.faults

    def _leads(self, checkpoint: Checkpoint) -> bool:
        memory = self.memory
        return (
            memory is not None and checkpoint.size >= memory.seen.size and checkpoint.size > memory.trail.size
        )

    def _read(self, sight: Sight, memory: Memory, told: Told) -> None:
        look = _Look(self, memory)
        try:
            look.read(sight, told)
        except (Missing, Unavailable):
            memory.trail.forget_ahead()
            if not look.faults:
                raise
        sight.faults += look.faults  # what is wrong so far is worth more than that the rest can't be read

    def _enter(self, sight: Sight, policed: Policed) -> Memory:
        """Compare the checkpoint with the latest one seen before."""
        shown = sight.checkpoint = policed.checkpoint
        sight.cosigned = policed.cosignatures
        memory = self.memory = self.memory or Memory(Trail(shown.origin), shown, sight.shown)
        seen = memory.seen
        if shown.size < seen.size:
            sight.faults.append(Fault("checkpoint", shown.size, STALE.at(), str(seen.size), str(shown.size)))
        elif shown.size == seen.size and shown.root != seen.root:
            sight.faults.append(Fault("checkpoint", shown.size, FORK.at(), seen.root.hex(), shown.root.hex()))
        if sight.faults:
            sight.seen = memory.note
        return memory


class _Due:
    """The signed root for each size that was ever signed, and those sizes in order."""

    def __init__(self, roots: dict[int, Hash]) -> None:
        self.roots = roots
        self.sizes = sorted(roots)


class _Look:
    """One look: list, entries with their lowest tiles, the tiles above."""

    def __init__(self, lookout: Lookout, memory: Memory) -> None:
        self._reader = Reader(lookout.source)
        self._crew = lookout.crew
        self._policy = lookout.policy
        self._books = lookout.books
        self._memory = memory
        self._trail = memory.trail
        self._begin = memory.trail.size  # the trail itself lags behind what is read
        self._known = memory.trail.crown.edge
        self.faults: list[Fault] = []

    def read(self, sight: Sight, told: Told) -> None:
        memory, shown = self._memory, sight.checkpoint
        assert shown is not None
        listing = read_listing(self._reader, self._crew, self._policy, memory, shown)
        self.faults += listing.faults
        sight.ahead = listing.ahead
        memory.signings.merge(listing.signings)
        due = _Due({**listing.roots, memory.seen.size: memory.seen.root, shown.size: shown.root})
        memory.seen, memory.note = shown, sight.shown
        if self._read_entries(shown.size, due, listing, told):
            self._check_tiles(shown.size)
        self._settle()

    def _read_entries(self, size: int, due: _Due, listing: Listing, told: Told) -> bool:
        """Read the entries up to *size*; False where they could not all be read."""
        told.progress(self._trail.size, size)
        jobs = self._stretches(size, due)
        with closing(self._crew.in_order(walk_stretch, jobs)) as passages:
            for passage in passages:
                self.faults += self._trail.take(passage, due.roots)
                if passage.broken or len(self.faults) > MOST_FAULTS:
                    return False
                told.progress(self._trail.size, size)
                if not self.faults:
                    listing.note(self._memory)
                    told.halt()
        return self._trail.size == size

    def _stretches(self, size: int, due: _Due) -> Iterator[Stretch]:
        group: list[Piece] = []
        for piece in self._reader.pieces(self._begin, size) if self._begin < size else ():
            if piece.bundle is None:
                path = format_entries_path(piece.first // WIDTH, piece.width)
                self.faults.append(Fault(path, piece.first, ABSENT.at()))
                break
            group.append(piece)
            if len(group) == _BUNDLES or sum(len(one.bundle or b"") for one in group) > _BYTES:
                yield self._stretch(group, due)
                group = []
        if group:
            yield self._stretch(group, due)

    def _stretch(self, group: list[Piece], due: _Due) -> Stretch:
        first, end = group[0].first, group[-1].first + group[-1].width
        start = max(first, self._begin)
        self.faults += [
            Fault(format_path(Tile(0, one.first // WIDTH, one.width)), one.first, ABSENT.at())
            for one in group
            if one.tile is None
        ]
        headers, spoken = self._skim(group, start)
        return Stretch(
            log=self._trail.log,
            first=first,
            bundles=tuple(one.bundle or b"" for one in group),
            widths=tuple(one.width for one in group),
            tiles=tuple(one.tile for one in group),
            signers=self._trail.signers.table(headers),
            told=spoken,
            known=self._known if start > first else b"",
            due=tuple(due.sizes[bisect_right(due.sizes, start) : bisect_right(due.sizes, end)]),
        )

    def _skim(self, group: list[Piece], start: int) -> tuple[set[bytes], frozenset[int]]:
        """Take in the entries that speak of keys; return all headers, and where those entries are."""
        headers: set[bytes] = set()
        told: set[int] = set()
        for piece in group:
            try:
                entries = parse_bundle(piece.bundle or b"")
            except Refused:
                break  # named where the stretch is walked
            for index, entry in enumerate(entries, piece.first):
                header, spoken = skim(entry)
                headers.add(header)
                if self._books is not None and index >= start:
                    self.faults += self._books.tell(index, entry, self._trail.size)
                if spoken and index >= start:
                    told.add(index)
                    self.faults += self._trail.signers.tell(index, entry)
        return headers, frozenset(told)

    def _check_tiles(self, size: int) -> None:
        """Compare the tiles above level 0 that are new or changed since they were last compared."""
        old = self._memory.climbed
        wanted = [*new_full_tiles(old, size), *partial_tiles(size)] if old < size else []
        for tile, found in self._reader.tiles([tile for tile in wanted if tile.level]):
            last = (tile.index * WIDTH + tile.width) * WIDTH**tile.level - 1  # what is under it comes first
            expected = self._trail.crown.content(tile)
            if found is None:
                self.faults.append(Fault(format_path(tile), last, ABSENT.at()))
            elif found != expected:
                self.faults.append(Fault(format_path(tile), last, TILE.at(), show(expected), show(found)))
        self._memory.climbed = size

    def _settle(self) -> None:
        memory, state = self._memory, self._trail.signers.state
        if state is not None and self._trail.size == memory.seen.size:
            self.faults += settle(memory.signings, state, self._policy)
            memory.signings = Signings()
