"""The words of a label: what they are, and that they fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.qr.code import CodeMistyped
from suyuan.qr.label import POINT_MM, SMALLEST_PT, LabelText, cut_text, format_net_content, place_lines

TEXT = LabelText(
    product="湄江脐橙",
    net_content="5 kg",
    batch="JQL26A07",
    packed_on=date(2026, 11, 23),
    code="7K3MX0001ZAB3DE6GH9N",
    domain="t.lianyuan.cn",
    producer="涟源市古塘脐橙专业合作社",
)
NARROW = (17.0, 19.2)
WIDE = (60.0, 50.0)


def measure(text: str) -> float:
    """Chinese characters one em wide, others rather more than half."""
    return sum(1.0 if ord(character) > 0x2E80 else 0.58 for character in text)


def texts(text: LabelText, box: tuple[float, float] = WIDE) -> list[str]:
    return [line.text for line in place_lines(text, *box, measure)]


def test_a_roomy_label_has_each_word_and_the_code_in_words_of_five() -> None:
    assert texts(TEXT) == [
        "品名 湄江脐橙",
        "净含量 5 kg",
        "批次 JQL26A07",
        "包装日期 2026-11-23",
        "生产者 涟源市古塘脐橙专业合作社",
        "溯源码 7K3MX-0001Z-AB3DE-6GH9N",
        "查询网址 t.lianyuan.cn",
    ]


def test_a_label_without_a_producer_has_no_line_for_one() -> None:
    assert not any("生产者" in line for line in texts(replace(TEXT, producer=None)))


def test_a_narrow_label_breaks_the_code_between_words_and_keeps_it_whole() -> None:
    lines = texts(TEXT, NARROW)
    assert "7K3MX-0001Z" in "".join(lines)
    assert "AB3DE-6GH9N" in lines
    assert "2026-11-23" in "".join(lines)


def test_a_long_product_is_cut_but_the_code_never() -> None:
    lines = texts(replace(TEXT, product="湄江镇古塘村高山富硒有机脐橙礼盒装特级大果"), NARROW)
    assert lines[0].startswith("湄江镇")
    assert lines[0].endswith("…")
    assert "AB3DE-6GH9N" in lines


def test_a_long_domain_keeps_its_end_by_which_it_is_known() -> None:
    last = texts(replace(TEXT, domain="suyuan.agriculture.bureau.example.lianyuan.cn"), NARROW)[-1]
    assert last.startswith("…")
    assert last.endswith("lianyuan.cn")


@given(
    st.text("湄江脐橙A1 ", min_size=1, max_size=60),
    st.text("ABCDEFGHJ0123456789-", min_size=1, max_size=20),
    st.one_of(st.none(), st.text("合作社", min_size=1, max_size=40)),
    st.floats(16, 80),
    st.floats(19, 60),
)
def test_every_line_lies_inside_its_box(
    product: str, batch: str, producer: str | None, width: float, height: float
) -> None:
    text = replace(TEXT, product=product, batch=batch, producer=producer)
    lines = place_lines(text, width, height, measure)
    assert [line.baseline_mm for line in lines] == sorted(line.baseline_mm for line in lines)
    for line in lines:
        assert measure(line.text) * line.size_pt * POINT_MM <= width + 0.001
        assert line.baseline_mm - 0.88 * line.size_pt * POINT_MM >= -0.3
        assert line.baseline_mm + 0.12 * line.size_pt * POINT_MM <= height + 0.3


@pytest.mark.parametrize("box", [(8.0, 40.0), (60.0, 6.0)])
def test_a_label_too_small_for_its_code_is_refused(box: tuple[float, float]) -> None:
    with pytest.raises(Refused) as refused:
        place_lines(TEXT, *box, measure)
    assert refused.value.problems[0].code == "label.small"
    assert refused.value.problems[0].values["least"] == f"{SMALLEST_PT:.1f}"


def test_a_mistyped_code_is_not_printed() -> None:
    with pytest.raises(CodeMistyped):
        place_lines(replace(TEXT, code="7K3MX0001ZAB3DE6GH9M"), *WIDE, measure)


@pytest.mark.parametrize(
    ("text", "most", "keep_end", "cut"),
    [
        ("脐橙", 2, False, "脐橙"),
        ("湄江脐橙", 3, False, "湄江…"),
        ("湄江脐橙", 3, True, "…脐橙"),
        ("湄江 脐橙", 3.6, False, "湄江…"),
        ("湄江", 0.5, False, "…"),
    ],
)
def test_a_text_is_cut_with_an_ellipsis(text: str, most: float, keep_end: bool, cut: str) -> None:
    assert cut_text(text, most, measure, keep_end) == cut


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (500, "g", "500 g"),
        (999, "g", "999 g"),
        (1000, "g", "1 kg"),
        (2500, "g", "2.5 kg"),
        (1005, "g", "1.005 kg"),
        (10_000, "g", "10 kg"),
        (500, "ml", "500 mL"),
        (1500, "ml", "1.5 L"),
        (12, "piece", "12 件"),
    ],
)
def test_a_net_content_is_stated_as_the_rules_for_prepacked_goods_ask(
    amount: int, unit: str, text: str
) -> None:
    assert format_net_content(amount, unit) == text
