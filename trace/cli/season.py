"""``suyuan import``: a season's workbooks into the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Missing, Reason
from .files import read_key_file
from .frame import REFUSED, Frame, frame_of, office_of, open_data, print_json, progress_bar

if TYPE_CHECKING:
    from ..capture.report import ImportReport

NO_FOLDER = Reason("import.folder", "找不到文件夹 {name}", "there is no folder {name}")


def import_folder(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="表格所在文件夹 / folder of tables")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入 / check, write nothing")] = False,
    supervisor_key: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE.jwk", help="监管部门私钥，仅本次使用 / supervisor's key, for this run only"
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="有拒绝的行则返回 1 / exit code 1 if a row is refused")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """
    导入一季的表格；重复导入不会重复入账。 / Import a season's tables; what is in already is skipped.

    拒绝的行列在报告中，其余照常入账。 / Refused rows are in the report, the others are entered.
    """
    frame = frame_of(context)
    report = run_import(frame, folder, dry_run, supervisor_key or [])
    if as_json:
        print_json(report.to_json(frame.language))
    else:
        print_report(frame, report)
    if report.refused and strict:
        raise typer.Exit(REFUSED)


def run_import(frame: Frame, folder: Path, dry_run: bool, keys: list[Path]) -> ImportReport:
    """Import *folder* with a progress bar; errors as for ``capture.season.import_season``, and Missing."""
    from ..capture.season import import_season

    if not folder.is_dir():
        raise Missing(NO_FOLDER.at(name=str(folder)))
    lent = [read_key_file(path, frame) for path in keys]
    with open_data(frame) as house, progress_bar(frame, "导入", "import") as progress:
        report = import_season(office_of(house, *lent), folder, dry_run=dry_run, progress=progress)
        if not dry_run:
            house.checkpoint()
    return report


def print_report(frame: Frame, report: ImportReport) -> None:
    """Write the report for people: each refused and warned row, then the totals."""
    shown = report.to_json(frame.language)
    for level, zh, en in (("refused", "拒绝", "refused"), ("warned", "提醒", "warned")):
        for row in shown[level]:
            typer.echo(f"{frame.pick(zh, en)} {row['text']}")
    totals = shown["totals"]
    for line in _total_lines(frame, totals):
        typer.echo(line)
    entered, known = sum(report.entered.values()), sum(report.known.values())
    typer.echo(
        frame.pick(
            f"入账 {entered} 行，早已入账 {known} 行，拒绝 {len(shown['refused'])} 行，"
            f"提醒 {len(shown['warned'])} 行，新增 {report.entries} 条",
            f"entered {entered} rows, known {known}, refused {len(shown['refused'])}, "
            f"warned {len(shown['warned'])}, {report.entries} new entries",
        )
    )
    if report.dry_run:
        typer.echo(frame.pick("仅检查，没有写入任何内容", "dry run: nothing was written"))


def _total_lines(frame: Frame, totals: dict[str, Any]) -> list[str]:
    lines = [
        f"{frame.pick(*words)} {name}: {amount} kg"
        for key, words in (("harvest_kg", ("采收", "harvested")), ("processed_kg", ("加工", "processed")))
        for name, amount in totals[key].items()
    ]
    return [
        *lines,
        frame.pick(
            f"赋码 {totals['packages']} 件，订单 {totals['orders']} 单，售出 {totals['packages_sold']} 件，"
            f"销售额 {totals['sales_yuan']} 元",
            f"{totals['packages']} packages labelled, {totals['orders']} orders, "
            f"{totals['packages_sold']} packages sold for {totals['sales_yuan']} yuan",
        ),
    ]
