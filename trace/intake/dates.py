"""
Days as clerks and exporters write them, in one reading or none.

Read are 2026-09-12, 2026.9.12, 2026/9/12, 20260912, 2026年9月12日, each also in full-width digits or with a time of day
behind it; Excel's date cells and serial numbers (days since 1899-12-30). Two-digit years, days without a year and
orders other than year-month-day are refused, since each has a second reading.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from ..errors import Refused
from . import reasons
from .cells import DASHES, Cell, fold, show

_SERIAL_ZERO = date(1899, 12, 30)  # Excel's 1900 system, with its leap-year error, for serials above 60
_SERIALS = range(36_526, 73_051)  # 2000-01-01 to 2099-12-31
_YEARS = range(2000, 2100)
_HALF = r"(?:上午|下午|中午|晚上)?\s*"
_CLOCK = (
    _HALF + r"(?P<h>[0-9]{1,2})[:时点](?:(?P<m>[0-9]{1,2})(?:[:分](?P<s>[0-9]{1,2})(?:\.[0-9]+)?秒?)?分?)?"
)
_ZONE = r"(?:\s*[AaPp][Mm])?(?:\+08:?00)?"  # another zone would be another day
_WEEKDAY = r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
_FORMS = tuple(
    re.compile(form + _WEEKDAY + tail + _CLOCK + _ZONE + r")?")
    for form, tail in (
        (r"(?P<year>[0-9]{4})\s*([-./])\s*(?P<month>[0-9]{1,2})\s*\2\s*(?P<day>[0-9]{1,2})", r"(?:[T\s]\s*"),
        (
            r"(?P<year>[0-9]{4})\s*年\s*(?P<month>[0-9]{1,2})\s*月\s*(?P<day>[0-9]{1,2})\s*[日号]",
            r"(?:[T\s]*",
        ),
        (r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", r"(?:[T\s]\s*"),
    )
)
_STAMP = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})[0-9]{4}(?:[0-9]{2})?")


def parse_day(cell: Cell) -> date:
    """
    Return the day of *cell*; a time of day behind it is dropped.

    Raises:
        Refused: ``date.unreadable``, or ``date.century`` outside 2000 to 2099.

    """
    if isinstance(cell, bool | time | timedelta):
        raise Refused(reasons.DATE_UNREADABLE.at(shown=show(cell)))
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, date):
        day = cell
    else:
        day = _parse_text(fold(cell), cell)
    if day.year not in _YEARS:
        raise Refused(reasons.DATE_CENTURY.at(shown=day.isoformat()))
    return day


def _parse_text(text: str, cell: Cell) -> date:
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text) and int(text[:5]) in _SERIALS:
        return _SERIAL_ZERO + timedelta(days=int(text[:5]))
    plain = text.translate(DASHES)
    for form in (*_FORMS, _STAMP):
        if found := form.fullmatch(plain):
            return _to_day(found, cell)
    raise Refused(reasons.DATE_UNREADABLE.at(shown=show(cell)))


def _to_day(found: re.Match[str], cell: Cell) -> date:
    parts = found.groupdict(default="0")
    limits = {"h": 24, "m": 59, "s": 59}
    if any(int(parts.get(name, "0") or 0) > most for name, most in limits.items()):
        raise Refused(reasons.DATE_UNREADABLE.at(shown=show(cell)))
    try:
        return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    except ValueError:
        raise Refused(reasons.DATE_UNREADABLE.at(shown=show(cell))) from None
