"""
Compact JWS in the one form that statements and receipts share.

The header is exactly ``{"alg":"Ed25519","kid":"<43 characters>"}``; each part is base64url that re-encodes to itself.

RFC 7515 section 3.1, RFC 9864 section 2.2.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from ..errors import Reason, Refused, SignatureWrong, TooLarge
from .ed25519 import SIGNATURE_BYTES, check_bytes, sign_bytes
from .jwk import SigningKey, thumbprint
from .radix64 import format_base64url, parse_base64url

MAX_TOKEN_BYTES = 60_000
"""As long as an entry may be; the entry itself sets the tighter limit."""

FORM = Reason("statement.form", "不是三段式的紧凑 JWS", "not a compact JWS of three parts")
HEADER = Reason(
    "statement.header",
    '签名头必须正好是 {{"alg":"Ed25519","kid":"…"}}',
    'the header must be exactly {{"alg":"Ed25519","kid":"…"}}',
)
BASE64 = Reason(
    "statement.base64", "第 {part} 段不是规范的 base64url", "part {part} is not base64url in its one spelling"
)
LENGTH = Reason(
    "statement.length", "签名必须是 64 字节，实为 {found}", "the signature must be 64 bytes, not {found}"
)
KID = Reason("statement.kid", "kid 不是该公钥的指纹", "kid is not the thumbprint of this key")
LARGE = Reason("statement.large", "超过 {most} 字节", "larger than {most} bytes")

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_HEADER = re.compile(rb'\{"alg":"Ed25519","kid":"([A-Za-z0-9_-]{43})"\}')


class Jws(msgspec.Struct, frozen=True):
    """The parts of a compact JWS. The signature (64 bytes) is not verified by parsing."""

    token: str
    kid: str
    payload_bytes: bytes
    signing_input: bytes
    signature: bytes


def sign_jws(payload: bytes, key: SigningKey) -> str:
    """Return *payload* as a compact JWS signed by *key*."""
    signing_input = f"{format_header(key.kid)}.{format_base64url(payload)}"
    return f"{signing_input}.{format_base64url(sign_bytes(key.seed, signing_input.encode('ascii')))}"


def parse_jws(token: str) -> Jws:
    """
    Return the parts of *token*, if ``sign_jws`` could have written it.

    Raises:
        TooLarge: longer than MAX_TOKEN_BYTES.
        Refused: any other form, header or spelling.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise TooLarge(LARGE.at(most=MAX_TOKEN_BYTES))
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise Refused(FORM.at())
    kid = _parse_header(match[1])
    payload, signature = _parse_part(match[2], 2), _parse_part(match[3], 3)
    if len(signature) != SIGNATURE_BYTES:
        raise Refused(LENGTH.at(found=len(signature)))
    return Jws(token, kid, payload, token[: match.end(2)].encode("ascii"), signature)


def check_jws(kid: str, signing_input: bytes, signature: bytes, public: bytes) -> None:
    """
    Check *signature* over *signing_input* under the key *public* (32 bytes), which *kid* must name.

    Raises:
        Refused: *public* is not a key.
        SignatureWrong: the signature does not fit, or *kid* names another key.
    """
    check_bytes(public, signature, signing_input)
    if thumbprint(public) != kid:
        raise SignatureWrong(KID.at())


@lru_cache(maxsize=4096)
def _parse_header(text: str) -> str:
    """Return the kid that a header names; a signer's header is the same in all statements."""
    found = _HEADER.fullmatch(_parse_part(text, 1))
    if found is None:
        raise Refused(HEADER.at())
    kid = found[1].decode("ascii")
    try:
        parse_base64url(kid)
    except Refused:
        raise Refused(HEADER.at()) from None
    return kid


@lru_cache(maxsize=1024)
def format_header(kid: str) -> str:
    """Return the first part of every JWS that the key *kid* signs."""
    return format_base64url(f'{{"alg":"Ed25519","kid":"{kid}"}}'.encode("ascii"))


def _parse_part(text: str, part: int) -> bytes:
    try:
        return parse_base64url(text)
    except Refused:
        raise Refused(BASE64.at(part=part)) from None
