"""The keyring: with which keys an import signs, the parties' own in custody and those lent to it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from ..books.desk import Desk
from ..errors import Missing, Reason
from ..ledger.engine import begin_read
from ..ledger.jwk import SigningKey
from ..produce.records import Key, LogState, Party
from ..vault.vault import Vault
from .fresh import Fresh
from .logkeys import SEED_BYTES
from .mint import Mint

NO_SUPERVISOR = Reason(
    "import.supervisor",
    "没有可用的监管部门密钥：请用 --supervisor-key 提供监管部门的签名密钥",
    "no supervisor's key is at hand: give one with --supervisor-key",
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a directory looks: the database, the vault, the desk, the source of ids, what is new."""

    engine: Engine
    log_id: str
    vault: Vault
    desk: Desk
    mint: Mint
    fresh: Fresh


class Keyring:
    """The keys that are at hand."""

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._keys: dict[str, SigningKey | None] = {}
        self._supervisor = ""

    def supervisor(self) -> str:
        """
        Return the supervisor who signs for this import: the first whose key is at hand.

        Raises:
            Missing: there is none.
        """
        if not self._supervisor:
            parties = self._from.desk.select(Party)
            supervisors = (party.id for party in parties if "supervisor" in party.roles)
            self._supervisor = next((party for party in supervisors if self._counts(party)), "")
        if not self._supervisor:
            raise Missing(NO_SUPERVISOR.at())
        return self._supervisor

    def _counts(self, party: str) -> bool:
        """Tell whether a supervisor's key is at hand that this log accepts: the service's own only in a demo log."""
        key = self.find_key(party)
        if key is None:
            return False
        log, record = self._from.desk.find(LogState, "log"), self._from.desk.find(Key, key.kid)
        return (log is not None and log.demo) or (record is not None and record.custody == "party")

    def lend_key(self, key: SigningKey) -> None:
        """Use *key* for its party during this import, without keeping it."""
        record = self._from.desk.find(Key, key.kid)
        if record is not None:
            self._keys[record.party] = key

    def find_key(self, party: str) -> SigningKey | None:
        """Return a key of *party* that is at hand and valid, or None."""
        fresh = self._from.fresh.keys.get(party)
        if fresh is not None:
            return fresh
        if party not in self._keys:
            self._keys[party] = self._key_from_vault(party)
        return self._keys[party]

    def _key_from_vault(self, party: str) -> SigningKey | None:
        with begin_read(self._from.engine) as connection:
            for kept in self._from.vault.keys_of(connection, party):
                record = self._from.desk.find(Key, kept.kid)
                seed = self._from.vault.find_custody_key(connection, kept.kid)
                if seed is not None and (record is None or record.until < 0):
                    return SigningKey(seed)
        return None

    def new_key(self, party: str) -> SigningKey:
        """Return the key with which *party* is to be registered: one made in an earlier try, or a new one."""
        key = self.find_key(party)
        if key is None:
            key = SigningKey(self._from.mint.random(SEED_BYTES))
            self._from.fresh.add_key(party, key)
        return key
