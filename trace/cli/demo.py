"""``suyuan demo``: a whole season from workbooks to a page behind a QR code, in one command."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from ..durable import write_file
from ..errors import Missing, Reason, Refused
from .examining import examine_house
from .founding import EXISTS, found_folder, is_begun, plan_founders
from .frame import Frame, frame_of, open_data, print_json
from .season import print_report, run_import
from .serving import run_server

if TYPE_CHECKING:
    from ..capture.report import ImportReport
    from ..produce.records import Run
    from ..publish.sheets import RunLabels
    from ..server.house import House

DATA: Final = Path("demo-data")
PORT: Final = 8000
LABELS: Final = 48
"""Labels on the demo's sheet, at most."""

NO_SEASON = Reason(
    "demo.season",
    "找不到示例表格（../shared/season/2026 或 examples/season），请用 --season 给出文件夹",
    "found no season (../shared/season/2026 or examples/season): give a folder with --season",
)
NO_RUN = Reason(
    "demo.run", "这一季没有可以启用的标签段", "the season has no label run that could be activated"
)

_T = TypeVar("_T")


@dataclass(slots=True)
class Watch:
    """Seconds that each part took."""

    seconds: dict[str, float] = field(default_factory=dict)

    def time(self, what: str, act: Callable[[], _T]) -> _T:
        """Return what *act* returns, noting how long it took."""
        began = time.monotonic()
        result = act()
        self.seconds[what] = round(time.monotonic() - began, 3)
        return result


def demo(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="不启动服务，输出 JSON / do not serve, print JSON")
    ] = False,
    season: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="表格文件夹 / folder of tables")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port")] = PORT,
) -> None:
    """演示：新建账本，导入一季，打印并启用标签，启动服务；中断后可接着做。 / The whole way; can be continued."""
    frame = frame_of(context)
    frame = replace(frame, data=frame.data or DATA)
    folder = season or find_season()
    watch = Watch()
    watch.time("init", lambda: _found(frame, port))
    report = watch.time("import", lambda: run_import(frame, folder, False, []))
    with open_data(frame) as house:
        run, labels = watch.time("labels", lambda: _label(frame, house))
        url = f"http://localhost:{port}/p/{labels.code(0)}"
        if once:
            print_json(_summary(frame, house, watch, report) | {"package_url": url, "run": run.id})
            return
        print_report(frame, report)
        typer.echo(frame.pick(f"一件的网址：{url}", f"the page of one package: {url}"))
        run_server(frame, house, house.settings.host, port)


def find_season() -> Path:
    """
    Return the folder of the season that the demo imports.

    Raises:
        Missing: ``demo.season``.
    """
    root = Path(__file__).resolve().parents[2]
    for folder in (
        Path("../shared/season/2026"),
        root.parent / "shared/season/2026",
        root / "examples/season",
    ):
        if folder.is_dir():
            return folder
    raise Missing(NO_SEASON.at())


def _found(frame: Frame, port: int) -> None:
    try:
        settings = frame.settings()
        wish = (None, None if is_begun(settings) else f"http://localhost:{port}")
        found_folder(settings, wish, plan_founders([], [])).close()
    except Refused as refused:
        if [one.code for one in refused.problems] != [EXISTS.code]:
            raise
        frame.tell(f"接着使用 {frame.data}", f"going on with {frame.data}")
    else:
        frame.tell(
            f"演示账本在 {frame.data}，监管部门的密钥由服务代管，仅供演示",
            f"the demo log is in {frame.data}; the service keeps its supervisor's key, for demonstration only",
        )


def _label(frame: Frame, house: House) -> tuple[Run, RunLabels]:
    """Activate a run, write its sheet and a checkpoint into the data folder; what is done already stays."""
    from ..capture.labels import activate_labels
    from ..ledger.engine import begin_read
    from ..publish.sheets import read_run_labels
    from ..qr.fonts import find_sheet_fonts
    from ..qr.layout import find_layout
    from ..qr.sheet import write_sheet
    from .frame import office_of

    run = _choose_run(house)
    if [span.state for span in run.spans] == ["issued"]:
        activate_labels(office_of(house), run, (0, run.count))
    with begin_read(house.engine) as connection:
        labels = read_run_labels(connection, house.vault, house.log_id, run, house.address)
    shown = labels.labels(0, min(run.count, LABELS))
    pdf = write_sheet(shown, find_layout("a4-24"), find_sheet_fonts(), house.mint.clock())
    write_file(house.settings.data / f"labels-{run.id}.pdf", pdf, mode=0o644)
    stored = house.checkpoint()
    if stored is not None:
        write_file(house.settings.data / "checkpoint.txt", stored.note.encode(), mode=0o644)
    frame.tell(
        f"标签页：{house.settings.data / f'labels-{run.id}.pdf'}",
        f"sheet of labels: {house.settings.data / f'labels-{run.id}.pdf'}",
    )
    return run, labels


def _choose_run(house: House) -> Run:
    """Return the earliest run whose batch nothing speaks against."""
    from ..books.store import read_records
    from ..ledger.engine import begin_read
    from ..produce.records import Batch, Run

    with begin_read(house.engine) as connection:
        batches = {one.id: one for one in read_records(connection, house.log_id, Batch)}
        runs = sorted(read_records(connection, house.log_id, Run), key=lambda run: run.entry)
    for run in runs:
        batch = batches[run.batch]
        if not (batch.holds or batch.failed or batch.recalls):
            return run
    raise Missing(NO_RUN.at())


def _summary(frame: Frame, house: House, watch: Watch, report: ImportReport) -> dict[str, Any]:
    found = watch.time("audit", lambda: examine_house(frame, house))
    shown = report.to_json(frame.language)
    return {
        "totals": shown["totals"],
        "refused": len(shown["refused"]),
        "warned": len(shown["warned"]),
        "log": house.log_id,
        "size": found.size,
        "root": found.root.hex(),
        "differences": len(found.differences),
        "seconds": watch.seconds,
    }
