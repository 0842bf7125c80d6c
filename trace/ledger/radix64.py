"""
Base64 with one spelling per value: standard with padding, and URL-safe without.

Decoders elsewhere skip foreign characters and ignore unused trailing bits, so that several texts mean the same
bytes; here a text must be what the encoder writes. RFC 4648 sections 3.5, 4 and 5.
"""

from __future__ import annotations

import base64
import binascii

from ..errors import Reason, Refused

SPELLING = Reason("base64.spelling", "不是规范的 base64 写法", "not base64 in its one spelling")


def format_base64(data: bytes) -> str:
    """Return *data* in base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def parse_base64(text: str) -> bytes:
    """
    Return the bytes that ``format_base64`` would write as *text*.

    Raises:
        Refused: any other spelling.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(SPELLING.at()) from None
    if format_base64(data) != text:
        raise Refused(SPELLING.at())
    return data


def format_base64url(data: bytes) -> str:
    """Return *data* in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def parse_base64url(text: str) -> bytes:
    """
    Return the bytes that ``format_base64url`` would write as *text*.

    Raises:
        Refused: any other spelling.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused(SPELLING.at()) from None
    if format_base64url(data) != text:
        raise Refused(SPELLING.at())
    return data
