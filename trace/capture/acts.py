"""Single acts of people at the command line: one event, signed with a key at hand, appended at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, Final

from ..books.desk import Desk
from ..errors import Missing, Reason, Refused, SuyuanError
from ..ledger.engine import begin_read
from ..ledger.jwk import SigningKey, format_jwk
from ..produce.parse import parse_event
from ..produce.records import Hold, Key
from ..produce.rights import LOG, Signed
from ..vault.vault import CustodyKey
from .check import prove_possession
from .office import Office
from .outcome import Accepted
from .register import Register

CHINA: Final = timezone(timedelta(hours=8))
"""The time zone of claimed times: all of China, the whole year."""

_TRIAL_INDEX: Final = 1 << 62
"""Later than any entry that a record of the books could name."""

NO_KEY = Reason("key.missing", "没有登记密钥 {kid}", "no key {kid} is registered")
STRANGE = Reason("key.unknown", "密钥 {kid} 没有登记", "the key {kid} is not registered")


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be said: the event's type, its fields, and who says it."""

    type: str
    by: str
    fields: Mapping[str, Any]


def say(office: Office, act: Act, key: SigningKey) -> Accepted:
    """
    Append the event of *act*, said now and signed with *key*.

    Raises:
        Refused: the rules refuse it; nothing was appended.
        Unavailable: the database.
    """
    outcome = office.capture.submit([office.pen.sign(_payload(office, act), key)])[0]
    if isinstance(outcome, SuyuanError):
        raise outcome
    return outcome


def try_act(office: Office, act: Act, key: SigningKey) -> None:
    """
    Try *act* on the books as they stand, before anything costly is done for it; nothing is written.

    Raises:
        Refused: the rules would refuse it.
    """
    signed = Signed(parse_event(_payload(office, act)), key.kid, _TRIAL_INDEX, office.pen.mint.clock())
    Desk(office.engine, office.pen.log_id).try_all([signed])


def moment_now(office: Office) -> str:
    """Return the time of the office's clock as an event claims it."""
    return office.pen.mint.clock().astimezone(CHINA).isoformat(timespec="milliseconds")


def _payload(office: Office, act: Act) -> dict[str, Any]:
    payload = office.pen.payload(act.type, act.by, moment_now(office), {})
    return {**payload, **act.fields}


def find_signer(office: Office, party: str, key: SigningKey | None = None) -> tuple[str, SigningKey]:
    """
    Return the party that signs and its key: the owner of *key*, else *party* with a key that the service keeps.

    Raises:
        Missing: the service keeps no key of the party.
        Refused: *key* is not registered.
    """
    with begin_read(office.engine) as connection:
        register = Register(connection, office.pen.log_id, office.vault)
        if key is None:
            return party, register.key(party)
        return _owner(register, key), key


def find_supervisor(office: Office, key: SigningKey | None = None) -> tuple[str, SigningKey]:
    """
    Return a supervisor and the key: the owner of *key*, else one whose key the service keeps.

    Raises:
        Missing: the service keeps no supervisor's key.
        Refused: *key* is not registered.
    """
    with begin_read(office.engine) as connection:
        register = Register(connection, office.pen.log_id, office.vault)
        return register.supervisor() if key is None else (_owner(register, key), key)


def _owner(register: Register, key: SigningKey) -> str:
    record = register.find(Key, key.kid)
    if record is None:
        raise Refused(STRANGE.at(kid=key.kid))
    return record.party


def hold_batch(office: Office, batch: str, reason: str, key: SigningKey | None = None) -> Accepted:
    """
    Hold the batch with this id, and with it all that descends from it; the event's id names the hold.

    Raises:
        Missing, Refused: as ``find_supervisor`` and ``say``.
    """
    by, key = find_supervisor(office, key)
    return say(office, Act("batch.held", by, {"batches": [batch], "reason": reason}), key)


def release_hold(office: Office, hold: Hold, key: SigningKey | None = None) -> Accepted:
    """
    End *hold* for all batches that it still covers.

    Raises:
        Missing, Refused: as ``find_supervisor`` and ``say``.
    """
    by, key = find_supervisor(office, key)
    fields = {"hold": hold.id, "batches": list(hold.batches)}
    return say(office, Act("batch.released", by, fields), key)


def add_key(office: Office, party: str, new: SigningKey, *, kept: bool, key: SigningKey | None) -> Accepted:
    """
    Register *new* as a further key of *party*, signed with *key* or one that the service keeps.

    A key that the service is to keep goes into the vault first: a crash after that leaves a key that signs nothing.

    Raises:
        Missing, Refused: as ``find_signer`` and ``say``.
    """
    by, signer = find_signer(office, party, key)
    if kept:
        with office.vault.begin() as connection:
            office.vault.put_custody_key(connection, CustodyKey(new.kid, party, "custody"), new.seed)
    custody = "service" if kept else "party"
    fields: dict[str, Any] = {"party": party, "jwk": format_jwk(new.public), "custody": custody}
    payload = _payload(office, Act("key.added", by, fields))
    payload["proof"] = prove_possession(payload["id"], office.pen.log_id, party, new)
    outcome = office.capture.submit([office.pen.sign(payload, signer)])[0]
    if isinstance(outcome, SuyuanError):
        raise outcome
    return outcome


def revoke_key(office: Office, kid: str, reason: str, key: SigningKey | None = None) -> Accepted:
    """
    End the validity of the registered key *kid* with this entry; what it signed before stays valid.

    Signed with *key*, else with a key of the party that the service keeps, else with a supervisor's. A key may revoke
    itself.

    Raises:
        Missing: no such key, or none to sign with.
        Refused: as ``say``.
    """
    with begin_read(office.engine) as connection:
        register = Register(connection, office.pen.log_id, office.vault)
        record = register.find(Key, kid)
        if record is None or record.party == LOG:
            raise Missing(NO_KEY.at(kid=kid[:60]))
        if key is not None:
            by = _owner(register, key)
        elif kept := register.find_key(record.party):
            by, key = record.party, kept
        else:
            by, key = register.supervisor()
    return say(office, Act("key.revoked", by, {"party": record.party, "kid": kid, "reason": reason}), key)
