"""``suyuan serve``: the API and the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Reason, Unavailable
from .frame import Frame, frame_of, open_data
from .voice import hear_service

if TYPE_CHECKING:
    from ..server.house import House

PORT = Reason(
    "serve.port",
    "不能在 {host}:{port} 上监听：{detail}；可用 --port 换一个端口",
    "cannot listen on {host}:{port}: {detail}; choose another with --port",
)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="监听地址 / address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="端口 / port")] = None,
) -> None:
    """启动服务（网页与 API），Ctrl-C 停止。 / Serve the pages and the API until Ctrl-C."""
    frame = frame_of(context)
    with open_data(frame) as house:
        given = house.settings
        run_server(frame, house, host or given.host, given.port if port is None else port)


def run_server(frame: Frame, house: House, host: str, port: int) -> None:
    """
    Serve *house* until the process is told to stop.

    Raises:
        Unavailable: ``serve.port``.
    """
    import uvicorn

    from ..server.app import create_app, settle

    check_port(host, port)
    frame.tell(f"服务地址 http://{host}:{port}", f"serving on http://{host}:{port}")
    hear_service()
    app = create_app(house)
    settle()
    uvicorn.run(app, host=host, port=port, log_level="warning")
    frame.tell("服务已停止", "stopped")


def check_port(host: str, port: int) -> None:
    """
    Try to listen: uvicorn itself would only log the failure and end with an exit code of its own.

    Raises:
        Unavailable: ``serve.port``.
    """
    import socket

    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise Unavailable(PORT.at(host=host, port=port, detail=detail)) from None
