"""
The vault: disclosures, secrets of label runs, keys in custody, and the maps from clerks' rows and names to ids.

Every method works inside the caller's connection, so that ``capture`` puts vault and entries into one transaction;
``begin`` opens a transaction of the vault's own:

    with vault.begin() as connection:
        vault.put_run_secret(connection, "7K3MX", secret)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select

from ..errors import Broken
from . import tables
from .lookups import Lookups, Row

__all__ = ["CustodyKey", "Disclosure", "Row", "Vault"]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One SD-JWT disclosure: its text (secret until shown), its digest, whom it is about, and its event."""

    text: str = field(repr=False)
    digest: str
    person: str
    event_id: str


@dataclass(frozen=True, slots=True)
class CustodyKey:
    """A signing key that the service keeps for a party; its seed is asked for apart (``find_custody_key``)."""

    kid: str
    party: str
    label: str


class Vault(Lookups):
    """What does not follow from the entries, of one log."""

    # Disclosures

    def put_disclosures(self, connection: Connection, disclosures: Sequence[Disclosure]) -> None:
        """
        Seal *disclosures*, each under its person's key, made on first use; digests already known are left as they are.

        Raises:
            ValueError: a person's id was not minted.
            Unavailable: a key can't be written.
        """
        keys = {person: self.persons.create(person) for person in {d.person for d in disclosures}}
        tables.insert_new(
            connection,
            tables.disclosures,
            [
                {
                    "log_id": self._log_id,
                    "digest": d.digest,
                    "person": d.person,
                    "event_id": d.event_id,
                    "sealed": self._seal(keys[d.person], d.text.encode(), *_disclosure_place(d)),
                }
                for d in disclosures
            ],
        )

    def find_disclosures(self, connection: Connection, digests: Iterable[str]) -> dict[str, str | None]:
        """
        Return digest -> text for those of *digests* that are known; None where the person was erased.

        A digest that does not appear was never stored, or was lost: for audit that is not the same as erased.

        Raises:
            Broken: a disclosure or a person's key is damaged.
        """
        table = tables.disclosures
        found: dict[str, str | None] = {}
        keys: dict[str, bytes | None] = {}
        for chunk in tables.chunks(digests):
            query = select(table.c.digest, table.c.person, table.c.event_id, table.c.sealed).where(
                table.c.log_id == self._log_id, table.c.digest.in_(chunk)
            )
            for digest, person, event_id, sealed in connection.execute(query):
                if person not in keys:
                    keys[person] = self.persons.find(person)
                key = keys[person]
                place = _disclosure_place(Disclosure("", digest, person, event_id))
                found[digest] = None if key is None else self._open(key, sealed, *place).decode()
        return found

    def find_digests(self, connection: Connection, person: str) -> list[str]:
        """Return the digests of all disclosures about *person*, sorted: what ``personal.erased`` names."""
        table = tables.disclosures
        query = select(table.c.digest).where(table.c.log_id == self._log_id, table.c.person == person)
        return sorted(connection.scalars(query))

    def erase_person(self, connection: Connection, person: str) -> bool:
        """
        Make all that is known about *person* unreadable for good; returns whether there was a key.

        The names that lead to the person go with the caller's transaction, the key at once: call this last, after the
        entry ``personal.erased`` is committed. A crash in between is mended by calling it again.

        Raises:
            Unavailable: the key can't be removed.
        """
        table = tables.names
        connection.execute(delete(table).where(table.c.log_id == self._log_id, table.c.person == person))
        return self.persons.destroy(person)

    # Secrets of label runs, keys in custody

    def put_run_secret(self, connection: Connection, run: str, secret: bytes) -> None:
        """
        Keep the 32-byte *secret* of label run *run*.

        Raises:
            Broken: the run has another secret; replacing it would kill each printed label.
        """
        sealed = self._seal(self._keys["run"], secret, "run", run)
        tables.insert_new(connection, tables.runs, [{"log_id": self._log_id, "run": run, "sealed": sealed}])
        if self.find_run_secret(connection, run) != secret:
            raise Broken(f"label run {run} already has another secret")

    def find_run_secret(self, connection: Connection, run: str) -> bytes | None:
        """
        Return the secret of label run *run*, or None if there is no such run.

        Raises:
            Broken: the sealed secret is damaged.
        """
        sealed = connection.scalar(tables.SEALED_RUN, {"log_id": self._log_id, "run": run})
        return None if sealed is None else self._open(self._keys["run"], sealed, "run", run)

    def put_custody_key(self, connection: Connection, key: CustodyKey, seed: bytes) -> None:
        """
        Keep the Ed25519 *seed* (32 bytes) of *key*.

        Raises:
            Broken: another seed is kept under the same kid.
        """
        sealed = self._seal(self._keys["key"], seed, "key", key.kid, key.party)
        value = {
            "log_id": self._log_id,
            "kid": key.kid,
            "party": key.party,
            "sealed": sealed,
            "label": key.label,
        }
        tables.insert_new(connection, tables.keys, [value])
        if self.find_custody_key(connection, key.kid) != seed:
            raise Broken(f"another seed is kept under the key {key.kid}")

    def find_custody_key(self, connection: Connection, kid: str) -> bytes | None:
        """
        Return the seed of the key *kid*, or None if it is not in custody.

        Raises:
            Broken: the sealed seed is damaged.
        """
        table = tables.keys
        query = select(table.c.sealed, table.c.party).where(
            table.c.log_id == self._log_id, table.c.kid == kid
        )
        found = connection.execute(query).one_or_none()
        return None if found is None else self._open(self._keys["key"], found.sealed, "key", kid, found.party)

    def keys_of(self, connection: Connection, party: str | None = None) -> list[CustodyKey]:
        """Return the keys in custody of *party*, or of everyone, sorted by party and kid."""
        table = tables.keys
        query = select(table.c.kid, table.c.party, table.c.label).where(table.c.log_id == self._log_id)
        if party is not None:
            query = query.where(table.c.party == party)
        found = (CustodyKey(kid, owner, label) for kid, owner, label in connection.execute(query))
        return sorted(found, key=lambda key: (key.party, key.kid))


def _disclosure_place(disclosure: Disclosure) -> tuple[str, ...]:
    return ("disclosure", disclosure.digest, disclosure.person, disclosure.event_id)
