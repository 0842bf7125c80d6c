"""
The application: one house made into one ASGI app, which signs and publishes every second while the log grows.

The caller opens the house and closes it; the app starts and stops the writer and the publishing with the server.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ..api import problems
from ..api.document import build_kinds, describe
from ..api.health import build_health
from ..api.published import build_published
from ..api.reads import build_reads
from ..api.statements import build_statements
from ..capture.batcher import Batcher
from ..errors import Broken, SuyuanError, Unavailable
from ..publish.layout import prefix_of
from ..publish.readiness import Point, check_database, check_disk
from ..publish.window import Window
from ..web.pages import build_pages, wrong_page
from .frame import Frame, access, failures
from .gate import Gate
from .house import House
from .lane import Lane, LanedApp
from .publishing import Publishing, refuse_writing

_COLLECT_FROM: Final = 20_000
"""Objects made, less those given back, from which on the collector looks for garbage; Python's own is 700."""

_FOR_PROGRAMS: Final = ("/api/", "/healthz", "/readyz", "/openapi.json", "/problems/")


def create_app(house: House) -> FastAPI:
    """Return the API and the pages of *house*'s log as one ASGI application."""
    window = Window(house.engine, house.log_id, house.vault)
    gate = Gate(house.settings.queue_limit)
    witnesses = house.witnesses
    publisher = house.publisher(witnesses=witnesses)
    publishing = Publishing(publisher, gate, house.refresh)
    app = LanedApp(
        title="Suyuan",
        version=version("suyuan"),
        docs_url=None,  # they load from a CDN
        redoc_url=None,
        lifespan=_lifespan(house, gate, publishing),
        generate_unique_id_function=lambda route: route.name,
    )
    statements = build_statements(gate.submit)
    app.include_router(statements)
    app.include_router(build_reads(window))
    app.include_router(build_health(_look(house, gate, [witnesses.look, publishing.look])))
    app.include_router(build_kinds())
    app.include_router(build_published(prefix_of(house.log_id), publisher.target.read))
    app.include_router(build_pages(window, [witness.key.vkey for witness in house.policy.witnesses]))
    answers = _Answers(gate, house.log_id)
    app.add_exception_handler(SuyuanError, answers.error)
    app.add_exception_handler(HTTPException, answers.http)
    app.add_exception_handler(RequestValidationError, answers.parameters)
    frame = partial(
        Frame,
        fail=answers.failure,
        new_id=lambda: house.mint.random(8).hex(),
        limit=house.settings.request_limit_bytes,
        is_secure=house.address.startswith("https://"),
    )
    app.add_middleware(frame)
    [route] = (one for one in statements.routes if isinstance(one, APIRoute))
    app.open_lane(route.path, frame(Lane(route, answers.error)))
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


def settle() -> None:
    """
    Spare the collector of garbage what is loaded for good, and most of its rounds; call once, before serving.

    Requests that wait together hold many objects. By default it looked through them, and through all of the program,
    so often that a quarter of a request's time was its own.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_FROM, 20, 20)


def _look(house: House, gate: Gate, more: Sequence[Callable[[], Point]]) -> Callable[[], Sequence[Point]]:
    def look() -> Sequence[Point]:
        points = check_database(house.engine, house.log_id, house.vault)
        return [*points, gate.look(), check_disk(house.settings.data), *(one() for one in more)]

    return look


class _Answers:
    """Answers to what went wrong: a problem document for programs, a page for people."""

    def __init__(self, gate: Gate, log: str) -> None:
        self._gate = gate
        self._log = log

    async def error(self, request: Request, error: Exception) -> Response:
        """Answer an error of our own tree; after one that says the ledger is broken, nothing more is appended."""
        assert isinstance(error, SuyuanError)
        if isinstance(error, Broken):
            self._gate.shut()
            failures.error("the ledger contradicts itself: %s", error.what)
        if _is_program(request):
            return problems.answer_error(error, problems.language_of(request))
        return self._page(request, error)

    def _page(self, request: Request, error: SuyuanError) -> Response:
        status = problems.status_of(error)
        kinds = {404: "not_found", 500: "broken", 503: "unavailable"}
        response = wrong_page(request, kinds.get(status, "refused"), status, self._log)
        if isinstance(error, Unavailable):
            response.headers["Retry-After"] = str(error.retry_after_s)
        return response

    async def http(self, request: Request, error: Exception) -> Response:
        """Answer what the router found: no such path, no such method."""
        assert isinstance(error, HTTPException)
        if _is_program(request):
            return problems.answer_http(error, problems.language_of(request))
        kind = "not_found" if error.status_code == problems.KINDS["path"].status else "refused"
        response = wrong_page(request, kind, error.status_code, self._log)
        response.headers.update(error.headers or {})
        return response

    async def parameters(self, request: Request, error: Exception) -> Response:
        """Answer parameters that are not as the route asks."""
        assert isinstance(error, RequestValidationError)
        if _is_program(request):
            return problems.answer_parameters(error, problems.language_of(request))
        return wrong_page(request, "refused", problems.KINDS["malformed"].status, self._log)

    def failure(self, request: Request, error: Exception) -> Response:
        """Answer what nobody foresaw, and what came too large to be read."""
        if isinstance(error, SuyuanError):
            return problems.answer_error(error, problems.language_of(request))
        if _is_program(request):
            return problems.answer_failure(problems.language_of(request))
        return wrong_page(request, "broken", problems.KINDS["error"].status, self._log)


def _is_program(request: Request) -> bool:
    return request.url.path.startswith(_FOR_PROGRAMS)


def _lifespan(house: House, gate: Gate, publishing: Publishing) -> Callable[[FastAPI], Any]:
    def open_writer() -> None:
        settings = house.settings
        wait_s = settings.group_wait_ms / 1000
        gate.open(Batcher(house.capture, settings.queue_limit, settings.group_limit, wait_s))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        refuse_writing(gate, open_writer)
        handler = _open_access_log()
        await publishing.start()
        try:
            yield
        finally:
            await gate.close()
            await publishing.stop()
            access.removeHandler(handler)

    return lifespan


def _open_access_log() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    access.propagate = False
    return handler
