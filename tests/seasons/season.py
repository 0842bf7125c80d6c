"""A made-up season: lines of tables with what must become of each, and what is left of every batch."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from suyuan.produce.credit_code import ALPHABET, check_character, organisation_check

YEAR = 2026


@dataclass(frozen=True)
class Raw:
    """A cell written as it stands here, instead of a value in one of the clerks' spellings."""

    text: str | float


@dataclass
class Line:
    """
    A row: its values by field, and what must become of it.

    Empty *codes*: it is entered. Else it is refused, or entered (or passed over) with a warning, for just these
    reasons; *field* is that of the first one.
    """

    kind: str
    values: dict[str, Any]
    codes: frozenset[str] = frozenset()
    level: str = "refused"
    field: str = ""
    counts: bool = True
    """Whether a row that is not refused adds to the totals."""

    @property
    def is_in(self) -> bool:
        """Whether the totals hold it."""
        return self.counts and (not self.codes or self.level == "warned")


@dataclass
class Batch:
    """A batch as the generator knows it."""

    ref: str
    product: str
    maker: str
    day: date
    left_g: int
    plot: str = ""
    packages: int = 0
    sold: int = 0


@dataclass
class Plot:
    """A plot and what may still be harvested from it."""

    ref: str
    crop: str
    cooperative: str
    household: str
    left_g: int
    sprayed_until: date = date(YEAR, 1, 1)


@dataclass
class Season:
    """Everything of one season, in the order of the files."""

    rng: random.Random
    lines: list[Line] = field(default_factory=list)
    batches: dict[str, Batch] = field(default_factory=dict)
    plots: dict[str, Plot] = field(default_factory=dict)
    parties: dict[str, list[str]] = field(default_factory=dict)
    """Names by kind of party."""
    personal: set[str] = field(default_factory=set)
    """Words that may stand nowhere in the report."""
    _numbers: Counter[str] = field(default_factory=Counter)

    def add(self, table: str, /, **values: Any) -> Line:
        """Append a line that must be entered."""
        line = Line(table, values)
        self.lines.append(line)
        return line

    def wrong(self, kind: str, codes: str, at: str, values: Mapping[str, Any]) -> Line:
        """Append a line that must be refused for *codes* (words), the first of them in the column of field *at*."""
        line = Line(kind, dict(values), frozenset(codes.split()), "refused", at)
        self.lines.append(line)
        return line

    def odd(self, kind: str, code: str, at: str, values: Mapping[str, Any], *, counts: bool = True) -> Line:
        """Append a line that must be warned of."""
        line = Line(kind, dict(values), frozenset({code}), "warned", at, counts)
        self.lines.append(line)
        return line

    def number(self, kind: str) -> int:
        """Return the next number of *kind*, from 1."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def of(self, kind: str) -> list[Line]:
        """Return the lines of one table."""
        return [line for line in self.lines if line.kind == kind]

    def good(self, kind: str) -> Line:
        """Return some line of a table that is entered."""
        return self.rng.choice([line for line in self.of(kind) if line.is_in and not line.codes])

    def person(self) -> str:
        """Return an invented name of a person."""
        name = self.rng.choice("石田江林苏梅安严") + "".join(self.rng.choices("晨曦岚澈屿筠禾棠", k=2))
        self.personal.add(name)
        return name

    def phone(self) -> str:
        """Return a phone number that no telephone has."""
        number = f"100{self.rng.randrange(10**8):08d}"
        self.personal.add(number)
        return number

    def credit_code(self, start: str = "93") -> str:
        """Return a credit code with right check characters."""
        letters = "".join(self.rng.choices([c for c in ALPHABET if c.isdigit()], k=8))
        body = f"{start}439999{letters}{organisation_check(letters)}"
        return body + check_character(body)

    def day(self, month: int, day: int, spread: int = 10) -> date:
        """Return a day up to *spread* days after the given one."""
        return date(YEAR, month, day) + timedelta(days=self.rng.randrange(spread + 1))

    def totals(self) -> dict[str, Any]:
        """Return the totals that a correct import reaches."""
        entered = [line for line in self.lines if line.is_in]
        harvested: Counter[str] = Counter()
        processed: Counter[str] = Counter()
        for line in entered:
            if line.kind == "harvest":
                harvested[line.values["product"]] += line.values["weight"]
            elif line.kind == "processing":
                processed[line.values["product"]] += line.values["output"]
        orders = [line.values for line in entered if line.kind == "order"]
        return {
            "harvest_kg": {name: grams / 1000 for name, grams in harvested.items()},
            "processed_kg": {name: grams / 1000 for name, grams in processed.items()},
            "packages": sum(line.values["count"] for line in entered if line.kind == "pack"),
            "orders": len({(order["platform"], order["order"]) for order in orders}),
            "packages_sold": sum(order["count"] for order in orders),
            "sales_yuan": sum(order["paid"] for order in orders) / 100,
        }
