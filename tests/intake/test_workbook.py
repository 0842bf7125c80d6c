"""The door for files: encodings, containers, merges, and everything that is broken."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from suyuan.errors import Refused
from suyuan.intake import extent, workbook
from suyuan.intake.delimited import find_delimiter
from suyuan.intake.extent import column_index, column_letters
from suyuan.intake.workbook import read_file, read_folder
from tests.intake.sheets import HARVEST, harvest, write_xlsx


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read_file(path)
    (problem,) = refused.value.problems
    assert path.name in problem.zh
    assert path.name in problem.en
    return problem.code


def cells(path: Path) -> list[list[object]]:
    (sheet,) = read_file(path)
    return [list(row.cells) for row in sheet.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_each_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "采收.csv"
    path.write_bytes(f"批次号{delimiter}产品\r\nCS-1{delimiter}梨、桃\r\n".encode(encoding))
    assert cells(path) == [["批次号", "产品"], ["CS-1", "梨、桃"]]


def test_a_rare_character_survives_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("户主,产品\n邓㙍,梨\n".encode("gb18030"))
    assert cells(path)[1] == ["邓㙍", "梨"]


def test_row_numbers_count_blank_lines_and_quoted_line_breaks_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n\n"x\ny",2\nz,3\n', encoding="utf-8")
    (sheet,) = read_file(path)
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, ("a", "b")),
        (2, ()),
        (3, ("x\ny", "2")),
        (4, ("z", "3")),
    ]


def test_a_list_with_semicolons_does_not_change_the_delimiter() -> None:
    assert find_delimiter("标题\na,b,c,d,e\n1,2,C1;C2;C3;C4;C5;C6;C7,4,5\n1,2,3,4,5\n") == ","


def test_text_without_delimiters_is_one_column() -> None:
    assert find_delimiter("a\nb\n") == ","


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "file.empty"),
        ("a.csv", b"\n\n,,\n", "file.empty"),
        ("a.csv", b"\xff\xff\x80\x81", "file.encoding"),
        ("a.csv", b"a,\0b", "file.encoding"),
        ("a.csv", "产品".encode("gb18030")[:-1], "file.encoding"),
        ("a.csv", b'a,b\n1,"2\n3,4\n', "file.quotes"),
        ("a.csv", b"PK\x03\x04rest", "file.broken"),
        ("a.xlsx", b"", "file.empty"),
        ("a.xlsx", b"a,b\n1,2\n", "file.broken"),
        ("a.xls", b"<html><table/></html>", "file.broken"),
        ("a.xls", b"PK\x03\x04rest", "file.broken"),
        ("a.ods", b"abc", "file.broken"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "file.broken"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le"),
            "file.encrypted",
        ),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert refusal(path) == code


def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data = write_xlsx(tmp_path / "a.xlsx", [HARVEST, harvest()]).read_bytes()
    path = tmp_path / "cut.xlsx"
    for size in range(1, len(data) - 1, 97):
        path.write_bytes(data[:size])
        assert refusal(path) == "file.broken"


def test_a_workbook_with_a_damaged_sheet_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HARVEST, harvest()])
    damaged = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[: len(data) // 2] if name == "xl/worksheets/sheet1.xml" else data)
    path.write_bytes(damaged.getvalue())
    assert refusal(path) == "file.broken"


def test_a_flipped_byte_in_a_sheet_is_found_by_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(0, 0, 12345.0)
    stored = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    path.write_bytes(stored.getvalue().replace(b"<v>12345</v>", b"<v>12346</v>"))
    assert refusal(path) == "file.broken"


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    assert refusal(path) == "file.broken"


@pytest.mark.parametrize("row", [1_048_575, 400_000])
def test_a_stray_cell_far_out_is_refused_before_memory_is_asked_for(tmp_path: Path, row: int) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "批次号")
        sheet.write(row, 16_383, "x")
    assert refusal(path) == "file.too-wide"


def test_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extent, "_MAX_UNPACKED", 1000)
    assert refusal(write_xlsx(tmp_path / "a.xlsx", [HARVEST, harvest()])) == "file.too-wide"


def test_cells_without_addresses_are_measured_by_their_rows(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["a", "b"]])
    changed = io.BytesIO()
    stray = (
        '<row r="1000000">'
        + "<c><v>1</v></c>" * 3
        + '</row><row r="9"><c r="Z9"><v>1</v></c></row></sheetData>'
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(
                name, data.replace(b"</sheetData>", stray.encode()) if "sheet1.xml" in name else data
            )
    path.write_bytes(changed.getvalue())
    assert refusal(path) == "file.too-wide"


def test_blank_styled_cells_far_down_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        for column in range(20):
            sheet.write_blank(1_000_000, column, None, book.add_format({"bold": True}))
    assert cells(path) == [["a"]]


def test_a_file_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_MB", 0.001)
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" * 300)
    assert refusal(path) == "file.too-large"


def test_a_file_of_51_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as stream:
        stream.truncate(51_000_000)
    assert refusal(path) == "file.too-large"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n")
    path.chmod(0)
    assert refusal(path) == "file.unreadable"


def test_a_file_that_went_away_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.csv") == "file.unreadable"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_folder(tmp_path / "none")
    assert refused.value.problems[0].code == "folder.missing"


def test_what_is_no_table_is_named_as_ignored(tmp_path: Path) -> None:
    for name in ("~$采收.xlsx", ".hidden.csv", "answer-key.json", "照片.jpg", "说明.docx"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "旧").mkdir()
    (tmp_path / "a.CSV").write_text("a,b\n1,2\n")
    found = read_folder(tmp_path)
    assert [sheet.file for sheet in found.sheets] == ["a.CSV"]
    assert set(found.ignored) == {
        "~$采收.xlsx",
        ".hidden.csv",
        "answer-key.json",
        "照片.jpg",
        "说明.docx",
        "旧",
    }


def test_one_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    (tmp_path / "b.csv").write_text("a,b\n1,2\n")
    found = read_folder(tmp_path)
    assert [sheet.file for sheet in found.sheets] == ["b.csv"]
    assert [(file, problem.code) for file, problem in found.problems] == [("a.xlsx", "file.broken")]


def test_hidden_sheets_are_read_and_empty_ones_left_out(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["a"]], [["b"]], [], hidden=True)
    assert [sheet.name for sheet in read_file(path)] == ["Sheet1", "Sheet2"]


def test_a_chart_sheet_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("表")
        sheet.write(0, 0, 1)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=表!$A$1:$A$2"})
        book.add_chartsheet("图").set_chart(chart)
    assert [sheet.name for sheet in read_file(path)] == ["表"]


def test_a_vertical_merge_speaks_for_each_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 2, "标题")
        sheet.merge_range(1, 1, 3, 1, "梨")
        for row in range(1, 4):
            sheet.write(row, 2, row)
        sheet.merge_range(3, 0, 9, 0, "末")
    (sheet_read,) = read_file(path)
    assert [row.cells for row in sheet_read.rows] == [
        ("标题", "", ""),
        ("", "梨", 1.0),
        ("", "梨", 2.0),
        ("末", "梨", 3.0),
    ]
    assert [sorted(row.merged) for row in sheet_read.rows] == [[], [1], [1], [0, 1]]


def write_ods(path: Path, rows: str) -> Path:
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{manifest}"/>')
        archive.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="表">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


BLANK_ODS_ROWS = (
    '<table:table-row table:number-rows-repeated="1048570">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)
FILLED_ODS_CELL = '<table:table-cell{} office:value-type="string"><text:p>x</text:p></table:table-cell>'


def test_an_ods_is_read_with_its_blank_tail(tmp_path: Path) -> None:
    row = f"<table:table-row>{FILLED_ODS_CELL.format('')}{FILLED_ODS_CELL.format('')}</table:table-row>"
    assert cells(write_ods(tmp_path / "a.ods", row + BLANK_ODS_ROWS)) == [["x", "x"]]


def test_an_ods_that_repeats_a_filled_cell_without_end_is_refused(tmp_path: Path) -> None:
    wide = FILLED_ODS_CELL.format(' table:number-columns-repeated="16384"')
    rows = f'<table:table-row table:number-rows-repeated="1048576">{wide}</table:table-row>'
    assert refusal(write_ods(tmp_path / "a.ods", rows)) == "file.too-wide"


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")]
)
def test_column_letters_are_those_of_a_spreadsheet(index: int, letters: str) -> None:
    assert column_letters(index) == letters
    assert column_index(letters) == index


def test_no_cell_shows_in_a_repr(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["收货人"], ["甲乙丙"]])
    assert "甲乙丙" not in repr(read_folder(path.parent))
