"""Ledger time has one spelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.ledger.moment import format_moment, parse_moment, round_down

zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001  # hypothesis adds the zone
    max_value=datetime(9999, 12, 28),  # noqa: DTZ001
    timezones=zones,
)


def test_a_moment_is_written_in_utc_with_milliseconds() -> None:
    beijing = timezone(timedelta(hours=8))
    assert format_moment(datetime(2026, 11, 23, 16, tzinfo=beijing)) == "2026-11-23T08:00:00.000Z"
    assert format_moment(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000Z"


@given(moments)
@settings(deadline=None)
def test_a_moment_is_read_back_cut_to_milliseconds(moment: datetime) -> None:
    text = format_moment(moment)
    found = parse_moment(text)
    assert found == round_down(moment)
    assert found.utcoffset() == timedelta()
    assert timedelta() <= moment - found < timedelta(milliseconds=1)
    assert format_moment(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-11-23", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00.0Z", "2026-11-23T08:00:00.000000Z",
        "2026-11-23T08:00:00.000", "2026-11-23T08:00:00.000z", "2026-11-23t08:00:00.000Z",
        "2026-11-23 08:00:00.000Z", "2026-11-23T08:00:00,000Z", "2026-11-23T08:00:00.000+00:00",
        "2026-11-23T16:00:00.000+08:00", "2026-11-23T24:00:00.000Z", "2026-11-23T08:00:60.000Z",
        "2026-02-29T08:00:00.000Z", "2026-13-01T08:00:00.000Z", "0000-01-01T00:00:00.000Z",
        "2026-11-23T08:00:00.000Z\n", " 2026-11-23T08:00:00.000Z", "+026-11-23T08:00:00.000Z",
        "٢٠٢٦-11-23T08:00:00.000Z", "2026-W48-1T08:00:00.000Z",
    ],
)  # fmt: skip
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_moment(text)
    assert caught.value.problems[0].code == "moment.spelling"


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        format_moment(datetime(2026, 11, 23))  # noqa: DTZ001  # the point of the test
    assert caught.value.problems[0].code == "moment.zone"


def test_a_moment_before_the_first_year_of_utc_is_refused() -> None:
    with pytest.raises(Refused):
        format_moment(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))))
