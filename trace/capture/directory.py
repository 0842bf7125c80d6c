"""
The directory: clerks' names to ids, from the vault, the books and what this import has made so far.

Nothing is written until ``keep``; a dry run never calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine

from ..books.desk import Desk
from ..errors import Missing, Reason
from ..intake.step import Known, Stock
from ..ledger.engine import begin_read
from ..ledger.jwk import SigningKey
from ..produce.records import Batch, Key, LogState, Party, Product, Quota, Run, Site
from ..vault.vault import CustodyKey, Vault
from .founding import SEED_BYTES
from .mint import Mint

NO_SUPERVISOR = Reason(
    "import.supervisor",
    "没有可用的监管部门密钥：请用 --supervisor-key 提供监管部门的签名密钥",
    "no supervisor's key is at hand: give one with --supervisor-key",
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a directory looks: the database, the vault, the desk, the source of ids."""

    engine: Engine
    log_id: str
    vault: Vault
    desk: Desk
    mint: Mint


@dataclass(slots=True)
class Fresh:
    """What this import has made and the vault does not have yet."""

    names: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(kind, name) to (id, person whose name it is or empty)."""
    keys: dict[str, SigningKey] = field(default_factory=dict, repr=False)
    runs: dict[str, bytes] = field(default_factory=dict, repr=False)


class Directory:
    """Answers ``intake.step.Directory``; also knows the keys that the service keeps for parties."""

    def __init__(self, sources: Sources, now: str, households: Mapping[str, str]) -> None:
        self._from = sources
        self._now = now
        self._households = households
        self._names: dict[tuple[str, str], str | None] = {}
        self._keys: dict[str, SigningKey | None] = {}
        self._packers: dict[str, str] = {}
        self._shops: list[str] = []
        self._supervisor = ""
        self._undo: list[Callable[[], None]] = []
        self.fresh = Fresh()

    # Names

    def _id(self, kind: str, name: str) -> str | None:
        key = (kind, name)
        if key not in self._names:
            with begin_read(self._from.engine) as connection:
                self._names[key] = self._from.vault.find_name(connection, kind, name)
        return self._names[key]

    def mint(self, kind: str, name: str) -> str:
        """Return the id for a new *kind* called *name*: the one that an earlier try minted, where there is one."""
        known = self._id(kind, name)
        if known is not None:
            return known
        return self._set(kind, name, self._from.mint.id())

    def person(self, owner: str, name: str) -> str:
        """Return the id of the person *name* of *owner*; the owner itself where no name is given."""
        if not name:
            return owner
        known = self._id("person", f"{owner}:{name}")
        if known is not None:
            return known
        person = self._from.mint.id()
        return self._set("person", f"{owner}:{name}", person, person)

    def _set(self, kind: str, name: str, id: str, person: str = "") -> str:
        self._names[kind, name] = id
        self.fresh.names[kind, name] = (id, person)
        self._undo.append(lambda: self._forget_name(kind, name))
        return id

    def _forget_name(self, kind: str, name: str) -> None:
        del self._names[kind, name]
        self.fresh.names.pop((kind, name), None)

    def stand(self) -> int:
        """Return where this import stands, for ``go_back``."""
        return len(self._undo)

    def go_back(self, stand: int) -> None:
        """Forget what was minted since *stand*: nothing of a refused row is kept."""
        while len(self._undo) > stand:
            self._undo.pop()()

    def find_party(self, name: str) -> str | None:
        """Return the id of the registered party *name*."""
        id = self._id("party", name)
        return id if id is not None and self._from.desk.find(Party, id) is not None else None

    def find_plot(self, ref: str) -> tuple[str, str] | None:
        """Return the id of the plot *ref* and its party."""
        site = self._site("plot", ref)
        return (site.id, site.party) if site is not None and site.what == "plot" else None

    def find_station(self, name: str) -> str | None:
        """Return the id of the station *name*."""
        site = self._site("station", name)
        return site.id if site is not None else None

    def _site(self, kind: str, name: str) -> Site | None:
        id = self._id(kind, name)
        if id is not None:
            return self._from.desk.find(Site, id)
        found = self._from.desk.select(Site, ref=name) if kind == "plot" else []
        return found[0] if len(found) == 1 else None

    def find_product(self, name: str) -> str | None:
        """Return the id of the product *name*."""
        id = self._id("product", name)
        return id if id is not None and self._from.desk.find(Product, id) is not None else None

    def find_batch(self, ref: str) -> Known | None:
        """Return the batch *ref*: this clerk's, else the only one of that public number."""
        id = self._id("batch", ref)
        found = (
            [self._from.desk.find(Batch, id)] if id is not None else self._from.desk.select(Batch, ref=ref)
        )
        batch = found[0] if len(found) == 1 else None
        if batch is None:
            return None
        product = self._from.desk.find(Product, batch.product)
        return Known(
            batch.id, product.name if product else "", batch.maker, batch.made, self._packer(batch.id)
        )

    def _packer(self, batch: str) -> str:
        if batch not in self._packers:
            self._packers[batch] = next((run.party for run in self._from.desk.select(Run, batch=batch)), "")
        return self._packers[batch]

    def note_packer(self, batch: str, party: str) -> None:
        """Remember who labelled *batch*."""
        self._packers[batch] = party

    def note_shop(self, name: str) -> None:
        """Remember the name of a shop of this import's list of parties."""
        self._shops.append(name)

    def find_shop(self, platform: str) -> str | None:
        """Return the id of the shop whose name holds that of the *platform*; remembered for lists without parties."""
        known = self._id("platform", platform)
        if known is not None:
            return known
        found = [party for name in self._shops if platform in name and (party := self.find_party(name))]
        return self._set("platform", platform, found[0]) if len(found) == 1 else None

    def holders(self, batch: str) -> Sequence[Stock]:
        """Return who holds some of *batch*, the largest holder first."""
        return [Stock(position.party, position.held) for position in self._from.desk.holders(batch)]

    def household(self, plot: str) -> str:
        """Return the name of a plot's household as this import read it."""
        return self._households.get(plot, "")

    def has_quota(self, plot: str, season: int, amount: int) -> bool:
        """Tell whether exactly this quota was granted already."""
        quota = self._from.desk.find(Quota, f"{plot}/{season}")
        return quota is not None and quota.granted == amount

    def now(self) -> str:
        """Return the time of the import."""
        return self._now

    # Keys

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
            self._keys[party] = self.fresh.keys[party] = key
            self._undo.append(lambda: self._forget_key(party))
        return key

    def _forget_key(self, party: str) -> None:
        del self._keys[party]
        self.fresh.keys.pop(party, None)

    def new_run(self, run: str, secret: bytes) -> None:
        """Remember the secret of a run until it is kept."""
        self.fresh.runs[run] = secret
        self._undo.append(lambda: self._forget_run(run))

    def _forget_run(self, run: str) -> None:
        self.fresh.runs.pop(run, None)

    def keep(self) -> None:
        """
        Put what is fresh into the vault, before the entries that rely on it.

        A crash after this leaves names, keys and secrets that the next try uses or that mean nothing.
        """
        fresh, self.fresh = self.fresh, Fresh()
        self._undo.clear()
        if not (fresh.names or fresh.keys or fresh.runs):
            return
        vault = self._from.vault
        with vault.begin() as connection:
            for (kind, name), (id, person) in fresh.names.items():
                vault.put_name(connection, kind, name, id, person)
            for party, key in fresh.keys.items():
                vault.put_custody_key(connection, CustodyKey(key.kid, party, "custody"), key.seed)
            for run, secret in fresh.runs.items():
                vault.put_run_secret(connection, run, secret)
