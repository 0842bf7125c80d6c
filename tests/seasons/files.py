"""The tables of a season written as clerks keep them: titles, headings, units, digits, dates, files of every shape."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from tests.seasons.season import Line, Raw, Season

Cell = str | int | float | date
Place = tuple[str, str, int]
"""File, sheet (empty for CSV and a workbook's only sheet named Sheet1) and row."""

NAMES = {
    "party": ("主体名录",),
    "plot": ("地块台账", "地块核定台账"),
    "fieldwork": ("农事记录", "用药台账"),
    "harvest": ("采收记录", "采收入站登记"),
    "processing": ("加工记录", "分级加工台账"),
    "test": ("检测报告", "检测结果登记"),
    "pack": ("包装赋码", "赋码申请"),
}
HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "party": {
        "name": ("主体名称", "单位名称"),
        "kind": ("主体类型", "类型"),
        "credit_code": ("统一社会信用代码", "社会信用代码"),
        "contact": ("联系人", "负责人"),
        "phone": ("联系电话", "手机号"),
        "township": ("乡镇",),
        "village": ("村", "所在村"),
    },
    "plot": {
        "ref": ("地块编号", "地块号"),
        "crop": ("作物", "种植作物"),
        "cooperative": ("所属合作社", "合作社"),
        "household": ("户主", "农户姓名"),
        "household_kind": ("户类型",),
        "township": ("乡镇",),
        "village": ("村",),
        "area": ("面积（亩）", "面积/亩"),
        "trees": ("株数", "棵数"),
        "approved": ("核定产量", "产量上限"),
    },
    "fieldwork": {
        "day": ("日期", "作业日期"),
        "plot": ("地块编号", "地块"),
        "work": ("作业", "农事活动"),
        "input_name": ("投入品", "药剂名称"),
        "registration": ("登记证号",),
        "dose": ("用量",),
        "interval_days": ("安全间隔期（天）", "安全间隔期"),
        "operator": ("操作人", "施药人"),
    },
    "harvest": {
        "batch": ("批次号", "采收批次"),
        "day": ("采收日期", "采摘日期"),
        "plot": ("地块编号", "所属地块"),
        "product": ("产品", "品名"),
        "weight": ("重量", "净重"),
        "unit": ("单位",),
        "deliverer": ("交货人", "交售人"),
        "station": ("收购站", "服务站"),
    },
    "processing": {
        "batch": ("加工批次号", "产品批次号"),
        "day": ("加工日期", "生产日期"),
        "inputs": ("原料批次", "投料批次"),
        "product": ("产品", "成品名称"),
        "output": ("产出重量", "成品重量"),
        "unit": ("单位",),
        "loss": ("损耗（公斤）", "损耗/kg"),
        "by_product": ("副产品",),
        "by_product_weight": ("副产品重量（公斤）",),
        "processor": ("加工主体", "加工单位"),
    },
    "test": {
        "report": ("报告编号", "报告号"),
        "batch": ("批次号", "样品批次"),
        "day": ("检测日期", "报告日期"),
        "item": ("项目", "检测项目"),
        "result": ("结果（mg/kg）", "检测结果（mg/kg）"),
        "limit": ("限量",),
        "verdict": ("结论", "判定"),
        "laboratory": ("检测机构", "检测单位"),
    },
    "pack": {
        "batch": ("批次号", "产品批次号"),
        "day": ("包装日期", "赋码日期"),
        "product": ("产品", "产品名称"),
        "size": ("规格", "包装规格"),
        "count": ("件数", "申领件数"),
        "packer": ("包装主体", "申领主体"),
    },
    "order": {
        "order": ("订单号", "订单编号"),
        "day": ("下单时间", "订单创建时间"),
        "product": ("商品名称", "宝贝标题"),
        "batch": ("商家批次", "商品批次"),
        "count": ("数量", "购买数量"),
        "paid": ("实付金额", "实付款"),
        "status": ("订单状态", "交易状态"),
        "buyer": ("收货人",),
        "phone": ("联系电话",),
        "address": ("收货地址",),
    },
}
UNITS = (("斤", 500), ("公斤", 1000), ("kg", 1000), ("吨", 1_000_000), ("克", 1))
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")


@dataclass(frozen=True)
class Written:
    """Where a line stands, and the column letter of each of its fields."""

    line: Line
    place: Place
    columns: dict[str, str]


