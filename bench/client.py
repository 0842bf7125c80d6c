"""A client that costs little: keep-alive connections on the loopback that ask again as soon as they are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter


class _Asker(asyncio.Protocol):
    def __init__(self, requests: list[bytes], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._done = done
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
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
        if not lower.startswith(b"http/1.1 200"):
            self._fail(f"answered {head[:60]!r} {body[:200]!r}")
            return
        length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self._buffer = b""
            self._ask()

    def connection_lost(self, _error: Exception | None) -> None:
        self._fail("the server hung up")

    def _fail(self, why: str) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(why))


async def _run(port: int, paths: Sequence[str], connections: int) -> None:
    loop = asyncio.get_running_loop()
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: bench.invalid\r\nAccept: application/json\r\n\r\n".encode("ascii")
        for path in paths
    ]
    ends = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda done=done: _Asker(requests, done), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)


def request_rate(port: int, paths: Sequence[str], connections: int = 8) -> float:
    """Ask for each of *paths* once, over *connections* that stay open, and return the requests in a second."""
    start = perf_counter()
    asyncio.run(_run(port, paths, connections))
    return len(paths) / (perf_counter() - start)
