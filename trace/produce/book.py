"""
The book: the records that rules look up, and the draft in which one event's changes gather.

A look-up answers present, absent or *not loaded*; the last is a bug of the loader and raises ``Broken``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from ..errors import Broken, Problem, Refused
from .records import R, Record

RecordKey = tuple[type[Record], str]
"""The kind of a record and its id."""

Changes = dict[RecordKey, Record]
"""What an accepted event changes: the new record by its key. Records are never removed."""


class NotLoaded:
    """The type of ``NOT_LOADED``."""


NOT_LOADED: Final = NotLoaded()
"""The answer to a look-up of a record that the slice does not hold."""


class Book(Protocol):
    """What the rules read. Implemented by ``Slice`` in memory and by the importer's book that loads on demand."""

    def peek(self, kind: type[R], id: str) -> R | NotLoaded | None:
        """Return the record, None when there is none, or ``NOT_LOADED``."""


class Slice:
    """
    Some or all records of the books, in memory.

    With ``complete=True`` a record that is not there is absent; otherwise it is not loaded.
    """

    def __init__(self, *, complete: bool = False) -> None:
        self.complete = complete
        self._records: dict[RecordKey, Record | None] = {}
        self._absent = None if complete else NOT_LOADED

    def peek(self, kind: type[R], id: str) -> R | NotLoaded | None:
        """Return the record, None when there is none, or ``NOT_LOADED``."""
        return self._records.get((kind, id), self._absent)  # type: ignore[return-value]

    def lacking(self, keys: set[RecordKey]) -> set[RecordKey]:
        """Return those of *keys* that are not loaded."""
        return set() if self.complete else keys.difference(self._records)

    def load(self, found: Mapping[RecordKey, Record], asked: Iterable[RecordKey] = ()) -> None:
        """Take in records that were read; of those *asked* for, the ones not found are known to be absent."""
        for key in asked:
            self._records.setdefault(key, None)
        self._records.update(found)

    def update(self, changes: Changes) -> None:
        """Take in the changes of an accepted event."""
        self._records.update(changes)

    def records(self) -> dict[RecordKey, Record]:
        """Return all records that are present."""
        return {key: record for key, record in self._records.items() if record is not None}


def find(book: Book, kind: type[R], id: str) -> R | None:
    """
    Return the record of *kind* with *id*, or None where there is none.

    Raises:
        Broken: the record was not loaded: ``touches`` did not name it.
    """
    record = book.peek(kind, id)
    if isinstance(record, NotLoaded):
        raise Broken(
            "a rule looked up a record that was not loaded", expected=f"{kind.kind}:{id}", found="not loaded"
        )
    return record


class Draft:
    """One event's changes on top of a book, and the problems found so far."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.changes: Changes = {}
        self.problems: list[Problem] = []

    def find(self, kind: type[R], id: str) -> R | None:
        """Return the record as the event has left it so far."""
        changed = self.changes.get((kind, id))
        return changed if changed is not None else find(self._book, kind, id)  # type: ignore[return-value]

    def need(self, kind: type[R], id: str) -> R:
        """
        Return the record that another record names.

        Raises:
            Broken: there is none.
        """
        record = self.find(kind, id)
        if record is None:
            raise Broken(
                "a record names another that is not there", expected=f"{kind.kind}:{id}", found="nothing"
            )
        return record

    def put(self, *records: Record) -> None:
        """Set *records* to their new values."""
        for record in records:
            self.changes[type(record), record.id] = record

    def refuse(self, *problems: Problem) -> None:
        """Note *problems* and go on, so that all are reported at once."""
        self.problems.extend(problems)

    def close(self) -> Changes:
        """
        Return the changes.

        Raises:
            Refused: any problem was noted.
        """
        if self.problems:
            raise Refused(self.problems)
        return self.changes
