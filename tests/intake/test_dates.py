"""Days in all their spellings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.intake.cells import Cell
from suyuan.intake.dates import parse_day

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
FULL_WIDTH = str.maketrans("0123456789./-:", "０１２３４５６７８９．／－：")
SPELLINGS = (
    "{0:%Y%m%d}",
    "{0:%Y.%m.%d}",
    "{0:%Y-%m-%d}",
    "{0.year}-{0.month}-{0.day}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.year}年{0:%m}月{0:%d}号",
    "{0.year} 年 {0.month} 月 {0.day} 日",
    "{0.year}–{0.month}–{0.day}",
    "{0:%Y-%m-%d}（星期三）",
)
CLOCKS = ("", " 0:00", " 08:30", " 14:03:22", " 下午3点20分", " 14:03:22.000")


@given(DAYS, st.sampled_from(SPELLINGS), st.sampled_from(CLOCKS), st.booleans())
def test_a_day_survives_every_spelling(day: date, spelling: str, clock: str, wide: bool) -> None:
    text = spelling.format(day) + clock
    assert parse_day(text.translate(FULL_WIDTH) if wide else text) == day


@given(DAYS, st.sampled_from([float, int, str, lambda n: n + 0.5, lambda n: f"{n}.25"]))
def test_a_day_survives_as_an_excel_serial(day: date, written: type) -> None:
    assert parse_day(written((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 9, 9),
        datetime(2026, 9, 9, 23, 59),  # noqa: DTZ001 - a spreadsheet's cell has no zone
        20260909.0,
        20260909,
        "20260909103000",
        "2026-09-09T10:30:00+08:00",
        "2026年9月9日10时30分",
    ],
)
def test_date_cells_and_stamps_are_days(cell: Cell) -> None:
    assert parse_day(cell) == date(2026, 9, 9)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-13-40",
        "2026-02-30",
        "20261340",
        "2026-9",
        "9月9日",
        "26-09-09",
        "09/09/2026",
        "2026-9/9",
        "2026-09-099",
        "2026-09-09 25:00",
        "2026-09-09 10:75",
        "2026-09-09T10:30:00Z",
        "昨天",
        "",
        "2026年9月中旬",
        "12345",
        True,
        time(9),
        timedelta(days=1),
        9.5,
    ],
)
def test_a_doubtful_day_is_refused(cell: Cell) -> None:
    with pytest.raises(Refused) as refused:
        parse_day(cell)
    assert refused.value.problems[0].code == "date.unreadable"


@pytest.mark.parametrize("cell", ["1926-09-12", "2126-09-12", "0226-09-12", date(1899, 12, 31)])
def test_another_century_is_refused_as_such(cell: Cell) -> None:
    with pytest.raises(Refused) as refused:
        parse_day(cell)
    assert refused.value.problems[0].code == "date.century"


def test_the_message_repeats_the_date_as_written() -> None:
    with pytest.raises(Refused) as refused:
        parse_day("2026-13-40")
    assert refused.value.problems[0].zh == "日期“2026-13-40”无法识别"
