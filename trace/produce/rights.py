"""Who may say what: the signer's key, its party and its roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from . import reasons
from .book import Draft, RecordKey
from .events import Event, LogRekeyed
from .records import Key, LogState, Party

LOG = "log"
"""Who speaks where the log speaks of itself, and the id of its record."""


@dataclass(frozen=True, slots=True)
class Signed:
    """An event as it stands, or will stand, in the log."""

    event: Event
    kid: str
    index: int
    """Entry index."""
    at: datetime
    """Ledger time."""


def signer_keys(signed: Signed) -> Iterator[RecordKey]:
    """Yield the records that say who signs."""
    yield LogState, "log"
    yield Key, signed.kid
    yield Party, signed.event.by


def check_signer(signed: Signed, draft: Draft) -> None:
    """Note a problem where the log, the key or its party do not fit the event."""
    event = signed.event
    log = draft.find(LogState, "log")
    if log is None:
        draft.refuse(reasons.LOG_CLOSED.at())
        return
    if log.log != event.log:
        draft.refuse(reasons.LOG_OTHER.at("/log", named=event.log, log=log.log))
    key = draft.find(Key, signed.kid)
    if key is None:
        draft.refuse(reasons.KEY_UNKNOWN.at("", kid=signed.kid))
    elif key.until >= 0:
        draft.refuse(reasons.KEY_REVOKED.at("", kid=signed.kid, entry=key.until))
    elif key.party != event.by or (key.party == LOG) != isinstance(event, LogRekeyed):
        draft.refuse(reasons.KEY_FOREIGN.at("/by", by=event.by))


def has_role(party: str, role: str, draft: Draft) -> bool:
    """Tell whether *party* is registered with *role*."""
    record = draft.find(Party, party)
    return record is not None and role in record.roles


def is_supervisor(signed: Signed, draft: Draft) -> bool:
    """Tell whether the signer is a supervisor whose key counts in this log."""
    return has_role(signed.event.by, "supervisor", draft) and not is_lent(signed.kid, draft)


def check_supervisor(signed: Signed, draft: Draft) -> None:
    """Note a problem where the signer is no supervisor, or one whose key the service keeps outside a demo log."""
    if not has_role(signed.event.by, "supervisor", draft):
        draft.refuse(reasons.NOT_SUPERVISOR.at("/by"))
    else:
        check_not_lent(signed, draft)


def check_not_lent(signed: Signed, draft: Draft) -> None:
    """
    Note a problem where a supervisor signs with a key that the service keeps, outside a demo log.

    Asked also where such a key speaks about keys: else the service could make itself one that counts.
    """
    if has_role(signed.event.by, "supervisor", draft) and is_lent(signed.kid, draft):
        draft.refuse(reasons.CUSTODY_SUPERVISOR.at("/by"))


def check_own(signed: Signed, owner: str, draft: Draft, *, or_supervisor: bool = False) -> None:
    """Note a problem where the signer is not *owner*, nor, if allowed, a supervisor."""
    if signed.event.by == owner or (or_supervisor and is_supervisor(signed, draft)):
        return
    draft.refuse(reasons.NOT_OWN.at("/by", owner=owner))


def is_lent(kid: str, draft: Draft) -> bool:
    """Tell whether the service keeps the key *kid*, in a log where that matters."""
    log, key = draft.find(LogState, "log"), draft.find(Key, kid)
    return key is not None and key.custody == "service" and (log is None or not log.demo)
