"""``suyuan sign`` and ``suyuan submit``: an event into a statement, statements into the log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Missing, Reason, Refused, SuyuanError
from .files import read_file, read_json, read_key_file
from .frame import REFUSED, Frame, exit_code, frame_of, lines_of, office_of, open_data, print_json

if TYPE_CHECKING:
    from ..capture.outcome import Outcome
    from ..ledger.jwk import SigningKey

NO_BY = Reason("event.by", "事件没有写明主体（by）", "the event does not say who speaks (by)")
NO_LOG = Reason(
    "event.log",
    "事件没有写明账本（log），也没有数据文件夹可查",
    "the event names no log, and there is no data folder to look it up",
)
NOTHING = Reason("submit.none", "没有要提交的声明", "there are no statements to submit")


def sign(
    context: typer.Context,
    event: Annotated[Path, typer.Argument(metavar="EVENT.json", help="事件 / the event")],
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="密钥文件；否则用代管的密钥 / key file")
    ] = None,
) -> None:
    """签署事件，输出紧凑 JWS；缺少的 id、log、at 会补上。 / Sign an event; id, log and at are filled in."""
    frame = frame_of(context)
    payload = read_json(event)
    signer = read_key_file(key, frame) if key else None
    if signer is None or "log" not in payload:
        payload, signer = _from_data(frame, payload, signer)
    typer.echo(_signed(payload, signer))


def _from_data(
    frame: Frame, payload: dict[str, Any], signer: SigningKey | None
) -> tuple[dict[str, Any], SigningKey]:
    """Return *payload* with its log, and a key that the service keeps for its party."""
    from ..capture.acts import find_signer

    by = payload.get("by")
    if not isinstance(by, str):
        raise Refused(NO_BY.at("/by"))
    if signer is not None:
        from ..settings import read_folder

        try:
            return {"log": read_folder(frame.settings().data).log, **payload}, signer
        except Missing:
            raise Refused(NO_LOG.at("/log")) from None
    with open_data(frame) as house:
        _, found = find_signer(office_of(house), by)
        return {"log": house.log_id, **payload}, found


def _signed(payload: dict[str, Any], signer: SigningKey) -> str:
    import os
    from datetime import UTC, datetime

    from ..capture.acts import CHINA
    from ..capture.mint import Mint
    from ..capture.pen import Pen

    mint = Mint(lambda: datetime.now(UTC), os.urandom)
    at = mint.clock().astimezone(CHINA).isoformat(timespec="milliseconds")
    whole = {"id": mint.event_id(), "at": at, **payload}
    return Pen(str(whole["log"]), mint).sign(whole, signer).token


def submit(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="声明，每行一条 / statements, one a line")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """提交声明，输出回执；重复提交得到同一回执。 / Append statements and print their receipts."""
    from ..capture.outcome import Submission

    frame = frame_of(context)
    data = sys.stdin.buffer.read() if file == "-" else read_file(Path(file))
    tokens = [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    if not tokens:
        raise Refused(NOTHING.at())
    with open_data(frame) as house:
        outcomes = house.capture.submit([Submission(token) for token in tokens])
    if as_json:
        print_json([_document(frame, outcome) for outcome in outcomes])
    else:
        _print(frame, outcomes)
    failed = [exit_code(outcome) for outcome in outcomes if isinstance(outcome, SuyuanError)]
    if failed:
        raise typer.Exit(min(failed, default=REFUSED))


def _print(frame: Frame, outcomes: list[Outcome]) -> None:
    for number, outcome in enumerate(outcomes, 1):
        if not isinstance(outcome, SuyuanError):
            typer.echo(outcome.receipt)
            continue
        for line in lines_of(outcome, frame.language):
            frame.tell(f"第 {number} 行 {line}", f"line {number}: {line}")


def _document(frame: Frame, outcome: Outcome) -> dict[str, Any]:
    if not isinstance(outcome, SuyuanError):
        return {
            "id": outcome.event_id,
            "index": outcome.index,
            "leaf": outcome.leaf.hex(),
            "receipt": outcome.receipt,
            "replayed": outcome.replayed,
        }
    problems = outcome.problems if isinstance(outcome, Refused) else ()
    return {
        "code": outcome.code,
        "problems": [
            {"code": one.code, "pointer": one.pointer, "text": one.text(frame.language)} for one in problems
        ],
    }
