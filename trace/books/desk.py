"""
The desk: a book over the tables that loads what it is asked for, with changes of its own on top.

The importer folds on it before anything is signed, so that the dry run and the real run share one validator.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from ..ledger.engine import begin_read
from ..produce.book import Changes, NotLoaded, RecordKey, Slice
from ..produce.fold import fold, missing
from ..produce.records import Position, R
from ..produce.rights import Signed
from .store import find_records, load_records


class Desk:
    """Each read is a short transaction of its own, so that a long import never keeps writers out."""

    def __init__(self, engine: Engine, log_id: str) -> None:
        self._engine = engine
        self._log_id = log_id
        self._slice = Slice()
        self._holders: dict[str, set[str]] = {}

    def peek(self, kind: type[R], id: str) -> R | NotLoaded | None:
        """Return the record as tables and changes have it, or None."""
        record = self._slice.peek(kind, id)
        if isinstance(record, NotLoaded):
            self._load({(kind, id)})
            record = self._slice.peek(kind, id)
        return record

    def find(self, kind: type[R], id: str) -> R | None:
        """Return the record as tables and changes have it, or None."""
        record = self.peek(kind, id)
        return None if isinstance(record, NotLoaded) else record

    def try_all(self, events: Sequence[Signed]) -> None:
        """
        Fold *events* one after the other and keep their changes, or none of them.

        Raises:
            Refused: the first event that is refused, with all its problems.
        """
        trial = Slice()
        changes: Changes = {}
        for signed in events:
            while keys := missing(signed, trial):
                self._load({key for key in keys if isinstance(self._slice.peek(*key), NotLoaded)})
                known = {key: self._slice.peek(*key) for key in keys}
                trial.load({key: record for key, record in known.items() if record is not None}, keys)  # type: ignore[misc]
            fresh = fold(signed, trial)
            trial.update(fresh)
            changes.update(fresh)
        self.update(changes)

    def update(self, changes: Changes) -> None:
        """Take in the changes of accepted events."""
        self._slice.update(changes)
        for record in changes.values():
            if isinstance(record, Position):
                self._holders.setdefault(record.batch, set()).add(record.party)

    def holders(self, batch: str) -> list[Position]:
        """Return who holds some of *batch* now, the largest holder first."""
        parties = {one.party for one in self.select(Position, batch=batch)} | self._holders.get(batch, set())
        found = [self.find(Position, f"{batch}/{party}") for party in sorted(parties)]
        return sorted(
            (one for one in found if one is not None and one.held), key=lambda one: (-one.held, one.party)
        )

    def select(self, kind: type[R], **where: str) -> list[R]:
        """Return the stored records of *kind* with these values, sorted by id; changes on the desk are not seen."""
        with begin_read(self._engine) as connection:
            return find_records(connection, self._log_id, kind, **where)

    def _load(self, keys: set[RecordKey]) -> None:
        with begin_read(self._engine) as connection:
            self._slice.load(load_records(connection, self._log_id, keys), keys)
