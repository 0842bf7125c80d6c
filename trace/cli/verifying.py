"""``suyuan verify``: a downloaded proof against a trust policy. Needs no network, no database and no data folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..errors import NoteWrong, ProofWrong, Refused
from .evidence import unpack
from .files import read_file
from .frame import REFUSED, Frame, fail, frame_of, lines_of, print_json
from .trusting import KEY, POLICY, read_policy

if TYPE_CHECKING:
    from ..ledger.policy import Policy
    from ..verify.entry import Proved
    from ..verify.steps import Step

ZIP: Final = b"PK"
"""How a ZIP file begins; no other proof does."""


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="下载的证明 / the downloaded proof")],
    policy: Annotated[Path | None, POLICY] = None,
    key: Annotated[str | None, KEY] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """离线核验一份证明：成立返回 0，不成立返回 1。 / Check a proof offline: exit code 0 if it holds, 1 if not."""
    frame = frame_of(context)
    trusted = read_policy(policy, key)
    data = read_file(file)
    try:
        steps = _check(frame, file.name, data, trusted)
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


def _check(frame: Frame, name: str, data: bytes, policy: Policy) -> Sequence[Step]:
    from ..verify.evidence import parse_evidence
    from ..verify.findings import check_evidence
    from ..verify.package import check_bundle
    from ..verify.tlog import parse_document

    if not data.startswith(ZIP):
        return check_bundle(parse_document(data), policy)
    found = check_evidence(parse_evidence(unpack(name, data)), policy)
    for proved in found.entries:
        frame.tell(*_said(proved))
    return found.steps


def _said(proved: Proved) -> tuple[str, str]:
    entry, event = proved.entry, proved.event
    kind, at = proved.statement.payload["type"], entry.at.isoformat(timespec="seconds")
    return (
        f"第 {entry.index} 条  {kind}  {event.by} 声明于 {event.at}，入账 {at}",
        f"entry {entry.index}  {kind}  said by {event.by} at {event.at}, in the log {at}",
    )
