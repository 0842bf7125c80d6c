"""The types of event fields: ids, moments, amounts and words, each with its form."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

MAX_SAFE = 2**53 - 1

# In a pattern ``$`` alone would let a last line feed pass (Python's re), so each ends in ``(?!\\n)$``: the same in JSON
# Schema (ECMA 262). ``[0-9]``, since ``\\d`` takes other scripts' digits.

_CROCKFORD = "(?![0-9A-Z]*[0-9]{11})[0-9A-HJKMNP-TV-Z]{5,20}"
_B64_32 = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_DATE = "2[01][0-9]{2}-[0-9]{2}-[0-9]{2}"
_MOMENT = (
    rf"{_DATE}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,3}})?"
    r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
)

Id = Annotated[str, msgspec.Meta(pattern=rf"^{_CROCKFORD}(?!\n)$")]
"""
A minted random Crockford base32 string: parties, sites, batches, products (10 characters), runs (5).

No run of 11 digits, so that no phone or platform order number can stand in its place.
"""

Signer = Annotated[str, msgspec.Meta(pattern=rf"^(log|{_CROCKFORD})(?!\n)$")]
"""A party, or ``log`` itself where the log speaks of its own keys."""

EventId = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?!\n)$")
]
"""UUIDv7 in its lower-case text form (RFC 9562 section 5.7)."""

Moment = Annotated[str, msgspec.Meta(pattern=rf"^{_MOMENT}(?!\n)$")]
"""RFC 3339 section 5.6 with offset, at most milliseconds, in the years 2000 to 2199."""

Day = Annotated[str, msgspec.Meta(pattern=rf"^{_DATE}(?!\n)$")]
Amount = Annotated[int, msgspec.Meta(ge=1, le=MAX_SAFE)]
"""Whole units of the product, at least one."""

Mass = Annotated[int, msgspec.Meta(ge=0, le=MAX_SAFE)]
"""Whole grams."""

Count = Annotated[int, msgspec.Meta(ge=1, le=2**25)]
"""Packages of one run: its index has 25 bits."""

Index = Annotated[int, msgspec.Meta(ge=0, le=2**25)]
HexHash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}(?!\n)$")]
Digest = Annotated[str, msgspec.Meta(pattern=rf"^{_B64_32}(?!\n)$")]
"""base64url of 32 bytes, 43 characters; the last carries four bits, so that each value has one spelling."""

MaybeMoment = Annotated[str, msgspec.Meta(pattern=rf"^({_MOMENT})?(?!\n)$")]
"""A moment, or nothing."""

VerifierKey = Annotated[str, msgspec.Meta(min_length=1, max_length=2200)]
"""A C2SP signed-note verifier key (vkey): an Ed25519 one has some 100 characters, an ML-DSA-44 one 1,800."""

MaybeVerifierKey = Annotated[str, msgspec.Meta(max_length=2200)]
MaybeDigest = Annotated[str, msgspec.Meta(pattern=rf"^({_B64_32})?(?!\n)$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}(?!\n)$")]
Season = Annotated[int, msgspec.Meta(ge=2000, le=2200)]

Role = Literal["producer", "station", "processor", "laboratory", "carrier", "shop", "supervisor", "operator"]
Custody = Literal["party", "service"]
Unit = Literal["g", "ml", "piece"]
