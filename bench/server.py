"""``python -m bench.server DATA URL [GROUP]``: the application, and bare FastAPI routes beside it, on one uvicorn."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import uvicorn
from fastapi import FastAPI

from suyuan.server.app import create_app, settle
from suyuan.server.house import open_house
from suyuan.settings import Settings, load_settings

BARE = "/bare"
"""GET answers a word, POST the JSON that it was sent."""


def main(data: Path, url: str, group: int | None) -> None:
    house = open_house(_settings(data, url, group))
    app, bare = create_app(house), _bare()

    async def both(scope: Any, receive: Any, send: Any) -> None:
        await (bare if scope.get("path") == BARE else app)(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(both, host="127.0.0.1", port=0, log_level="warning"))
    Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
    Thread(target=_tell_port, args=(server,), daemon=True).start()
    settle()
    try:
        server.run()
    finally:
        house.close()


def _settings(data: Path, url: str, group: int | None) -> Settings:
    settings = replace(
        load_settings(data), database_url=url, master_key=None, master_key_file=data / "master.key"
    )
    return settings if group is None else replace(settings, group_limit=group, group_wait_ms=0)


def _bare() -> FastAPI:
    bare = FastAPI()

    @bare.get(BARE)
    async def answer() -> dict[str, str]:
        return {"status": "ok"}

    @bare.post(BARE)
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    return bare


def _tell_port(server: uvicorn.Server) -> None:
    while not server.started:
        sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)


def _stop_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None)
