"""A client that costs little: keep-alive connections on the loopback that ask again as soon as they are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import cast

import uvloop


@dataclass(frozen=True)
class Answers:
    """The bodies that came back, in no order, and how many came in a second."""

    rate: float
    bodies: list[bytes]


class _Asker(asyncio.Protocol):
    def __init__(self, requests: list[bytes], bodies: list[bytes], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._bodies = bodies
        self._done = done
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without inheriting

    def ask(self) -> None:
        assert self._transport is not None
        if self._requests:
            self._transport.write(self._requests.pop())
        else:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        if not lower.startswith((b"http/1.1 200", b"http/1.1 201")):
            self._fail(f"answered {head[:60]!r} {body[:200]!r}")
            return
        length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self._buffer = b""
            self._bodies.append(body)
            self.ask()

    def connection_lost(self, _error: Exception | None) -> None:
        self._fail("the server hung up")

    def _fail(self, why: str) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(why))


async def _run(port: int, requests: list[bytes], connections: int) -> Answers:
    loop = asyncio.get_running_loop()
    count, bodies = len(requests), list[bytes]()
    ends, askers = [], []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _, asker = await loop.create_connection(
            lambda done=done: _Asker(requests, bodies, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        ends.append(done)
        askers.append(asker)
    start = perf_counter()
    for asker in askers:
        asker.ask()
    await asyncio.gather(*ends)
    return Answers(count / (perf_counter() - start), bodies)


def ask(port: int, requests: Sequence[bytes], connections: int) -> Answers:
    """Send each of *requests* once, over *connections* that stay open; stop at the first answer but 200 and 201."""
    return uvloop.run(_run(port, list(requests), connections))


def get(path: str) -> bytes:
    """Return the request for *path*."""
    return f"GET {path} HTTP/1.1\r\nHost: bench.invalid\r\nAccept: application/json\r\n\r\n".encode("ascii")


def post(path: str, body: bytes) -> bytes:
    """Return the request that posts *body*, JSON, to *path*."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench.invalid\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body


def request_rate(port: int, paths: Sequence[str], connections: int = 8) -> float:
    """Ask for each of *paths* once, over *connections* that stay open, and return the requests in a second."""
    return ask(port, [get(path) for path in paths], connections).rate
