"""
A season's folder as typed rows and row problems: every table read, every cell checked on its own.

What a row means beside other tables (does the plot exist, does the book balance) is not asked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import Refused
from . import reasons
from .builders import read_table
from .problems import Level, RowProblem
from .reading import Reading
from .rows import (
    FieldworkRow,
    HarvestRow,
    OrderRow,
    PackRow,
    PartyRow,
    PlotRow,
    ProcessingRow,
    Row,
    TestRow,
    Where,
)
from .table import Table, find_table
from .workbook import Folder, RawSheet, read_folder

_SEASON_SPAN = 1  # years: orders of the autumn's fruit reach into January, field records into the year before


@dataclass(frozen=True, slots=True)
class Season:
    """
    What a folder says, in order of file name, sheet and row.

    ``year`` is the year that most rows lie in, None without any; ``problems`` name every row that is not in the
    tuples, and duplicates that stand there once; ``ignored`` are names of files that were not read.
    """

    year: int | None
    parties: tuple[PartyRow, ...]
    plots: tuple[PlotRow, ...]
    fieldwork: tuple[FieldworkRow, ...]
    harvests: tuple[HarvestRow, ...]
    processing: tuple[ProcessingRow, ...]
    tests: tuple[TestRow, ...]
    packs: tuple[PackRow, ...]
    orders: tuple[OrderRow, ...]
    problems: tuple[RowProblem, ...]
    ignored: tuple[str, ...]
    repeats: tuple[tuple[Where, Where], ...] = ()
    """Rows that say again what a row before said: (place of the repetition, place of the first)."""


def read_season(folder: Path) -> Season:
    """
    Read all tables of *folder*.

    A file or row that can't be read is told in ``problems`` and left out; the others are read all the same.

    Raises:
        Refused: ``folder.missing``.

    """
    found = read_folder(folder)
    tables, problems = _find_tables(found)
    problems += [RowProblem.at(Where(file, "", 0), problem) for file, problem in found.problems]
    readings: list[Reading] = []
    for table in tables:
        problems += table.problems
        for reading in read_table(table):
            problems += reading.problems
            if reading.row is not None:
                readings.append(reading)
    year = _find_year(readings)
    in_season = list(_drop_other_years(readings, year, problems))
    repeats: list[tuple[Where, Where]] = []
    rows = list(_drop_repeated(in_season, problems, repeats))
    season = _to_season(rows, year, _in_order(problems, found.sheets), found.ignored)
    return replace(season, repeats=tuple(repeats))


def _find_tables(found: Folder) -> tuple[list[Table], list[RowProblem]]:
    tables: list[Table] = []
    unknown: list[RowProblem] = []
    for sheet in found.sheets:
        try:
            tables.append(find_table(sheet))
        except Refused as refused:
            known = any(table.file == sheet.file for table in tables)
            where = Where(sheet.file, sheet.name, 0)
            level: Level = "warned" if known else "refused"
            unknown += [RowProblem.at(where, problem, "", level) for problem in refused.problems]
    return tables, unknown


def _find_year(readings: Iterable[Reading]) -> int | None:
    years = Counter(reading.day.year for reading in readings if reading.day is not None)
    return max(years, key=lambda year: (years[year], year)) if years else None


def _drop_other_years(
    readings: Iterable[Reading], season: int | None, problems: list[RowProblem]
) -> Iterable[Reading]:
    for reading in readings:
        day = reading.day
        if day is None or season is None or abs(day.year - season) <= _SEASON_SPAN:
            yield reading
        elif reading.row is not None:
            problem = reasons.DATE_OUT_OF_SEASON.at(day=day.isoformat(), season=season)
            problems.append(RowProblem.of(reading.row, problem, "day"))


def _drop_repeated(
    readings: Iterable[Reading], problems: list[RowProblem], repeats: list[tuple[Where, Where]]
) -> Iterable[Row]:
    """Yield each row once: a row that says the same again is warned of, the same number with other content refused."""
    seen: dict[tuple[object, ...], Reading] = {}
    for reading in readings:
        row = reading.row
        assert row is not None
        first = seen.setdefault((type(row), *reading.key), reading)
        if first is reading:
            yield row
            continue
        assert first.row is not None
        place = first.row.where
        if first.row != row:
            problem = reasons.ROW_AGAIN.at(row=place.row, file=place.file)
            problems.append(RowProblem.of(row, problem, reading.key_field))
            continue
        repeats.append((row.where, place))
        if (place.file, place.sheet) == (row.where.file, row.where.sheet):
            problems.append(RowProblem.of(row, reasons.ROW_DUPLICATE.at(row=place.row), level="warned"))
        else:
            problem = reasons.ROW_DUPLICATE_ELSEWHERE.at(row=place.row, file=place.file)
            problems.append(RowProblem.of(row, problem, level="warned"))


def _in_order(problems: list[RowProblem], sheets: tuple[RawSheet, ...]) -> tuple[RowProblem, ...]:
    places = {(sheet.file, sheet.name): place for place, sheet in enumerate(sheets)}

    def place(problem: RowProblem) -> tuple[str, int, int]:
        return problem.file, places.get((problem.file, problem.sheet), -1), problem.row

    return tuple(sorted(problems, key=place))


def _to_season(
    rows: list[Row], year: int | None, problems: tuple[RowProblem, ...], ignored: tuple[str, ...]
) -> Season:
    return Season(
        year=year,
        parties=tuple(row for row in rows if isinstance(row, PartyRow)),
        plots=tuple(row for row in rows if isinstance(row, PlotRow)),
        fieldwork=tuple(row for row in rows if isinstance(row, FieldworkRow)),
        harvests=tuple(row for row in rows if isinstance(row, HarvestRow)),
        processing=tuple(row for row in rows if isinstance(row, ProcessingRow)),
        tests=tuple(row for row in rows if isinstance(row, TestRow)),
        packs=tuple(row for row in rows if isinstance(row, PackRow)),
        orders=tuple(row for row in rows if isinstance(row, OrderRow)),
        problems=problems,
        ignored=ignored,
    )
