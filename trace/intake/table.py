"""
A raw sheet as a table: its kind, its heading row under any title, and its lines without footers and titles.

Here the columns that no field asks for end, buyers' names, phones and addresses among them: a `Line` holds the cells
of known fields only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import Problem, Refused
from . import reasons
from .cells import Cell, fold, is_blank
from .columns import Match, is_named, match_headings, parse_heading
from .extent import column_letters
from .problems import Level, RowProblem, Subject
from .rows import KINDS, Kind, Where
from .workbook import RawRow, RawSheet

_HEADING_ROWS = 15  # how far down a heading may stand under titles and remarks
_LEAST_SCORE = 2
_TOTAL = re.compile(
    r".{0,12}?(?:合计|总计|小计|累计|共计)(?:[:(0-9].*|(?:重量|数量|产量|件数|金额|面积|公斤|斤|吨|元|亩).*)?"
)
_SIGNED = (
    "填表|填报|制表|审核|复核|审批|核准|登记|记录|统计|经办|负责|会计|主管|领导|站长|盖章|签字|签名|打印|单位"
)
_REMARK = re.compile(
    rf"(?:{_SIGNED})(?:人|员|者|单位|负责人|签字|签名|盖章|公章|日期|时间|\(.*?\))*(?:[:_].*)?"
    r"|(?:备注|说明|注|注意|注意事项|提示|填写说明)(?:[0-9]?[:.、(].*|[0-9]?)",
    re.DOTALL,
)
_RUNNING_NUMBER = {"序号", "编号", "行号", "NO", "NO.", "流水号"}
_WITH_REST: frozenset[Kind] = frozenset({"fieldwork", "pack"})  # no number of their own, no buyers


@dataclass(frozen=True, slots=True)
class Line:
    """A data row: the cells of known fields, which of them came from a merge, and for some kinds what else it says."""

    where: Where
    cells: Mapping[str, Cell] = field(repr=False)
    merged: frozenset[str]
    rest: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet read as one kind of table; ``units`` are those of the headings, empty where they name none."""

    kind: Kind
    file: str
    sheet: str
    units: Mapping[str, str]
    lines: tuple[Line, ...] = field(repr=False)
    problems: tuple[RowProblem, ...]


def find_table(sheet: RawSheet) -> Table:
    """
    Read *sheet* as a table.

    Rows that are no data are passed over: blank rows, titles, the heading again, totals and signatures. A lone
    filled cell is passed over with a warning.

    Raises:
        Refused: ``table.unknown``.

    """
    heading, match = _find_heading(sheet)
    if match.missing:
        where = Where(sheet.file, sheet.name, heading.number)
        problem = reasons.COLUMNS_MISSING.at(columns="、".join(match.missing))
        found = RowProblem.at(where, problem, subject=Subject(match.kind))
        return Table(match.kind, sheet.file, sheet.name, {}, (), (found,))
    reader = _Reader(sheet, heading, match)
    lines = tuple(reader.read())
    units = MappingProxyType({name: head.unit for name, head in match.headings.items()})
    return Table(match.kind, sheet.file, sheet.name, units, lines, tuple(reader.problems))


def _find_heading(sheet: RawSheet) -> tuple[RawRow, Match]:
    best: tuple[float, RawRow, Match] | None = None
    for row in sheet.rows[:_HEADING_ROWS]:
        for kind in KINDS:
            match = match_headings(row.cells, kind)
            named = is_named(kind, sheet.name) / 4 + is_named(kind, sheet.file) / 2
            if match.score >= _LEAST_SCORE and (best is None or match.score + named > best[0]):
                best = (match.score + named, row, match)
    if best is None:
        raise Refused(reasons.TABLE_UNKNOWN.at())
    return best[1], best[2]


class _Reader:
    """Turns the rows below a heading into lines, and says what it passed over."""

    def __init__(self, sheet: RawSheet, heading: RawRow, match: Match) -> None:
        self.problems: list[RowProblem] = []
        self._sheet, self._heading, self._match = sheet, heading, match
        self._words = [parse_heading(cell).word for cell in heading.cells]
        self._titles = {_only_text(row) for row in sheet.rows[: sheet.rows.index(heading)]}
        self._letters = MappingProxyType({f: column_letters(c) for f, c in match.columns.items()})
        self._written = MappingProxyType({f: head.written for f, head in match.headings.items()})
        self._rest = self._find_rest() if match.kind in _WITH_REST else ()

    def _find_rest(self) -> tuple[int, ...]:
        taken = set(self._match.columns.values())
        return tuple(
            c for c, word in enumerate(self._words) if c not in taken and word not in _RUNNING_NUMBER
        )

    def read(self) -> Iterator[Line]:
        below = self._sheet.rows.index(self._heading) + 1
        for row in self._sheet.rows[below:]:
            filled = [cell for cell in row.cells if not is_blank(cell)]
            if not filled or self._is_heading(row) or self._is_footer(filled):
                continue
            if len(filled) == 1 and not self._is_number(row):
                if _only_text(row) not in self._titles:
                    self._tell(row, reasons.ROW_NOT_DATA.at(), warned=True)
            elif self._is_too_long(row):
                self._tell(row, reasons.ROW_TOO_LONG.at())
            else:
                yield self._to_line(row)

    def _is_heading(self, row: RawRow) -> bool:
        words = [parse_heading(cell).word for cell in row.cells]
        same = [words[c] == self._words[c] for c in self._match.columns.values() if c < len(words)]
        return bool(same) and all(same)

    def _is_footer(self, filled: list[Cell]) -> bool:
        first = _squeeze(filled[0])
        is_sparse = len(filled) <= max(2, len(self._match.columns) // 2)
        return _TOTAL.fullmatch(first) is not None or (is_sparse and _REMARK.fullmatch(first) is not None)

    def _is_number(self, row: RawRow) -> bool:
        """Return whether the one filled cell is the row's own number, so that the rest was forgotten."""
        column = next(iter(self._match.columns.values()))
        return (
            column < len(row.cells)
            and re.fullmatch(r"[A-Za-z0-9-]*[0-9]", fold(row.cells[column])) is not None
        )

    def _is_too_long(self, row: RawRow) -> bool:
        return not self._sheet.name and not all(
            is_blank(cell) for cell in row.cells[len(self._heading.cells) :]
        )

    def _to_line(self, row: RawRow) -> Line:
        cells = {f: row.cells[c] for f, c in self._match.columns.items() if c < len(row.cells)}
        merged = frozenset(f for f, c in self._match.columns.items() if c in row.merged)
        rest = tuple(fold(row.cells[c]) for c in self._rest if c < len(row.cells))
        return Line(self._where(row), MappingProxyType(cells), merged, rest)

    def _where(self, row: RawRow) -> Where:
        return Where(self._sheet.file, self._sheet.name, row.number, self._letters, self._written)

    def _tell(self, row: RawRow, problem: Problem, *, warned: bool = False) -> None:
        level: Level = "warned" if warned else "refused"
        self.problems.append(RowProblem.at(self._where(row), problem, "", level, Subject(self._match.kind)))


def _squeeze(cell: Cell) -> str:
    return fold(cell).replace(" ", "")


def _only_text(row: RawRow) -> str:
    filled = [_squeeze(cell) for cell in row.cells if not is_blank(cell)]
    return filled[0] if len(filled) == 1 else ""
