"""
What one row of a season's table says, in whole units.

Every row knows where it stood (``where``), which takes no part in comparing: two rows are equal when they say the
same. Names of persons and phones are left out of ``repr``. Orders have no buyer fields at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

Kind = Literal["party", "plot", "fieldwork", "harvest", "processing", "test", "pack", "order"]
KINDS: tuple[Kind, ...] = ("party", "plot", "fieldwork", "harvest", "processing", "test", "pack", "order")

_PERSONAL = re.compile("(?<![0-9])(?:1[0-9]{10}|[0-9]{17}[0-9X])(?![0-9])")
"""A mobile phone, or an identity number (GB 11643-1999)."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Where:
    """
    The place of a row: file name, sheet name (empty for CSV), row number as the spreadsheet shows it, from 1.

    ``columns`` gives the column letter of each field, ``headings`` its heading as the clerk wrote it.
    """

    file: str
    sheet: str
    row: int
    columns: Mapping[str, str] = field(default_factory=_nothing, repr=False, compare=False)
    headings: Mapping[str, str] = field(default_factory=_nothing, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party: ``kind`` as the clerk wrote it (合作社, 企业 ...), ``credit_code`` checked, empty for a household."""

    name: str
    kind: str
    credit_code: str
    contact: str = field(repr=False)
    phone: str = field(repr=False)
    township: str
    village: str
    note: str = field(repr=False)
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A surveyed plot; ``area_mu`` is the area in 亩 as text, ``approved_g`` the yield approved for the season."""

    ref: str
    crop: str
    cooperative: str
    household: str = field(repr=False)
    household_kind: str = field(repr=False)
    township: str
    village: str
    area_m2: int = field(repr=False)
    area_mu: str = field(repr=False)
    trees: int | None = field(repr=False)
    approved_g: int
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True)
class FieldworkRow:
    """An operation on a plot; ``interval_days`` is the pre-harvest interval (安全间隔期) of the input."""

    day: date
    plot: str
    work: str
    input_name: str
    registration: str
    dose: str
    interval_days: int | None
    operator: str = field(repr=False)
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True)
class HarvestRow:
    """A batch handed in at a station."""

    batch: str
    day: date
    plot: str
    product: str
    weight_g: int
    deliverer: str = field(repr=False)
    station: str
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True)
class ProcessingRow:
    """Grading, milling or pressing: input batches in the clerk's order, each once."""

    batch: str
    day: date
    inputs: tuple[str, ...]
    product: str
    output_g: int
    loss_g: int
    by_product: str
    by_product_g: int
    processor: str
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True)
class TestRow:
    """A laboratory's result on one item of one batch; ``result`` and ``limit`` in ``unit``, as text."""

    __test__ = False  # pytest would take the name for a test class

    report: str
    batch: str
    day: date
    item: str
    result: str
    limit: str
    unit: str
    passed: bool
    laboratory: str
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True)
class PackRow:
    """A request for labels: ``count`` packages of ``pack_g`` grams net."""

    batch: str
    day: date
    product: str
    pack_g: int
    count: int
    packer: str
    where: Where = field(compare=False)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A line of an online order. The buyer is not in it: those columns are dropped before a row exists."""

    platform: str
    order: str
    day: date
    product: str
    batch: str
    count: int
    paid_fen: int
    status: str
    where: Where = field(compare=False)


Row = PartyRow | PlotRow | FieldworkRow | HarvestRow | ProcessingRow | TestRow | PackRow | OrderRow


def label(row: Row) -> tuple[str, str]:
    """Return (batch, name) by which a report speaks of *row*; one of the two is empty, or both."""
    if isinstance(row, PartyRow):
        return "", row.name
    if isinstance(row, PlotRow):
        return "", harmless(row.ref)
    if isinstance(row, FieldworkRow):
        return "", harmless(row.plot)
    return harmless(row.batch), ""


def harmless(ref: str) -> str:
    """Return a number of the clerk's, nothing where a person's name, phone or identity number slipped in its place."""
    is_number = any(character.isdigit() for character in ref)
    return ref if is_number and not _PERSONAL.search(ref) else ""


def kind_of(row: Row) -> Kind:
    """Return the kind of table that *row* belongs to."""
    return _KIND_OF[type(row)]


_KIND_OF: Mapping[type, Kind] = {
    PartyRow: "party",
    PlotRow: "plot",
    FieldworkRow: "fieldwork",
    HarvestRow: "harvest",
    ProcessingRow: "processing",
    TestRow: "test",
    PackRow: "pack",
    OrderRow: "order",
}
