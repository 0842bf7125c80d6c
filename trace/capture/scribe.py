"""The scribe: planned steps written as events, tried on the desk, signed as submissions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..books.desk import Desk
from ..errors import Reason, Refused
from ..intake.rows import Row, kind_of
from ..intake.step import Step
from ..ledger.jwk import SigningKey, format_jwk
from ..produce.parse import parse_event
from ..produce.rights import Signed
from ..qr.run import run_root
from .check import prove_possession
from .fresh import Fresh
from .keyring import Keyring
from .mint import RUN_LENGTH
from .outcome import Private, RowMark, Submission
from .pen import Hidden, Pen
from .rowkey import identity_of

NO_KEY = Reason(
    "row.key", "主体的密钥不由服务代管，须由本主体自行签名", "the party's key is not in the service's custody"
)

RUN_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Written:
    """A step as an event: its payload, the disclosures that it hides, the key that signs it, the rows it enters."""

    payload: dict[str, Any]
    private: tuple[Private, ...]
    key: SigningKey
    marks: tuple[RowMark, ...]


class Scribe:
    """Writes the steps of rows; *row_hash* gives the keyed hash of a row's kind and cells."""

    def __init__(
        self, pen: Pen, keys: Keyring, fresh: Fresh, row_hash: Callable[[str, list[str]], bytes]
    ) -> None:
        self._pen = pen
        self._keys = keys
        self._fresh = fresh
        self._row_hash = row_hash

    def mark(self, row: Row, tag: str) -> RowMark:
        """Return the mark by which this step of *row* is known again."""
        kind = kind_of(row)
        return RowMark(self._row_hash(kind, [*identity_of(row), tag]), kind)

    def write(self, rows: Sequence[Row], steps: Sequence[Step]) -> list[Written]:
        """
        Return *steps* as events, in order.

        Raises:
            Refused: a party's key is not at hand.
        """
        written = []
        shipments: dict[tuple[str, str], str] = {}
        for step in steps:
            key = self._keys.find_key(step.by)
            if key is None:
                raise Refused(NO_KEY.at("/by"))
            payload = self._pen.payload(step.type, step.by, step.at, {**step.fields, "backfilled": True})
            self._complete(payload, step, shipments)
            hidden = tuple(Hidden(secret.fields, secret.person) for secret in step.secrets)
            payload, private = self._pen.conceal(payload, hidden)
            written.append(Written(payload, private, key, tuple(self.mark(row, step.tag) for row in rows)))
        return written

    def try_on(self, desk: Desk, written: Sequence[Written], now: datetime) -> None:
        """
        Fold what was *written* on *desk*, all of it or nothing.

        An event has no index yet: it is tried as if it came right after the first, which no key is younger than.

        Raises:
            Refused: the books refuse it, or it is no event.
        """
        desk.try_all([Signed(parse_event(one.payload), one.key.kid, 1, now) for one in written])

    def sign(self, written: Sequence[Written], bundle: str) -> list[Submission]:
        """Return signed submissions that are accepted together or not at all."""
        signed = [(self._pen.sign(one.payload, one.key, one.private), one.marks) for one in written]
        return [Submission(one.token, one.private, marks, bundle) for one, marks in signed]

    def _complete(self, payload: dict[str, Any], step: Step, shipments: dict[tuple[str, str], str]) -> None:
        """Fill in what a planner cannot know: a new party's key, a run's secret, the shipment that is received."""
        match payload["type"]:
            case "party.registered":
                key = self._keys.new_key(payload["party"])
                payload |= {"jwk": format_jwk(key.public), "custody": "service"}
                payload["proof"] = prove_possession(payload["id"], payload["log"], payload["party"], key)
            case "labels.issued":
                run, secret = self._pen.mint.id(RUN_LENGTH), self._pen.random(RUN_SECRET_BYTES)
                self._fresh.add_run(run, secret)
                payload |= {"run": run, "root": run_root(secret, run, payload["count"]).hex()}
            case "batch.shipped":
                shipments[step.tag.removeprefix("shipped:"), payload["to"]] = payload["id"]
            case "batch.received":
                payload["shipment"] = shipments[step.tag.removeprefix("received:"), payload["by"]]
            case _:
                pass
