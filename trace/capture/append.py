"""
The only writer: a group of submissions checked, folded, numbered, written and committed in one transaction.

A crash before the commit leaves nothing; after it, everything, and the same statement sent again gets the same receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from ..books.store import load_records, load_slice, write_changes
from ..errors import Conflict, Missing, Reason, Refused, SuyuanError
from ..ledger import store
from ..ledger.engine import begin_read, begin_write
from ..ledger.entry import parse_entry
from ..ledger.hashing import Hash
from ..ledger.jwk import SigningKey
from ..ledger.log import Appended, Draft, Tail
from ..ledger.radix64 import parse_base64url
from ..ledger.statement import check_statement
from ..ledger.watermark import Watermark
from ..produce.book import Changes, NotLoaded, Slice
from ..produce.fold import fold, missing
from ..produce.records import Key, R
from ..produce.rights import Signed
from ..vault.vault import Disclosure as Sealed
from ..vault.vault import Row, Vault
from .check import check_signatures, read_submission
from .outcome import Accepted, Checked, Outcome, Private, Submission

MOST_IN_GROUP = 256
"""Statements of one transaction (design.md, "Append")."""

KEYS_KEPT = 4096

OTHER_BYTES = Reason(
    "event.other-bytes", "事件编号 {id} 已用于另一条内容", "the event id {id} was used with other bytes"
)


@dataclass(frozen=True, slots=True)
class Capture:
    """The writer of one log and what it needs; writers of one process share its *watermark*."""

    engine: Engine
    log_id: str
    vault: Vault
    receipt_key: SigningKey
    clock: Callable[[], datetime]
    watermark: Watermark = field(default_factory=Watermark)
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Public keys met so far, by kid. A kid is its key's thumbprint: it names no other, whatever becomes of the key."""

    def submit(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """
        Append what *submissions* say, in order, in groups that cut no bundle; return one outcome for each.

        Raises:
            Unavailable: nothing of the current group was written; the groups before were.
            Broken: the ledger contradicts itself.
        """
        outcomes: list[Outcome] = []
        for group in _groups(submissions):
            outcomes += self.append([self.read(one) for one in group])
        return outcomes

    def read(self, submission: Submission) -> Checked | SuyuanError:
        """Return what *submission* says, or what is wrong with its form."""
        try:
            return read_submission(submission)
        except SuyuanError as error:
            return error

    def prepare(self, submissions: Sequence[Submission]) -> list[Checked | SuyuanError]:
        """Read *submissions*, and verify the signatures whose keys were met before; asks the database nothing."""
        return [self._verify(self.read(one)) for one in submissions]

    def verify(self, group: Sequence[Checked | SuyuanError]) -> list[Checked | SuyuanError]:
        """Verify signatures whose keys the books know already, outside the writing transaction."""
        waiting = [one for one in group if isinstance(one, Checked) and not one.verified]
        kids = {one.statement.kid for one in waiting} - self.keys.keys()
        if kids:
            with begin_read(self.engine) as connection:
                found = load_records(connection, self.log_id, [(Key, kid) for kid in kids]).values()
            if len(self.keys) > KEYS_KEPT:
                self.keys.clear()
            self.keys.update((key.id, parse_base64url(key.x)) for key in found if isinstance(key, Key))
        return [self._verify(one) for one in group]

    def _verify(self, read: Checked | SuyuanError) -> Checked | SuyuanError:
        if not isinstance(read, Checked) or read.verified:
            return read
        public = self.keys.get(read.statement.kid)
        if public is None:
            return read
        try:
            check_statement(read.statement, public)
        except SuyuanError as error:
            return error
        return replace(read, verified=True)

    def append(self, group: Sequence[Checked | SuyuanError]) -> list[Outcome]:
        """
        Append one group of at most 256 in one transaction; return one outcome for each.

        Raises:
            Unavailable, Broken: nothing of the group was written, or, for a commit in doubt, perhaps all of it: send
                the same statements again. A database that fell behind what this process saw committed is Broken.
        """
        if not any(isinstance(one, Checked) for one in group):
            return [one for one in group if isinstance(one, SuyuanError)]
        group = self.verify(group)
        with begin_write(self.engine) as connection:
            writing = _Group(self, connection)
            outcomes = writing.run(group)
        self.watermark.rise(*writing.end)  # committed, and by quorum where one is asked for
        return outcomes


def _groups(submissions: Sequence[Submission]) -> Iterator[Sequence[Submission]]:
    """Yield groups of MOST_IN_GROUP, or more where a bundle lies across the border."""
    first = 0
    while first < len(submissions):
        end = min(first + MOST_IN_GROUP, len(submissions))
        bundle = submissions[end - 1].bundle
        while bundle and end < len(submissions) and submissions[end].bundle == bundle:
            end += 1
        yield submissions[first:end]
        first = end


class _Trial:
    """A book with the changes of a bundle on top, before it is known whether all of it is accepted."""

    def __init__(self, book: Slice) -> None:
        self._book = book
        self.changes: Changes = {}

    def peek(self, kind: type[R], id: str) -> R | NotLoaded | None:
        """Return the record, None when there is none, or ``NOT_LOADED``."""
        changed = self.changes.get((kind, id))
        return self._book.peek(kind, id) if changed is None else changed  # type: ignore[return-value]


def _bundles(group: Sequence[Checked | SuyuanError]) -> Iterator[list[Checked | SuyuanError]]:
    """Yield neighbours of one bundle together, all others alone."""
    bundle: list[Checked | SuyuanError] = []
    name = ""
    for one in group:
        mine = one.bundle if isinstance(one, Checked) else ""
        if bundle and not (mine and mine == name):
            yield bundle
            bundle = []
        bundle.append(one)
        name = mine
    if bundle:
        yield bundle


class _Group:
    """One group inside its transaction."""

    def __init__(self, capture: Capture, connection: Connection) -> None:
        self._capture = capture
        self._connection = connection
        self._tail = Tail(connection, capture.log_id, capture.clock())
        capture.watermark.check(connection, capture.log_id, *self.end)
        self._book = Slice()
        self._changes: Changes = {}
        self._private: list[Sealed] = []
        self._rows: list[Row] = []
        self._known: dict[str, store.StoredEntry] = {}
        self._marked: dict[bytes, store.StoredEntry] = {}

    @property
    def end(self) -> tuple[int, Hash]:
        """Size and last leaf of the log as this group leaves it."""
        return self._tail.size, self._tail.leaf

    def run(self, group: Sequence[Checked | SuyuanError]) -> list[Outcome]:
        checked = [one for one in group if isinstance(one, Checked)]
        marked = self._find_marked(checked)
        event_ids = {one.statement.event_id for one in checked} | set(marked.values())
        known = store.find_events(self._connection, self._capture.log_id, sorted(event_ids))
        self._known = known
        self._marked = {mark: known[event_id] for mark, event_id in marked.items()}
        self._load([one for one in checked if one.statement.event_id not in known])
        outcomes: list[Outcome] = []
        seen: dict[str, tuple[str, Accepted]] = {}
        for bundle in _bundles(group):
            error = self._try(bundle) if len(bundle) > 1 else None
            outcomes += [error or self._take(one, seen) for one in bundle]
        self._tail.flush()
        write_changes(self._connection, self._capture.log_id, self._changes)
        self._capture.vault.put_disclosures(self._connection, self._private)
        self._capture.vault.put_rows(self._connection, self._rows)
        return outcomes

    def _find_marked(self, checked: Sequence[Checked]) -> dict[bytes, str]:
        """Return the event ids of clerks' rows that were entered before, by the row's hash."""
        hashes = [mark.row for one in checked for mark in one.marks]
        rows = self._capture.vault.find_rows(self._connection, hashes) if hashes else {}
        return {hash: row.event_id for hash, row in rows.items()}

    def _load(self, fresh: Sequence[Checked]) -> None:
        self._tail.load([subject for one in fresh for subject in one.subjects])
        load_slice(self._connection, self._capture.log_id, [self._signed(one) for one in fresh], self._book)

    def _signed(self, checked: Checked) -> Signed:
        return Signed(checked.event, checked.statement.kid, self._tail.size, self._tail.at)

    def _try(self, bundle: Sequence[Checked | SuyuanError]) -> SuyuanError | None:
        """Return what keeps a statement of *bundle*, and so the whole of it, out of the books."""
        trial = _Trial(self._book)
        for one in bundle:
            if isinstance(one, SuyuanError):
                return one
            if self._is_in(one):
                continue
            signed = self._signed(one)
            while keys := missing(signed, trial):
                self._book.load(load_records(self._connection, self._capture.log_id, keys), keys)
            try:
                trial.changes.update(fold(signed, trial))
            except Refused as error:
                return error
        return None

    def _is_in(self, checked: Checked) -> bool:
        marked = any(mark.row in self._marked for mark in checked.marks)
        return marked or checked.statement.event_id in self._known

    def _take(self, checked: Checked | SuyuanError, seen: dict[str, tuple[str, Accepted]]) -> Outcome:
        if isinstance(checked, SuyuanError):
            return checked
        event_id, token = checked.statement.event_id, checked.statement.token
        for mark in checked.marks:
            if mark.row in self._marked:
                return self._stored(self._marked[mark.row])
        try:
            if event_id in self._known:
                return self._again(self._known[event_id], token)
            if event_id in seen:
                before, accepted = seen[event_id]
                _check_same(event_id, before, token)
                return replace(accepted, replayed=True)
            accepted = self._add(checked)
        except (Refused, Missing) as error:
            return error
        seen[event_id] = token, accepted
        return accepted

    def _again(self, stored: store.StoredEntry, token: str) -> Accepted:
        _check_same(stored.event_id, parse_entry(stored.body).statement, token)
        return self._stored(stored)

    def _stored(self, stored: store.StoredEntry) -> Accepted:
        at = parse_entry(stored.body).at
        return self._accepted(stored.event_id, Appended(stored.index, stored.leaf, at), replayed=True)

    def _add(self, checked: Checked) -> Accepted:
        signed = self._signed(checked)
        load_slice(self._connection, self._capture.log_id, [signed], self._book)
        check_signatures(checked, self._book)
        changes = fold(signed, self._book)
        event_id = checked.statement.event_id
        appended = self._tail.add(Draft(event_id, checked.statement.token, checked.subjects))
        self._book.update(changes)
        self._changes.update(changes)
        self._private += [
            Sealed(one.disclosure.text, one.disclosure.digest, self._person(checked, one), event_id)
            for one in checked.private
        ]
        self._rows += [Row(mark.row, mark.kind, event_id, b"", "entered") for mark in checked.marks]
        return self._accepted(event_id, appended)

    def _person(self, checked: Checked, private: Private) -> str:
        if not private.foreign:
            return private.person
        return self._capture.vault.person_of(checked.event.by, private.person)

    def _accepted(self, event_id: str, appended: Appended, *, replayed: bool = False) -> Accepted:
        log_id, key = self._capture.log_id, self._capture.receipt_key
        return Accepted(event_id, appended.index, appended.leaf, appended.at, log_id, key, replayed)


def _check_same(event_id: str, before: str, token: str) -> None:
    if before != token:
        raise Conflict(OTHER_BYTES.at("/id", id=event_id))
