"""A server that lies: the orchard's own application, with single answers changed on their way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep
from typing import Any

import uvicorn

Change = Callable[[bytes], bytes]


class Forger:
    """
    Passes requests on to *app*, and lies where it is told to.

    ``changes`` holds what is done to the body at a path that ends so, ``refuses`` the status that it gets.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.changes: dict[str, Change] = {}
        self.refuses: dict[str, int] = {}
        self.url = ""

    def be_honest(self) -> None:
        """Change and refuse nothing from now on."""
        self.changes.clear()
        self.refuses.clear()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        change = next((c for end, c in self.changes.items() if _hits(scope, end)), None)
        status = next((s for end, s in self.refuses.items() if _hits(scope, end)), None)
        start: dict[str, Any] = {}
        body = b""

        async def collect(message: Any) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            changed = change(body) if change and start["status"] == 200 else body
            headers = [(n, v) for n, v in start["headers"] if n.lower() != b"content-length"]
            headers.append((b"content-length", str(len(changed)).encode()))
            await send({**start, "status": status or start["status"], "headers": headers})
            await send({"type": "http.response.body", "body": changed})

        await self.app(scope, receive, collect)


def _hits(scope: Any, end: str) -> bool:
    return scope["type"] == "http" and str(scope["path"]).endswith(end)


def edit(change: Callable[[dict[str, Any]], object]) -> Change:
    """Return a change to a JSON document, which stays in its one spelling."""

    def apply(body: bytes) -> bytes:
        document = json.loads(body)
        change(document)
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    return apply


@contextmanager
def forging(app: Any) -> Iterator[Forger]:
    """Serve *app* through a forger on a free port; the app itself is started and stopped by others."""
    forger = Forger(app)
    config = uvicorn.Config(forger, host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        sleep(0.005)
    forger.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield forger
    finally:
        server.should_exit = True
        thread.join()
