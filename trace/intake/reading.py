"""One line of a table being read: each cell parsed by its field, each problem of the line collected."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from ..errors import Problem, Refused
from . import reasons
from .amounts import is_weight_unit, parse_weight
from .cells import Cell, fold, is_blank, parse_identifier, parse_text, show
from .columns import QUANTITIES
from .problems import Level, RowProblem, Subject
from .rows import Kind, PartyRow, PlotRow, Row, harmless
from .table import Line, Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One line read: its row, or None where ``problems`` refuse it; a warning may stand beside a row.

    ``key`` is the row's own number, as a tuple, for finding it a second time; ``key_field`` the field that holds it.
    """

    row: Row | None
    day: date | None
    key: tuple[object, ...]
    key_field: str
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """How a row is known again: by its own number, or by all it says."""

    field: str
    values: tuple[object, ...]


class Cells:
    """The cells of one line by field. A cell that can't be read leaves a problem and a stand-in value."""

    def __init__(self, line: Line, table: Table) -> None:
        self.line = line
        self.table = table
        self._problems: list[tuple[str, Problem, Level]] = []

    def need(self, field: str, parse: Callable[[Cell], T], stand_in: T) -> T:
        """Parse a mandatory cell."""
        cell = self.line.cells.get(field, "")
        if is_blank(cell):
            self.tell(field, reasons.CELL_BLANK.at())
            return stand_in
        return self._parse(field, cell, parse, stand_in)

    def take(self, field: str, parse: Callable[[Cell], T], default: T) -> T:
        """Parse a cell that may be blank, or whose column may be missing."""
        cell = self.line.cells.get(field, "")
        return default if is_blank(cell) else self._parse(field, cell, parse, default)

    def _parse(self, field: str, cell: Cell, parse: Callable[[Cell], T], stand_in: T) -> T:
        if field in QUANTITIES and field in self.line.merged:
            self.tell(field, reasons.CELL_MERGED.at())
            return stand_in
        try:
            return parse(cell)
        except Refused as refused:
            for problem in refused.problems:
                self.tell(field, problem)
            return stand_in

    def tell(self, field: str, problem: Problem, level: Level = "refused") -> None:
        """Note a problem of the cell of *field*; a missing unit belongs into the unit column, where there is one."""
        is_unit = problem.code == reasons.UNIT_MISSING.code and "unit" in self.line.where.columns
        self._problems.append(("unit" if is_unit else field, problem, level))

    def weight(self, field: str, what: str, *, least: int = 1) -> int:
        """
        Parse a mandatory weight, its unit in the cell, the heading or the unit column.

        The unit column speaks of the main weight of the table, and of others whose heading names no unit.
        """
        unit = self.table.units.get(field, "")
        asks_column = field in {"weight", "output"} or not unit
        column = fold(self.line.cells.get("unit", "")) if asks_column else ""
        if column and not is_weight_unit(column):
            self.tell("unit", reasons.UNIT_UNKNOWN.at(shown=show(column)))
            column = "" if is_weight_unit(unit) else "公斤"  # so that the figure is checked all the same
        return self.need(field, lambda cell: parse_weight(cell, unit, column, what=what, least=least), least)

    def finish(self, row: Row, key: Key) -> Reading:
        """Return the row with its problems, or without itself where one of them refuses it."""
        where, subject = self.line.where, _subject(self.table.kind, self.line)
        problems = tuple(RowProblem.at(where, p, field, level, subject) for field, p, level in self._problems)
        is_refused = any(problem.level == "refused" for problem in problems)
        day = None if isinstance(row, PartyRow | PlotRow) else row.day
        return Reading(None if is_refused else row, day, key.values, key.field, problems)


def _subject(kind: Kind, line: Line) -> Subject:
    """Return whose line it is, as far as that can be read and is no person's phone."""
    field = {"party": "name", "plot": "ref", "fieldwork": "plot"}.get(kind, "batch")
    cell = line.cells.get(field, "")
    try:
        text = parse_text(cell) if kind == "party" else parse_identifier(cell)
    except Refused:
        text = ""
    if kind != "party":
        text = harmless(text)
    elif re.search("[0-9]{11}", text):
        text = ""
    return Subject(kind, name=text) if kind in {"party", "plot", "fieldwork"} else Subject(kind, batch=text)
