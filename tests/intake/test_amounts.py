"""Weights, package sizes and areas."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.intake.amounts import GRAMS, parse_area, parse_pack, parse_weight
from suyuan.intake.cells import Cell


@given(st.integers(1, 10**11), st.sampled_from(sorted(GRAMS)), st.booleans(), st.booleans())
def test_grams_survive_every_unit_and_place_of_it(grams: int, unit: str, inside: bool, upper: bool) -> None:
    figure = format(Decimal(grams) / GRAMS[unit], "f")
    unit = unit.upper() if upper else unit
    assert (parse_weight(figure + unit) if inside else parse_weight(figure, unit)) == grams


@pytest.mark.parametrize(
    ("cell", "units", "grams"),
    [
        ("0.1767", ("", "吨"), 176_700),
        ("３２６．４", ("", "斤"), 163_200),
        ("300斤", ("", "斤"), 150_000),
        ("300 公斤", ("kg", ""), 300_000),
        ("1,234.5", ("公斤",), 1_234_500),
        ("5㎏", (), 5_000),
        (33.9, ("公斤",), 33_900),
    ],
)
def test_a_weight_is_exact_grams(cell: Cell, units: tuple[str, ...], grams: int) -> None:
    assert parse_weight(cell, *units) == grams


@pytest.mark.parametrize(
    ("cell", "units", "code"),
    [
        ("0.0001", ("公斤",), "weight.fraction"),
        ("1.001", ("斤",), "weight.fraction"),
        ("0", ("公斤",), "number.not-positive"),
        ("-5", ("公斤",), "number.not-positive"),
        ("－５", ("公斤",), "number.not-positive"),
        ("5", (), "unit.missing"),
        ("5", ("筐",), "unit.unknown"),
        ("5", ("升",), "unit.unknown"),
        ("5斤", ("公斤",), "unit.conflict"),
        ("一百", ("斤",), "number.unreadable"),
        ("5筐", ("斤",), "number.unreadable"),
        ("斤", ("斤",), "number.unreadable"),
        ("999999999999", ("吨",), "number.too-large"),
        ("1E5", ("斤",), "number.scientific"),
        ("10²斤", (), "number.unreadable"),
    ],
)
def test_a_doubtful_weight_is_refused(cell: str, units: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_weight(cell, *units)
    assert refused.value.problems[0].code == code


def test_a_loss_may_be_zero_but_not_negative() -> None:
    assert parse_weight(0.0, "公斤", least=0) == 0
    with pytest.raises(Refused) as refused:
        parse_weight("-0.1", "公斤", least=0)
    assert refused.value.problems[0].code == "number.negative"


@pytest.mark.parametrize(
    ("cell", "unit", "grams"),
    [
        ("5kg/件", "", 5000),
        ("2.5公斤/盒", "", 2500),
        ("0.5kg/件", "", 500),
        ("500g×10/箱", "", 5000),
        ("500克*10袋/箱", "", 5000),
        ("500gx10", "", 5000),
        ("５ｋｇ／件", "", 5000),
        ("10斤装", "", 5000),
        ("净含量：2.5kg", "", 2500),
        ("5公斤每箱", "", 5000),
        ("2.5", "公斤/件", 2500),
        (5.0, "kg", 5000),
        ("250g", "", 250),
    ],
)
def test_a_package_size_is_grams(cell: Cell, unit: str, grams: int) -> None:
    assert parse_pack(cell, unit) == grams


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("500ml/瓶", "pack.unreadable"),
        ("大箱", "pack.unreadable"),
        ("5kg±0.1", "pack.unreadable"),
        ("5kg×0/箱", "pack.unreadable"),
        ("5/件", "unit.missing"),
        ("0kg/件", "number.not-positive"),
        ("5-6kg/件", "pack.unreadable"),
    ],
)
def test_a_doubtful_package_size_is_refused(cell: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_pack(cell)
    assert refused.value.problems[0].code == code


@pytest.mark.parametrize(
    ("cell", "unit", "area"),
    [
        (11.8, "亩", (7867, "11.8")),
        ("3亩", "", (2000, "3")),
        ("666.67㎡", "", (667, "1")),
        ("666.67m²", "", (667, "1")),
        ("1", "公顷", (10_000, "15")),
        ("2000", "平方米", (2000, "3")),
    ],
)
def test_an_area_is_square_metres_beside_its_mu(cell: Cell, unit: str, area: tuple[int, str]) -> None:
    assert parse_area(cell, unit) == area


@given(st.integers(1, 10**6))
def test_mu_survive_as_text(tenths: int) -> None:
    text = format(Decimal(tenths) / 10, "f")
    square_metres, mu = parse_area(text, "亩")
    assert Decimal(mu) == Decimal(text)
    assert abs(square_metres * 3 - tenths * 200) * 2 <= 3


@pytest.mark.parametrize(
    ("cell", "unit", "code"),
    [
        ("3", "", "unit.missing"),
        ("3", "里", "unit.unknown"),
        ("3亩", "㎡", "unit.unknown"),
        ("3亩", "m2", "unit.conflict"),
        ("0", "亩", "number.not-positive"),
        ("3亩多", "亩", "number.unreadable"),
        ("999999999999", "公顷", "number.too-large"),
    ],
)
def test_a_doubtful_area_is_refused(cell: str, unit: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_area(cell, unit)
    assert refused.value.problems[0].code == code
