"""Rules of who and where: parties, keys, sites, quotas, products."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator

from stdnum import ean
from stdnum.exceptions import ValidationError

from . import events as ev
from . import reasons
from .book import Book, Draft, RecordKey
from .credit_code import is_credit_code
from .reasons import show
from .records import Claim, Key, Party, Product, Quota, Record, Site
from .rights import Signed, check_not_lent, check_own, check_supervisor, has_role, is_lent, is_supervisor


def kid_of(jwk: ev.Jwk) -> str:
    """Return the RFC 7638 thumbprint of *jwk* (RFC 8037 appendix A.3), base64url."""
    text = f'{{"crv":"{jwk.crv}","kty":"{jwk.kty}","x":"{jwk.x}"}}'
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def check_new(draft: Draft, kind: type[Record], id: str, pointer: str) -> None:
    """Note a problem where a record of *kind* with *id* is there already."""
    if draft.find(kind, id) is not None:
        draft.refuse(reasons.TAKEN.at(pointer, id=id))


def check_new_key(draft: Draft, kid: str, pointer: str = "/jwk") -> None:
    """Note a problem where the key is known: it belongs to one party, or the log, for ever, also once revoked."""
    if draft.find(Key, kid) is not None:
        draft.refuse(reasons.KEY_TAKEN.at(pointer, kid=kid))


def claim(draft: Draft, attribute: str, value: str, owner: str) -> None:
    """Claim a unique *attribute* for *owner*, or note a problem where another has it."""
    key = f"{attribute}:{value}"
    taken = draft.find(Claim, key)
    if taken is not None:
        draft.refuse(reasons.UNIQUE_TAKEN.at("/" + attribute, what=attribute, value=value, owner=taken.owner))
    draft.put(Claim(id=key, owner=owner))


def ref_key(party: str, what: str, ref: str) -> RecordKey:
    """Return the key of the claim on a party's own number (批次号, 地块编号)."""
    return Claim, f"ref:{party}:{what}:{ref}"


def claim_ref(draft: Draft, owner: tuple[str, str], ref: str, id: str, pointer: str = "/ref") -> None:
    """Claim the number *ref* of *owner* (party, what it numbers) for *id*, where there is one."""
    if not ref:
        return
    _, key = ref_key(*owner, ref)
    if draft.find(Claim, key) is not None:
        draft.refuse(reasons.REF_TAKEN.at(pointer, ref=ref))
    draft.put(Claim(id=key, owner=id))


def touch_party_registered(event: ev.PartyRegistered, book: Book) -> Iterator[RecordKey]:
    """Yield the party, its key and the claim on its credit code."""
    yield Party, event.party
    yield Key, kid_of(event.jwk)
    if event.credit_code:
        yield Claim, f"credit_code:{event.credit_code}"


def apply_party_registered(signed: Signed, event: ev.PartyRegistered, draft: Draft) -> None:
    """A supervisor admits a new party with its first key."""
    kid = kid_of(event.jwk)
    check_supervisor(signed, draft)
    check_new(draft, Party, event.party, "/party")
    check_new_key(draft, kid)
    if event.credit_code.startswith("92"):
        draft.refuse(reasons.NATURAL_PERSON.at("/credit_code"))
    elif event.credit_code:
        if not is_credit_code(event.credit_code):
            draft.refuse(reasons.CREDIT_CODE.at("/credit_code", code=event.credit_code))
        claim(draft, "credit_code", event.credit_code, event.party)
    draft.put(
        Party(
            id=event.party,
            roles=event.roles,
            name=event.name,
            credit_code=event.credit_code,
            place=event.place,
            registered=signed.index,
        ),
        Key(id=kid, party=event.party, x=event.jwk.x, custody=event.custody, since=signed.index),
    )


def touch_key_added(event: ev.KeyAdded, book: Book) -> Iterator[RecordKey]:
    """Yield the party, the new key and the approving supervisor's key."""
    yield Party, event.party
    yield Key, kid_of(event.jwk)
    if event.approver:
        yield Key, event.approver
        approver = book.peek(Key, event.approver)
        if isinstance(approver, Key):
            yield Party, approver.party


def apply_key_added(signed: Signed, event: ev.KeyAdded, draft: Draft) -> None:
    """A party adds a key, or two supervisors recover it."""
    kid = kid_of(event.jwk)
    if draft.find(Party, event.party) is None:
        draft.refuse(reasons.NO_PARTY.at("/party", id=event.party))
    check_new_key(draft, kid)
    recovery = signed.event.by != event.party
    if recovery:
        check_supervisor(signed, draft)
        _check_approver(signed, event, draft)
    else:
        check_not_lent(signed, draft)
    draft.put(
        Key(
            id=kid,
            party=event.party,
            x=event.jwk.x,
            custody=event.custody,
            since=signed.index,
            recovery=recovery,
        )
    )


