"""
Questions to other servers over HTTP: the only door out, each with a deadline and a largest answer.

Redirects are not followed, so that an answer comes from the host that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import urllib3

from .errors import Reason, Unavailable

MAX_ANSWER_BYTES: Final = 32_000_000
_CHUNK: Final = 1 << 16

UNREACHED = Reason("remote.unreached", "{url} 连不上：{detail}", "{url} can't be reached: {detail}")
ENDLESS = Reason(
    "remote.large", "{url} 的回答超过 {most} 字节", "the answer of {url} is larger than {most} bytes"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the HTTP status, the media type (may be empty), the body."""

    status: int
    media_type: str
    body: bytes


def get(url: str, *, seconds: float = 10, most: int = MAX_ANSWER_BYTES) -> Answer:
    """
    Ask for *url*; any status is an answer. Arguments and errors as for ``post``.

    Raises:
        Unavailable: ``remote.unreached``, ``remote.large``.
    """
    return _ask("GET", url, None, seconds, most)


def post(url: str, body: bytes, *, seconds: float = 10, most: int = MAX_ANSWER_BYTES) -> Answer:
    """
    Send *body* to *url* and return the answer, whatever its status.

    Args:
        seconds: the longest that connecting and each read may take.
        most: the largest body taken, in bytes.

    Raises:
        Unavailable: ``remote.unreached``, ``remote.large``. Whether the server took the body is not known then.
    """
    return _ask("POST", url, body, seconds, most)


@lru_cache(maxsize=1)
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=32, maxsize=8, retries=False)


def _ask(method: str, url: str, body: bytes | None, seconds: float, most: int) -> Answer:
    timeout = urllib3.Timeout(connect=seconds, read=seconds)
    try:
        response = _pool().request(
            method, url, body=body, timeout=timeout, redirect=False, preload_content=False
        )
        try:
            data = _read(response, url, most)
        finally:
            response.release_conn()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unavailable(UNREACHED.at(url=url, detail=type(error).__name__)) from error
    return Answer(response.status, response.headers.get("Content-Type", ""), data)


def _read(response: urllib3.BaseHTTPResponse, url: str, most: int) -> bytes:
    parts, length = [], 0
    for part in response.stream(_CHUNK, decode_content=True):
        length += len(part)
        if length > most:
            response.close()
            raise Unavailable(ENDLESS.at(url=url, most=most))
        parts.append(part)
    return b"".join(parts)