class Sheet:
    """One table of a season in the hand of one clerk: headings, order of columns, units and digits are theirs."""

    def __init__(self, rng: random.Random, kind: str, lines: Sequence[Line]) -> None:
        self.kind, self.lines = kind, lines
        self._rng = rng
        self._heading = {field: rng.choice(words) for field, words in HEADINGS[kind].items()}
        unused = [field for field in ("by_product", "by_product_weight") if field in self._heading]
        if not any(line.values.get("by_product_weight") for line in lines):
            for field in unused:
                del self._heading[field]
        self._fields = list(self._heading)
        if rng.random() < 0.5:
            rng.shuffle(self._fields)
        self._unit_column = "unit" in self._heading
        if "approved" in self._heading:
            self._heading["approved"] += "（公斤）"
        self._extra = rng.choice(("", "序号", "备注栏", "经手意见"))
        self._title = rng.choice(("", f"2026年度{NAMES.get(kind, ('订单',))[0]}"))
        self._footer = rng.choice(("", "填表人：站长　　审核：", "合计"))

    def rows(self) -> Iterator[tuple[Line | None, list[Cell]]]:
        """Yield every row with its line, None for titles, heading and footer."""
        empty: list[Cell] = [""] * (len(self._fields) + bool(self._extra))
        if self._title:
            yield None, [self._title, *empty[1:]]
            if self._rng.random() < 0.3:
                yield None, empty
        yield None, [*(self._heading[field] for field in self._fields), *[self._extra] * bool(self._extra)]
        for number, line in enumerate(self.lines, 1):
            cells = self._cells(line)
            extra: list[Cell] = [number if self._extra == "序号" else ""] if self._extra else []
            yield line, [cells[field] for field in self._fields] + extra
        yield None, empty
        if self._footer:
            yield None, [self._footer, *empty[1:]]

    def columns(self) -> dict[str, str]:
        """Return the letter of each field's column."""
        return {field: chr(ord("A") + place) for place, field in enumerate(self._fields)}

    def _cells(self, line: Line) -> dict[str, Cell]:
        values = dict(line.values)
        main = {"harvest": "weight", "processing": "output"}.get(self.kind)
        if main and not isinstance(values.get(main), Raw):
            values[main], values["unit"] = self._weigh(values[main])
        elif main:
            values.setdefault("unit", "公斤")
        return {field: self._cell(field, values.get(field, "")) for field in self._fields}

    def _weigh(self, grams: int) -> tuple[Cell, str]:
        unit, factor = self._rng.choice(UNITS)
        if self._rng.random() < 0.2:
            return f"{_decimal(grams, factor)}{unit}", ""
        return self._digits(_decimal(grams, factor)), unit

    def _digits(self, figure: str) -> Cell:
        match self._rng.randrange(4):
            case 0:
                return figure.translate(WIDE)
            case 1:
                return float(figure)
            case _:
                return figure

    def _cell(self, field: str, value: object) -> Cell:
        if isinstance(value, Raw):
            return value.text
        if isinstance(value, date):
            return self._day(value)
        if isinstance(value, list):
            return self._rng.choice(("、", "，", "/", " ", ";")).join(value)
        if isinstance(value, int):
            return self._rng.choice(self._figures(field, value))
        return str(value)

    def _figures(self, field: str, value: int) -> tuple[Cell, ...]:
        match field:
            case "approved" | "loss" | "by_product_weight":
                return (self._digits(_decimal(value, 1000)),)
            case "size":
                return f"{_decimal(value, 1000)}kg/件", f"{_decimal(value, 500)}斤装", f"{value}克/盒"
            case "paid":
                return f"{value / 100:.2f}", f"¥{value / 100:.2f}", value / 100
            case "area":
                return (value / 10,)
            case "count":
                return value, float(value), f"{value}件"
            case _:
                return (value,)

    def _day(self, day: date) -> Cell:
        texts = (
            day.isoformat(),
            f"{day:%Y%m%d}",
            f"{day.year}/{day.month}/{day.day}",
            f"{day:%Y.%m.%d}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.year}年{day.month}月{day.day}日".translate(WIDE),
        )
        return self._rng.choice((*texts, day))


def _decimal(amount: int, factor: int) -> str:
    text = format(Decimal(amount) / Decimal(factor), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_season(season: Season, folder: Path) -> list[Written]:
    """Write every table of *season* into *folder*; return where each line stands."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Written] = []
    for kind, names in NAMES.items():
        name = season.rng.choice(names)
        lines = season.of(kind)
        parts = [lines] if lines else []
        if (
            kind in {"harvest", "order"}
            and season.rng.random() < 0.4
            and len(lines) > 1
            and not _repeats(lines)
        ):
            parts = [lines[: len(lines) // 2], lines[len(lines) // 2 :]]
        if parts:
            written += _write(season.rng, folder, name, [Sheet(season.rng, kind, part) for part in parts])
    for platform in sorted({line.values["platform"] for line in season.of("order")}):
        lines = [line for line in season.of("order") if line.values["platform"] == platform]
        written += _write(season.rng, folder, f"订单_{platform}", [Sheet(season.rng, "order", lines)])
    (folder / "说明.txt").write_text("不是表格", "utf-8")
    return written


def _repeats(lines: Sequence[Line]) -> bool:
    return any("row.duplicate" in line.codes or "row.batch-again" in line.codes for line in lines)


def _write(rng: random.Random, folder: Path, name: str, sheets: Sequence[Sheet]) -> list[Written]:
    if len(sheets) == 1 and rng.random() < 0.4:
        return _write_csv(rng, folder / f"{name}.csv", sheets[0])
    return _write_xlsx(folder / f"{name}.xlsx", sheets)


def _write_csv(rng: random.Random, path: Path, sheet: Sheet) -> list[Written]:
    text, written = io.StringIO(newline=""), []
    writer = csv.writer(text)
    for row, (line, cells) in enumerate(sheet.rows(), 1):
        writer.writerow([cell.isoformat() if isinstance(cell, date) else cell for cell in cells])
        if line is not None:
            written.append(Written(line, (path.name, "", row), sheet.columns()))
    path.write_bytes(text.getvalue().encode(rng.choice(("utf-8", "utf-8-sig", "gb18030"))))
    return written


def _write_xlsx(path: Path, sheets: Sequence[Sheet]) -> list[Written]:
    written = []
    with xlsxwriter.Workbook(path) as workbook:
        dates = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = workbook.add_worksheet()
            for row, (line, cells) in enumerate(sheet.rows()):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        page.write_datetime(row, column, cell, dates)
                    elif cell != "":
                        page.write(row, column, cell)
                if line is not None:
                    written.append(Written(line, (path.name, page.get_name(), row + 1), sheet.columns()))
    return written
