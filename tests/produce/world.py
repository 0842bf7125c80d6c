"""A small world of parties, plots and batches, folded over a complete slice with fixed ids, keys and clock."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suyuan.errors import Problem, Refused
from suyuan.produce.book import Changes, Slice
from suyuan.produce.crockford import encode_crockford
from suyuan.produce.event import Event
from suyuan.produce.events import Jwk
from suyuan.produce.fold import fold, missing
from suyuan.produce.parse import parse_event
from suyuan.produce.records import R
from suyuan.produce.registry import kid_of
from suyuan.produce.rights import Signed

LOG = "demo.invalid/log"
CLOCK = datetime(2026, 11, 23, 8, tzinfo=UTC)
CHECKPOINT_KEY = "demo.invalid/log+00000000+AA"
AT = "2026-09-21T08:00:00+08:00"
"""The claimed time of an event that names none."""

Wrong = list[tuple[str, str]]
"""Pointer and code of each problem, in order."""


def name(word: str) -> str:
    """Return the id of what the tests call *word*: ten Crockford characters."""
    return encode_crockford(int.from_bytes(hashlib.sha256(word.encode()).digest()) >> 206, 10)


def run_name(word: str) -> str:
    """Return the id of the label run that the tests call *word*: five characters."""
    return name(word)[:5]


def event_id(number: int) -> str:
    """Return the UUIDv7 of the event numbered *number*."""
    return f"019aaf10-5c00-7000-8000-{number:012x}"


def jwk(word: str) -> dict[str, str]:
    """Return a JWK whose bytes follow from *word*."""
    x = urlsafe_b64encode(hashlib.sha256(word.encode()).digest()).rstrip(b"=").decode()
    return {"crv": "Ed25519", "kty": "OKP", "x": x}


def kid(word: str) -> str:
    """Return the thumbprint of ``jwk(word)``."""
    return kid_of(Jwk(crv="Ed25519", kty="OKP", x=jwk(word)["x"]))


def slice_for(signed: Signed, book: Slice) -> Slice:
    """Return the slice that a store would load for *signed*: what is missing, asked again until nothing is."""
    found, part = book.records(), Slice()
    while keys := missing(signed, part):
        part.load({key: found[key] for key in keys if key in found}, keys)
    return part


def problems_of(signed: Signed, book: Slice) -> tuple[Problem, ...]:
    """Return what speaks against *signed*."""
    with pytest.raises(Refused) as caught:
        fold(signed, book)
    return caught.value.problems


class World:
    """The books of one log, and the events told so far. A party's first key is called as the party itself."""

    def __init__(self) -> None:
        self.book = Slice(complete=True)
        self.told: list[Signed] = []
        self.clock: Callable[[], datetime] = lambda: CLOCK + timedelta(seconds=len(self.told))
        self.ids = iter(range(1, 1_000_000))

    def sign(self, kind: str, by: str, /, *, key: str = "", **fields: Any) -> Signed:
        """Return the event as the next entry, by the party called *by*, signed with the key called *key*."""
        payload = {
            "type": kind,
            "id": event_id(next(self.ids)),
            "log": LOG,
            "by": "log" if by == "log" else name(by),
            "at": AT,
            **fields,
        }
        return Signed(parse_event(payload), kid(key or by), len(self.told), self.clock())

    def take(self, signed: Signed) -> Changes:
        """Fold *signed* and keep what it changes."""
        changes = fold(signed, self.book)
        self.book.update(changes)
        self.told.append(signed)
        return changes

    def tell(self, kind: str, by: str, /, *, key: str = "", **fields: Any) -> Event:
        """Say something that is accepted; return the event."""
        signed = self.sign(kind, by, key=key, **fields)
        assert fold(signed, slice_for(signed, self.book)) == self.take(signed)
        return signed.event

    def refuse(self, kind: str, by: str, /, *, key: str = "", **fields: Any) -> Wrong:
        """Say something that is refused; return its problems."""
        before = self.book.records()
        signed = self.sign(kind, by, key=key, **fields)
        problems = problems_of(signed, self.book)
        assert problems_of(signed, slice_for(signed, self.book)) == problems
        assert self.book.records() == before
        return [(problem.pointer, problem.code) for problem in problems]

    def get(self, kind: type[R], id: str) -> R:
        """Return a record that is there."""
        record = self.book.peek(kind, id)
        assert isinstance(record, kind), (kind, id, record)
        return record


def new_world(**fields: Any) -> World:
    """Return a log opened by two supervisors, 农业局 and 市监局."""
    world = World()
    opened: dict[str, Any] = {
        "format": 1,
        "address": "https://demo.invalid",
        "checkpoint_key": CHECKPOINT_KEY,
        "receipt_key": jwk("log"),
        "supervisors": [
            {"party": name(word), "name": word, "jwk": jwk(word), "custody": "party"}
            for word in ("农业局", "市监局")
        ],
    }
    world.tell("log.opened", "log", **{**opened, **fields})
    return world


def party(world: World, word: str, *roles: str, **fields: Any) -> None:
    """Register the party called *word*."""
    shape: dict[str, Any] = {"party": name(word), "roles": list(roles), "jwk": jwk(word), "custody": "party"}
    world.tell("party.registered", "农业局", **{**shape, "proof": "x", **fields})


def peopled() -> World:
    """Return a world with two cooperatives, a shop, a laboratory, a carrier, products and a plot with a quota."""
    world = new_world()
    for word, role in (("红星", "producer"), ("牛山", "producer"), ("小店", "shop"), ("大店", "shop")):
        party(world, word, role)
    party(world, "检测站", "laboratory")
    party(world, "平台", "operator")
    for word, unit in (("梨", "g"), ("精品梨", "g"), ("油", "ml"), ("盒", "piece")):
        mass: dict[str, Any] = {"ml": {"unit_mass_mg": 910}, "piece": {"unit_mass_mg": 400}}.get(unit, {})
        world.tell("product.registered", "红星", product=name(word), name=word, unit=unit, **mass)
    world.tell(
        "site.registered",
        "红星",
        site=name("一号地"),
        kind="plot",
        party=name("红星"),
        crop=name("梨"),
        ref="DK26001",
    )
    world.tell("quota.granted", "农业局", plot=name("一号地"), season=2026, amount=1_000_000)
    return world


def harvest(world: World, word: str, amount: int = 100_000, **fields: Any) -> None:
    """Harvest a batch of pears from 一号地."""
    shape: dict[str, Any] = {
        "batch": name(word),
        "plot": name("一号地"),
        "product": name("梨"),
        "season": 2026,
    }
    world.tell("batch.harvested", "红星", amount=amount, **{**shape, **fields})


def issue(world: World, run: str, batch: str, count: int = 10, by: str = "红星", **fields: Any) -> None:
    """Issue a run of labels of 1 kg each."""
    shape: dict[str, Any] = {"run": run_name(run), "batch": name(batch), "count": count, "net": 1000}
    world.tell("labels.issued", by, **{**shape, "root": "0" * 64, "packed_on": "2026-09-21", **fields})
