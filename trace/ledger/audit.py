"""
Audit: everything recomputed from the entries, every difference named.

What a key or an event means is not the ledger's to know: the caller hands in a ``Meaning``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from sqlalchemy import Connection

from ..errors import SuyuanError
from . import store
from .checkpoint import Checkpoint, open_checkpoint
from .engine import translated
from .entry import Entry, parse_entry
from .hashing import ZERO, Hash, leaf_hash
from .merkle import MemoryTree
from .moment import format_moment
from .note import NoteKey
from .statement import Statement, check_statement, parse_statement
from .store import StoredEntry
from .tiles import Tile, new_full_tiles, tile_nodes, tile_root


class Meaning(Protocol):
    """What the caller knows of keys and events; told entries in order."""

    def find_key(self, kid: str, index: int, statement: Statement) -> bytes | None:
        """Return the public key *kid* if it may sign entry *index*."""

    def subjects(self, statement: Statement) -> Sequence[str]:
        """Return the sorted subjects of the statement's event."""

    def tell(self, entry: Entry, statement: Statement) -> None:
        """Take in the next entry; raises Refused where the rules refuse it."""

    def signers(self, size: int) -> Sequence[NoteKey]:
        """Return the keys that the entries announce for a checkpoint of *size*; raises Refused where one is none."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be: where, what, what was expected and what was found."""

    where: str
    what: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        """Return one line for people."""
        detail = f": expected {self.expected}, found {self.found}" if self.expected or self.found else ""
        return f"{self.where}: {self.what}{detail}"


