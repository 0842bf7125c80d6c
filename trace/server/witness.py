"""A witness made into one ASGI app; it shares the frame round each request with the log's own service."""

from __future__ import annotations

import os
from typing import Final

from fastapi import FastAPI, Request
from starlette.responses import Response

from ..api.problems import TOO_LARGE
from ..api.witness import FAILED, answer_refusal, build_witness
from ..errors import Broken, SuyuanError, TooLarge
from ..witness.decision import LogForked
from ..witness.witness import Witness
from .frame import Frame, failures

MAX_REQUEST_BYTES: Final = 1 << 19
"""63 hashes and a checkpoint under a hundred signatures, the longest 3.3 kB, fit in."""


def create_witness_app(witness: Witness) -> FastAPI:
    """Return *witness* as an ASGI application; the caller holds its folder for as long as it runs."""
    app = FastAPI(title="Suyuan witness", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(build_witness(witness))
    app.add_exception_handler(SuyuanError, _answer)
    app.add_middleware(
        Frame, fail=_fail, new_id=lambda: os.urandom(8).hex(), limit=MAX_REQUEST_BYTES, is_secure=False
    )
    return app


def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, SuyuanError)
    if isinstance(error, Broken):
        failures.error("what the witness wrote is not what it finds: %s", error.what)
    if isinstance(error, LogForked):
        failures.error("a log asked to cosign a fork: %s", error)
    return answer_refusal(error)


def _fail(request: Request, error: Exception) -> Response:
    if isinstance(error, TooLarge):
        return Response(f"{TOO_LARGE.code}\n", 413, media_type="text/plain; charset=utf-8")
    return Response("failed\n", FAILED, media_type="text/plain; charset=utf-8")
