"""
The door for files: workbooks and CSV of one folder into raw sheets, row by row as a spreadsheet shows them.

Reads .xlsx, .xls, .ods (python-calamine) and .csv; hidden sheets too. It opens the files of the folder that it is
given and nothing else, and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import python_calamine as calamine

from ..errors import Problem, Refused
from . import reasons
from .cells import Cell
from .delimited import parse_csv
from .extent import MAX_CELLS, check_extent

MAX_MB = 50
_WORKBOOKS = (".xlsx", ".xls", ".ods")
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # compound file: an .xls, or the wrapper of an encrypted .xlsx
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands: its number from 1, its cells from column A, and the columns filled from a merge above."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    merged: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A sheet with its rows; ``name`` is empty for CSV. The cells are kept out of ``repr``: buyers stand in them."""

    file: str
    name: str
    rows: tuple[RawRow, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds: raw sheets in order of file name, problems of whole files, names not read."""

    sheets: tuple[RawSheet, ...]
    problems: tuple[tuple[str, Problem], ...]
    ignored: tuple[str, ...]


def read_folder(folder: Path) -> Folder:
    """
    Read all workbooks and CSV files that lie directly in *folder*, in order of their names.

    Files that can't be read are told in ``problems`` as (file name, problem); lock files (~$), dot files, folders
    and other kinds of file in ``ignored``.

    Raises:
        Refused: ``folder.missing``.

    """
    try:
        paths = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError:
        raise Refused(reasons.FOLDER_MISSING.at()) from None
    sheets: list[RawSheet] = []
    problems: list[tuple[str, Problem]] = []
    ignored: list[str] = []
    for path in paths:
        if path.name.startswith((".", "~$")) or not path.is_file() or not _is_table(path):
            ignored.append(path.name)
            continue
        try:
            sheets.extend(read_file(path))
        except Refused as refused:
            problems.extend((path.name, problem) for problem in refused.problems)
    return Folder(tuple(sheets), tuple(problems), tuple(ignored))


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in {*_WORKBOOKS, ".csv"}


def read_file(path: Path) -> list[RawSheet]:
    """
    Read one workbook or CSV file; sheets without any cell are left out.

    Raises:
        Refused: ``file.unreadable``, ``.empty``, ``.too-large``, ``.too-wide``, ``.encrypted``, ``.broken``,
            ``.encoding`` or ``.quotes``, each naming the file.

    """
    try:
        size = path.stat().st_size
        if size == 0:
            raise Refused(reasons.FILE_EMPTY.at(file=path.name))
        if size > MAX_MB * 1_000_000:
            raise Refused(reasons.FILE_TOO_LARGE.at(file=path.name, limit=MAX_MB))
        sheets = _read_csv(path) if path.suffix.lower() == ".csv" else _read_workbook(path)
    except OSError:
        raise Refused(reasons.FILE_UNREADABLE.at(file=path.name)) from None
    if not sheets:
        raise Refused(reasons.FILE_EMPTY.at(file=path.name))
    return sheets


def _read_csv(path: Path) -> list[RawSheet]:
    data = path.read_bytes()
    if data.startswith((b"PK\x03\x04", _CFB)):  # a workbook that was only renamed
        raise Refused(reasons.FILE_BROKEN.at(file=path.name))
    records = parse_csv(data, path.name)
    rows = tuple(RawRow(number, tuple(record)) for number, record in enumerate(records, 1))
    return [RawSheet(path.name, "", rows)] if any(map(_is_filled, rows)) else []


def _read_workbook(path: Path) -> list[RawSheet]:
    _check_container(path)
    sheets = []
    try:
        with calamine.load_workbook(path) as workbook:
            for entry in workbook.sheets_metadata:
                if entry.typ is calamine.SheetTypeEnum.WorkSheet:
                    sheets.append(_to_sheet(path.name, workbook.get_sheet_by_name(entry.name)))
    except calamine.PasswordError:
        raise Refused(reasons.FILE_ENCRYPTED.at(file=path.name)) from None
    except calamine.CalamineError:
        raise Refused(reasons.FILE_BROKEN.at(file=path.name)) from None
    return [sheet for sheet in sheets if any(map(_is_filled, sheet.rows))]


def _check_container(path: Path) -> None:
    if path.suffix.lower() == ".xls":
        return
    with path.open("rb") as stream:
        head = stream.read(len(_CFB))
        if head == _CFB:
            encrypted = _ENCRYPTED in stream.read()
            raise Refused((reasons.FILE_ENCRYPTED if encrypted else reasons.FILE_BROKEN).at(file=path.name))
    check_extent(path)


def _to_sheet(file: str, sheet: calamine.CalamineSheet) -> RawSheet:
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise Refused(reasons.FILE_TOO_WIDE.at(file=file))
    grid: list[list[Cell]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    merged: dict[int, set[int]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < bottom and top < len(grid) and left < len(grid[top]):
            _fill_down(grid, merged, left, range(top, min(bottom + 1, len(grid))))
    rows = (RawRow(n + 1, tuple(cells), frozenset(merged.get(n, ()))) for n, cells in enumerate(grid))
    return RawSheet(file, sheet.name, tuple(rows))


def _fill_down(grid: list[list[Cell]], merged: dict[int, set[int]], column: int, rows: range) -> None:
    """Repeat what a vertical merge says in its first row; sideways nothing is filled, as titles are merged so."""
    for row in rows:
        grid[row][column] = grid[rows.start][column]
        merged.setdefault(row, set()).add(column)


def _is_filled(row: RawRow) -> bool:
    return any(cell != "" for cell in row.cells)
