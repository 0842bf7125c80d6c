"""
The directory: clerks' names to ids, from the vault, the books and what this import has made so far.

Nothing is written here: what is new gathers in ``Fresh``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..intake.rows import Where
from ..intake.step import Known, Plot, Stock
from ..ledger.engine import begin_read
from ..produce.records import Batch, Edge, Order, Party, Product, Quota, Report, Run, Site
from .fresh import NameKey
from .keyring import Keyring, Sources


@dataclass(slots=True)
class Lists:
    """What this import's own files say beside the books: for sentences, warnings and platforms."""

    households: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Plot number to its household."""
    shops: list[str] = field(default_factory=list, repr=False)
    """Names of shops."""
    refused: dict[tuple[str, str], Where] = field(default_factory=dict, repr=False)
    """(party, plot or batch; name) to the place of the row that was refused."""


class Directory:
    """Answers ``intake.step.Directory``; the keys at hand are in ``keys``."""

    def __init__(self, sources: Sources, now: str, lists: Lists) -> None:
        self._from = sources
        self._now = now
        self._lists = lists
        self._stored: dict[NameKey, str | None] = {}
        self._packers: dict[str, str] = {}
        self._keys = Keyring(sources)

    @property
    def keys(self) -> Keyring:
        """The keys that are at hand."""
        return self._keys

    def _id(self, kind: str, name: str) -> str | None:
        key = (kind, name)
        fresh = self._from.fresh.names.get(key)
        if fresh is not None:
            return fresh.id
        if key not in self._stored:
            with begin_read(self._from.engine) as connection:
                self._stored[key] = self._from.vault.find_name(connection, kind, name)
        return self._stored[key]

    def mint(self, kind: str, name: str) -> str:
        """Return the id for a new *kind* called *name*: the one that an earlier try minted, where there is one."""
        known = self._id(kind, name)
        return known if known is not None else self._set(kind, name, self._from.mint.id())

    def person(self, owner: str, name: str) -> str:
        """Return the id of the person *name* of *owner*; the owner itself where no name is given."""
        if not name:
            return owner
        known = self._id("person", f"{owner}:{name}")
        if known is not None:
            return known
        person = self._from.mint.id()
        return self._set("person", f"{owner}:{name}", person, person)

    def entrust(self, kind: str, name: str, person: str) -> None:
        """Let a name that was minted just now be sealed by *person*'s key, and be erased with it."""
        self._from.fresh.entrust(kind, name, person)

    def _set(self, kind: str, name: str, id: str, person: str = "") -> str:
        self._from.fresh.add_name(kind, name, id, person)
        return id

    def find_party(self, name: str) -> str | None:
        """Return the id of the registered party *name*."""
        id = self._id("party", name)
        return id if id is not None and self._from.desk.find(Party, id) is not None else None

    def roles(self, party: str) -> frozenset[str]:
        """Return the roles of the party with this id."""
        record = self._from.desk.find(Party, party)
        return frozenset(record.roles if record is not None else ())

    def find_code(self, code: str) -> str | None:
        """Return the id of the party that an import registered with the credit *code*."""
        id = self._id("code", code)
        return id if id is not None and self._from.desk.find(Party, id) is not None else None

    def note_code(self, code: str, party: str) -> None:
        """Remember whose credit *code* it is; kept like a name, so that also a private one is known again."""
        if self._id("code", code) is None:
            self._set("code", code, party)

    def find_plot(self, ref: str) -> Plot | None:
        """Return the plot *ref*."""
        site = self._site("plot", ref)
        return Plot(site.id, site.party, site.crop) if site is not None and site.what == "plot" else None

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
        """Return the batch *ref*: the clerks' own, else the only one of that public number."""
        if self._id("batch", ref) is not None:
            return self.find_entered(ref)
        found = self._from.desk.select(Batch, ref=ref)
        return self._known(found[0]) if len(found) == 1 else None

    def find_entered(self, ref: str) -> Known | None:
        """Return the batch *ref* that came in by an import."""
        id = self._id("batch", ref)
        batch = self._from.desk.find(Batch, id) if id is not None else None
        return self._known(batch) if batch is not None else None

    def _known(self, batch: Batch) -> Known:
        product = self._from.desk.find(Product, batch.product)
        name, unit = (product.name, product.unit) if product is not None else ("", "g")
        day = date.fromisoformat(batch.day)
        return Known(batch.id, name, batch.maker, batch.made, day, unit, self._packer(batch.id))

    def find_order(self, name: str) -> str | None:
        """Return the id of the order *name* that is in the books."""
        id = self._id("order", name)
        return id if id is not None and self._from.desk.find(Order, id) is not None else None

    def find_refused(self, kind: str, name: str) -> Where | None:
        """Return the place of a refused row that would have been the party, plot or batch *name*."""
        return self._lists.refused.get(("party" if kind == "station" else kind, name))

    def has_report(self, laboratory: str, report: str) -> bool:
        """Tell whether the books hold this report of the laboratory."""
        return self._from.desk.find(Report, f"{laboratory}/{report}") is not None

    def mass_into(self, batch: str) -> int:
        """Return how much went into *batch* when it was made; 0 for one that is not stored yet."""
        return sum(edge.amount for edge in self._from.desk.select(Edge, child=batch))

    def _packer(self, batch: str) -> str:
        if batch not in self._packers:
            self._packers[batch] = next((run.party for run in self._from.desk.select(Run, batch=batch)), "")
        return self._packers[batch]

    def note_packer(self, batch: str, party: str) -> None:
        """Remember who labelled *batch*."""
        self._packers[batch] = party

    def find_shop(self, platform: str) -> str | None:
        """Return the id of the shop whose name holds that of the *platform*; remembered for lists without parties."""
        known = self._id("platform", platform)
        if known is not None:
            return known
        found = [party for name in self._lists.shops if platform in name and (party := self.find_party(name))]
        return self._set("platform", platform, found[0]) if len(found) == 1 else None

    def holders(self, batch: str) -> Sequence[Stock]:
        """Return who holds some of *batch*, the largest holder first."""
        return [Stock(position.party, position.held) for position in self._from.desk.holders(batch)]

    def household(self, plot: str) -> str:
        """Return the name of a plot's household as this import read it."""
        return self._lists.households.get(plot, "")

    def has_quota(self, plot: str, season: int, amount: int) -> bool:
        """Tell whether exactly this quota was granted already."""
        quota = self._from.desk.find(Quota, f"{plot}/{season}")
        return quota is not None and quota.granted == amount

    def now(self) -> str:
        """Return the time of the import."""
        return self._now

    def supervisor(self) -> str:
        """
        Return the supervisor who signs for this import.

        Raises:
            Missing: no supervisor's key is at hand.
        """
        return self._keys.supervisor()
