"""What an import says of itself: rows refused and warned of, totals, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import Language, Problem
from ..intake.meaning import DUPLICATE_REFUSED
from ..intake.problems import RowProblem
from ..intake.rows import HarvestRow, Kind, OrderRow, PackRow, ProcessingRow, Row, Where, kind_of
from ..intake.step import Plan

_NAMED: dict[Kind | None, str] = {"party": "party", "plot": "plot", "harvest": "batch", "processing": "batch"}
"""The kinds of row that make something which other rows name."""


@dataclass(slots=True)
class Totals:
    """Sums over the rows that are in the books, whole grams, packages and fen."""

    harvest_g: Counter[str] = field(default_factory=Counter)
    processed_g: Counter[str] = field(default_factory=Counter)
    packages: int = 0
    orders: set[tuple[str, str]] = field(default_factory=set)
    packages_sold: int = 0
    sales_fen: int = 0

    def add(self, row: Row) -> None:
        """Count *row* as entered."""
        match row:
            case HarvestRow():
                self.harvest_g[row.product] += row.weight_g
            case ProcessingRow():
                self.processed_g[row.product] += row.output_g
            case PackRow():
                self.packages += row.count
            case OrderRow():
                self.orders.add((row.platform, row.order))
                self.packages_sold += row.count
                self.sales_fen += row.paid_fen
            case _:
                pass

    def to_json(self) -> dict[str, Any]:
        """Return the totals with the keys of ``answer-key.json``; kilograms and yuan as decimal numbers."""
        return {
            "harvest_kg": {name: _decimal(grams, 1000) for name, grams in self.harvest_g.items()},
            "processed_kg": {name: _decimal(grams, 1000) for name, grams in self.processed_g.items()},
            "packages": self.packages,
            "orders": len(self.orders),
            "packages_sold": self.packages_sold,
            "sales_yuan": _decimal(self.sales_fen, 100),
        }


@dataclass(slots=True)
class ImportReport:
    """The outcome of an import."""

    season: int
    dry_run: bool
    problems: list[RowProblem] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    entered: Counter[str] = field(default_factory=Counter)
    """Rows entered now, by kind."""
    known: Counter[str] = field(default_factory=Counter)
    """Rows that were in already, by kind."""
    entries: int = 0
    """Entries appended."""
    ignored: tuple[str, ...] = ()

    places: dict[tuple[str, str], Where] = field(default_factory=dict, repr=False)
    """(party, plot or batch; name) to the place of the row that was refused."""

    def take(self, problems: Iterable[RowProblem]) -> None:
        """Take in problems found in reading or planning."""
        for problem in problems:
            self.problems.append(problem)
            name = problem.batch or problem.name
            if problem.level == "refused" and problem.kind in _NAMED and name:
                place = Where(problem.file, problem.sheet, problem.row)
                self.places.setdefault((_NAMED[problem.kind], name), place)

    def accept(self, plan: Plan, *, known: bool) -> None:
        """
        Count the rows of *plan* as entered now, or as *known* from before, and take in its warnings.

        A sale that never was is not counted, one that was undone adds to no total.
        """
        is_order = isinstance(plan.rows[0], OrderRow)
        if plan.steps or not is_order:
            for row in plan.rows:
                (self.known if known else self.entered)[kind_of(row)] += 1
                if not is_order or len(plan.steps) == 1:
                    self.totals.add(row)
        self.take(
            RowProblem.of(row, problem, name, "warned")
            for row in plan.rows
            for problem, name in plan.warnings
        )

    def refuse(self, rows: Sequence[Row], problems: Iterable[tuple[Problem, str]]) -> None:
        """Take in what keeps *rows* out."""
        listed = list(problems)
        self.take(RowProblem.of(row, problem, name) for row in rows for problem, name in listed)

    def close(self, repeats: Iterable[tuple[Where, Where]]) -> None:
        """Put the problems in order, and tell of repetitions whether what they repeat was entered."""
        refused = {(problem.file, problem.sheet, problem.row) for problem in self.refused}
        firsts = {
            (again.file, again.sheet, again.row): first
            for again, first in repeats
            if (first.file, first.sheet, first.row) in refused
        }
        self.problems = [_of_repetition(problem, firsts) for problem in self.problems]
        self.problems.sort(key=lambda problem: (problem.file, problem.sheet, problem.row))

    @property
    def refused(self) -> list[RowProblem]:
        """Problems that kept their rows out."""
        return [problem for problem in self.problems if problem.level == "refused"]

    @property
    def warned(self) -> list[RowProblem]:
        """Problems that did not."""
        return [problem for problem in self.problems if problem.level == "warned"]

    def to_json(self, language: Language = "zh") -> dict[str, Any]:
        """Return the report for programs: one item for each refused or warned row."""
        return {
            "season": self.season,
            "dry_run": self.dry_run,
            "refused": group_rows(self.refused, language),
            "warned": group_rows(self.warned, language),
            "totals": self.totals.to_json(),
            "entered": dict(self.entered),
            "known": dict(self.known),
            "entries": self.entries,
            "ignored": list(self.ignored),
        }


def _of_repetition(problem: RowProblem, firsts: Mapping[tuple[str, str, int], Where]) -> RowProblem:
    first = firsts.get((problem.file, problem.sheet, problem.row))
    if first is None or problem.code != DUPLICATE_REFUSED.code:
        return problem
    told = DUPLICATE_REFUSED.at(row=first.row)
    return replace(problem, zh=told.zh, en=told.en)


def group_rows(problems: Iterable[RowProblem], language: Language = "zh") -> list[dict[str, Any]]:
    """Return one item for each row, its reasons joined, in the order of the files."""
    rows: dict[tuple[str, str, int], list[RowProblem]] = {}
    for problem in problems:
        rows.setdefault((problem.file, problem.sheet, problem.row), []).append(problem)
    return [_item(group, language) for group in rows.values()]


def _item(group: list[RowProblem], language: Language) -> dict[str, Any]:
    first = group[0]
    item: dict[str, Any] = {"file": first.file, "row": first.row}
    if first.sheet:
        item["sheet"] = first.sheet
    item["column"] = "、".join(dict.fromkeys(problem.column for problem in group if problem.column))
    item |= {name: value for name, value in (("batch", first.batch), ("name", first.name)) if value}
    item["code"] = first.code
    joint = "；" if language == "zh" else "; "
    item["reason"] = joint.join(problem.zh if language == "zh" else problem.en for problem in group)
    item["text"] = joint.join(problem.text(language) for problem in group)
    return item


def _decimal(amount: int, scale: int) -> int | float:
    return amount // scale if amount % scale == 0 else amount / scale
