"""``suyuan verify``: a downloaded proof against a log key. Needs no network, no database and no data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import NoteWrong, ProofWrong, Refused
from .files import read_file
from .frame import REFUSED, fail, frame_of, lines_of, print_json


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="下载的证明 / the downloaded proof")],
    key: Annotated[
        str,
        typer.Option(metavar="VKEY|FILE", help="日志公钥，从别处得来 / the log's key, known from elsewhere"),
    ],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """离线核验一份证明：成立返回 0，不成立返回 1。 / Check a proof offline: exit code 0 if it holds, 1 if not."""
    from ..verify.bundle import parse_bundle
    from ..verify.entry import read_log_keys
    from ..verify.package import check_bundle

    frame = frame_of(context)
    is_text = "+" in key and not Path(key).is_file()
    text = key if is_text else read_file(Path(key)).decode("utf-8", "replace")
    verifiers = read_log_keys(text)
    data = read_file(file).rstrip(b"\r\n")
    try:
        steps = check_bundle(parse_bundle(data), verifiers)
    except (ProofWrong, Refused, NoteWrong) as error:
        if as_json:
            print_json({"holds": False, "problems": lines_of(error, frame.language)})
            raise typer.Exit(REFUSED) from None
        fail(frame, error)
    if as_json:
        shown = [{"code": one.code, "done": one.done, "text": one.text(frame.language)} for one in steps]
        print_json({"holds": True, "steps": shown})
        return
    for step in steps:
        typer.echo(f"{'✓' if step.done else '·'} {step.text(frame.language)}")
    typer.echo(frame.pick("证明成立：记录完整", "the proof holds: the record is intact"))
