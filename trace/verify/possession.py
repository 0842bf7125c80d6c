"""
What the rules of a new key can't see: countersignatures of its holder and a second supervisor, the form of a log's key.

Example: ``{"event":"019aaf10-...","jwk":{"crv":"Ed25519","kty":"OKP","x":"..."},"log":"demo.invalid/log","party":
"7K3MX9Q2WD"}``, as RFC 8785 bytes in a compact JWS.
"""

from __future__ import annotations

from ..errors import NoteWrong, Reason, Refused
from ..ledger.canonical import encode
from ..ledger.cosignature import COSIGNATURE, CosignerKey, parse_key
from ..ledger.jwk import SigningKey, format_jwk, parse_jwk
from ..ledger.jws import check_jws, parse_jws, sign_jws
from ..ledger.note import ED25519
from ..ledger.radix64 import parse_base64url
from ..produce.book import Book, find
from ..produce.events import Event, Jwk, KeyAdded, LogRekeyed, PartyRegistered
from ..produce.records import Key
from ..produce.registry import kid_of

WRONG = Reason(
    "proof.wrong", "密钥持有证明不符", "the proof of possession does not fit the key and the event"
)

LOG_KEY = Reason(
    "log-key.form",
    "不是本账本的检查点公钥，或与被接替的密钥不是同一种",
    "no key of this log's checkpoints, or not of the kind of the one that it replaces",
)

Registration = PartyRegistered | KeyAdded


def possession(event_id: str, log: str, party: str, jwk: Jwk) -> dict[str, object]:
    """Return what a new key signs to show that its holder wants it registered to *party* by this event."""
    return {"event": event_id, "jwk": _members(jwk), "log": log, "party": party}


def prove_possession(event_id: str, log: str, party: str, key: SigningKey) -> str:
    """Return the ``proof`` field of party.registered or key.added, signed by the new *key*."""
    jwk = Jwk(crv="Ed25519", kty="OKP", x=format_jwk(key.public)["x"])
    return sign_jws(encode(possession(event_id, log, party, jwk)), key)


def check_possession(event: Registration) -> None:
    """
    Check the ``proof`` of *event*: the new key signed what the event says of it.

    Raises:
        Refused: ``proof.wrong``, or ``proof`` has not the form of a compact JWS.
    """
    _check(event, event.proof, "/proof", (parse_jwk(_members(event.jwk)), kid_of(event.jwk)))


def check_approval(event: KeyAdded, public: bytes, kid: str) -> None:
    """
    Check the ``approval`` of *event*: the supervisor's key *kid* (32 bytes *public*) signed the same.

    Raises:
        Refused: as ``check_possession``.
    """
    _check(event, event.approval, "/approval", (public, kid))


def check_countersigned(event: Event, book: Book) -> None:
    """
    Check the new key's proof, if *event* registers one, and the approval of a recovery by a key that *book* has.

    An approver that is unknown there the rules refuse.

    Raises:
        Refused: as ``check_possession``.
    """
    if isinstance(event, PartyRegistered | KeyAdded):
        check_possession(event)
    if isinstance(event, KeyAdded) and event.approver:
        approver = find(book, Key, event.approver)
        if approver is not None:
            check_approval(event, parse_base64url(approver.x), approver.id)


def check_log_key(event: Event) -> None:
    """
    Check that a key which ``log.rekeyed`` adds is one of this log, of the same kind as the one that it replaces.

    Raises:
        Refused: ``log-key.form``.
    """
    if not isinstance(event, LogRekeyed) or not event.added:
        return
    try:
        keys = [parse_key(vkey) for vkey in (event.added, event.replaces) if vkey]
    except NoteWrong:
        raise Refused(LOG_KEY.at("/added")) from None
    kinds = {key.kind if isinstance(key, CosignerKey) else ED25519 for key in keys}
    if len(kinds) > 1 or COSIGNATURE in kinds or keys[0].name != event.log:
        raise Refused(LOG_KEY.at("/added"))


def _check(event: Registration, token: str, pointer: str, key: tuple[bytes, str]) -> None:
    public, kid = key
    jws = parse_jws(token)
    if jws.payload_bytes != encode(possession(event.id, event.log, event.party, event.jwk)) or jws.kid != kid:
        raise Refused(WRONG.at(pointer))
    check_jws(jws.kid, jws.signing_input, jws.signature, public)


def _members(jwk: Jwk) -> dict[str, object]:
    return {"crv": jwk.crv, "kty": jwk.kty, "x": jwk.x}
