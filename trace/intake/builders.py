"""The eight kinds of row, each built from the cells of one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import PurePath

from . import reasons
from .amounts import parse_area, parse_pack
from .cells import (
    Cell,
    fold,
    is_blank,
    parse_batches,
    parse_count,
    parse_days,
    parse_fen,
    parse_identifier,
    parse_text,
    parse_whole,
)
from .credit_code import check_credit_code
from .dates import parse_day
from .reading import Cells, Key, Reading
from .results import parse_result, parse_verdict
from .rows import (
    FieldworkRow,
    HarvestRow,
    Kind,
    OrderRow,
    PackRow,
    PartyRow,
    PlotRow,
    ProcessingRow,
    Row,
    TestRow,
)
from .table import Table

_NO_DAY = date(1, 1, 1)  # stands in a row that is thrown away because its day can't be read
_NO_BATCHES: tuple[str, ...] = ()
_SPRAYING = re.compile("药|喷")
_WITHOUT_CODE = re.compile("农户|户主|个人|自然人|散户|脱贫户")


def read_table(table: Table) -> Iterator[Reading]:
    """Read every line of *table*."""
    build = _BUILDERS[table.kind]
    for line in table.lines:
        cells = Cells(line, table)
        yield cells.finish(*build(cells))


def _party(cells: Cells) -> tuple[Row, Key]:
    kind = cells.need("kind", parse_text, "")
    read_code = cells.take if _WITHOUT_CODE.search(kind) else cells.need
    row = PartyRow(
        name=cells.need("name", parse_text, ""),
        kind=kind,
        credit_code=read_code("credit_code", _parse_credit_code, ""),
        contact=cells.take("contact", parse_text, ""),
        phone=cells.take("phone", fold, ""),
        township=cells.take("township", parse_text, ""),
        village=cells.take("village", parse_text, ""),
        note=cells.take("note", parse_text, ""),
        where=cells.line.where,
    )
    return row, Key("name", (row.name,))


def _parse_credit_code(cell: Cell) -> str:
    code = parse_identifier(cell)
    check_credit_code(code)
    return code


def _plot(cells: Cells) -> tuple[Row, Key]:
    area_m2, area_mu = cells.need(
        "area", lambda cell: parse_area(cell, cells.table.units.get("area", "")), (1, "1")
    )
    row = PlotRow(
        ref=cells.need("ref", parse_identifier, ""),
        crop=cells.need("crop", parse_text, ""),
        cooperative=cells.need("cooperative", parse_text, ""),
        household=cells.take("household", parse_text, ""),
        household_kind=cells.take("household_kind", parse_text, ""),
        township=cells.take("township", parse_text, ""),
        village=cells.take("village", parse_text, ""),
        area_m2=area_m2,
        area_mu=area_mu,
        trees=cells.take("trees", partial(parse_whole, what="株数"), None),
        approved_g=cells.weight("approved", "核定产量"),
        where=cells.line.where,
    )
    return row, Key("ref", (row.ref,))


def _fieldwork(cells: Cells) -> tuple[Row, Key]:
    work = cells.need("work", parse_text, "")
    if _SPRAYING.search(work):  # without the interval a harvest that came too early would pass
        interval: int | None = cells.need("interval_days", parse_days, 0)
    else:
        interval = cells.take("interval_days", parse_days, None)
    row = FieldworkRow(
        day=cells.need("day", parse_day, _NO_DAY),
        plot=cells.need("plot", parse_identifier, ""),
        work=work,
        input_name=cells.take("input_name", parse_text, ""),
        registration=cells.take("registration", parse_identifier, ""),
        dose=cells.take("dose", parse_text, ""),
        interval_days=interval,
        operator=cells.take("operator", parse_text, ""),
        where=cells.line.where,
    )
    return row, Key("", (row, cells.line.rest))


def _harvest(cells: Cells) -> tuple[Row, Key]:
    row = HarvestRow(
        batch=cells.need("batch", parse_identifier, ""),
        day=cells.need("day", parse_day, _NO_DAY),
        plot=cells.need("plot", parse_identifier, ""),
        product=cells.need("product", parse_text, ""),
        weight_g=cells.weight("weight", "重量"),
        deliverer=cells.take("deliverer", parse_text, ""),
        station=cells.need("station", parse_text, ""),
        where=cells.line.where,
    )
    return row, Key("batch", (row.batch,))


def _processing(cells: Cells) -> tuple[Row, Key]:
    listed = cells.need("inputs", parse_batches, _NO_BATCHES)
    inputs = tuple(dict.fromkeys(listed))
    if len(inputs) < len(listed):
        cells.tell("inputs", reasons.BATCHES_REPEATED.at(), "warned")
    has_by_product = not is_blank(cells.line.cells.get("by_product_weight", ""))
    row = ProcessingRow(
        batch=cells.need("batch", parse_identifier, ""),
        day=cells.need("day", parse_day, _NO_DAY),
        inputs=inputs,
        product=cells.need("product", parse_text, ""),
        output_g=cells.weight("output", "产出重量"),
        loss_g=cells.weight("loss", "损耗", least=0),
        by_product=cells.take("by_product", parse_text, ""),
        by_product_g=cells.weight("by_product_weight", "副产品重量", least=0) if has_by_product else 0,
        processor=cells.need("processor", parse_text, ""),
        where=cells.line.where,
    )
    return row, Key("batch", (row.batch,))


def _test(cells: Cells) -> tuple[Row, Key]:
    row = TestRow(
        report=cells.need("report", parse_identifier, ""),
        batch=cells.need("batch", parse_identifier, ""),
        day=cells.need("day", parse_day, _NO_DAY),
        item=cells.need("item", parse_text, ""),
        result=cells.need("result", parse_result, ""),
        limit=cells.take("limit", parse_text, ""),
        unit=cells.table.units.get("result", "") or cells.take("unit", parse_text, ""),
        passed=cells.need("verdict", parse_verdict, False),
        laboratory=cells.need("laboratory", parse_text, ""),
        where=cells.line.where,
    )
    return row, Key("report", (row.report, row.batch, row.item))


def _pack(cells: Cells) -> tuple[Row, Key]:
    unit = cells.table.units.get("size", "")
    row = PackRow(
        batch=cells.need("batch", parse_identifier, ""),
        day=cells.need("day", parse_day, _NO_DAY),
        product=cells.take("product", parse_text, ""),
        pack_g=cells.need("size", lambda cell: parse_pack(cell, unit), 1),
        count=cells.need("count", parse_count, 1),
        packer=cells.need("packer", parse_text, ""),
        where=cells.line.where,
    )
    return row, Key("", (row, cells.line.rest))


def _order(cells: Cells) -> tuple[Row, Key]:
    row = OrderRow(
        platform=cells.take("platform", parse_text, "") or parse_platform(cells.table.file),
        order=cells.need("order", parse_identifier, ""),
        day=cells.need("day", parse_day, _NO_DAY),
        product=cells.take("product", parse_text, ""),
        batch=cells.need("batch", parse_identifier, ""),
        count=cells.need("count", parse_count, 1),
        paid_fen=cells.need("paid", parse_fen, 0),
        status=cells.take("status", parse_text, ""),
        where=cells.line.where,
    )
    return row, Key("order", (row.platform, row.order, row.product, row.batch))


def parse_platform(file: str) -> str:
    """Return the platform from the name of an export: 订单_京东.xlsx is 京东."""
    name = fold(PurePath(file).stem)
    return re.sub(r"订单|导出|明细|列表|[_\-\s()]|[0-9]{4,}|[0-9]+年?月?", "", name)


_BUILDERS: Mapping[Kind, Callable[[Cells], tuple[Row, Key]]] = {
    "party": _party,
    "plot": _plot,
    "fieldwork": _fieldwork,
    "harvest": _harvest,
    "processing": _processing,
    "test": _test,
    "pack": _pack,
    "order": _order,
}
