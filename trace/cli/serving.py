"""``suyuan serve``: the API and the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .frame import Frame, frame_of, open_data

if TYPE_CHECKING:
    from ..server.house import House


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="监听地址 / address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="端口 / port")] = None,
) -> None:
    """启动服务（网页与 API），Ctrl-C 停止。 / Serve the pages and the API until Ctrl-C."""
    frame = frame_of(context)
    with open_data(frame) as house:
        run_server(frame, house, host or house.settings.host, port or house.settings.port)


def run_server(frame: Frame, house: House, host: str, port: int) -> None:
    """Serve *house* until the process is told to stop."""
    import uvicorn

    from ..server.app import create_app

    frame.tell(f"服务地址 http://{host}:{port}", f"serving on http://{host}:{port}")
    uvicorn.run(create_app(house), host=host, port=port, log_level="warning")
