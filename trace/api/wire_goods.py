"""The models of codes, batches and their lineage, read off the publishing room's dataclasses field by field."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from ..publish.lookup import State
from .wire import Hex, Moment, Read, Words


class ProducerOut(Read):
    """A party; where its name is personal, ``public`` is false and the name a general word."""

    id: str
    name: Words
    place: str
    public: bool


class PackageOut(Read):
    """One package of a label run."""

    run: str
    index: int
    count: int
    net: int
    net_words: Words
    packed_on: str
    packer: ProducerOut
    entry: int = Field(description="index of the entry that committed the run, before printing")
    state: Literal["issued", "activated", "sold", "returned", "voided"]


class BlockOut(Read):
    """Something that speaks against the batch, on itself or on one that it came from."""

    cause: Literal["recalled", "failed", "held"]
    batch: str
    label: str
    reason: Words
    event_id: str


class OriginOut(Read):
    """Grams from one village; ``outside`` is what was bought from outside the log."""

    place: str
    outside: bool
    mass_g: int
    permille: int


class FindingOut(Read):
    """One item of a test, as the laboratory printed it."""

    item: str
    result: str
    limit: str
    unit: str
    passed: bool


class TestOut(Read):
    """A laboratory's report."""

    index: int
    report: str
    passed: bool
    laboratory: Words
    day: str
    batch: str
    label: str
    findings: list[FindingOut]


class LineOut(Read):
    """
    One entry in plain words: ``claimed`` is what its signer says, ``at`` the ledger's own time.

    ``revoked`` is the later entry that revoked the signing key, null while it is valid; the statement stays valid.
    """

    index: int
    leaf: Hex
    type: str
    event_id: str
    words: Words
    by: str
    signer: Words
    custody: Literal["party", "service"]
    claimed: str
    at: Moment
    marks: list[Literal["backfilled", "inferred", "late", "ahead"]]
    batch: str
    revoked: int | None


class HistoryOut(Read):
    """Lines by claimed time; ``untold`` entries were not read, ``orders`` concern other packages."""

    lines: list[LineOut]
    untold: int
    orders: int


class BatchOut(Read):
    """A batch; amounts are whole units of its product."""

    id: str
    ref: str
    product: str
    product_id: str
    unit: Literal["g", "ml", "piece"]
    gtin: str
    how: Literal["harvested", "bought", "transformed"]
    maker: ProducerOut
    made: int
    made_words: Words
    adjusted: int
    day: str
    harvested: tuple[str, str] | None
    origins: list[OriginOut]
    tests: list[TestOut]
    blocks: list[BlockOut]
    ancestors: int
    packages: int
    sold: int
    history: HistoryOut


class CodeOut(Read):
    """The verdict on a package code, with what is known of its package and batch."""

    state: State
    heading: Words
    code: str
    package: PackageOut | None
    batch: BatchOut | None = Field(validation_alias="story")
    blocks: list[BlockOut]


class NodeOut(BaseModel):
    """A batch in a lineage; ``depth`` is the fewest steps from where the question began."""

    id: str
    ref: str
    depth: int
    how: str
    product: str
    unit: str
    made: int
    maker: str
    day: str
    blocked: bool


class EdgeOut(Read):
    """*amount* of *parent*, in its units, went into *child*."""

    parent: str
    child: str
    amount: int


class TraceOut(BaseModel):
    """What a batch came from (``back``) or what was made of it (``forward``)."""

    root: str
    direction: Literal["back", "forward"]
    batches: list[NodeOut]
    edges: list[EdgeOut]
