"""
The register: what people call things, found. Batches by id or number, parties by id or name, keys by party.

Private numbers and names are found through the vault, public ones through the books.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..books.store import find_records, load_records, read_records
from ..errors import Missing, Reason, Refused
from ..ledger.jwk import SigningKey
from ..produce.records import Batch, Hold, Key, Party, Position, R, Run
from ..vault.vault import Vault

NO_BATCH = Reason("batch.missing", "没有批次“{name}”", "there is no batch {name!r}")
NO_PARTY = Reason("party.missing", "没有主体“{name}”", "there is no party {name!r}")
NO_RUN = Reason("run.missing", "没有标签段“{name}”", "there is no label run {name!r}")
NO_HOLD = Reason("hold.missing", "没有封存“{name}”", "there is no hold {name!r}")
SEVERAL = Reason(
    "name.several", "“{name}”不止一个：{ids}；请用编号", "{name!r} is ambiguous: {ids}; use the id"
)
NO_KEY = Reason(
    "key.not-kept",
    "主体 {party} 的密钥不由服务代管，请用 --key 给出它的密钥文件",
    "the service keeps no valid key of the party {party}: give its key file with --key",
)
NO_SUPERVISOR = Reason(
    "key.no-supervisor",
    "没有代管的监管部门密钥，请用 --key 给出监管部门的密钥文件",
    "the service keeps no supervisor's key: give a supervisor's key file with --key",
)

_MOST_IDS = 5


@dataclass(frozen=True, slots=True)
class Register:
    """Finds records of one log inside the caller's reading transaction."""

    connection: Connection
    log_id: str
    vault: Vault

    def find(self, kind: type[R], id: str) -> R | None:
        """Return the record of *kind* with this id, or None."""
        return next(iter(self._load(kind, [id])), None)

    def batch(self, name: str) -> Batch:
        """
        Return the batch whose id, or whose party's number, is *name*.

        Raises:
            Missing: ``batch.missing``.
            Refused: ``name.several``, parties share the number.
        """
        ids = [name, self.vault.find_name(self.connection, "batch", name)]
        return _only(name, self._load(Batch, ids) or self._where(Batch, "ref", name), NO_BATCH)

    def party(self, name: str) -> Party:
        """
        Return the party whose id or name is *name*.

        Raises:
            Missing: ``party.missing``.
            Refused: ``name.several``.
        """
        ids = [name, self.vault.find_name(self.connection, "party", name)]
        return _only(name, self._load(Party, ids) or self._where(Party, "name", name), NO_PARTY)

    def run(self, name: str) -> Run:
        """
        Return the label run *name*, in any case.

        Raises:
            Missing: ``run.missing``.
        """
        return _only(name, self._load(Run, [name.upper()]), NO_RUN)

    def holds(self, name: str) -> list[Hold]:
        """
        Return the hold whose id is *name*, or all holds in force on the batch called *name*.

        Raises:
            Missing: ``hold.missing``, ``batch.missing``.
            Refused: ``name.several``.
        """
        if hold := self.find(Hold, name):
            return [hold]
        batch = self.batch(name)
        found = self._load(Hold, batch.holds)
        if not found:
            raise Missing(NO_HOLD.at(name=name))
        return found

    def runs(self, batch: Batch) -> list[Run]:
        """Return the label runs of *batch* in the order of their entries."""
        return sorted(self._where(Run, "batch", batch.id), key=lambda run: run.entry)

    def holder(self, batch: Batch) -> str:
        """Return the party that holds most of *batch*; its maker where nobody holds any."""
        positions = self._where(Position, "batch", batch.id)
        most = max(positions, key=lambda one: (one.held, one.party), default=None)
        return most.party if most is not None and most.held else batch.maker

    def key(self, party: str) -> SigningKey:
        """
        Return a valid key of *party* that the service keeps.

        Raises:
            Missing: ``key.not-kept``.
        """
        key = self.find_key(party)
        if key is None:
            raise Missing(NO_KEY.at(party=party))
        return key

    def find_key(self, party: str) -> SigningKey | None:
        """Return a valid key of *party* that the service keeps, or None."""
        for kept in self.vault.keys_of(self.connection, party):
            record = self.find(Key, kept.kid)
            seed = self.vault.find_custody_key(self.connection, kept.kid)
            if seed is not None and record is not None and record.until < 0:
                return SigningKey(seed)
        return None

    def supervisor(self) -> tuple[str, SigningKey]:
        """
        Return a supervisor whose key the service keeps, and that key.

        Raises:
            Missing: ``key.no-supervisor``.
        """
        for party in read_records(self.connection, self.log_id, Party):
            key = self.find_key(party.id) if "supervisor" in party.roles else None
            if key is not None:
                return party.id, key
        raise Missing(NO_SUPERVISOR.at())

    def _load(self, kind: type[R], ids: Iterable[str | None]) -> list[R]:
        found = load_records(self.connection, self.log_id, [(kind, id) for id in ids if id])
        return [record for record in found.values() if isinstance(record, kind)]

    def _where(self, kind: type[R], column: str, value: str) -> list[R]:
        return find_records(self.connection, self.log_id, kind, **{column: value})


def _only(name: str, found: list[R], missing: Reason) -> R:
    ids = sorted({record.id for record in found})
    if not ids:
        raise Missing(missing.at(name=name[:60]))
    if len(ids) > 1:
        raise Refused(SEVERAL.at(name=name[:60], ids=", ".join(ids[:_MOST_IDS])))
    return found[0]
