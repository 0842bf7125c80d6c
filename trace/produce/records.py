"""
Records: the state that rules need, one frozen struct for each kind.

A record is addressed by its kind and its id; ``books`` keeps each kind in a table of its own whose columns are the
record's fields. Amounts are whole units of the product, masses whole grams, indexes are entry indexes of the log.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar

import msgspec

from .log_key import CheckpointKey


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Something the books know; ``kind`` names its table, ``id`` its row."""

    kind: ClassVar[str]
    id: str


R = TypeVar("R", bound=Record)


class LogState(Record, frozen=True, kw_only=True):
    """The opened log; its id is ``log``."""

    kind: ClassVar[str] = "log_state"
    log: str
    address: str
    demo: bool
    receipt_kid: str
    checkpoint_keys: tuple[CheckpointKey, ...]
    """In the order in which they were announced."""

    @property
    def checkpoint_key(self) -> str:
        """The vkey that signs now: the one of entry 0, or its successor once that was retired."""
        return next(key.vkey for key in self.checkpoint_keys if key.until < 0 and not key.extra)

    def signing(self, size: int) -> tuple[str, ...]:
        """Return the vkeys whose lines a checkpoint of *size* bears, the first the log's own."""
        return tuple(key.vkey for key in self.checkpoint_keys if key.signs(size))


class Party(Record, frozen=True, kw_only=True):
    """A registered party. ``name`` is empty where it is private (individual businesses, households)."""

    kind: ClassVar[str] = "party"
    roles: tuple[str, ...]
    name: str = ""
    credit_code: str = ""
    place: str = ""
    registered: int


class Key(Record, frozen=True, kw_only=True):
    """A public key; its id is the kid. Valid for statements of entries ``since <= index < until``."""

    kind: ClassVar[str] = "key"
    party: str
    x: str
    custody: str
    since: int
    until: int = -1
    """Index of the entry that revoked it; -1 while valid."""
    recovery: bool = False
    """Added by two supervisors, not by the party."""


class Site(Record, frozen=True, kw_only=True):
    """A plot, station, plant or store."""

    kind: ClassVar[str] = "site"
    what: str
    party: str
    place: str = ""
    crop: str = ""
    ref: str = ""


class Quota(Record, frozen=True, kw_only=True):
    """Approved yield of a plot for a season; its id is ``<plot>/<season>``."""

    kind: ClassVar[str] = "quota"
    plot: str
    season: int
    granted: int
    used: int = 0


class Product(Record, frozen=True, kw_only=True):
    """A product and its unit."""

    kind: ClassVar[str] = "product"
    name: str
    unit: str
    unit_mass_mg: int
    gtin: str = ""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One application of an input: the day, and the days to wait before harvest."""

    day: str
    interval_days: int
    input: str


class Treatment(Record, frozen=True, kw_only=True):
    """The applications to one plot that carry an interval; its id is the plot's."""

    kind: ClassVar[str] = "treatment"
    applications: tuple[Application, ...] = ()


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Grams of a batch that come from one origin: a plot's id, ``outside`` or ``added``."""

    origin: str
    mass_g: int


class Batch(Record, frozen=True, kw_only=True):
    """A batch: how it came to be, what it weighs, what speaks against selling it, what was labelled and sold."""

    kind: ClassVar[str] = "batch"
    how: str
    """harvested, bought or transformed."""
    product: str
    maker: str
    made: int
    """Amount when it came to be."""
    entry: int
    day: str
    ref: str = ""
    plot: str = ""
    season: int = 0
    parents: tuple[str, ...] = ()
    composition: tuple[Share, ...] = ()
    adjusted: int = 0
    holds: tuple[str, ...] = ()
    """Event ids of holds in force on this batch itself."""
    failed: tuple[str, ...] = ()
    """Ids of failed test reports on this batch itself."""
    recalls: tuple[str, ...] = ()
    """Event ids of recalls in force on this batch itself."""
    tests: int = 0
    packages: int = 0
    """Labels issued and not voided."""
    sold: int = 0
    """Packages sold and not returned."""


class Position(Record, frozen=True, kw_only=True):
    """
    What one party has of one batch; its id is ``<batch>/<party>``.

    Over all holders of a batch: made + adjusted = held + in_transit + consumed + packed + destroyed.
    """

    kind: ClassVar[str] = "position"
    batch: str
    party: str
    held: int = 0
    in_transit: int = 0
    consumed: int = 0
    packed: int = 0
    destroyed: int = 0


class Edge(Record, frozen=True, kw_only=True):
    """Lineage: *amount* of *parent* went into *child*; its id is ``<parent>/<child>``."""

    kind: ClassVar[str] = "edge"
    parent: str
    child: str
    amount: int


class Shipment(Record, frozen=True, kw_only=True):
    """Goods on the way; its id is the id of the shipping event."""

    kind: ClassVar[str] = "shipment"
    batch: str
    sender: str
    receiver: str
    amount: int
    accepted: int = -1
    """Amount accepted; -1 while under way."""
    inferred: bool = False
    """One of the two statements was implied by a later row: no confirmation by two parties."""


class Report(Record, frozen=True, kw_only=True):
    """A test report; its id is ``<laboratory>/<report number>``."""

    kind: ClassVar[str] = "report"
    batch: str
    passed: bool
    entry: int


class Hold(Record, frozen=True, kw_only=True):
    """A supervisor's hold; its id is the id of the holding event."""

    kind: ClassVar[str] = "hold"
    batches: tuple[str, ...]
    """Those still held."""
    reason: str
    by: str


class Recall(Record, frozen=True, kw_only=True):
    """A recall; its id is the id of the proposing event."""

    kind: ClassVar[str] = "recall"
    batches: tuple[str, ...]
    reason: str
    proposed_by: str
    approved_by: str = ""
    closed: bool = False


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Packages [first, end) of a run that are in one state."""

    first: int
    end: int
    state: str
    """issued, activated, sold, returned or voided."""


class Run(Record, frozen=True, kw_only=True):
    """A run of labels; spans cover [0, count) without gap or overlap."""

    kind: ClassVar[str] = "run"
    batch: str
    party: str
    count: int
    net: int
    root: str
    packed_on: str
    entry: int
    spans: tuple[Span, ...] = ()


class Order(Record, frozen=True, kw_only=True):
    """An order line: packages of one batch sold by a shop."""

    kind: ClassVar[str] = "sale"
    batch: str
    shop: str
    count: int
    returned: int = 0
    packages: tuple[Span, ...] = ()
    """Those that have not come back."""
    runs: tuple[str, ...] = ()
    """The run of each span in ``packages``."""


class Claim(Record, frozen=True, kw_only=True):
    """A unique attribute and its owner; the id is ``<attribute>:<value>``, such as ``credit_code:9343...``."""

    kind: ClassVar[str] = "claim"
    owner: str


RECORDS: tuple[type[Record], ...] = (
    LogState,
    Party,
    Key,
    Site,
    Quota,
    Product,
    Treatment,
    Batch,
    Position,
    Edge,
    Shipment,
    Report,
    Hold,
    Recall,
    Run,
    Order,
    Claim,
)
"""Every kind of record."""
