"""``suyuan hold`` and ``suyuan release``: a supervisor stops a batch, and all that descends from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from .files import read_key_file
from .frame import frame_of, office_of, open_data

HoldReason = Literal["failed-test", "complaint", "document-missing", "suspicion", "inspection"]
KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="监管部门密钥文件 / supervisor's key file")
]


def hold(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="批次编号或批次号 / batch")],
    reason: Annotated[HoldReason, typer.Option(help="原因 / reason")],
    key: KeyOption = None,
) -> None:
    """封存批次及由它而来的一切；输出封存编号。 / Hold a batch and what descends from it; prints the hold's id."""
    from ..capture.acts import hold_batch
    from ..capture.register import Register
    from ..ledger.engine import begin_read

    frame = frame_of(context)
    with open_data(frame) as house:
        with begin_read(house.engine) as connection:
            found = Register(connection, house.log_id, house.vault).batch(batch)
        accepted = hold_batch(office_of(house), found.id, reason, read_key_file(key, frame) if key else None)
        house.checkpoint()
    typer.echo(accepted.event_id)
    frame.tell(
        f"已封存批次 {found.ref or found.id}，第 {accepted.index} 条",
        f"batch {found.ref or found.id} is held, entry {accepted.index}",
    )


def release(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="HOLD|BATCH", help="封存编号或批次 / hold or batch")],
    key: KeyOption = None,
) -> None:
    """解除封存；给出批次时解除其上全部封存。 / End a hold, or all holds on a batch."""
    from ..capture.acts import release_hold
    from ..capture.register import Register
    from ..ledger.engine import begin_read

    frame = frame_of(context)
    with open_data(frame) as house:
        with begin_read(house.engine) as connection:
            holds = Register(connection, house.log_id, house.vault).holds(name)
        signer = read_key_file(key, frame) if key else None
        for one in holds:
            accepted = release_hold(office_of(house), one, signer)
            frame.tell(
                f"已解除封存 {one.id}，第 {accepted.index} 条",
                f"hold {one.id} is ended, entry {accepted.index}",
            )
        house.checkpoint()