@dataclass(frozen=True, slots=True)
class Trust:
    """
    What an audit starts from: the log's id, its checkpoint keys, a checkpoint saved earlier.

    Other keys that the entries announce count too, since a trusted one signs the latest checkpoint, which holds these
    entries.
    """

    log_id: str
    verifiers: tuple[NoteKey, ...]
    against: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome: size and root as recomputed, and every difference found."""

    size: int
    root: Hash
    differences: tuple[Difference, ...]


class Auditor:
    """One audit of one log, inside one reading transaction."""

    def __init__(self, connection: Connection, trust: Trust, meaning: Meaning) -> None:
        self._connection = connection
        self._trust = trust
        self._meaning = meaning
        self._tree = MemoryTree()
        self._last = ZERO
        self._last_at = ""
        self._heads: dict[str, tuple[int, Hash]] = {}
        self._event_ids: set[str] = set()
        self._links: list[tuple[str, int, int]] = []
        self._links_done = 0
        self._link_count = 0
        self._found: list[Difference] = []

    def run(self, progress: Callable[[int], None] = lambda done: None) -> AuditReport:
        """Check everything; *progress* is told the number of entries done."""
        try:
            with translated():
                self._check_entries(progress)
        except SuyuanError as error:
            self._note(f"entry {self._tree.size}", str(error))
        for check in (self._check_head, self._check_tiles, self._check_checkpoints):
            try:
                with translated():
                    check()
            except SuyuanError as error:
                self._note(check.__name__.removeprefix("_check_"), str(error))
        return AuditReport(self._tree.size, self._tree.root(), tuple(self._found))

    def _note(self, where: str, what: str, expected: object = "", found: object = "") -> None:
        self._found.append(Difference(where, what, _show(expected), _show(found)))

    def _expect(self, where: str, what: str, expected: object, found: object) -> None:
        if expected != found:
            self._note(where, what, expected, found)

    def _check_entries(self, progress: Callable[[int], None]) -> None:
        index = 0
        for stored in store.read_entries(self._connection, self._trust.log_id):
            self._check_entry(index, stored)
            index += 1
            if index % 1000 == 0:
                self._check_links(index)
                progress(index)
        self._check_links(index)
        progress(index)

    def _check_entry(self, index: int, stored: StoredEntry) -> None:
        where = f"entry {index}"
        self._expect(where, "index of the stored row", index, stored.index)
        leaf = leaf_hash(stored.body)
        self._expect(where, "stored leaf hash", leaf, stored.leaf)
        try:
            entry = parse_entry(stored.body)
            self._check_fields(where, index, entry)
            statement = parse_statement(entry.statement)
            self._expect(where, "stored event id", statement.event_id, stored.event_id)
            self._check_chains(where, leaf, entry, statement)
            self._check_statement(where, index, entry, statement)
        except SuyuanError as error:
            self._note(where, str(error))
        self._tree.append(leaf)
        self._last = leaf

    def _check_fields(self, where: str, index: int, entry: Entry) -> None:
        self._expect(where, "log", self._trust.log_id, entry.log)
        self._expect(where, "index in the entry", index, entry.index)
        self._expect(where, "hash chain (prev)", self._last, entry.prev)
        at = format_moment(entry.at)
        if at < self._last_at:
            self._note(where, "ledger time runs backward", self._last_at, at)
        self._last_at = at

    def _check_chains(self, where: str, leaf: Hash, entry: Entry, statement: Statement) -> None:
        subjects = list(self._meaning.subjects(statement))
        self._expect(where, "subjects", subjects, [link.id for link in entry.chains])
        for link in entry.chains:
            seq, prev = self._heads.get(link.id, (-1, ZERO))
            self._expect(where, f"sequence in {link.id}", seq + 1, link.seq)
            self._expect(where, f"chain of {link.id} (prev)", prev, link.prev)
            self._heads[link.id] = (link.seq, leaf)
            self._links.append((link.id, link.seq, self._tree.size))

    def _check_statement(self, where: str, index: int, entry: Entry, statement: Statement) -> None:
        if statement.event_id in self._event_ids:
            self._note(where, "event id used twice", found=statement.event_id)
        self._event_ids.add(statement.event_id)
        key = self._meaning.find_key(statement.kid, index, statement)
        if key is None:
            self._note(where, "signed by no key that was valid here", found=statement.kid)
        else:
            check_statement(statement, key)
        self._meaning.tell(entry, statement)

    def _check_links(self, end: int) -> None:
        """Compare the stored chain links of the entries since the last time; beyond the end there may be none."""
        stored = store.read_links(self._connection, self._trust.log_id, self._links_done, end)
        for subject, seq, index in sorted(set(stored) ^ set(self._links)):
            side = "expected" if (subject, seq, index) in self._links else "found"
            self._note(f"chain {subject}", "stored link", **{side: f"seq {seq} in entry {index}"})
        self._link_count += len(stored)
        self._links, self._links_done = [], end

    def _check_head(self) -> None:
        log_id, size = self._trust.log_id, self._tree.size
        count = store.count_links(self._connection, log_id)
        self._expect("chains", "number of stored links", self._link_count, count)
        self._expect(
            "entries", "number of stored entries", size, store.count_entries(self._connection, log_id)
        )
        head = store.find_head(self._connection, log_id)
        if head is None:
            self._note("log", "the log has no row", log_id)
            return
        self._expect("log", "size", size, head.size)
        self._expect("log", "leaf hash of the last entry", self._last, head.leaf)
        self._expect(
            "log", "time of the last entry", self._last_at, format_moment(head.at) if head.at else ""
        )

    def _check_tiles(self) -> None:
        size = self._tree.size
        expected = {(tile.level, tile.index) for tile in new_full_tiles(0, size)}
        for level, index, data, root in store.read_full_tiles(self._connection, self._trust.log_id):
            where = f"tile {level}/{index}"
            if (level, index) not in expected:
                self._note(where, "a tile that the entries do not have")
                continue
            expected.discard((level, index))
            want = b"".join(self._tree.read(tile_nodes(Tile(level, index))))
            self._expect(where, "hashes", want, data)
            self._expect(where, "root", tile_root(want), root)
        for level, index in sorted(expected):
            self._note(f"tile {level}/{index}", "missing")

    def _check_checkpoints(self) -> None:
        checkpoints = store.read_checkpoints(self._connection, self._trust.log_id)
        head = store.find_head(self._connection, self._trust.log_id)
        if head is not None:
            self._expect("checkpoints", "number of stored checkpoints", head.checkpoints, len(checkpoints))
        for stored in checkpoints:
            where = f"checkpoint {stored.size}"
            try:
                trusted = self._trust.verifiers if stored is checkpoints[-1] else self._signers(stored.size)
                signed = open_checkpoint(stored.note, trusted, self._trust.log_id)
            except SuyuanError as error:
                self._note(where, str(error))
                continue
            self._expect(where, "size", signed.size, stored.size)
            self._expect(where, "stored root", signed.root, stored.root)
            self._check_signed(where, signed)
        if self._trust.against is not None:
            self._check_signed(f"checkpoint {self._trust.against.size} saved earlier", self._trust.against)

    def _signers(self, size: int) -> Sequence[NoteKey]:
        """Return the keys announced for *size*, or those trusted from the start where none is."""
        announced = self._meaning.signers(size)
        return announced if self._trust.verifiers and announced else self._trust.verifiers

    def _check_signed(self, where: str, signed: Checkpoint) -> None:
        if signed.origin != self._trust.log_id:
            self._note(where, "origin", self._trust.log_id, signed.origin)
        elif signed.size > self._tree.size:
            self._note(where, "signed for more entries than there are", signed.size, self._tree.size)
        else:
            self._expect(where, "root", self._tree.root(signed.size), signed.root)


def _show(value: object) -> str:
    if isinstance(value, bytes):
        return (
            value.hex()
            if len(value) <= len(ZERO)
            else f"{len(value)} bytes with SHA-256 {sha256(value).hexdigest()}"
        )
    return str(value)
