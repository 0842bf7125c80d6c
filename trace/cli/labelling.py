"""``suyuan labels``: issue, activate, void, print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ..errors import Reason, Refused
from .files import read_key_file, write_new
from .frame import frame_of, office_of, open_data, print_json, progress_bar

if TYPE_CHECKING:
    from ..produce.records import Run
    from ..publish.sheets import RunLabels
    from ..qr.sheet import Label
    from ..server.house import House

NET = Reason(
    "net.form",
    "净含量“{text}”应写成 5000g、5kg、10斤、500ml 或 12piece",
    "the net content {text!r} should be written like 5000g, 5kg, 500ml or 12piece",
)
UNIT = Reason(
    "net.unit",
    "净含量“{text}”的单位与产品“{product}”的单位 {unit} 不符",
    "the net content {text!r} does not fit {product}, which is counted in {unit}",
)
RANGE = Reason(
    "range.form", "区间“{text}”应写成 0-99（含首尾）", "the range {text!r} should be written like 0-99"
)
DAY = Reason(
    "day.form", "日期“{text}”应写成 2026-09-21", "the day {text!r} should be written like 2026-09-21"
)
PICTURE = Reason("code.picture", "--png 和 --svg 只能给一个", "give only one of --png and --svg")

UNITS = {
    "g": ("g", 1),
    "克": ("g", 1),
    "kg": ("g", 1000),
    "千克": ("g", 1000),
    "公斤": ("g", 1000),
    "斤": ("g", 500),
    "ml": ("ml", 1),
    "毫升": ("ml", 1),
    "l": ("ml", 1000),
    "升": ("ml", 1000),
    "piece": ("piece", 1),
    "件": ("piece", 1),
}
_NET = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,3}))?\s*([^0-9.\s]+)")
_RANGE = re.compile(r"([0-9]{1,8})(?:-([0-9]{1,8}))?")

VoidReason = Literal["spoilt", "surplus", "leaked", "reprinted", "returned"]
KeyOption = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="签名密钥文件 / key file")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="标签段 / label run")]

app = typer.Typer(help="标签 / labels", no_args_is_help=True)


def parse_net(text: str) -> tuple[int, str]:
    """
    Return the net content of one package, in whole units, and the unit: g, ml or piece.

    >>> parse_net("2.5kg")
    (2500, 'g')

    Raises:
        Refused: ``net.form``, also where it is no whole number of the small unit, or zero.
    """
    found = _NET.fullmatch(text.strip())
    unit, factor = UNITS.get(found[3].lower(), ("", 0)) if found else ("", 0)
    if not found or not unit:
        raise Refused(NET.at(text=text[:40]))
    thousandths = int(found[1] + (found[2] or "").ljust(3, "0")) * factor
    if thousandths % 1000 or not thousandths:
        raise Refused(NET.at(text=text[:40]))
    return thousandths // 1000, unit


def parse_range(text: str | None, count: int) -> tuple[int, int]:
    """
    Return the half-open range of ``0-99`` (first and last, both included), the whole run for None.

    Raises:
        Refused: ``range.form``.
    """
    if text is None:
        return 0, count
    found = _RANGE.fullmatch(text.strip())
    if not found:
        raise Refused(RANGE.at(text=text[:40]))
    first = int(found[1])
    return first, int(found[2] or first) + 1


@app.command("issue")
def issue(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="批次编号或批次号 / batch")],
    count: Annotated[int, typer.Option(min=1, help="件数 / packages")],
    net: Annotated[str, typer.Option(help="每件净含量，如 5000g / net content of one package")],
    packed_on: Annotated[
        str | None, typer.Option(metavar="DATE", help="包装日期，默认今天 / packing day, today by default")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="ID|NAME", help="赋码主体，默认持有者 / party, the holder by default"),
    ] = None,
    key: KeyOption = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """给批次赋码：先写入账本，再打印。 / Issue a run of labels for BATCH: committed before anything is printed."""
    from ..capture.acts import moment_now
    from ..capture.labels import Order, issue_labels
    from ..capture.register import Register
    from ..ledger.engine import begin_read

    frame = frame_of(context)
    amount, unit = parse_net(net)
    with open_data(frame) as house:
        office = office_of(house)
        with begin_read(house.engine) as connection:
            register = Register(connection, house.log_id, house.vault)
            found = register.batch(batch)
            party = register.party(by).id if by else register.holder(found)
            _check_unit(register, found.product, net, unit)
        order = Order(found.id, count, amount, _day(packed_on) if packed_on else moment_now(office)[:10])
        issued = issue_labels(office, order, party, read_key_file(key, frame) if key else None)
        house.checkpoint()
    if as_json:
        print_json({"run": issued.run, "batch": found.id, "count": count, "entry": issued.accepted.index})
        return
    typer.echo(issued.run)
    frame.tell(
        f"标签段 {issued.run}：批次 {found.ref or found.id}，{count} 件，第 {issued.accepted.index} 条",
        f"run {issued.run}: batch {found.ref or found.id}, {count} packages, entry {issued.accepted.index}",
    )


def _check_unit(register: object, product: str, text: str, unit: str) -> None:
    from ..capture.register import Register
    from ..produce.records import Product

    assert isinstance(register, Register)
    found = register.find(Product, product)
    if found is not None and found.unit != unit:
        raise Refused(UNIT.at(text=text[:40], product=found.name, unit=found.unit))


def _day(text: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise Refused(DAY.at(text=text[:40])) from None


@app.command("activate")
def activate(
    context: typer.Context,
    run: RunArgument,
    span: Annotated[str | None, typer.Option("--range", metavar="A-B", help="含首尾 / both included")] = None,
    key: KeyOption = None,
) -> None:
    """启用标签：贴好、即将发出。默认整段。 / Activate labels: packed and on their way. The whole run by default."""
    from ..capture.labels import activate_labels

    frame = frame_of(context)
    with open_data(frame) as house:
        found = _find_run(house, run)
        first, end = parse_range(span, found.count)
        signer = read_key_file(key, frame) if key else None
        accepted = activate_labels(office_of(house), found, (first, end), signer)
        house.checkpoint()
    frame.tell(
        f"已启用 {end - first} 件，第 {accepted.index} 条",
        f"{end - first} packages activated, entry {accepted.index}",
    )


@app.command("void")
def void(
    context: typer.Context,
    run: RunArgument,
    span: Annotated[str, typer.Option("--range", metavar="A-B", help="含首尾 / both included")],
    reason: Annotated[VoidReason, typer.Option(help="原因 / reason")],
    key: KeyOption = None,
) -> None:
    """作废标签：印坏、多余、泄露等。 / Void labels: spoilt, surplus, leaked and so on."""
    from ..capture.labels import void_labels

    frame = frame_of(context)
    with open_data(frame) as house:
        found = _find_run(house, run)
        first, end = parse_range(span, found.count)
        signer = read_key_file(key, frame) if key else None
        accepted = void_labels(office_of(house), found, (first, end), reason, signer)
        house.checkpoint()
    frame.tell(
        f"已作废 {end - first} 件，第 {accepted.index} 条",
        f"{end - first} packages voided, entry {accepted.index}",
    )


@app.command("sheet")
def sheet(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="FILE.pdf", help="输出文件 / file to write")],
    layout: Annotated[str, typer.Option(help="版式，如 a4-24、roll-60x40 / layout")] = "a4-24",
    start: Annotated[int, typer.Option(min=1, help="首页起始位置 / first place on the first page")] = 1,
    span: Annotated[str | None, typer.Option("--range", metavar="A-B", help="含首尾 / both included")] = None,
) -> None:
    """打印标签页（PDF）；作废的不印。 / Write a sheet of labels as PDF; voided ones are left out."""
    from ..qr.fonts import find_sheet_fonts
    from ..qr.layout import find_layout
    from ..qr.sheet import write_sheet

    frame = frame_of(context)
    chosen = find_layout(layout)
    with open_data(frame) as house, progress_bar(frame, "标签", "labels") as progress:
        found, labels = _run_labels(house, run)
        first, end = parse_range(span, found.count)

        def counted() -> Iterator[Label]:
            for number, label in enumerate(labels.labels(first, end), 1):
                progress(number, end - first)
                yield label

        pdf = write_sheet(counted(), chosen, find_sheet_fonts(), house.mint.clock(), start)
    write_new(out, pdf)
    frame.tell(f"标签页已写入 {out}", f"labels written to {out}")


@app.command("code")
def code(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    run: RunArgument,
    index: Annotated[int, typer.Argument(metavar="INDEX", min=0, help="序号，从 0 起 / index from 0")],
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="写成 PNG / write a PNG")] = None,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="写成 SVG / write an SVG")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """一件的溯源码和网址；可写成图片。 / The code and address of one package, or its picture."""
    from ..qr.code import group_code
    from ..qr.symbol import make_symbol, render_png, render_svg

    frame = frame_of(context)
    if png and svg:
        raise Refused(PICTURE.at())
    with open_data(frame) as house:
        _, labels = _run_labels(house, run)
    text = labels.code(index)
    url = labels.url(text)
    if png:
        write_new(png, render_png(make_symbol(url), 8))
    elif svg:
        write_new(svg, render_svg(make_symbol(url), 0.5).encode())
    elif as_json:
        print_json({"code": text, "printed": group_code(text), "url": url})
    else:
        typer.echo(f"{group_code(text)}  {url}")


def _find_run(house: House, name: str) -> Run:
    from ..capture.register import Register
    from ..ledger.engine import begin_read

    with begin_read(house.engine) as connection:
        return Register(connection, house.log_id, house.vault).run(name)


def _run_labels(house: House, name: str) -> tuple[Run, RunLabels]:
    from ..ledger.engine import begin_read
    from ..publish.sheets import read_run_labels

    run = _find_run(house, name)
    with begin_read(house.engine) as connection:
        return run, read_run_labels(connection, house.vault, house.log_id, run, house.address)
