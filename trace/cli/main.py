"""The command ``suyuan``: options before the command, and where each command stands."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ..errors import Language, SuyuanError
from . import (
    demo,
    evidence,
    examining,
    founding,
    holding,
    keeping,
    keys,
    labelling,
    publishing,
    season,
    serving,
    statements,
    tracing,
    verifying,
    witness,
)
from .frame import INTERRUPTED, Frame, fail, frame_of
from .voice import hear_warnings


class Commands(TyperGroup):
    """The group of all commands: turns errors into lines and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of ours becomes one line for each problem."""
        try:
            return super().invoke(ctx)
        except SuyuanError as error:
            fail(frame_of(ctx), error)
        except KeyboardInterrupt:
            frame_of(ctx).tell("已中断", "interrupted")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="suyuan",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option("--data", envvar="SUYUAN_DATA", metavar="DIR", help="数据文件夹 / the data folder"),
    ] = None,
    lang: Annotated[
        Language, typer.Option("--lang", envvar="SUYUAN_LANGUAGE", help="语言 / language")
    ] = "zh",
) -> None:
    """溯源：可由任何人核验的农产品追溯账本。 / A traceability ledger for produce that anyone can verify."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # a pipe in a narrow encoding gets question marks, no traceback
            stream.reconfigure(errors="replace")
    context.obj = Frame(data, lang)
    hear_warnings(lang)


app.command("init")(founding.found)
app.command("import")(season.import_folder)
app.add_typer(keys.app, name="key")
app.command("sign")(statements.sign)
app.command("submit")(statements.submit)
app.add_typer(labelling.app, name="labels")
app.command("hold")(holding.hold)
app.command("release")(holding.release)
app.command("trace")(tracing.trace)
app.command("evidence")(evidence.evidence)
app.command("serve")(serving.serve)
app.command("publish")(publishing.publish)
app.command("backup")(keeping.backup)
app.command("restore")(keeping.restore)
app.command("upgrade")(keeping.upgrade)
app.command("audit")(examining.audit)
app.command("rebuild")(examining.rebuild)
app.command("verify")(verifying.verify)
app.command("checkpoint")(examining.checkpoint)
app.command("demo")(demo.demo)
app.add_typer(witness.app, name="witness")


@app.command("schemas")
def schemas(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """写出公开的 JSON Schema。 / Write the published JSON Schemas into DIR."""
    from .schemas import write_schemas

    write_schemas(folder)
