"""
Ed25519 keys as JSON, and the name that follows from a key.

Example: ``{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}``, whose ``kid`` is
``kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k`` (RFC 8037 appendix A).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ..errors import Reason, Refused
from .canonical import encode
from .ed25519 import check_public, public_key_of
from .radix64 import format_base64url, parse_base64url

FORM = Reason("key.jwk", "不是有效的 Ed25519 JWK", "not a valid Ed25519 JWK")


def format_jwk(public: bytes) -> dict[str, str]:
    """
    Return the public key (32 bytes) as a JWK.

    RFC 8037 section 2.
    """
    return {"crv": "Ed25519", "kty": "OKP", "x": format_base64url(public)}


def parse_jwk(jwk: Mapping[str, object]) -> bytes:
    """
    Return the public key (32 bytes) of a JWK that ``format_jwk`` would write.

    Raises:
        Refused: other fields, another curve, or a key that is not usable.
    """
    x = jwk.get("x")
    if not isinstance(x, str):
        raise Refused(FORM.at("/x"))
    public = parse_base64url(x)
    if dict(jwk) != format_jwk(public):
        raise Refused(FORM.at())
    check_public(public)
    return public


@lru_cache(maxsize=4096)
def thumbprint(public: bytes) -> str:
    """
    Return the ``kid`` of a public key: 43 characters, base64url of SHA-256 over its canonical JWK.

    RFC 7638 section 3.
    """
    return format_base64url(hashlib.sha256(encode(format_jwk(public))).digest())


@dataclass(frozen=True)
class SigningKey:
    """A private key from its 32-byte seed. Not slotted: public key and ``kid`` are worked out once."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        public_key_of(self.seed)

    @cached_property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return public_key_of(self.seed)

    @cached_property
    def kid(self) -> str:
        """The thumbprint of the public key."""
        return thumbprint(self.public)
