"""Headings found, columns matched, footers passed over."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from suyuan.intake.columns import parse_heading
from suyuan.intake.season import Season, read_season
from suyuan.intake.table import find_table
from suyuan.intake.workbook import RawRow, RawSheet
from tests.intake.sheets import HARVEST, Value, codes, harvest, read_csv, read_harvests, write_xlsx


def weights(season: Season) -> list[int]:
    return [row.weight_g for row in season.harvests]


@pytest.mark.parametrize(
    ("written", "word", "unit"),
    [
        ("重量（斤）", "重量", "斤"),
        ("产出重量(公斤)", "产出重量", "公斤"),
        ("面积（亩）", "面积", "亩"),
        ("面积/㎡", "面积", "m2"),
        ("面积（㎡）", "面积", "m2"),
        ("重量\n（ KG ）", "重量", "kg"),
        (" * 批 次 号 ", "批次号", ""),
        ("批次号（必填）", "批次号", ""),
        ("*重量（公斤）（必填）:", "重量", "公斤"),
        ("结果（mg/kg）", "结果", "mg/kg"),
        ("亩数", "亩数", "亩"),
        ("重量【吨】", "重量", "吨"),
        ("规格（公斤/件）", "规格", "公斤/件"),
        ("重量（净重）", "重量", ""),
        ("", "", ""),
    ],
)
def test_a_heading_is_a_word_and_a_unit(written: str, word: str, unit: str) -> None:
    heading = parse_heading(written)
    assert (heading.word, heading.unit) == (word, unit)


def test_a_number_is_no_heading() -> None:
    assert parse_heading(5.0).word == ""


@pytest.mark.parametrize("above", [0, 1, 2, 5, 13])
def test_the_heading_is_found_under_title_rows(tmp_path: Path, above: int) -> None:
    titles: list[list[Value]] = [["2026年采收入站登记表" if row == 0 else ""] for row in range(above)]
    write_xlsx(tmp_path / "采收.xlsx", [*titles, HARVEST, harvest()])
    season = read_season(tmp_path)
    assert [row.where.row for row in season.harvests] == [above + 2]
    assert season.problems == ()


@given(order=st.permutations(range(len(HARVEST) + 2)))
def test_columns_may_stand_in_any_order_among_others(order: list[int]) -> None:
    heading, row = [*HARVEST, "天气", "序号"], [*harvest(), "晴", 1.0]
    cells = [tuple(str(line[column]) for column in order) for line in (heading, row)]
    table = find_table(RawSheet("采收.xlsx", "Sheet1", (RawRow(1, cells[0]), RawRow(2, cells[1]))))
    assert table.kind == "harvest"
    assert table.lines[0].cells["weight"] == "100"
    assert table.lines[0].cells["unit"] == "公斤"
    assert set(table.lines[0].cells.values()) == set(harvest())


@pytest.mark.parametrize(
    "heading",
    [
        ["批号", "采摘日期", "地块", "品名", "净重", "计量单位", "交售人", "收购点"],
        ["批次编号", "日期", "田块编号", "农产品", "数量", "单位", "农户", "服务站"],
        ["批次 号", "采收\n日期", "地块编号*", "产品名称", "采收重量", "单 位", "交货人（姓名）", "收购站"],
    ],
)
def test_other_words_for_a_column_are_understood(tmp_path: Path, heading: list[str]) -> None:
    assert weights(read_harvests(tmp_path, harvest(), heading=heading)) == [100_000]


@pytest.mark.parametrize(
    ("unit", "grams"), [("斤", 50_000), ("公斤", 100_000), ("吨", 100_000_000), ("KG", 100_000)]
)
def test_the_unit_may_stand_in_the_heading(tmp_path: Path, unit: str, grams: int) -> None:
    heading = ["批次号", "采收日期", "地块编号", "产品", f"重量（{unit}）", "收购站"]
    season = read_harvests(tmp_path, ["CS-1", "2026-09-01", "DK1", "梨", 100, "青石站"], heading=heading)
    assert weights(season) == [grams]


def test_missing_columns_are_one_problem_that_names_them(tmp_path: Path) -> None:
    heading = ["批次号", "采收日期", "地块编号", "产品", "单位", "交货人"]
    season = read_harvests(tmp_path, ["CS-1", "2026-09-01", "DK1", "梨", "斤", "石满仓"], heading=heading)
    (problem,) = season.problems
    assert (problem.code, problem.row, problem.kind) == ("columns.missing", 1, "harvest")
    assert problem.zh == "缺少必需的列：重量、收购站"
    assert season.harvests == ()


@pytest.mark.parametrize(
    "footer",
    [
        "填表人：站长　　审核：",
        "制表：某某",
        "审核人",
        "单位（盖章）：",
        "合计",
        "合 计",
        "总计：3 批",
        "三甲葡萄小计",
        "备注：以上为准",
        "说明",
        "注：单位为公斤",
        "注1、单位为公斤",
        "填报日期：2026年12月31日",
    ],
)
def test_footers_are_passed_over_in_silence(tmp_path: Path, footer: str) -> None:
    season = read_harvests(tmp_path, harvest(), ["", ""], [footer])
    assert (len(season.harvests), season.problems) == (1, ())


def test_a_row_of_totals_is_passed_over_wherever_its_word_stands(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest(), ["", "", "", "合计", 100, "公斤"], ["小计", "", "", "", 100])
    assert (len(season.harvests), season.problems) == (1, ())


def test_a_footer_word_in_a_full_row_hides_nothing(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest(batch="备注1"))
    assert [row.batch for row in season.harvests] == ["备注1"]


def test_the_heading_and_the_title_may_come_again(tmp_path: Path) -> None:
    write_xlsx(
        tmp_path / "采收.xlsx",
        [
            ["登记表"],
            HARVEST,
            harvest(),
            ["登记表"],
            HARVEST,
            harvest(batch="CS-2"),
            [None],
            harvest(batch="CS-3"),
        ],
    )
    season = read_season(tmp_path)
    assert [(row.batch, row.where.row) for row in season.harvests] == [("CS-1", 3), ("CS-2", 6), ("CS-3", 8)]
    assert season.problems == ()


def test_a_lone_remark_is_passed_over_with_a_warning(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest(), ["以上数据经核对无误"])
    (problem,) = season.problems
    assert (problem.code, problem.level, problem.row) == ("row.not-data", "warned", 3)
    assert "核对" not in problem.text()


def test_a_row_of_nothing_but_its_number_is_refused_not_passed_over(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest(), ["CS-2"])
    assert set(codes(season)) == {"cell.blank"}
    assert {problem.batch for problem in season.problems} == {"CS-2"}


def test_a_sheet_without_a_known_heading_is_refused(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "天气.xlsx", [["日期", "天气"], ["2026-09-01", "晴"]])
    (problem,) = read_season(tmp_path).problems
    assert (problem.file, problem.code, problem.level) == ("天气.xlsx", "table.unknown", "refused")


def test_a_sheet_of_remarks_beside_a_table_is_only_warned_of(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "采收.xlsx", [HARVEST, harvest()], [["填写说明"], ["请用公斤"]])
    (problem,) = read_season(tmp_path).problems
    assert (problem.sheet, problem.code, problem.level) == ("Sheet2", "table.unknown", "warned")
    assert problem.text() == "采收.xlsx［Sheet2］：找不到能识别的表头，没有读入"


def test_all_sheets_of_a_workbook_are_read(tmp_path: Path) -> None:
    write_xlsx(
        tmp_path / "采收.xlsx", [HARVEST, harvest()], [["二站"], HARVEST, harvest(batch="CS-2")], hidden=True
    )
    season = read_season(tmp_path)
    assert [(row.batch, row.where.sheet, row.where.row) for row in season.harvests] == [
        ("CS-1", "Sheet1", 2),
        ("CS-2", "Sheet2", 3),
    ]


def test_a_file_name_does_not_outvote_the_heading(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "加工记录.xlsx", [HARVEST, harvest()])
    assert len(read_season(tmp_path).harvests) == 1


def test_a_csv_row_with_a_stray_comma_is_refused(tmp_path: Path) -> None:
    row = "CS-1,2026-09-01,DK1,梨,100,公斤,石满仓,青石站"
    text = ",".join(HARVEST) + f"\n{row}\n{row.replace('梨', '梨,大').replace('CS-1', 'CS-2')}\n"
    season = read_csv(tmp_path, "采收.csv", text)
    assert codes(season) == ["row.too-long"]
    assert [row.batch for row in season.harvests] == ["CS-1"]


def test_trailing_commas_and_short_rows_do_no_harm(tmp_path: Path) -> None:
    text = ",".join(HARVEST) + ",,\nCS-1,2026-09-01,DK1,梨,100,公斤,石满仓,青石站,,,,\n\n,,,\n"
    season = read_csv(tmp_path, "采收.csv", text, "gb18030")
    assert (len(season.harvests), season.problems) == (1, ())


def test_a_merged_value_is_read_for_each_row(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "采收.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HARVEST, *(harvest(batch=f"CS-{n}") for n in (1, 2, 3))]):
            sheet.write_row(number, 0, row)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(1, 1, 3, 1, "")
        sheet.write_datetime(1, 1, date(2026, 9, 5), day)
        sheet.merge_range(1, 7, 2, 7, "石门站")
    season = read_season(tmp_path)
    assert season.problems == ()
    assert [(row.day, row.station) for row in season.harvests] == [
        (date(2026, 9, 5), "石门站"),
        (date(2026, 9, 5), "石门站"),
        (date(2026, 9, 5), "青石站"),
    ]


def test_a_merged_quantity_is_refused_in_each_row(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "采收.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HARVEST, *(harvest(batch=f"CS-{n}") for n in (1, 2, 3))]):
            sheet.write_row(number, 0, row)
        sheet.merge_range(1, 4, 2, 4, 300)
    season = read_season(tmp_path)
    assert codes(season) == ["cell.merged", "cell.merged"]
    assert [row.batch for row in season.harvests] == ["CS-3"]


def test_date_cells_numbers_and_serials_are_read(tmp_path: Path) -> None:
    season = read_harvests(
        tmp_path,
        harvest(batch="CS-1", day=date(2026, 9, 1), weight=12.5),
        harvest(batch="CS-2", day=datetime(2026, 9, 1, 10, 30), weight=0.1 + 0.2),  # noqa: DTZ001
        harvest(batch="CS-3", day=46266, weight="１２．５"),
        harvest(batch=1004, day=20260901, weight="12.5公斤"),
    )
    assert {row.day for row in season.harvests} == {date(2026, 9, 1)}
    assert weights(season) == [12_500, 300, 12_500, 12_500]
    assert season.harvests[3].batch == "1004"
