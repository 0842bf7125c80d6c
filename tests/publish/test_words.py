"""Words for the outside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.produce.records import Party
from suyuan.publish.words import (
    choose_language,
    name_party,
    say_amount,
    say_net,
    say_share,
    show_moment,
)


@pytest.mark.parametrize(
    ("amount", "unit", "zh", "en"),
    [
        (500, "g", "500 克", "500 g"),
        (60_000, "g", "60 公斤", "60 kg"),
        (1_234_500, "g", "1,234.5 公斤", "1,234.5 kg"),
        (-1001, "g", "-1.001 公斤", "-1.001 kg"),
        (750, "ml", "750 毫升", "750 ml"),
        (1500, "ml", "1.5 升", "1.5 L"),
        (12_000, "piece", "12000 件", "12000 pcs"),
    ],
)
def test_amounts_are_said_in_the_readers_units(amount: int, unit: str, zh: str, en: str) -> None:
    words = say_amount(amount, unit)
    assert (words.zh, words.en) == (zh, en)


def test_net_content_is_said_in_jin_too_where_that_is_whole() -> None:
    assert say_net(5000, "g").zh == "5 公斤（10 斤）"
    assert say_net(5250, "g").zh == "5.25 公斤"
    assert say_net(750, "ml").zh == "750 毫升"


def test_shares_have_one_decimal() -> None:
    assert [say_share(permille) for permille in (0, 5, 572, 1000)] == ["0.0%", "0.5%", "57.2%", "100.0%"]


def test_the_ledgers_time_is_shown_as_the_county_reads_it() -> None:
    assert show_moment(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == "2027-01-01 07:30"


def test_a_private_name_is_never_shown() -> None:
    assert name_party(Party(id="X", roles=("producer",), registered=1)).zh == "个体经营者"
    assert name_party(None).en == "an individual business"
    assert name_party(Party(id="X", roles=("producer",), registered=1, name="红星")).zh == "红星"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr,de;q=0.5", "zh"),
        ("fr, en;q=0.2", "en"),
        ("en;q=0", "zh"),
        ("en;q=banana", "zh"),
        ("en;q=0.5,zh;q=0.5", "en"),
    ],
)
def test_the_language_is_the_one_asked_for(header: str, language: str) -> None:
    assert choose_language(header) == language


@given(st.text(max_size=600))
def test_any_header_gives_one_of_the_two_languages(header: str) -> None:
    assert choose_language(header) in ("zh", "en")
