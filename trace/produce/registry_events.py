"""Events of who and where: the log, parties, keys, sites, quotas, products."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .event import Event, Jwk
from .words import (
    Amount,
    Custody,
    Digest,
    Id,
    MaybeDigest,
    MaybeMoment,
    MaybeVerifierKey,
    Name,
    Role,
    Season,
    Unit,
    VerifierKey,
)


class Supervisor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A founding supervisor of a log."""

    party: Id
    name: Name
    jwk: Jwk
    custody: Custody


class LogOpened(Event, frozen=True, tag="log.opened"):
    """Entry 0: the log's keys, its founding supervisors, its address. ``by`` is ``log``, signed by the receipt key."""

    format: Literal[1]
    address: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?(?!\n)$", max_length=120)]
    checkpoint_key: VerifierKey
    """The C2SP signed-note verifier key (vkey) of the checkpoints."""
    receipt_key: Jwk
    supervisors: Annotated[tuple[Supervisor, ...], msgspec.Meta(min_length=1, max_length=20)]
    demo: bool = False
    """Supervisors' keys held by the service count only where this is true."""


class LogRekeyed(Event, frozen=True, tag="log.rekeyed"):
    """
    A key of the checkpoints comes or goes. ``by`` is ``log``, signed by the receipt key.

    From this entry on ``added`` signs each checkpoint beside those that are there. Where it ``replaces`` one, both sign
    until a later event names the old one as ``retired``, at the latest when the ledger's time has reached ``ends``.
    """

    added: MaybeVerifierKey = ""
    replaces: MaybeVerifierKey = ""
    ends: MaybeMoment = ""
    retired: MaybeVerifierKey = ""


class PartyRegistered(Event, frozen=True, tag="party.registered"):
    """
    A supervisor admits a party; the party's first key countersigns in ``proof``.

    ``name`` and ``credit_code`` (统一社会信用代码, GB 32100-2015) stand here for legal persons only.
    """

    party: Id
    roles: Annotated[tuple[Role, ...], msgspec.Meta(min_length=1, max_length=8)]
    jwk: Jwk
    custody: Custody
    proof: Annotated[str, msgspec.Meta(max_length=2000)]
    name: str = ""
    credit_code: str = ""
    place: str = ""


class KeyAdded(Event, frozen=True, tag="key.added"):
    """
    A further key of a party, countersigned by the new key in ``proof``.

    Signed by a valid key of the party, or, for recovery, by a supervisor with a second supervisor's ``approval``.
    """

    party: Id
    jwk: Jwk
    custody: Custody
    proof: Annotated[str, msgspec.Meta(max_length=2000)]
    approval: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    approver: MaybeDigest = ""
    """The kid of the approving supervisor."""


class KeyRevoked(Event, frozen=True, tag="key.revoked"):
    """A key that signs nothing from this entry on; earlier statements stay valid."""

    party: Id
    """The key's party, in whose chain its end must stand whoever signs it."""
    kid: Digest
    reason: Literal["lost", "stolen", "retired", "staff-change"]


class SiteRegistered(Event, frozen=True, tag="site.registered"):
    """A plot, station, plant or store of a party. Area, trees, household and position are private."""

    site: Id
    kind: Literal["plot", "station", "plant", "store"]
    party: Id
    place: str = ""
    """Township and village."""
    crop: str = ""
    """Product id of what grows on a plot."""
    ref: str = ""


class QuotaGranted(Event, frozen=True, tag="quota.granted"):
    """A supervisor's approved yield of a plot for a season, in units of its crop."""

    plot: Id
    season: Season
    amount: Amount


class ProductRegistered(Event, frozen=True, tag="product.registered"):
    """A product, its unit and, for ml and pieces only, the mass of one unit in milligrams."""

    product: Id
    name: Name
    unit: Unit
    unit_mass_mg: Annotated[int, msgspec.Meta(ge=1, le=10**9)] = 0
    gtin: str = ""
