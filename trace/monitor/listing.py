"""The list of all checkpoints ever signed, read on from where it was left."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import Refused
from ..ledger.checkpoint import Checkpoint
from ..ledger.hashing import EMPTY_ROOT, Hash
from ..ledger.policy import Policy
from ..ledger.tiles import WIDTH, parse_bundle
from ..verify.fault import ABSENT, BUNDLE, FORK, FORM, ORDER, ROOT, SHRUNK, UNLISTED, Fault
from ..verify.listed import Page, Signings, logs_of, walk_page
from ..verify.paths import CHECKPOINT, COUNT
from .crew import Crew
from .memory import Memory
from .reading import Reader


@dataclass(slots=True)
class Listing:
    """New checkpoints of the list: sizes in order, the signed root of each, who signed; *ahead* as in ``Listed``."""

    sizes: list[int] = field(default_factory=list)
    roots: dict[int, Hash] = field(default_factory=dict)
    signings: Signings = field(default_factory=Signings)
    ahead: int = 0
    faults: list[Fault] = field(default_factory=list)

    def note(self, memory: Memory) -> None:
        """Tell *memory* how much of the list its trail has reached."""
        reached = bisect_right(self.sizes, memory.trail.size)
        if reached:
            memory.listed += reached
            memory.listed_size = self.sizes[reached - 1]
            del self.sizes[:reached]


def read_listing(reader: Reader, crew: Crew, policy: Policy, memory: Memory, shown: Checkpoint) -> Listing:
    """
    Read and check what the list has beyond *memory*; *shown*, the latest checkpoint, must be in it.

    Raises:
        Unavailable: the source.
    """
    listing = Listing()
    count = reader.count()
    if count is None or count < memory.listed:
        reason = ABSENT if count is None else FORM if count < 0 else SHRUNK
        found = "" if count is None or count < 0 else str(count)
        listing.faults.append(Fault(COUNT, 0, reason.at(), str(memory.listed) if found else "", found))
        return listing
    pages = _pages(reader, policy, memory, (shown, count), listing)
    # Whatever is of a size that the entries were read up to was listed then: what comes now was slipped in.
    last = max(memory.listed_size, memory.trail.size or -1)
    for listed in crew.in_order(walk_page, pages):
        listing.faults += listed.faults
        listing.ahead = listing.ahead or listed.ahead
        listing.signings.merge(listed.signings)
        for checkpoint in listed.checkpoints:
            last = _take(checkpoint, last, listing)
    _check_shown(shown, memory, listing)
    return listing


def _pages(
    reader: Reader, policy: Policy, memory: Memory, whole: tuple[Checkpoint, int], listing: Listing
) -> Iterator[Page]:
    shown, count = whole
    trusted = logs_of(policy, shown.origin)
    at = memory.listed
    for path, data in reader.pages(memory.listed, count):
        try:
            notes = None if data is None else parse_bundle(data)
        except Refused:
            notes = []
        expected = min(WIDTH, count - at // WIDTH * WIDTH)
        if notes is None or len(notes) != expected:
            problem = ABSENT.at() if notes is None else BUNDLE.at()
            found = "" if notes is None else str(len(notes))
            listing.faults.append(Fault(path, 0, problem, str(expected), found))
            return
        yield Page(shown.origin, trusted, tuple(notes[at % WIDTH :]), path, shown.size)
        at += expected - at % WIDTH


def _take(checkpoint: Checkpoint, last: int, listing: Listing) -> int:
    size = checkpoint.size
    if size <= last:
        place = f"checkpoint/{size}"
        listing.faults.append(Fault(place, size, ORDER.at(), f"> {last}", str(size)))
        return last
    listing.sizes.append(size)
    listing.roots[size] = checkpoint.root
    return size


def _check_shown(shown: Checkpoint, memory: Memory, listing: Listing) -> None:
    if shown.size not in listing.roots and shown.size != memory.listed_size:
        last = listing.sizes[-1] if listing.sizes else memory.listed_size
        listing.faults.append(
            Fault(CHECKPOINT, shown.size, UNLISTED.at(), str(shown.size), str(max(last, 0)))
        )
    empty = {**listing.roots, shown.size: shown.root}.get(0, EMPTY_ROOT)
    if empty != EMPTY_ROOT:  # no stretch of entries ends there
        listing.faults.append(Fault("checkpoint/0", 0, ROOT.at(), empty.hex(), EMPTY_ROOT.hex()))
    for place, known in ((CHECKPOINT, shown), (f"checkpoint/{memory.seen.size}", memory.seen)):
        root = listing.roots.get(known.size, known.root)
        if root != known.root:
            listing.faults.append(Fault(place, known.size, FORK.at(), root.hex(), known.root.hex()))
            return
