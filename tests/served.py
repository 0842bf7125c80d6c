"""An orchard served over real HTTP, in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import sleep
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from suyuan.server.app import create_app
from tests.orchard import Orchard


@dataclass(frozen=True)
class Site:
    """A running server: its address, its orchard, and a client that asks in Chinese."""

    url: str
    app: FastAPI
    orchard: Orchard
    http: httpx.Client

    def get(self, path: str, language: str = "zh-CN", **headers: str) -> httpx.Response:
        """Ask for *path*."""
        return self.http.get(path, headers={"Accept-Language": language, **headers})

    def json(self, path: str, status: int = 200) -> Any:
        """Ask for *path* and return its JSON."""
        response = self.get(path)
        assert response.status_code == status, response.text
        return response.json()

    def post(self, body: Any, language: str = "zh-CN") -> httpx.Response:
        """Send statements."""
        return self.http.post("/api/v1/statements", json=body, headers={"Accept-Language": language})


@contextmanager
def serve(orchard: Orchard) -> Iterator[Site]:
    """Run the orchard's application on a free port of this machine."""
    app = create_app(orchard.house)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        sleep(0.005)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        with httpx.Client(base_url=url, timeout=30) as http:
            yield Site(url, app, orchard, http)
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def site(orchard: Orchard) -> Iterator[Site]:
    """A site for a test that writes."""
    with serve(orchard) as running:
        yield running


@pytest.fixture(scope="module")
def reading_site(grown: Orchard) -> Iterator[Site]:
    """A site for tests that only read."""
    with serve(grown) as running:
        yield running
