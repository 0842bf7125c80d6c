"""
Ledger time: UTC, milliseconds, one spelling.

Example: ``2026-11-23T08:00:00.000Z`` (RFC 3339, always with three digits and ``Z``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from ..errors import Reason, Refused

NAIVE = Reason("moment.zone", "时间没有时区", "the time has no zone")
SPELLING = Reason(
    "moment.spelling",
    "时间必须写成 2026-11-23T08:00:00.000Z 的形式",
    "the time must be written like 2026-11-23T08:00:00.000Z",
)

_SPELLING = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


def round_down(moment: datetime) -> datetime:
    """
    Return *moment* in UTC and cut to whole milliseconds, as a ledger keeps it.

    Raises:
        Refused: *moment* has no zone, or lies outside the years 1 to 9999 in UTC.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise Refused(NAIVE.at())
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise Refused(SPELLING.at()) from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def format_moment(moment: datetime) -> str:
    """
    Return the one spelling of *moment*, cut to whole milliseconds.

    Raises:
        Refused: *moment* has no zone, or lies outside the years 1 to 9999 in UTC.
    """
    return _spell(round_down(moment))


@lru_cache(maxsize=64)
def _spell(moment: datetime) -> str:
    """Return the spelling of a moment in UTC: one for all entries of a group. No other zone: equal is not the same."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_moment(text: str) -> datetime:
    """
    Return the aware UTC moment that ``format_moment`` would write as *text*.

    Raises:
        Refused: any other spelling, a day that no month has, or a leap second.
    """
    if not _SPELLING.fullmatch(text):
        raise Refused(SPELLING.at())
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused(SPELLING.at()) from None
