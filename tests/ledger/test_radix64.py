"""Base64 with one spelling per value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.ledger.radix64 import format_base64, format_base64url, parse_base64, parse_base64url

SIGNS = "ABCDabcd0123+/-_="


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_bytes_are_read_back(data: bytes) -> None:
    assert parse_base64(format_base64(data)) == data
    assert parse_base64url(format_base64url(data)) == data


@given(st.text(SIGNS, max_size=9) | st.text(max_size=9))
@settings(deadline=None, max_examples=300)
def test_any_text_is_the_one_spelling_or_refused(text: str) -> None:
    for parse, write in ((parse_base64, format_base64), (parse_base64url, format_base64url)):
        try:
            data = parse(text)
        except Refused:
            continue
        assert write(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AA",
        "AAA",
        "AB==",
        "AAB=",
        "AA==\n",
        " AA==",
        "A A==",
        "AA==AA==",
        "AA===",
        "-_-_",
        "é",
        "\ud800",
    ],
)
def test_standard_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_base64(text)
    assert caught.value.problems[0].code == "base64.spelling"


@pytest.mark.parametrize(
    "text", ["A", "AB", "AAB", "AA==", "AAA=", "+/+/", "AA\n", "A.", "AAAAA", "é", "\ud800"]
)
def test_base64url_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_base64url(text)
    assert caught.value.problems[0].code == "base64.spelling"
