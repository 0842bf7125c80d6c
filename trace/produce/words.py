"""The types of event fields: ids, moments, amounts and words, each with its form."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

MAX_SAFE = 2**53 - 1

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{5,20}$")]
"""A minted random Crockford base32 string: parties, sites, batches, products (10 characters), runs (5)."""

EventId = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
"""UUIDv7 in its lower-case text form (RFC 9562 section 5.7)."""

Moment = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$")
]
"""RFC 3339 section 5.6 with offset, at most milliseconds."""

Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Amount = Annotated[int, msgspec.Meta(ge=1, le=MAX_SAFE)]
"""Whole units of the product, at least one."""

Mass = Annotated[int, msgspec.Meta(ge=0, le=MAX_SAFE)]
"""Whole grams."""

Count = Annotated[int, msgspec.Meta(ge=1, le=2**25)]
"""Packages of one run: its index has 25 bits."""

Index = Annotated[int, msgspec.Meta(ge=0, le=2**25)]
HexHash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]
Ref = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9-]{1,20}$")]
"""A party's own number (批次号), public in this form only and without a run of 11 digits."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Season = Annotated[int, msgspec.Meta(ge=2000, le=2200)]

Role = Literal["producer", "station", "processor", "laboratory", "carrier", "shop", "supervisor", "operator"]
Custody = Literal["party", "service"]
Unit = Literal["g", "ml", "piece"]
