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
from ..produce.rights import LOG
from ..vault.vault import Vault
from .append import Capture
from .logkeys import find_log_keys, make_custody_key, make_log_keys
from .mint import Mint
from .outcome import Accepted
from .pen import Pen

FOUNDED = Reason("log.founded", "账本 {log} 已经存在", "the log {log} exists already")


@dataclass(frozen=True, slots=True)
class Founder:
    """A founding supervisor; without a public JWK the service makes and keeps the key, and the log is a demo."""

    name: str
    jwk: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The log's id, its public address, and the key of its checkpoints where one is handed in."""

    log: str
    address: str
    handed: tuple[SigningKey, ...] = ()


def found_log(engine: Engine, vault: Vault, plan: Plan, founders: Sequence[Founder], mint: Mint) -> Accepted:
    """
    Make the log's keys, its row and entry 0 as *plan* says.

    Raises:
        Refused: the log exists already, or a founder's key is none.
    """
    log_id = plan.log
    with begin_read(engine) as connection:
        head = store.find_head(connection, log_id)
    if head is not None and head.size:
        raise Refused(FOUNDED.at("/log", log=log_id))
    keys = find_log_keys(vault, log_id, plan.handed) or make_log_keys(vault, log_id, mint, plan.handed)
    if head is None:
        with begin_write(engine) as connection:
            store.create_log(connection, log_id)
    pen = Pen(log_id, mint)
    payload = pen.payload("log.opened", LOG, mint.clock().isoformat(timespec="milliseconds"), {
        "format": 1,
        "address": plan.address,
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


def _supervisor(vault: Vault, founder: Founder, mint: Mint) -> dict[str, Any]:
    party = mint.id()
    if founder.jwk is not None:
        parse_jwk(founder.jwk)
        return {"party": party, "name": founder.name, "jwk": founder.jwk, "custody": "party"}
    key = make_custody_key(vault, party, founder.name, mint)
    return {"party": party, "name": founder.name, "jwk": format_jwk(key.public), "custody": "service"}
