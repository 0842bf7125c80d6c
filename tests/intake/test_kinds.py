"""Each kind of row but orders, read from a sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from suyuan.intake.season import Season, read_season
from tests.intake.sheets import Value, codes, places, write_xlsx

VALID_CODE = "93431382MA4PABC59J"
PARTY = ["主体名称", "主体类型", "统一社会信用代码", "联系人", "联系电话", "乡镇", "村", "备注"]
PLOT = [
    "地块编号",
    "作物",
    "所属合作社",
    "户主",
    "户类型",
    "乡镇",
    "村",
    "面积（亩）",
    "株数",
    "核定产量（公斤）",
]
FIELDWORK = ["日期", "地块编号", "作业", "投入品", "登记证号", "用量", "安全间隔期（天）", "操作人"]
PROCESSING = ["加工批次号", "加工日期", "原料批次", "产品", "产出重量", "单位", "损耗（公斤）", "加工主体"]
TEST = ["报告编号", "批次号", "检测日期", "项目", "结果（mg/kg）", "限量", "结论", "检测机构"]
PACK = ["批次号", "包装日期", "产品", "规格", "件数", "包装主体"]


def read(folder: Path, heading: list[str], *rows: list[Value]) -> Season:
    write_xlsx(folder / "表.xlsx", [["标题"], heading, *rows])
    return read_season(folder)


def test_a_party_is_read(tmp_path: Path) -> None:
    season = read(
        tmp_path,
        PARTY,
        ["青石 合作社(总社)", "合作社", VALID_CODE.lower(), "石满仓", 10000000001, "青石镇", "", ""],
    )
    (party,) = season.parties
    assert (party.name, party.credit_code, party.phone) == ("青石合作社（总社）", VALID_CODE, "10000000001")
    assert season.problems == ()


@pytest.mark.parametrize(
    ("kind", "code", "problem"),
    [
        ("合作社", "", ["cell.blank"]),
        ("农户", "", []),
        ("合作社", VALID_CODE[:17], ["credit-code.form"]),
        ("合作社", VALID_CODE[:17] + "K", ["credit-code.check"]),
        ("农户", VALID_CODE[:17] + "K", ["credit-code.check"]),
    ],
)
def test_only_a_household_may_be_without_credit_code(
    tmp_path: Path, kind: str, code: str, problem: list[str]
) -> None:
    assert codes(read(tmp_path, PARTY, ["某社", kind, code, "", "", "", "", ""])) == problem


def test_a_plot_is_read(tmp_path: Path) -> None:
    season = read(tmp_path, PLOT, ["DK1", "梨", "某社", "石满仓", "脱贫户", "镇", "村", 11.8, 420.0, 1966.0])
    (plot,) = season.plots
    assert (plot.area_m2, plot.area_mu, plot.trees, plot.approved_g) == (7867, "11.8", 420, 1_966_000)
    assert season.problems == ()


@pytest.mark.parametrize(
    ("area", "trees", "approved", "problem"),
    [
        ("", "", 1, ["cell.blank"]),
        (-1, "", 1, ["number.not-positive"]),
        (1, "许多", 1, ["number.unreadable"]),
        (1, 1.5, 1, ["number.fraction"]),
        (1, "/", 0, ["number.not-positive"]),
        (1, "", 5, []),
    ],
)
def test_a_doubtful_plot_is_refused(
    tmp_path: Path, area: Value, trees: Value, approved: Value, problem: list[str]
) -> None:
    assert (
        codes(read(tmp_path, PLOT, ["DK1", "梨", "某社", "", "", "", "", area, trees, approved])) == problem
    )


def test_fieldwork_is_read_with_and_without_an_interval(tmp_path: Path) -> None:
    season = read(
        tmp_path,
        FIELDWORK,
        ["2026-06-01", "DK1", "打药", "多菌灵", "pd85150", "93毫升/亩", "14天", "石满仓"],
        ["2026-06-02", "DK1", "除草", "", "", "", "", ""],
        ["2026-06-03", "DK1", "打药", "多菌灵", "PD85150", "93毫升/亩", "", ""],
    )
    assert [(row.registration, row.interval_days) for row in season.fieldwork] == [
        ("PD85150", 14),
        ("", None),
    ]
    assert places(season) == [("refused", "cell.blank", 5, "G")]


def test_rows_without_a_number_differ_by_what_no_column_asks_for(tmp_path: Path) -> None:
    heading = ["序号", *PACK, "说明"]
    row: list[Value] = ["JG-1", "2026-09-01", "梨", "5kg/件", 10, "某社"]
    season = read(tmp_path, heading, [1, *row, "上午"], [2, *row, "上午"], [3, *row, "下午"])
    assert len(season.packs) == 2
    assert places(season) == [("warned", "row.duplicate", 4, "")]


def test_processing_is_read(tmp_path: Path) -> None:
    season = read(
        tmp_path, PROCESSING, ["JG-1", "20260913", "CS-1、CS-2\nCS-1", "精梨", "0.7338", "吨", 69.1, "某社"]
    )
    (row,) = season.processing
    assert (row.inputs, row.output_g, row.loss_g) == (("CS-1", "CS-2"), 733_800, 69_100)
    assert (row.by_product, row.by_product_g) == ("", 0)
    assert places(season) == [("warned", "batches.repeated", 3, "C")]


def test_a_by_product_and_a_loss_may_use_the_unit_column(tmp_path: Path) -> None:
    heading = [
        "加工批次号",
        "加工日期",
        "原料批次",
        "产品",
        "产出重量",
        "单位",
        "损耗",
        "副产品",
        "副产品重量",
        "加工主体",
    ]
    season = read(tmp_path, heading, ["JG-1", "20260913", "CS-1", "油", "20", "斤", 0, "茶枯", "30", "油厂"])
    (row,) = season.processing
    assert (row.output_g, row.loss_g, row.by_product, row.by_product_g) == (10_000, 0, "茶枯", 15_000)


@pytest.mark.parametrize(
    ("loss", "problem"), [("", "cell.blank"), ("-1", "number.negative"), ("不明", "number.unreadable")]
)
def test_a_loss_is_declared_in_figures(tmp_path: Path, loss: str, problem: str) -> None:
    season = read(tmp_path, PROCESSING, ["JG-1", "20260913", "CS-1", "精梨", "1", "吨", loss, "某社"])
    assert places(season) == [("refused", problem, 3, "G")]


@pytest.mark.parametrize(
    ("result", "verdict", "read_as"),
    [
        ("<0.01", "合格", ("<0.01", True)),
        ("＜０．０１", "符合", ("<0.01", True)),
        (0.62, "不合格", ("0.62", False)),
        ("未检出", "合格", ("未检出", True)),
        ("ND", "PASS", ("未检出", True)),
        ("n.d.", " 合 格 ", ("未检出", True)),
        ("阴性", "通过", ("阴性", True)),
        ("阳性", "不符合", ("阳性", False)),
        ("0.02mg/kg", "合格", ("0.02mg/kg", True)),
    ],
)
def test_a_test_is_read(tmp_path: Path, result: Value, verdict: str, read_as: tuple[str, bool]) -> None:
    season = read(tmp_path, TEST, ["LD-1", "JG-1", "20260913", "苯并[a]芘", result, 0.5, verdict, "检测站"])
    (row,) = season.tests
    assert (row.result, row.passed) == read_as
    assert (row.item, row.limit, row.unit) == ("苯并[a]芘", "0.5", "mg/kg")


@pytest.mark.parametrize(
    ("result", "verdict", "problem"),
    [
        ("约0.3", "合格", "result.unreadable"),
        ("", "合格", "cell.blank"),
        ("0.1", "", "cell.blank"),
        ("0.1", "待定", "verdict.unreadable"),
    ],
)
def test_a_doubtful_test_is_refused(tmp_path: Path, result: str, verdict: str, problem: str) -> None:
    season = read(tmp_path, TEST, ["LD-1", "JG-1", "20260913", "镉", result, "0.5", verdict, "检测站"])
    assert codes(season) == [problem]
    assert season.tests == ()


def test_one_report_may_speak_of_several_items(tmp_path: Path) -> None:
    rows: list[list[Value]] = [
        ["LD-1", "JG-1", "20260913", item, result, "0.5", "合格", "检测站"]
        for item, result in (("镉", "0.1"), ("铅", "0.1"), ("镉", "0.2"))
    ]
    season = read(tmp_path, TEST, *rows)
    assert [row.item for row in season.tests] == ["镉", "铅"]
    assert places(season) == [("refused", "row.batch-again", 5, "A")]


def test_packs_of_one_batch_may_be_asked_for_twice(tmp_path: Path) -> None:
    rows: list[list[Value]] = [
        ["JG-1", day, "梨", "2.5公斤/盒", count, "某社"]
        for day, count in (("20260915", 52.0), ("20260917", "265件"))
    ]
    season = read(tmp_path, PACK, *rows)
    assert [(row.pack_g, row.count) for row in season.packs] == [(2500, 52), (2500, 265)]
    assert season.problems == ()
