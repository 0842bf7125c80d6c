"""CSV files as Excel, WPS and the platforms save them: encoding and delimiter found, quotes strict."""

from __future__ import annotations

import csv
import io
from statistics import median_high

from ..errors import Refused
from . import reasons

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_GUESSES = (
    "utf-8",
    "gb18030",
)  # in this order: GB18030 text is almost never valid UTF-8, the reverse is common
_DELIMITERS = ",\t;"
_SAMPLE_LINES = 30


def decode(data: bytes, file: str) -> str:
    """
    Return the text of *data*: by its byte order mark, else strict UTF-8, else strict GB18030.

    Raises:
        Refused: ``file.encoding``, naming *file*.

    """
    marked = [encoding for mark, encoding in _BOMS if data.startswith(mark)]
    for encoding in marked or _GUESSES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused(reasons.FILE_ENCODING.at(file=file))


def find_delimiter(text: str) -> str:
    """Return the delimiter that the first lines hold most steadily; a comma where they hold none."""
    lines = [line for line in text.splitlines()[:_SAMPLE_LINES] if any(d in line for d in _DELIMITERS)]
    if not lines:
        return ","
    return max(_DELIMITERS, key=lambda delimiter: median_high(line.count(delimiter) for line in lines))


def parse_csv(data: bytes, file: str) -> list[list[str]]:
    """
    Return the records of a CSV file, an empty list for a blank line, so that record n is row n of a spreadsheet.

    Raises:
        Refused: ``file.encoding``, or ``file.quotes`` where a quote is not closed: reading on would swallow rows.

    """
    text = decode(data, file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text), strict=True)
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error:
        raise Refused(reasons.FILE_QUOTES.at(file=file, row=len(records) + 1)) from None
    return records
