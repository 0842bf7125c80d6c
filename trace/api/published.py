"""
The published log over HTTP: the files of the target, under the path of the log's id (C2SP tlog-tiles).

Any web server or bucket may serve the same files instead; nothing here is computed.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Header
from starlette.responses import Response

from ..publish.layout import About, describe_path
from ..verify.paths import CHECKPOINT, POLICY

Read = Callable[[str], bytes | None]

_GZIP_LEVEL: Final = 5
_NOT_FOUND: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}

Encodings = Annotated[str, Header(alias="Accept-Encoding")]
Known = Annotated[str, Header(alias="If-None-Match")]


def build_published(prefix: str, read: Read) -> APIRouter:
    """Return the routes of the published log below *prefix*; *read* returns the file at a path of the layout."""
    router = APIRouter(prefix=prefix, include_in_schema=False)

    @router.get(f"/{CHECKPOINT}")
    def get_published_checkpoint(known: Known = "") -> Response:
        """Return the latest published checkpoint with its cosignatures."""
        return answer_file(read, CHECKPOINT, "", known)

    @router.get(f"/{POLICY}")
    def get_published_policy(known: Known = "") -> Response:
        """Return the keys of the log and of its witnesses as a tlog-policy."""
        return answer_file(read, POLICY, "", known)

    @router.get("/tile/{path:path}")
    def get_published_tile(path: str, encodings: Encodings = "", known: Known = "") -> Response:
        """Return a tile, or an entry bundle below ``entries/``."""
        return answer_file(read, f"tile/{path}", encodings, known)

    @router.get("/checkpoints/{path:path}")
    def get_published_checkpoints(path: str, encodings: Encodings = "", known: Known = "") -> Response:
        """Return a bundle of the list of all checkpoints, or ``count``."""
        return answer_file(read, f"checkpoints/{path}", encodings, known)

    return router


def answer_file(read: Read, path: str, encodings: str, known: str) -> Response:
    """
    Answer with the file at *path*, or 404 where the layout has no such path or no such file stands there.

    Args:
        encodings: what the caller accepts; bundles come as gzip where that is among it.
        known: the tags of what the caller has.
    """
    about = describe_path(path)
    data = read(path) if about else None
    if about is None or data is None:
        return Response("not found\n", 404, _NOT_FOUND, "text/plain")
    packed = about.is_bundle and _accepts_gzip(encodings)
    headers = _headers(about, data, packed=packed)
    if (
        headers["ETag"] in [tag.strip().removeprefix("W/") for tag in known.split(",")]
        or known.strip() == "*"
    ):
        return Response(None, 304, headers)
    if packed:
        data = gzip.compress(data, _GZIP_LEVEL, mtime=0)
    return Response(data, 200, headers, about.media_type)


def _headers(about: About, data: bytes, *, packed: bool) -> dict[str, str]:
    tag = hashlib.sha256(data).hexdigest()[:32]
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": about.caching,
        "ETag": f'"{tag}-gzip"' if packed else f'"{tag}"',
    }
    if about.is_bundle:
        headers["Vary"] = "Accept-Encoding"
    if packed:
        headers["Content-Encoding"] = "gzip"
    return headers


def _accepts_gzip(encodings: str) -> bool:
    for one in encodings.lower().split(","):
        name, _, weight = one.replace(" ", "").partition(";q=")
        if name in ("gzip", "*"):
            return weight not in ("0", "0.0", "0.00", "0.000")
    return False
