"""Founding a log: its keys, its row, its first entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from ..errors import Reason, Refused, SuyuanError
from ..ledger import store
from ..ledger.engine import begin_read, begin_write
from ..ledger.jwk import SigningKey, format_jwk, parse_jwk
from ..ledger.note import Signer
from ..vault.vault import CustodyKey, Vault
from .append import Capture
from .mint import Mint
from .outcome import Accepted
from .pen import Pen

FOUNDED = Reason("log.founded", "账本 {log} 已经存在", "the log {log} exists already")

LOG_PARTY = "log"
RECEIPT = "receipt"
CHECKPOINT = "checkpoint"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Founder:
    """A founding supervisor; without a public JWK the service makes and keeps the key, and the log is a demo."""

    name: str
    jwk: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The log's own keys: receipts and entry 0 by the one, checkpoints by the other."""

    receipt: SigningKey
    checkpoint: Signer


def found_log(
    engine: Engine, vault: Vault, plan: tuple[str, str], founders: Sequence[Founder], mint: Mint
) -> Accepted:
    """
    Make the log's keys, its row and entry 0; *plan* is the log's id and its public address.

    Raises:
        Refused: the log exists already, or a founder's key is none.
    """
    log_id, address = plan
    with begin_read(engine) as connection:
        head = store.find_head(connection, log_id)
    if head is not None and head.size:
        raise Refused(FOUNDED.at("/log", log=log_id))
    keys = find_log_keys(vault, log_id) or _make_keys(vault, log_id, mint)
    if head is None:
        with begin_write(engine) as connection:
            store.create_log(connection, log_id)
    pen = Pen(log_id, mint)
    payload = pen.payload("log.opened", LOG_PARTY, mint.clock().isoformat(timespec="milliseconds"), {
        "format": 1,
        "address": address,
        "checkpoint_key": keys.checkpoint.vkey,
        "receipt_key": format_jwk(keys.receipt.public),
        "supervisors": [_supervisor(vault, founder, mint) for founder in founders],
        "demo": any(founder.jwk is None for founder in founders) or None,
    })  # fmt: skip
    capture = Capture(engine, log_id, vault, keys.receipt, mint.clock)
    outcome = capture.submit([pen.sign(payload, keys.receipt)])[0]
    if isinstance(outcome, SuyuanError):
        raise outcome
    return outcome


def find_log_keys(vault: Vault, log_id: str) -> LogKeys | None:
    """Return the log's keys from the vault, None before they are made."""
    with vault.read() as connection:
        found = {
            key.label: vault.find_custody_key(connection, key.kid)
            for key in vault.keys_of(connection, LOG_PARTY)
        }
    receipt, checkpoint = found.get(RECEIPT), found.get(CHECKPOINT)
    if receipt is None or checkpoint is None:
        return None
    return LogKeys(SigningKey(receipt), Signer(log_id, checkpoint))


def make_custody_key(vault: Vault, party: str, label: str, mint: Mint) -> SigningKey:
    """Make a key, put it into the vault for *party*, and return it."""
    key = SigningKey(mint.random(SEED_BYTES))
    with vault.begin() as connection:
        vault.put_custody_key(connection, CustodyKey(key.kid, party, label), key.seed)
    return key


def _make_keys(vault: Vault, log_id: str, mint: Mint) -> LogKeys:
    receipt, checkpoint = (make_custody_key(vault, LOG_PARTY, label, mint) for label in (RECEIPT, CHECKPOINT))
    return LogKeys(receipt, Signer(log_id, checkpoint.seed))


def _supervisor(vault: Vault, founder: Founder, mint: Mint) -> dict[str, Any]:
    party = mint.id()
    if founder.jwk is not None:
        parse_jwk(founder.jwk)
        return {"party": party, "name": founder.name, "jwk": founder.jwk, "custody": "party"}
    key = make_custody_key(vault, party, founder.name, mint)
    return {"party": party, "name": founder.name, "jwk": format_jwk(key.public), "custody": "service"}
