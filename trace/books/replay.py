"""Replay: the books made anew from the entries, as rebuild and audit do."""

from __future__ import annotations

from ..ledger.cosignature import CosignerKey, parse_key
from ..ledger.entry import Entry
from ..ledger.note import Verifier
from ..ledger.radix64 import parse_base64url
from ..ledger.statement import Statement
from ..produce import events as ev
from ..produce.book import RecordKey, Slice, find
from ..produce.fold import fold
from ..produce.parse import parse_event
from ..produce.records import Key, LogState, Record
from ..produce.registry import kid_of
from ..produce.rights import LOG, Signed
from ..produce.subjects import subjects_of


class Replay:
    """The full books as they stand after the entries told so far, starting from nothing."""

    def __init__(self) -> None:
        self.book = Slice(complete=True)
        self.erased: set[str] = set()
        self.private: set[str] = set()
        self._read: tuple[Statement, ev.Event] | None = None

    def find_key(self, kid: str, index: int, statement: Statement) -> bytes | None:
        """Return the public key *kid* if it may sign entry *index*; entry 0 brings its own."""
        if index == 0:
            event = parse_event(statement.payload)
            if isinstance(event, ev.LogOpened) and kid_of(event.receipt_key) == kid:
                return parse_base64url(event.receipt_key.x)
            return None
        key = find(self.book, Key, kid)
        if key is None or key.until >= 0:
            return None
        return parse_base64url(key.x)

    def subjects(self, statement: Statement) -> tuple[str, ...]:
        """Return the subjects that the statement's event touches."""
        return subjects_of(self._parse(statement))

    def tell(self, entry: Entry, statement: Statement) -> None:
        """
        Fold the next entry.

        Raises:
            Refused: the rules refuse it.
        """
        event = self._parse(statement)
        signed = Signed(event, statement.kid, entry.index, entry.at)
        self.book.update(fold(signed, self.book))
        self.private.update(event.sd)
        if isinstance(event, ev.PersonalErased):
            self.erased.update(event.digests)

    def signers(self, size: int) -> list[Verifier | CosignerKey]:
        """
        Return the keys whose lines a checkpoint of *size* bears.

        Raises:
            Refused: NoteWrong ``note.vkey``: the entries announce what is no key.
        """
        log = find(self.book, LogState, LOG)
        return [parse_key(vkey) for vkey in log.signing(size)] if log else []

    def _parse(self, statement: Statement) -> ev.Event:
        """Return the statement's event; an audit asks twice for each."""
        if self._read is None or self._read[0] is not statement:
            self._read = statement, parse_event(statement.payload)
        return self._read[1]

    def records(self) -> dict[RecordKey, Record]:
        """Return the books as they stand."""
        return self.book.records()


def differences(expected: dict[RecordKey, Record], found: dict[RecordKey, Record]) -> list[str]:
    """Return one line for each record that differs between the entries' books and the stored ones."""
    lines = []
    for key in sorted(expected.keys() | found.keys(), key=lambda key: (key[0].kind, key[1])):
        want, have = expected.get(key), found.get(key)
        if want != have:
            lines.append(f"{key[0].kind}:{key[1]}: expected {want}, found {have}")
    return lines
