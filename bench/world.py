"""A founded log with a cooperative that harvests: keys from fixed seeds, the machine's clock."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from suyuan.books.store import read_records
from suyuan.capture.check import prove_possession
from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.capture.outcome import Accepted, Outcome, Submission
from suyuan.ledger.engine import begin_read
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.ledger.statement import parse_statement
from suyuan.produce.records import Party
from suyuan.server.house import House, found_house, utc_now
from suyuan.settings import Folder, load_settings

from .figure import rate_of

LOG = "bench.invalid/log"
ADDRESS = "https://bench.invalid"
AT = "2026-09-21T08:00:00+08:00"
PLOTS = 20


def key(word: str) -> SigningKey:
    """Return the key of whoever is called *word*."""
    return SigningKey(hashlib.sha256(b"suyuan bench " + word.encode()).digest())


class World:
    """A house with one cooperative, one product and some plots."""

    def __init__(self, data: Path, url: str) -> None:
        settings = replace(
            load_settings(data),
            database_url=url,
            master_key=None,
            master_key_file=data / "master.key",
            address=None,
        )
        self.mint = Mint(utc_now, os.urandom)
        founders = [Founder("监管部门", format_jwk(key("supervisor").public))]
        self.house: House = found_house(settings, Folder(LOG, ADDRESS, False), founders, self.mint)
        self.party, self.product = self.mint.id(), self.mint.id()
        self.plots = [self.mint.id() for _ in range(PLOTS)]
        self._settle()

    def _settle(self) -> None:
        pen = self.house.pen
        with begin_read(self.house.engine) as connection:
            supervisor = next(read_records(connection, LOG, Party)).id
        shape = {"party": self.party, "roles": ["producer", "shop"], "jwk": format_jwk(key("farm").public)}
        registered = pen.payload(
            "party.registered", supervisor, AT, {**shape, "custody": "party", "name": "合作社"}
        )
        registered["proof"] = prove_possession(registered["id"], LOG, self.party, key("farm"))
        said = [
            pen.sign(registered, key("supervisor")),
            self.say("product.registered", product=self.product, name="金秋梨", unit="g"),
        ]
        for plot in self.plots:
            fields = {"plot": plot, "season": 2026, "amount": 10**12}
            said += [
                self.say("site.registered", site=plot, kind="plot", party=self.party, crop=self.product),
                pen.sign(pen.payload("quota.granted", supervisor, AT, fields), key("supervisor")),
            ]
        check_accepted(self.house.capture.submit(said))

    def say(self, type: str, /, **fields: object) -> Submission:
        """Return a statement of the cooperative."""
        pen = self.house.pen
        return pen.sign(pen.payload(type, self.party, AT, fields), key("farm"))

    def harvests(self, count: int) -> list[Submission]:
        """Return *count* signed harvests, each of a batch of its own."""
        shape = {"product": self.product, "season": 2026, "amount": 25_000}
        return [
            self.say("batch.harvested", batch=self.mint.id(), plot=self.plots[number % PLOTS], **shape)
            for number in range(count)
        ]

    def close(self) -> None:
        """Give the store back."""
        self.house.close()


def check_accepted(outcomes: Sequence[Outcome]) -> None:
    """Stop where a statement was refused: what refuses is quick."""
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Accepted)]
    if refused:
        raise SystemExit(f"{len(refused)} statements were refused, such as: {refused[0]}")


def verification_rate(tokens: Sequence[str]) -> Callable[[], float]:
    """Return what verifies the signatures of the cooperative's *tokens* and nothing else, on one core."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = Ed25519PublicKey.from_public_bytes(key("farm").public)
    pairs = [(one.signature, one.signing_input) for one in map(parse_statement, tokens)]

    def verify() -> None:
        for signature, signed in pairs:
            public.verify(signature, signed)

    return lambda: rate_of(len(pairs), verify)
