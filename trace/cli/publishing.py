"""``suyuan publish``: the log as static files, once or until Ctrl-C."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..errors import Problem, Unavailable
from .frame import Frame, frame_of, lines_of, open_data

if TYPE_CHECKING:
    from ..publish.publisher import Publisher
    from ..server.house import House

SECONDS: Final = 1.0
MOST_SECONDS: Final = 60.0
"""The longest between two attempts at a target that fails."""


def publish(
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option(metavar="FOLDER|s3://...", help="发布到文件夹或存储桶 / a folder or a bucket"),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow/--once", help="每秒发布，直到 Ctrl-C / every second until Ctrl-C")
    ] = False,
) -> None:
    """把账本发布为任何人都能核验的静态文件。 / Write the log as static files that anybody can check."""
    from ..publish.target import open_target

    frame = frame_of(context)
    settings = frame.settings()
    target = open_target(to or settings.publish_to, settings.bucket)
    with open_data(frame) as house:
        house.check_unforked()
        publisher = house.publisher(target)
        note = publisher.publish()
        typer.echo(note or "", nl=False)
        frame.tell(
            f"已发布 {publisher.size} 条到 {target.name}",
            f"{publisher.size} entries published to {target.name}",
        )
        if follow:
            _follow(frame, house, publisher)


def _follow(frame: Frame, house: House, publisher: Publisher) -> None:
    """Go on every second; what is not available is tried again, each time twice as late."""
    wait = SECONDS
    told: Problem | None = None
    while True:
        time.sleep(wait)
        try:
            house.refresh(publisher)
            publisher.publish()
        except Unavailable as error:
            if told is None or told.code != error.problem.code:
                typer.echo("\n".join(lines_of(error, frame.language)), err=True)
            told, wait = error.problem, min(2 * wait, MOST_SECONDS)
        else:
            told, wait = None, SECONDS