def _check_approver(signed: Signed, event: ev.KeyAdded, draft: Draft) -> None:
    approver = draft.find(Key, event.approver) if event.approver else None
    if (
        approver is None
        or not event.approval
        or approver.until >= 0
        or approver.party == event.by
        or not has_role(approver.party, "supervisor", draft)
        or is_lent(approver.id, draft)
    ):
        draft.refuse(reasons.NEEDS_APPROVAL.at("/approval"))


def touch_key_revoked(event: ev.KeyRevoked, book: Book) -> Iterator[RecordKey]:
    """Yield the key."""
    yield Key, event.kid


def apply_key_revoked(signed: Signed, event: ev.KeyRevoked, draft: Draft) -> None:
    """End a key's validity with this entry."""
    key = draft.find(Key, event.kid)
    if key is None:
        draft.refuse(reasons.KEY_UNKNOWN.at("/kid", kid=event.kid))
        return
    if key.until >= 0:
        draft.refuse(reasons.KEY_REVOKED.at("/kid", kid=event.kid, entry=key.until))
    if key.party != event.party:
        draft.refuse(reasons.KEY_OTHER.at("/party", kid=key.id, party=event.party))
    if key.party != event.by and not is_supervisor(signed, draft):
        draft.refuse(reasons.KEY_MAY_NOT.at("/by"))
    elif key.id != signed.kid:
        check_not_lent(signed, draft)
    draft.put(
        Key(
            id=key.id,
            party=key.party,
            x=key.x,
            custody=key.custody,
            since=key.since,
            until=signed.index,
            recovery=key.recovery,
        )
    )


def touch_site_registered(event: ev.SiteRegistered, book: Book) -> Iterator[RecordKey]:
    """Yield the site, its party, its crop and the claim on its number."""
    yield Site, event.site
    yield Party, event.party
    yield Product, event.crop
    if event.ref:
        yield ref_key(event.party, "site", event.ref)


def apply_site_registered(signed: Signed, event: ev.SiteRegistered, draft: Draft) -> None:
    """Register a place of a party, by the party itself or a supervisor."""
    check_own(signed, event.party, draft, or_supervisor=True)
    check_new(draft, Site, event.site, "/site")
    if draft.find(Party, event.party) is None:
        draft.refuse(reasons.NO_PARTY.at("/party", id=event.party))
    if (event.crop or event.kind == "plot") and draft.find(Product, event.crop) is None:
        draft.refuse(reasons.NO_PRODUCT.at("/crop", id=event.crop))
    claim_ref(draft, (event.party, "site"), event.ref, event.site)
    draft.put(
        Site(
            id=event.site,
            what=event.kind,
            party=event.party,
            place=event.place,
            crop=event.crop,
            ref=event.ref,
        )
    )


def touch_quota_granted(event: ev.QuotaGranted, book: Book) -> Iterator[RecordKey]:
    """Yield the plot, its crop and the quota."""
    yield Site, event.plot
    yield Quota, f"{event.plot}/{event.season}"
    site = book.peek(Site, event.plot)
    if isinstance(site, Site):
        yield Product, site.crop


def apply_quota_granted(signed: Signed, event: ev.QuotaGranted, draft: Draft) -> None:
    """Set a plot's quota of a season; a new grant replaces the old one, never below what was harvested."""
    check_supervisor(signed, draft)
    site = draft.find(Site, event.plot)
    if site is None or site.what != "plot":
        draft.refuse(reasons.NO_PLOT.at("/plot", id=event.plot))
        return
    id = f"{event.plot}/{event.season}"
    before = draft.find(Quota, id)
    used = before.used if before else 0
    if event.amount < used:
        unit = draft.need(Product, site.crop).unit
        draft.refuse(reasons.QUOTA_BELOW.at("/amount", used=show(used, unit)))
    draft.put(Quota(id=id, plot=event.plot, season=event.season, granted=event.amount, used=used))


def touch_product_registered(event: ev.ProductRegistered, book: Book) -> Iterator[RecordKey]:
    """Yield the product and the claim on its GTIN."""
    yield Product, event.product
    if event.gtin:
        yield Claim, f"gtin:{event.gtin}"


def apply_product_registered(signed: Signed, event: ev.ProductRegistered, draft: Draft) -> None:
    """Register a product; a GTIN is unique and carries its check digit (GS1 General Specifications 7.9)."""
    check_new(draft, Product, event.product, "/product")
    if (event.unit == "g") == (event.unit_mass_mg > 0):
        draft.refuse(reasons.UNIT_MASS.at("/unit_mass_mg"))
    if event.gtin:
        _check_gtin(event.gtin, draft)
        claim(draft, "gtin", event.gtin, event.product)
    draft.put(
        Product(
            id=event.product,
            name=event.name,
            unit=event.unit,
            unit_mass_mg=event.unit_mass_mg or 1000,
            gtin=event.gtin,
        )
    )


def _check_gtin(gtin: str, draft: Draft) -> None:
    try:
        ean.validate(gtin)
        wrong = len(gtin) != 14 or not (gtin.isascii() and gtin.isdigit())
    except ValidationError:
        wrong = True
    if wrong:
        draft.refuse(reasons.GTIN.at("/gtin", gtin=gtin))
