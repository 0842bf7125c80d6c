"""
Questions to other servers over HTTP: the only door out, each with deadlines and a largest answer.

Redirects are not followed, so that an answer comes from the host that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Final

import urllib3

from .errors import Reason, Unavailable

MAX_ANSWER_BYTES: Final = 32_000_000
_CHUNK: Final = 1 << 16

UNREACHED = Reason("remote.unreached", "{url} 连不上：{detail}", "{url} can't be reached: {detail}")
LATE = Reason(
    "remote.late",
    "{url} 的回答超过 {seconds} 秒还没有结束",
    "the answer of {url} did not end in {seconds} seconds",
)
ENDLESS = Reason(
    "remote.large", "{url} 的回答超过 {most} 字节", "the answer of {url} is larger than {most} bytes"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the HTTP status, the media type (may be empty), the body."""

    status: int
    media_type: str
    body: bytes


def get(url: str, *, seconds: float = 10, whole_s: float = 600, most: int = MAX_ANSWER_BYTES) -> Answer:
    """
    Ask for *url*; any status is an answer. Arguments and errors as for ``post``.

    Raises:
        Unavailable: ``remote.unreached``, ``remote.late``, ``remote.large``.
    """
    return _ask("GET", url, None, _Limits(seconds, whole_s, most))


def post(
    url: str, body: bytes, *, seconds: float = 10, whole_s: float = 600, most: int = MAX_ANSWER_BYTES
) -> Answer:
    """
    Send *body* to *url* and return the answer, whatever its status.

    Args:
        seconds: the longest that connecting, and each wait for more of the answer, may take.
        whole_s: the longest that the body of the answer may take, in seconds.
        most: the largest body taken, in bytes.

    Raises:
        Unavailable: ``remote.unreached``, ``remote.late``, ``remote.large``. Whether the server took the body is not
            known then.
    """
    return _ask("POST", url, body, _Limits(seconds, whole_s, most))


@dataclass(frozen=True, slots=True)
class _Limits:
    seconds: float
    whole_s: float
    most: int


@lru_cache(maxsize=1)
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=32, maxsize=8, retries=False)


def _ask(method: str, url: str, body: bytes | None, limits: _Limits) -> Answer:
    if not url.startswith(("https://", "http://")):
        raise Unavailable(UNREACHED.at(url=url, detail="no http:// or https://"))
    timeout = urllib3.Timeout(connect=limits.seconds, read=limits.seconds)
    try:
        response = _pool().request(
            method, url, body=body, timeout=timeout, redirect=False, preload_content=False
        )
        try:
            data = _read(response, url, limits)
        finally:
            response.release_conn()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unavailable(UNREACHED.at(url=url, detail=type(error).__name__)) from error
    return Answer(response.status, response.headers.get("Content-Type", ""), data)


def _read(response: urllib3.BaseHTTPResponse, url: str, limits: _Limits) -> bytes:
    """Read what there is, as it comes: who sends one byte at a time would else keep us for ever."""
    end = monotonic() + limits.whole_s
    data = bytearray()
    while part := response.read1(_CHUNK, decode_content=True):
        data += part
        if len(data) > limits.most:
            response.close()
            raise Unavailable(ENDLESS.at(url=url, most=limits.most))
        if monotonic() > end:
            response.close()
            raise Unavailable(LATE.at(url=url, seconds=int(limits.whole_s)))
    return bytes(data)
