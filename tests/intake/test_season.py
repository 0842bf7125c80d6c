"""A folder as a season: rows of every kind, problems of every row, and no buyer anywhere."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from suyuan.intake.delimited import parse_csv
from suyuan.intake.season import Season, read_season
from suyuan.intake.workbook import read_file
from tests.intake.sheets import strings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "season"


@pytest.fixture(scope="module")
def season_2026(shared: Path) -> Season:
    return read_season(shared / "season" / "2026")


def test_the_shared_season_gives_every_row(season_2026: Season) -> None:
    counts = {
        field.name: len(getattr(season_2026, field.name))
        for field in dataclasses.fields(Season)
        if field.name not in {"year", "problems", "ignored"}
    }
    assert counts == {
        "parties": 20,
        "plots": 44,
        "fieldwork": 84,
        "harvests": 232,
        "processing": 45,
        "tests": 44,
        "packs": 45,
        "orders": 614,
        "repeats": 1,
    }
    assert season_2026.year == 2026
    assert season_2026.ignored == ("answer-key.json",)


def test_the_shared_season_has_just_the_problems_that_reading_finds(season_2026: Season) -> None:
    assert [problem.text() for problem in season_2026.problems] == [
        "主体名录.xlsx 第 23 行 C 列（统一社会信用代码）：统一社会信用代码校验位不符",
        "采收记录.xlsx 第 234 行 B 列（采收日期）：日期“2026-13-40”无法识别",
        "采收记录.xlsx 第 234 行 E 列（重量）：重量“一百”无法识别",
        "采收记录.xlsx 第 236 行：与第 18 行完全重复，只入账一次",
    ]


def test_problems_of_the_shared_season_name_rows_of_its_answer_key(shared: Path, season_2026: Season) -> None:
    key = json.loads((shared / "season" / "2026" / "answer-key.json").read_text("utf-8"))
    for level, listed in (("refused", key["refuse"]), ("warned", key["warn"])):
        expected = {(entry["file"], entry.get("batch", ""), entry.get("name", "")) for entry in listed}
        found = {(p.file, p.batch, p.name) for p in season_2026.problems if p.level == level}
        assert found <= expected
        assert found


def test_the_shared_orders_reach_the_totals_of_the_answer_key(shared: Path, season_2026: Season) -> None:
    totals = json.loads((shared / "season" / "2026" / "answer-key.json").read_text("utf-8"))["totals"]
    orders = season_2026.orders
    assert len(orders) == totals["orders"]
    assert sum(row.count for row in orders) == totals["packages_sold"]
    assert sum(row.paid_fen for row in orders) == round(totals["sales_yuan"] * 100)
    assert Counter(row.platform for row in orders) == {"京东": 307, "拼多多": 307}


def buyers(folder: Path) -> set[str]:
    """Return every cell of the three buyer columns of the orders in *folder*, read from the files themselves."""
    found: set[str] = set()
    for path in folder.glob("订单_*"):
        if path.suffix == ".csv":
            rows: list[list[str]] = parse_csv(path.read_bytes(), path.name)
        else:
            rows = [[str(cell) for cell in row.cells] for row in read_file(path)[0].rows]
        found |= {cell for row in rows for cell in row[7:10]}
    return found - {"", "收货人", "联系电话", "收货地址"}


@pytest.mark.parametrize("which", ["shared", "example"])
def test_no_buyer_survives_the_door(which: str, request: pytest.FixtureRequest) -> None:
    folder = EXAMPLE if which == "example" else request.getfixturevalue("shared") / "season" / "2026"
    season = read_season(folder)
    personal = buyers(folder)
    assert len(personal) > 20
    held = set(strings(season.orders)) | set(strings(season.problems)) | {repr(season)}
    text = "\n".join(held)
    assert [datum for datum in personal if datum in text] == []
    elsewhere = "\n".join(strings(season))
    assert [datum for datum in personal if datum.isdigit() and datum in elsewhere] == []


@pytest.mark.parametrize("which", ["shared", "example"])
def test_names_and_phones_of_farmers_do_not_show_in_a_repr(
    which: str, request: pytest.FixtureRequest
) -> None:
    folder = EXAMPLE if which == "example" else request.getfixturevalue("shared") / "season" / "2026"
    season = read_season(folder)
    text = repr(season) + "".join(problem.text() + problem.text("en") for problem in season.problems)
    private = {row.household for row in season.plots} | {row.deliverer for row in season.harvests}
    private |= {row.operator for row in season.fieldwork}
    private |= {datum for row in season.parties for datum in (row.contact, row.phone)}
    assert len(private) > 10
    assert [datum for datum in private if datum in text] == []


def test_the_example_season_refuses_and_warns_as_its_key_says() -> None:
    season = read_season(EXAMPLE)
    key = json.loads((EXAMPLE / "answer-key.json").read_text("utf-8"))
    assert [(p.batch or p.name, p.code, p.level) for p in season.problems] == [
        ("云岭县金谷专业合作社", "credit-code.check", "refused"),
        ("CS-024", "date.unreadable", "refused"),
        ("CS-024", "number.unreadable", "refused"),
        ("CS-004", "row.duplicate", "warned"),
    ]
    assert len(season.orders) == key["totals"]["orders"]
    assert sum(row.paid_fen for row in season.orders) == round(key["totals"]["sales_yuan"] * 100)


def test_the_example_season_is_what_its_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "examples" / "make_season.py", tmp_path], check=True)
    assert read_season(tmp_path) == read_season(EXAMPLE)
    for name in ("answer-key.json", "农事记录.csv", "检测报告.csv", "订单_拼多多.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLE / name).read_bytes()


def test_the_example_season_shares_no_name_with_the_real_one(season_2026: Season) -> None:
    def names(season: Season) -> set[str]:
        parties = {
            datum for row in season.parties for datum in (row.name, row.credit_code, row.contact, row.phone)
        }
        return parties | {datum for row in season.plots for datum in (row.ref, row.household, row.crop)}

    assert names(read_season(EXAMPLE)) & names(season_2026) == set()
