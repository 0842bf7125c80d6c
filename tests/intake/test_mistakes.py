"""What a clerk may get wrong, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Reason, Refused
from suyuan.intake.amounts import parse_area, parse_pack, parse_weight
from suyuan.intake.builders import read_table
from suyuan.intake.cells import (
    Cell,
    parse_batches,
    parse_count,
    parse_days,
    parse_fen,
    parse_identifier,
    parse_text,
    show,
)
from suyuan.intake.dates import parse_day
from suyuan.intake.problems import RowProblem
from suyuan.intake.results import parse_result, parse_verdict
from suyuan.intake.season import read_season
from suyuan.intake.table import find_table
from suyuan.intake.workbook import RawRow, RawSheet
from tests.intake.sheets import HARVEST, Value, codes, harvest, places, read_harvests, write_xlsx

EXAMPLE = Path(__file__).parents[2] / "examples" / "season"
NO_PLOT = Reason("plot.unknown", "地块不存在", "no such plot")
PARSERS = [
    *(parse_area, parse_batches, parse_count, parse_day, parse_days, parse_fen, parse_identifier, parse_pack),
    *(parse_result, parse_text, parse_verdict, parse_weight, show),
]
CELLS = st.one_of(
    st.text(max_size=40),
    st.text("0123456789.,-/年月日斤公kg×eE²½　 :一百\n", max_size=12),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)


def test_an_unreadable_row_names_each_of_its_cells(tmp_path: Path) -> None:
    season = read_harvests(
        tmp_path,
        harvest(day="2026-13-40", weight="一百", unit="筐", product="", plot=None),
        harvest(batch="CS-2"),
    )
    assert {(p.column, p.code) for p in season.problems} == {
        ("B", "date.unreadable"),
        ("C", "cell.blank"),
        ("D", "cell.blank"),
        ("E", "number.unreadable"),
        ("F", "unit.unknown"),
    }
    assert {p.batch for p in season.problems} == {"CS-1"}
    assert [row.batch for row in season.harvests] == ["CS-2"]


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"batch": ""}, "cell.blank", "A"),
        ({"batch": "1.23E+20"}, "number.scientific", "A"),
        ({"day": "1926-09-01"}, "date.century", "B"),
        ({"day": "2126-09-01"}, "date.century", "B"),
        ({"day": "2016-09-01"}, "date.out-of-season", "B"),
        ({"plot": " — "}, "cell.blank", "C"),
        ({"product": "　"}, "cell.blank", "D"),
        ({"weight": "-5"}, "number.not-positive", "E"),
        ({"weight": 0}, "number.not-positive", "E"),
        ({"weight": "1e5"}, "number.scientific", "E"),
        ({"weight": "0.0001"}, "weight.fraction", "E"),
        ({"weight": "5斤"}, "unit.conflict", "E"),
        ({"unit": "筐"}, "unit.unknown", "F"),
        ({"unit": ""}, "unit.missing", "F"),
        ({"station": None}, "cell.blank", "H"),
    ],
)
def test_each_mistake_has_its_code_and_column(
    tmp_path: Path, changes: dict[str, Value], code: str, column: str
) -> None:
    good = [harvest(batch=f"CS-{number}") for number in (2, 3)]
    season = read_harvests(tmp_path, *good, harvest(**changes))
    assert places(season) == [("refused", code, 4, column)]
    assert len(season.harvests) == 2


def test_a_name_in_a_wrong_column_is_not_repeated(tmp_path: Path) -> None:
    season = read_harvests(
        tmp_path, harvest(batch="石满仓", day="石榴花", weight="13001985275000", unit="杏林春")
    )
    text = " ".join(p.text() + p.text("en") + p.batch + p.name + repr(p) for p in season.problems)
    assert len(season.problems) == 3
    for name in ("石满仓", "石榴花", "13001985275", "杏林春"):
        assert name not in text


def test_a_row_that_comes_again_is_entered_once(tmp_path: Path) -> None:
    again = harvest(batch=" cs－1 ", day="2026年9月1日", weight="２００", unit="斤")
    season = read_harvests(tmp_path, harvest(), again)
    assert len(season.harvests) == 1
    (problem,) = season.problems
    assert (problem.level, problem.code, problem.batch) == ("warned", "row.duplicate", "CS-1")
    assert problem.text() == "采收记录.xlsx 第 3 行：与第 2 行完全重复，只入账一次"


def test_a_duplicate_in_another_file_names_that_file(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "采收1.xlsx", [HARVEST, harvest()])
    write_xlsx(tmp_path / "采收2.xlsx", [HARVEST, harvest()])
    (problem,) = read_season(tmp_path).problems
    assert problem.text() == "采收2.xlsx 第 2 行：与《采收1.xlsx》第 2 行完全重复，只入账一次"


def test_the_same_number_with_other_content_is_refused(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest(), harvest(weight="101"))
    assert places(season) == [("refused", "row.batch-again", 3, "A")]
    assert [row.weight_g for row in season.harvests] == [100_000]


def test_a_corrected_row_is_taken_after_its_unreadable_first(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest(weight="一百"), harvest())
    assert codes(season) == ["number.unreadable"]
    assert [row.where.row for row in season.harvests] == [3]


def test_problems_come_in_order_of_file_and_row(tmp_path: Path) -> None:
    read_harvests(tmp_path, harvest(), harvest(), harvest(batch="CS-2", weight="一百"))
    (tmp_path / "坏.xlsx").write_bytes(b"x")
    (tmp_path / "a.csv").write_bytes(b"")
    season = read_season(tmp_path)
    assert [(p.file, p.row) for p in season.problems] == [
        ("a.csv", 0),
        ("坏.xlsx", 0),
        ("采收记录.xlsx", 3),
        ("采收记录.xlsx", 4),
    ]
    assert season.problems[1].text() == "文件“坏.xlsx”已损坏，或不是它的扩展名所说的格式"
    assert season.problems[1].text("en").startswith("file 坏.xlsx is damaged")


def test_an_empty_folder_is_an_empty_season(tmp_path: Path) -> None:
    season = read_season(tmp_path)
    assert (season.year, season.problems, season.harvests) == (None, (), ())


def test_a_problem_speaks_english_too(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest(weight="一百"))
    assert (
        season.problems[0].text("en") == "采收记录.xlsx row 2 column E (重量): 一百 can't be read as a number"
    )


def test_a_problem_can_be_made_of_a_row_later(tmp_path: Path) -> None:
    season = read_harvests(tmp_path, harvest())
    problem = RowProblem.of(season.harvests[0], NO_PLOT.at(), "plot")
    assert problem.text() == "采收记录.xlsx 第 2 行 C 列（地块编号）：地块不存在"
    assert (problem.batch, problem.kind, problem.level) == ("CS-1", "harvest", "refused")


def test_a_problem_names_each_kind_of_row_by_batch_or_name() -> None:
    season = read_season(EXAMPLE)
    rows = (season.parties, season.plots, season.fieldwork, season.harvests)
    more = (season.processing, season.tests, season.packs, season.orders)
    problems = [RowProblem.of(found[0], NO_PLOT.at(), level="warned") for found in (*rows, *more)]
    assert [(problem.kind, problem.batch, problem.name) for problem in problems] == [
        ("party", "", "云岭县青石梨果专业合作社"),
        ("plot", "", "QS001"),
        ("fieldwork", "", "QS001"),
        ("harvest", "CS-001", ""),
        ("processing", "JG-01", ""),
        ("test", "JG-01", ""),
        ("pack", "JG-01", ""),
        ("order", "JG-02", ""),
    ]


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_whatever_bytes_a_csv_holds_are_rows_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "采收.csv").write_bytes((",".join(HARVEST) + "\n").encode("gb18030") + data)
    read_season(folder)


@settings(max_examples=100, deadline=None)
@given(st.lists(CELLS, min_size=8, max_size=8))
def test_a_row_is_left_out_just_when_a_problem_refuses_it(cells: list[Cell]) -> None:
    sheet = RawSheet("采收.xlsx", "Sheet1", (RawRow(1, tuple(HARVEST)), RawRow(2, tuple(cells))))
    for reading in read_table(find_table(sheet)):
        assert (reading.row is None) == any(problem.level == "refused" for problem in reading.problems)


@pytest.mark.parametrize("parse", PARSERS)
@given(cell=CELLS)
def test_a_parser_returns_or_refuses(parse: Callable[[Cell], object], cell: Cell) -> None:
    with suppress(Refused):
        parse(cell)
