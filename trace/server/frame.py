"""
The frame round every request: a request id, a limit to the body, HEAD, headers of safety, one line in the access log.

The line names the route by its template, never by its path: a path holds package codes. Nor does it hold addresses of
callers or anything they sent.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Final, Literal

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..api.problems import TOO_LARGE
from ..errors import TooLarge

access: Final = logging.getLogger("suyuan.access")
failures: Final = logging.getLogger("suyuan.failure")

SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Headers that every answer carries, unless it brings its own. The address of a page holds a code: no referrer."""

HSTS: Final = "max-age=31536000"
_SAFE: Final = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in SAFE.items()]
_HSTS: Final = (b"strict-transport-security", HSTS.encode("ascii"))
_ANYBODY: Final = (b"access-control-allow-origin", b"*")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Frame:
    """ASGI middleware; *fail* answers what nobody foresaw, *new_id* makes request ids, *limit* is in bytes."""

    app: ASGIApp
    fail: Callable[[Request, Exception], Response]
    new_id: Callable[[], str]
    limit: int
    is_secure: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit = _Visit(self, scope, receive, send)
        try:
            await visit.serve()
        finally:
            visit.log()


class Catch:
    """Catches what nobody foresaw: above the server there is only the process, and one request may not end it."""

    error: Exception | None = None

    def __enter__(self) -> Catch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[True] | None:
        if isinstance(error, Exception):
            self.error = error
            return True
        return None


@dataclass(slots=True)
class _Visit:
    frame: Frame
    scope: Scope
    receive: Receive
    send: Send
    started: float = field(default_factory=perf_counter)
    status: int = 0
    sent: int = 0
    taken: int = 0
    request_id: str = ""
    is_head: bool = False

    async def serve(self) -> None:
        headers = Headers(scope=self.scope)
        given = headers.get("x-request-id", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else self.frame.new_id()
        self.is_head = self.scope["method"] == "HEAD"
        if self.is_head:
            self.scope = {**self.scope, "method": "GET"}  # the server still has to know that it was HEAD
        with Catch() as caught:
            self.check_length(headers.get("content-length", "0"))
            await self.frame.app(self.scope, self.take, self.give)
        if caught.error is not None:
            await self.answer_failure(caught.error)

    def check_length(self, length: str) -> None:
        if length.isdigit() and len(length) < 20 and int(length) > self.frame.limit:
            raise TooLarge(TOO_LARGE.at(most=self.frame.limit))

    async def take(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.taken += len(message.get("body", b""))
            if self.taken > self.frame.limit:
                raise TooLarge(TOO_LARGE.at(most=self.frame.limit))
        return message

    async def give(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self.headers(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
            if self.is_head:
                message = {**message, "body": b""}
        await self.send(message)

    def headers(self, own: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Return the answer's *own* headers and ours, as bytes: each answer pays for them."""
        headers = [*own, (b"x-request-id", self.request_id.encode("ascii"))]
        there = {name for name, _ in headers}
        headers += [header for header in _SAFE if header[0] not in there]
        if self.frame.is_secure and _HSTS[0] not in there:
            headers.append(_HSTS)
        if self.scope["method"] == "GET" and self.scope["path"].startswith("/api/"):
            headers = [header for header in headers if header[0] != _ANYBODY[0]] + [_ANYBODY]
        return headers

    async def answer_failure(self, error: Exception) -> None:
        if not isinstance(error, TooLarge):
            frames = "".join(traceback.format_tb(error.__traceback__))
            # Its own words stay out: they may quote private data.
            failures.error("%s in request %s\n%s", type(error).__name__, self.request_id, frames)
        if self.status == 0:
            response = self.frame.fail(Request(self.scope), error)
            await response(self.scope, self.receive, self.give)

    def log(self) -> None:
        route = getattr(self.scope.get("route"), "path", "-")
        line = {
            "request": self.request_id,
            "method": "HEAD" if self.is_head else self.scope["method"],
            "route": route,
            "status": self.status,
            "ms": round((perf_counter() - self.started) * 1000, 1),
            "bytes": 0 if self.is_head else self.sent,
        }
        access.info("%s", msgspec.json.encode(line).decode())
