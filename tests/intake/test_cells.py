"""One cell: text, identifiers, numbers, counts, money."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.intake.cells import (
    Cell,
    fold,
    is_blank,
    parse_batches,
    parse_count,
    parse_days,
    parse_fen,
    parse_identifier,
    parse_number,
    parse_text,
    parse_whole,
    show,
)

FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("　批次号\n", "批次号"),
        ("CS26\u200b-0001\ufeff", "CS26-0001"),
        ('="0123456"', "0123456"),
        ("'0123", "0123"),
        ("123\t", "123"),
        (52.0, "52"),
        (0.30000000000000004, "0.3"),
        (1e20, "100000000000000000000"),
        (True, "True"),
        (date(2026, 9, 1), "2026-09-01"),
    ],
)
def test_a_cell_folds_to_plain_text(cell: Cell, text: str) -> None:
    assert fold(cell) == text


@pytest.mark.parametrize("cell", ["", "  ", "　", "-", "—", "——", "/", "\u200b"])
def test_dashes_and_white_space_are_blank(cell: Cell) -> None:
    assert is_blank(cell)


@pytest.mark.parametrize("cell", ["0", 0.0, "无", "a", False])
def test_zero_is_not_blank(cell: Cell) -> None:
    assert not is_blank(cell)


@pytest.mark.parametrize(
    "spelling",
    ["涟源特产馆（京东）", "涟源特产馆(京东)", " 涟源特产馆 (京东) ", "涟源 特产馆（ 京东 ）"],
)
def test_brackets_and_spaces_do_not_make_another_name(spelling: str) -> None:
    assert parse_text(spelling) == "涟源特产馆（京东）"


def test_a_rare_character_of_a_name_is_kept() -> None:
    assert parse_text("邓㙍") == "邓㙍"


def test_a_formula_error_is_no_text() -> None:
    with pytest.raises(Refused) as refused:
        parse_text("#REF!")
    assert refused.value.problems[0].code == "cell.error"


@pytest.mark.parametrize(
    ("cell", "identifier"),
    [
        (" cs26-0001 ", "CS26-0001"),
        ("CS26－0001", "CS26-0001"),
        ("CS26–0001", "CS26-0001"),
        ("ＣＳ２６", "CS26"),
        (1001.0, "1001"),
        (370730973434510.0, "370730973434510"),
        ("097134147878906", "097134147878906"),
        ("12E34", "12E34"),
    ],
)
def test_an_identifier_has_one_spelling(cell: Cell, identifier: str) -> None:
    assert parse_identifier(cell) == identifier


@pytest.mark.parametrize("cell", [9.2649625e17, "9.26496E+14", 1.5, "#N/A", time(3), True, date(2026, 9, 1)])
def test_an_identifier_that_lost_digits_is_refused(cell: Cell) -> None:
    with pytest.raises(Refused):
        parse_identifier(cell)


@pytest.mark.parametrize("separator", ["、", "，", ",", ";", "；", "/", " ", "\n", "、 ", " ，\n"])
def test_batches_are_split_at_any_separator(separator: str) -> None:
    assert parse_batches(separator.join(["CS26-0094", "cs26-0129", "CS26-0003"])) == (
        "CS26-0094",
        "CS26-0129",
        "CS26-0003",
    )


def test_a_lone_number_is_a_list_of_one_batch() -> None:
    assert parse_batches(1001.0) == ("1001",)


@pytest.mark.parametrize("cell", ["CS1~CS5", "CS1至CS5", "CS1等", "混合", "、、", "CS1(120kg)"])
def test_a_range_or_remark_is_no_list_of_batches(cell: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_batches(cell)
    assert refused.value.problems[0].code == "batches.unreadable"


@given(st.decimals(0, 10**9, places=4), st.booleans(), st.booleans())
def test_a_number_survives_commas_and_full_width_digits(value: Decimal, grouped: bool, wide: bool) -> None:
    text = f"{value:,.4f}" if grouped else f"{value:.4f}"
    assert parse_number(text.translate(FULL_WIDTH) if wide else text, "重量") == value


@given(st.integers(0, 10**11))
def test_a_float_cell_gives_its_exact_decimal(tenths: int) -> None:
    assert parse_number(tenths / 10, "重量") == Decimal(tenths) / 10


@pytest.mark.parametrize(
    "cell",
    [
        "一百",
        "约300",
        "300左右",
        "",
        "1,23",
        "12,34.5",
        "1.2.3",
        "3。5",
        "10²",
        "①",
        "½",
        "٣",
        "0x10",
        "nan",
        "inf",
        ".",
        "-",
    ],
)
def test_words_and_broken_figures_are_no_number(cell: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_number(cell, "重量")
    assert refused.value.problems[0].code == "number.unreadable"


@pytest.mark.parametrize("cell", [True, date(2026, 9, 1), time(1)])
def test_a_date_or_truth_value_is_no_number(cell: Cell) -> None:
    with pytest.raises(Refused):
        parse_number(cell, "重量")


@pytest.mark.parametrize("cell", ["1e5", "1E+05", "1.2E+3", "１ｅ５"])
def test_scientific_notation_is_refused_for_lost_digits(cell: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_number(cell, "重量")
    assert refused.value.problems[0].code == "number.scientific"


def test_a_number_beyond_any_season_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        parse_number("13812345678901234", "重量")
    assert refused.value.problems[0].code == "number.too-large"


@pytest.mark.parametrize(
    ("cell", "count"), [(52.0, 52), ("52", 52), ("５２件", 52), ("1,513", 1513), ("52.0 箱", 52)]
)
def test_a_count_may_carry_its_word(cell: Cell, count: int) -> None:
    assert parse_count(cell) == count


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("52.5", "number.fraction"),
        ("0", "number.not-positive"),
        ("-3", "number.not-positive"),
        ("若干", "number.unreadable"),
        ("5²", "number.unreadable"),
    ],
)
def test_a_count_is_whole_and_above_zero(cell: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_count(cell)
    assert refused.value.problems[0].code == code


def test_nothing_may_be_negative_where_zero_is_allowed() -> None:
    assert parse_whole("0", "株数") == 0
    with pytest.raises(Refused) as refused:
        parse_whole("-1", "株数")
    assert refused.value.problems[0].code == "number.negative"


@pytest.mark.parametrize(
    ("cell", "days"), [("14", 14), (14.0, 14), ("14天", 14), ("１４ 天", 14), ("0", 0), ("21日", 21)]
)
def test_an_interval_may_carry_the_word_days(cell: Cell, days: int) -> None:
    assert parse_days(cell) == days


@pytest.mark.parametrize("cell", ["两周", "-7", "14.5", "十四天"])
def test_an_interval_in_words_is_refused(cell: str) -> None:
    with pytest.raises(Refused):
        parse_days(cell)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("45.00", 4500),
        ("¥45", 4500),
        ("￥159.60", 15960),
        ("39.9元", 3990),
        ("1,036.8", 103680),
        (36.8, 3680),
        ("0", 0),
    ],
)
def test_money_is_whole_fen(cell: Cell, fen: int) -> None:
    assert parse_fen(cell) == fen


@pytest.mark.parametrize(
    ("cell", "code"),
    [("45.001", "money.fraction"), ("-45", "number.negative"), ("免费", "number.unreadable")],
)
def test_money_below_a_fen_or_zero_is_refused(cell: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_fen(cell)
    assert refused.value.problems[0].code == code


@given(st.integers(0, 10**11))
def test_fen_survive_being_written_as_yuan(fen: int) -> None:
    assert parse_fen(f"{fen // 100}.{fen % 100:02d}") == fen


@pytest.mark.parametrize(
    "cell", ["2026-13-40", "一百", "约三百", "1e5", "300筐", "52.5", "２６１３", "20261340", "#REF!"]
)
def test_a_harmless_cell_is_repeated_in_messages(cell: str) -> None:
    assert show(cell) == fold(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "刘冬梅",
        "13001985275",
        "13001985275号",
        "上海市浦东新区290号",
        "Zhang San",
        "1" * 31,
        "431382199001011234",
    ],
)
def test_a_cell_that_may_be_personal_is_never_repeated(cell: str) -> None:
    assert show(cell) == "…"
