"""
The maps by which a repeated import knows what it has seen: clerks' rows to events, clerks' names to minted ids.

Looked up by keyed hashes: neither a row nor a name stands in clear, and without the master key none can be guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select, update

from ..produce.crockford import encode_crockford
from . import seal, tables
from .box import Box

_PERSON_LENGTH = 16
"""Characters of a person's id that follows from party and label: 80 bits."""


@dataclass(frozen=True, slots=True)
class Row:
    """A clerk's row that was planned: its keyed hash, its event and the signed statement that is resent as it is."""

    row: bytes
    kind: str
    event_id: str
    statement: bytes = field(repr=False)
    state: str


class Lookups(Box):
    """The row map and the name map of one log's vault."""

    # Clerks' rows

    def row_hash(self, kind: str, cells: Sequence[str]) -> bytes:
        """Return the keyed hash, 32 bytes, by which a row of *kind* with these *cells* is known again."""
        return seal.keyed_hash(self._keys["hash"], self._context("row", kind, *cells))

    def put_rows(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Keep *rows* with their signed statements; rows already known are left as they are."""
        values = [
            {
                "log_id": self._log_id,
                "row": row.row,
                "kind": row.kind,
                "event_id": row.event_id,
                "sealed": self._seal(
                    self._keys["row"], row.statement, "row", row.row, row.kind, row.event_id
                ),
                "state": row.state,
            }
            for row in rows
        ]
        tables.insert_new(connection, tables.rows, values)

    def find_rows(self, connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, Row]:
        """
        Return keyed hash -> row for those of *hashes* that are known.

        Raises:
            Broken: a sealed statement is damaged.
        """
        table = tables.rows
        found: dict[bytes, Row] = {}
        for chunk in tables.chunks(hashes):
            query = select(table).where(table.c.log_id == self._log_id, table.c.row.in_(chunk))
            for r in connection.execute(query).mappings():
                row = bytes(r["row"])
                statement = self._open(self._keys["row"], r["sealed"], "row", row, r["kind"], r["event_id"])
                found[row] = Row(row, r["kind"], r["event_id"], statement, r["state"])
        return found

    def mark_rows(self, connection: Connection, hashes: Iterable[bytes], state: str) -> None:
        """Set the state of the rows with these *hashes*; unknown ones are passed over."""
        table = tables.rows
        for chunk in tables.chunks(hashes):
            where = (table.c.log_id == self._log_id, table.c.row.in_(chunk))
            connection.execute(update(table).where(*where).values(state=state))

    def forget_rows(self, connection: Connection, hashes: Iterable[bytes]) -> None:
        """Remove the rows with these *hashes*, so that a later import plans them anew."""
        table = tables.rows
        for chunk in tables.chunks(hashes):
            connection.execute(delete(table).where(table.c.log_id == self._log_id, table.c.row.in_(chunk)))

    # Names

    def put_name(self, connection: Connection, kind: str, name: str, ident: str, person: str = "") -> str:
        """
        Remember that *name* among names of *kind* (``person``, ``plot``, ``ref`` ...) means *ident*.

        Args:
            person: whose name it is, if it is a person's: it is then sealed by that person's key and erased with it.

        Returns:
            The id that stands: *ident*, or that of whoever was first.
        """
        key = self.persons.create(person) if person else self._keys["name"]
        name_hash = self._name_hash(kind, name)
        value = {
            "log_id": self._log_id,
            "kind": kind,
            "name_hash": name_hash,
            "id": ident,
            "person": person,
            "sealed": self._seal(key, name.encode(), "name", kind, name_hash, ident, person),
        }
        tables.insert_new(connection, tables.names, [value])
        return self.find_name(connection, kind, name) or ident

    def find_name(self, connection: Connection, kind: str, name: str) -> str | None:
        """Return the id that *name* means among names of *kind*, or None."""
        table = tables.names
        where = (table.c.log_id == self._log_id, table.c.kind == kind)
        return connection.scalar(
            select(table.c.id).where(*where, table.c.name_hash == self._name_hash(kind, name))
        )

    def names_of(self, connection: Connection, kind: str, ident: str) -> list[str]:
        """
        Return the names of *kind* that mean *ident*, sorted; those of an erased person are not among them.

        Raises:
            Broken: a sealed name is damaged.
        """
        table = tables.names
        where = (table.c.log_id == self._log_id, table.c.kind == kind, table.c.id == ident)
        names = []
        for r in connection.execute(select(table).where(*where)).mappings():
            key = self.persons.find(r["person"]) if r["person"] else self._keys["name"]
            if key is not None:
                place = ("name", kind, bytes(r["name_hash"]), ident, r["person"])
                names.append(self._open(key, r["sealed"], *place).decode())
        return sorted(names)

    def person_of(self, party: str, label: str) -> str:
        """Return the vault's id of the person whom *party* calls *label*: no other party can name the same one."""
        found = seal.keyed_hash(self._keys["hash"], self._context("person-of", party, label))
        return encode_crockford(int.from_bytes(found[:10]), _PERSON_LENGTH)

    def _name_hash(self, kind: str, name: str) -> bytes:
        return seal.keyed_hash(self._keys["hash"], self._context("name", kind, name))
