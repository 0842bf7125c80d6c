"""Rows come back from their lines; nothing else is taken for a row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Broken
from suyuan.vault.lines import format_row, parse_row

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)
VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.lists(JSON)


@given(st.lists(VALUES))
def test_every_row_comes_back(values: list[object]) -> None:
    line = format_row(values)
    assert parse_row(line) == values
    assert line.count(b"\n") == 1


def test_a_line_reads_as_documented() -> None:
    assert format_row(["green.example/log", 7, b"\x00\x01\x02", None, True]) == (
        b'["green.example/log",7,{"bytes":"AAEC"},null,true]\n'
    )


def test_times_come_back() -> None:
    moment = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert parse_row(format_row([moment])) == [moment]


def test_a_float_is_no_value_of_ours() -> None:
    with pytest.raises(Broken, match="float"):
        format_row([1.5])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[",
        b"\xff",
        b'[{"bytes":"*"}]',
        b'[{"bytes":"AA==","x":1}]',
        b'[{"time":"noon"}]',
        b"[1.5]",
        b"[[1]]",
        b"[{}]",
    ],
)
def test_another_form_is_refused(line: bytes) -> None:
    with pytest.raises(Broken):
        parse_row(line)
