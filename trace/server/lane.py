"""
The lane of what writes: signed statements reach their function past the router and its layers.

Half of the event loop's time for a statement went into layers that do nothing for it. The route stands among all others
too: that is where the document describes it, and where other methods and spellings of its path are answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import SuyuanError


@dataclass(frozen=True, slots=True)
class Lane:
    """Calls the function of *route* with the request as it is; *refuse* answers the errors of our own tree."""

    route: APIRoute
    refuse: Callable[[Request, Exception], Awaitable[Response]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["route"] = self.route
        request = Request(scope, receive)
        try:
            response = await self.route.endpoint(request)
        except SuyuanError as error:
            response = await self.refuse(request, error)
        await response(scope, receive, send)


class LanedApp(FastAPI):
    """An application whose POST requests to one path go to another one."""

    _lane: tuple[str, ASGIApp] | None = None

    def open_lane(self, path: str, lane: ASGIApp) -> None:
        """Send POST requests to exactly *path* by *lane*, which is framed already."""
        self._lane = path, lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if (
            self._lane is not None
            and scope["type"] == "http"
            and scope["path"] == self._lane[0]
            and scope["method"] == "POST"
        ):
            await self._lane[1](scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
