"""Tables as the tests write them: real files, read through the room's own door."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from suyuan.intake.season import Season, read_season

Value = str | int | float | date | datetime | None
Rows = Sequence[Sequence[Value]]

HARVEST = ["批次号", "采收日期", "地块编号", "产品", "重量", "单位", "交货人", "收购站"]
ORDER = [
    "订单号",
    "下单时间",
    "商品名称",
    "商家批次",
    "数量",
    "实付金额",
    "订单状态",
    "收货人",
    "联系电话",
    "收货地址",
]


def harvest(**changes: Value) -> list[Value]:
    """Return a good row under HARVEST, with changes by English field name."""
    fields: dict[str, Value] = {
        "batch": "CS-1",
        "day": "2026-09-01",
        "plot": "DK1",
        "product": "梨",
        "weight": "100",
        "unit": "公斤",
        "deliverer": "石满仓",
        "station": "青石站",
    }
    return list({**fields, **changes}.values())


def order(**changes: Value) -> list[Value]:
    """Return a good row under ORDER, with changes by English field name."""
    fields: dict[str, Value] = {
        "order": "900000000000001",
        "day": "2026-09-10 08:30:00",
        "product": "梨",
        "batch": "JG-1",
        "count": 2,
        "paid": "79.80",
        "status": "已签收",
        "buyer": "甲乙丙",
        "phone": "12000001000",
        "address": "试验省样板市虚构路1号",
    }
    return list({**fields, **changes}.values())


def write_xlsx(path: Path, *sheets: Rows, hidden: bool = False) -> Path:
    """Write each of *sheets* (rows from row 1) as a worksheet; dates become date cells."""
    with xlsxwriter.Workbook(path) as workbook:
        formats = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for rows in sheets:
            sheet = workbook.add_worksheet()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date | datetime):
                        sheet.write_datetime(number, column, value, formats[type(value)])
                    else:
                        sheet.write(number, column, value)
            if hidden and sheet.get_name() != "Sheet1":
                sheet.hide()
    return path


def read_harvests(folder: Path, *rows: Sequence[Value], heading: Sequence[Value] = HARVEST) -> Season:
    """Write a harvest workbook into *folder* and read the folder."""
    write_xlsx(folder / "采收记录.xlsx", [heading, *rows])
    return read_season(folder)


def read_csv(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Season:
    """Write a CSV into *folder* and read the folder."""
    (folder / name).write_bytes(text.encode(encoding))
    return read_season(folder)


def codes(season: Season) -> list[str]:
    """Return the codes of the season's problems in order."""
    return [problem.code for problem in season.problems]


def places(season: Season) -> list[tuple[str, str, int, str]]:
    return [(problem.level, problem.code, problem.row, problem.column) for problem in season.problems]


def strings(thing: object) -> Iterator[str]:
    """Yield every string that can be reached from *thing*, through slots, mappings and sequences."""
    if isinstance(thing, str):
        yield thing
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from strings(getattr(thing, field.name))
    elif isinstance(thing, tuple | list | set | frozenset):
        for item in thing:
            yield from strings(item)
    elif hasattr(thing, "items"):
        for key, value in thing.items():
            yield from strings(key)
            yield from strings(value)
