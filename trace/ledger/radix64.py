"""
Base64 with one spelling per value: standard with padding, and URL-safe without.

Decoders elsewhere skip foreign characters and ignore unused trailing bits, so that several texts mean the same
bytes; here a text must be what the encoder writes. RFC 4648 sections 3.5, 4 and 5.
"""

from __future__ import annotations

import binascii
from typing import Final

from ..errors import Reason, Refused

SPELLING = Reason("base64.spelling", "不是规范的 base64 写法", "not base64 in its one spelling")

# binascii, not base64: the module adds several calls to each, and a statement asks ten times.
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/!!!")  # what only the other alphabet has is no base64 here


def format_base64(data: bytes) -> str:
    """Return *data* in base64 with padding."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def parse_base64(text: str) -> bytes:
    """
    Return the bytes that ``format_base64`` would write as *text*.

    Raises:
        Refused: any other spelling.
    """
    try:
        data = binascii.a2b_base64(text)
    except ValueError:  # also binascii.Error, and text beyond ASCII
        raise Refused(SPELLING.at()) from None
    if format_base64(data) != text:
        raise Refused(SPELLING.at())
    return data


def format_base64url(data: bytes) -> str:
    """Return *data* in base64url without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def parse_base64url(text: str) -> bytes:
    """
    Return the bytes that ``format_base64url`` would write as *text*.

    Raises:
        Refused: any other spelling.
    """
    try:
        standard = text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4)
        data = binascii.a2b_base64(standard)
    except ValueError:  # also binascii.Error, and text beyond ASCII
        raise Refused(SPELLING.at()) from None
    if binascii.b2a_base64(data, newline=False) != standard:
        raise Refused(SPELLING.at())
    return data
