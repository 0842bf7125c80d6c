"""The root of all events, and the public key as events carry it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .words import Digest, EventId, Moment, Signer


class Jwk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A public Ed25519 key (RFC 8037 section 2); ``x`` is base64url of 32 bytes."""

    crv: Literal["Ed25519"]
    kty: Literal["OKP"]
    x: Digest


class Event(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="type",
    omit_defaults=True,
):
    """What every event says: its id, its log, who says it and when it happened."""

    id: EventId
    log: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    by: Signer
    at: Moment
    sd: tuple[Digest, ...] = msgspec.field(name="_sd", default=())
    backfilled: bool = False
    """补录: imported from a list written earlier, not recorded as it happened."""
