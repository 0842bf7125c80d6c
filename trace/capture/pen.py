"""The pen: events made into signed statements, private fields into disclosures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..ledger.disclosure import digests, hide
from ..ledger.jwk import SigningKey
from ..ledger.statement import sign_statement
from ..produce.parse import parse_event
from .mint import Mint, Random
from .outcome import Private, Submission

SALT_BYTES = 16
"""RFC 9901 section 9.3 recommends 128 bits."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Private fields of an event and the person whose key seals them."""

    fields: Mapping[str, Any]
    person: str


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes statements for one log."""

    log_id: str
    mint: Mint

    @property
    def random(self) -> Random:
        """The source of salts."""
        return self.mint.random

    def payload(self, type: str, by: str, at: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload of an event of *type*; empty fields are left out."""
        kept = {
            name: value for name, value in fields.items() if value is not None and value not in ("", (), [])
        }
        return {"type": type, "id": self.mint.event_id(), "log": self.log_id, "by": by, "at": at, **kept}

    def conceal(
        self, payload: dict[str, Any], hidden: tuple[Hidden, ...]
    ) -> tuple[dict[str, Any], tuple[Private, ...]]:
        """Return *payload* with the digests of *hidden* fields in ``_sd``, and their disclosures."""
        private: list[Private] = []
        for part in hidden:
            made = hide(
                {name: value for name, value in part.fields.items() if value not in ("", None)}, self._salt
            )
            private += [Private(disclosure, part.person) for disclosure in made]
        if private:
            payload = {**payload, "_sd": digests(one.disclosure for one in private)}
        return payload, tuple(private)

    def sign(self, payload: dict[str, Any], key: SigningKey, private: tuple[Private, ...] = ()) -> Submission:
        """
        Return *payload* as a submission signed by *key*.

        Raises:
            Refused: *payload* is no event.
        """
        parse_event(payload)
        return Submission(sign_statement(payload, key), private)

    def _salt(self) -> bytes:
        return self.random(SALT_BYTES)
