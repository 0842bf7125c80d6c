"""Orders, and the buyers that are dropped at the door."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from suyuan.intake.season import read_season
from tests.intake.sheets import (
    ORDER,
    Value,
    codes,
    harvest,
    order,
    places,
    read_csv,
    read_harvests,
    strings,
    write_xlsx,
)


def test_an_order_keeps_day_batch_count_and_money_only(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "订单_京东2026.xlsx", [ORDER, order()])
    season = read_season(tmp_path)
    (row,) = season.orders
    assert [field.name for field in dataclasses.fields(row)] == [
        *("platform", "order", "day", "product", "batch", "count", "paid_fen", "status", "where")
    ]
    assert (row.platform, row.day, row.count, row.paid_fen) == ("京东", date(2026, 9, 10), 2, 7980)
    assert set(row.where.columns) == {"order", "day", "product", "batch", "count", "paid", "status"}


@pytest.mark.parametrize(
    "column", ["买家留言", "身份证号", "备注", "收货人姓名", "手机", "买家昵称", "详细地址"]
)
def test_whatever_else_stands_in_an_order_is_dropped(tmp_path: Path, column: str) -> None:
    write_xlsx(
        tmp_path / "订单_拼多多.xlsx",
        [[*ORDER, column], [*order(), "私密内容"], [*order(count="几件"), "私密内容"]],
    )
    season = read_season(tmp_path)
    text = repr(season) + "".join(strings(season))
    assert codes(season) == ["number.unreadable"]
    for datum in ("私密内容", "甲乙丙", "12000001000", "虚构路"):
        assert datum not in text


def test_a_shifted_order_row_lets_no_buyer_through(tmp_path: Path) -> None:
    good = ",".join(map(str, order().copy()))
    shifted = good.replace("900000000000001", "900000000000002").replace("梨", "梨,大果")
    season = read_csv(tmp_path, "订单_拼多多.csv", ",".join(ORDER) + f"\n{good}\n{shifted}\n", "gb18030")
    assert codes(season) == ["row.too-long"]
    assert "甲乙丙" not in repr(season) + "".join(strings(season))


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"order": 926496256796262234.0}, "number.digits-lost", "A"),
        ({"order": "9.26496E+17"}, "number.scientific", "A"),
        ({"count": 0}, "number.not-positive", "E"),
        ({"count": 1.5}, "number.fraction", "E"),
        ({"paid": "-45"}, "number.negative", "F"),
        ({"paid": "4.555"}, "money.fraction", "F"),
        ({"batch": ""}, "cell.blank", "D"),
    ],
)
def test_a_doubtful_order_is_refused(
    tmp_path: Path, changes: dict[str, Value], code: str, column: str
) -> None:
    write_xlsx(tmp_path / "订单.xlsx", [ORDER, order(**changes)])
    assert places(read_season(tmp_path)) == [("refused", code, 2, column)]


def test_one_order_number_may_stand_on_two_platforms_and_two_batches(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "订单_京东.xlsx", [ORDER, order(), order(batch="JG-2"), order(count=3)])
    write_xlsx(tmp_path / "订单_拼多多.xlsx", [ORDER, order()])
    season = read_season(tmp_path)
    assert len(season.orders) == 3
    assert [(p.file, p.code) for p in season.problems] == [("订单_京东.xlsx", "row.batch-again")]


def test_the_platform_may_be_a_column(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "导出.xlsx", [[*ORDER, "平台"], [*order(), "抖音"]])
    assert read_season(tmp_path).orders[0].platform == "抖音"


def test_orders_of_january_belong_to_the_season_before(tmp_path: Path) -> None:
    read_harvests(tmp_path, harvest(), harvest(batch="CS-2"))
    write_xlsx(tmp_path / "订单_京东.xlsx", [ORDER, order(day="2027-01-03")])
    season = read_season(tmp_path)
    assert (season.year, len(season.orders), season.problems) == (2026, 1, ())
