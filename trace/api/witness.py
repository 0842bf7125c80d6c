"""
The routes of a witness: plain text in, signature lines out. The statuses are those of the standard, C2SP tlog-witness.

Nothing of a request is logged but its route and its status.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ..errors import SuyuanError, Unavailable
from ..witness.decision import LogForked, LogUnknown, RequestWrong, SignerUntrusted, SizeStale
from ..witness.witness import Witness

STATUSES: Final[Mapping[type[SuyuanError], int]] = {
    RequestWrong: 400,
    SignerUntrusted: 403,
    LogUnknown: 404,
    SizeStale: 409,
    LogForked: 422,
    Unavailable: 503,
}
"""How each error of a witness is answered; any other is 500."""

FAILED: Final = 500

PLAIN: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"

_HASH: Final = re.compile(r"[0-9a-f]{64}")


def build_witness(witness: Witness) -> APIRouter:
    """Return the routes of *witness*; its submission and its monitoring prefix are one."""
    router = APIRouter(tags=["witness"])

    @router.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        """Cosign a checkpoint that continues the last one of its log."""
        body = await request.body()
        lines = await run_in_threadpool(witness.add_checkpoint, body)
        return _text(lines, 200)

    @router.get("/{origin_hash}/checkpoint")
    def get_checkpoint(origin_hash: str) -> Response:
        """Return the last checkpoint that was cosigned of a log, named by the SHA-256 of its origin."""
        note = witness.find_note(origin_hash) if _HASH.fullmatch(origin_hash) else None
        if note is None:
            return _text("no checkpoint of such a log was cosigned here\n", 404)
        return _text(note, 200)

    return router


def answer_refusal(error: SuyuanError) -> Response:
    """Return the answer to a request that was not granted: its code, or the size that the log has to start from."""
    if isinstance(error, SizeStale):
        headers = {**_NO_STORE, "Content-Type": SIZE}  # as a media type it would get a charset
        return Response(f"{error.known}\n", STATUSES[SizeStale], headers)
    status = next((found for kind, found in STATUSES.items() if isinstance(error, kind)), FAILED)
    response = _text(f"{_code_of(error)}\n", status)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _code_of(error: SuyuanError) -> str:
    problems = getattr(error, "problems", None) or (getattr(error, "problem", None),)
    first = problems[0]
    return f"{first.code}: {first.en}" if first is not None else error.code


_NO_STORE: Final = {"Cache-Control": "no-store"}


def _text(text: str, status: int) -> Response:
    return Response(text, status, _NO_STORE, PLAIN)
