"""
How far the cells of a workbook reach, found before it is read.

The reader allocates a dense range from the first to the last filled cell and aborts the whole process where memory
ends; one stray value in XFD1048576 is enough. So the sheets' XML is measured first, as a stream.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from ..errors import Refused
from . import reasons

MAX_CELLS = 5_000_000
_MAX_UNPACKED = 1_000_000_000  # bytes; the same limit against archives made to explode
_CHUNK = 1 << 20
_OVERLAP = 4096
_CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]*(?<!/)>")
_BARE_CELL = re.compile(rb"<(?:\w+:)?c(?:>|\s(?![^>]*\br=)[^>]*(?<!/)>)")
_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=[\"']([0-9]{1,7})[\"']")
_REPEATED = re.compile(rb"<table:table-cell[^>]*number-columns-repeated=\"([0-9]+)\"[^>]*(?<!/)>")
_REPEATED_ROW = re.compile(
    rb"<table:table-row[^>]*number-rows-repeated=\"([0-9]+)\"[^>]*>(.{0,2000})", re.DOTALL
)


def check_extent(path: Path) -> None:
    """
    Check that the archive behind an .xlsx or .ods is whole and that no sheet spans more than MAX_CELLS cells.

    Raises:
        Refused: ``file.broken`` or ``file.too-wide``.

    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise Refused(reasons.FILE_TOO_WIDE.at(file=path.name))
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _check_sheet(archive, name, path.name)
                elif name == "content.xml":
                    _check_content(archive.read(name), path.name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise Refused(reasons.FILE_BROKEN.at(file=path.name)) from None


def _check_sheet(archive: zipfile.ZipFile, name: str, file: str) -> None:
    last_row, last_column, kept = 1, 1, b""
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            data = kept + chunk
            for letters, row in set(_CELL.findall(data)):
                last_row, last_column = (
                    max(last_row, int(row)),
                    max(last_column, column_index(letters.decode()) + 1),
                )
            if _BARE_CELL.search(data):  # cells without an address: their rows tell
                last_row = max([last_row, *(int(row) for row in _ROW.findall(data))])
            kept = data[-_OVERLAP:]
    if last_row * last_column > MAX_CELLS:
        raise Refused(reasons.FILE_TOO_WIDE.at(file=file))


def _check_content(content: bytes, file: str) -> None:
    columns = max([1, *(int(times) for times in _REPEATED.findall(content))])
    filled = (int(times) for times, cells in _REPEATED_ROW.findall(content) if _is_filled(cells))
    if columns * max([1, *filled]) > MAX_CELLS or columns > 16_384:
        raise Refused(reasons.FILE_TOO_WIDE.at(file=file))


def _is_filled(cells: bytes) -> bool:
    return b"office:value" in cells.split(b"</table:table-row>")[0]


def column_index(letters: str) -> int:
    """Return the index from 0 of a column by its letters: A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def column_letters(index: int) -> str:
    """Return the letters of the column at *index*, counted from 0; the mirror of `column_index`."""
    letters = ""
    while index >= 0:
        letters = chr(ord("A") + index % 26) + letters
        index = index // 26 - 1
    return letters
