"""Random stories: sequences of events that mostly fit the books, told by a few small numbers each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from suyuan.errors import Problem, Refused
from suyuan.produce.book import Changes
from suyuan.produce.composition import mass_g, mass_used_g
from suyuan.produce.records import Batch, Hold, LogState, Order, Position, Product, R, Recall, Run, Shipment
from suyuan.produce.rights import Signed

from .world import World, jwk, kid, name, peopled, run_name

HOLDERS = ("红星", "牛山", "小店")
WORDS = {name(word): word for word in (*HOLDERS, "大店", "检测站", "农业局", "市监局")}
Outcome = Changes | tuple[Problem, ...]
Told = Iterator[tuple[str, str, dict[str, Any]]]
"""Type, signer and fields of the events to try."""


@dataclass(frozen=True, slots=True)
class Dice:
    """Small numbers that decide what one step of a story does."""

    rolls: tuple[int, ...]

    def pick(self, place: int, things: Iterable[R]) -> R | None:
        """Return one of *things*, which are sorted by id first, or None without any."""
        found = sorted(things, key=lambda one: one.id)
        return found[self.rolls[place] % len(found)] if found else None

    def amount(self, place: int, most: int) -> int:
        """Return at least one, mostly at most *most*, sometimes one more."""
        return max(1, most * self.rolls[place] // 15 + (self.rolls[place] == 16))


def all_of(world: World, kind: type[R]) -> list[R]:
    """Return all records of *kind*."""
    return [record for record in world.book.records().values() if isinstance(record, kind)]


def held(world: World) -> list[Position]:
    """Return the positions that hold something."""
    return [position for position in all_of(world, Position) if position.held]


def _new(world: World) -> str:
    return name(f"new {len(world.told)}")


def _harvest(world: World, dice: Dice) -> Told:
    plot = ("一号地", "二号地")[dice.rolls[0] % 2]
    shape: dict[str, Any] = {"plot": name(plot), "product": name("梨"), "season": 2026, "batch": _new(world)}
    yield (
        "batch.harvested",
        "红星",
        {**shape, "amount": dice.amount(1, 30_000), "at": f"2026-09-{dice.rolls[2] + 1:02}T08:00:00Z"},
    )
    if dice.rolls[3] > 12:
        treated = {"plot": name(plot), "work": "spraying", "input": "药", "interval_days": dice.rolls[4] + 1}
        yield "input.applied", "红星", {**treated, "at": "2026-09-05T08:00:00Z"}


def _buy(world: World, dice: Dice) -> Told:
    product = name(("梨", "油", "盒")[dice.rolls[0] % 3])
    yield (
        "batch.bought",
        HOLDERS[dice.rolls[1] % 3],
        {"batch": _new(world), "product": product, "amount": dice.amount(2, 999)},
    )


def _transform(world: World, dice: Dice) -> Told:
    first = dice.pick(0, held(world))
    if first is None:
        return
    mine = [position for position in held(world) if position.party == first.party][: 1 + dice.rolls[1] % 4]
    inputs = [
        {"batch": one.batch, "amount": dice.amount(2 + place, one.held)} for place, one in enumerate(mine)
    ]
    products = [world.get(Product, world.get(Batch, one.batch).product) for one in mine]
    added = dice.rolls[6] * 10
    left = added + sum(
        mass_used_g(product, int(str(portion["amount"])))
        for product, portion in zip(products, inputs, strict=True)
    )
    outputs, byproduct = [], left // 5 if dice.rolls[7] % 2 else 0
    left -= byproduct
    for place, word in enumerate(("精品梨", "油", "盒")[: 1 + dice.rolls[7] % 3]):
        product = world.get(Product, name(word))
        amount = left * (dice.rolls[8] + 1) // 20 * 1000 // product.unit_mass_mg
        if amount and mass_g(product, amount) <= left:
            left -= mass_g(product, amount)
            outputs.append(
                {"batch": name(f"new {len(world.told)} {place}"), "product": product.id, "amount": amount}
            )
    fields: dict[str, Any] = {"inputs": inputs, "outputs": outputs, "loss_g": left + (dice.rolls[9] == 16)}
    if added:
        fields["added"] = [{"name": "water", "mass_g": added}]
    if byproduct:
        fields["byproducts"] = [{"name": "bran", "mass_g": byproduct}]
    if outputs:
        yield "batch.transformed", WORDS[first.party], {**fields, "at": "2026-09-21T08:00:00Z"}


def _ship(world: World, dice: Dice) -> Told:
    position = dice.pick(0, held(world))
    if position is not None:
        to = name(HOLDERS[dice.rolls[1] % 3])
        yield (
            "batch.shipped",
            WORDS[position.party],
            {"batch": position.batch, "amount": dice.amount(2, position.held), "to": to},
        )


def _receive(world: World, dice: Dice) -> Told:
    shipment = dice.pick(
        0, (one for one in all_of(world, Shipment) if one.accepted < 0 or dice.rolls[1] > 13)
    )
    if shipment is not None:
        amount = shipment.amount * dice.rolls[2] // 15
        fields = {"shipment": shipment.id, "batch": shipment.batch, "amount": amount}
        yield "batch.received", WORDS[shipment.receiver], fields


def _adjust(world: World, dice: Dice) -> Told:
    position = dice.pick(0, held(world))
    if position is not None:
        amount = dice.amount(1, 2000) if dice.rolls[2] > 7 else -dice.amount(1, position.held)
        fields = {"batch": position.batch, "amount": amount, "reason": "stock-taking"}
        yield "batch.adjusted", WORDS[position.party], fields


def _destroy(world: World, dice: Dice) -> Told:
    position = dice.pick(0, held(world))
    if position is not None:
        fields = {"batch": position.batch, "amount": dice.amount(1, position.held), "reason": "spoilt"}
        yield "batch.destroyed", WORDS[position.party], fields


def _issue(world: World, dice: Dice) -> Told:
    position = dice.pick(0, held(world))
    if position is None:
        return
    net = 1 + position.held // (dice.rolls[1] + 3)
    run, count = run_name(f"run {len(world.told)}"), dice.amount(2, position.held // net)
    fields: dict[str, Any] = {
        "batch": position.batch,
        "count": count,
        "net": net,
        "root": "0" * 64,
        "run": run,
    }
    yield "labels.issued", WORDS[position.party], {**fields, "packed_on": "2026-09-30"}
    if dice.rolls[3] > 3:
        yield (
            "labels.activated",
            WORDS[position.party],
            {"run": run, "first": 0, "end": 1 + count * dice.rolls[4] // 17},
        )


def _range(run: Run, dice: Dice) -> dict[str, Any]:
    first = run.count * dice.rolls[1] // 17
    return {"run": run.id, "first": first, "end": min(run.count, first + 1 + dice.rolls[2] // 3)}


def _activate(world: World, dice: Dice) -> Told:
    run = dice.pick(0, all_of(world, Run))
    if run is not None:
        yield "labels.activated", WORDS[run.party], _range(run, dice)


def _void(world: World, dice: Dice) -> Told:
    run = dice.pick(0, all_of(world, Run))
    if run is not None:
        yield (
            "labels.voided",
            ("农业局" if dice.rolls[3] > 12 else WORDS[run.party]),
            {**_range(run, dice), "reason": "surplus"},
        )


def _sell(world: World, dice: Dice) -> Told:
    run = dice.pick(0, all_of(world, Run))
    if run is None:
        return
    fields: dict[str, Any] = {"order": _new(world), "batch": run.batch, "count": 1 + dice.rolls[1] // 4}
    fit = [span for span in run.spans if span.state in ("activated", "returned")][:2]
    if dice.rolls[2] > 4 and fit:
        listed = [(span.first, min(span.end, span.first + 1 + dice.rolls[3])) for span in fit]
        fields["packages"] = [{"run": run.id, "first": first, "end": end} for first, end in listed]
        fields["count"] = sum(end - first for first, end in listed)
    yield "order.sold", ("小店", "大店")[dice.rolls[4] % 2], fields


def _return(world: World, dice: Dice) -> Told:
    order = dice.pick(
        0, (one for one in all_of(world, Order) if one.returned < one.count or dice.rolls[1] > 14)
    )
    if order is None:
        return
    fields: dict[str, Any] = {"order": order.id, "batch": order.batch, "count": 1}
    if order.packages:
        place = dice.rolls[2] % len(order.packages)
        span = order.packages[place]
        first = span.first + (span.end - span.first) * dice.rolls[3] // 17
        fields["packages"] = [{"run": order.runs[place], "first": first, "end": first + 1}]
    yield "order.returned", WORDS[order.shop], fields


def _test(world: World, dice: Dice) -> Told:
    batch, passed = dice.pick(0, all_of(world, Batch)), dice.rolls[1] < 14
    if batch is not None:
        finding: dict[str, Any] = (
            {"item": "铅", "result": "0"} if passed else {"item": "铅", "result": "9", "passed": False}
        )
        fields = {
            "batch": batch.id,
            "report": f"JC-{len(world.told)}",
            "findings": [finding],
            "passed": passed,
        }
        yield "test.reported", "检测站", fields


def _hold(world: World, dice: Dice) -> Told:
    batch = dice.pick(0, all_of(world, Batch))
    if batch is not None:
        yield "batch.held", "农业局", {"batches": [batch.id], "reason": "suspicion"}


def _release(world: World, dice: Dice) -> Told:
    for hold in all_of(world, Hold):
        if hold.batches:
            yield (
                "batch.released",
                "市监局",
                {"hold": hold.id, "batches": list(hold.batches[: 1 + dice.rolls[0] % 2])},
            )


def _recall(world: World, dice: Dice) -> Told:
    recall = dice.pick(0, all_of(world, Recall))
    batch = dice.pick(1, all_of(world, Batch))
    if recall is not None and dice.rolls[2] > 8:
        yield (
            "recall.approved",
            ("农业局", "市监局")[dice.rolls[3] % 2],
            {"recall": recall.id, "batches": list(recall.batches)},
        )
    elif recall is not None and dice.rolls[2] > 5:
        yield "recall.closed", "市监局", {"recall": recall.id, "batches": list(recall.batches)}
    elif batch is not None and dice.rolls[2] > 2:
        yield "recall.proposed", "农业局", {"batches": [batch.id], "reason": "complaint"}


def _register(world: World, dice: Dice) -> Told:
    word = f"new {dice.rolls[0]}"
    site = {"site": name(word), "kind": "store", "party": name("牛山"), "ref": f"KU-{dice.rolls[1]}"}
    keys = {"party": name("牛山"), "jwk": jwk(word), "custody": "party", "proof": "x"}
    yield from (
        ("site.registered", "牛山", site),
        ("key.added", "牛山", keys),
        (
            "key.added",
            "农业局",
            {**keys, "jwk": jwk(word + " lost"), "approval": "x", "approver": kid("市监局")},
        ),
        ("key.revoked", "牛山", {"party": name("牛山"), "kid": kid(word), "reason": "retired"}),
        ("product.registered", "牛山", {"product": name(word), "name": word, "unit": "g"}),
        (
            "party.registered",
            "市监局",
            {**keys, "party": name(word), "roles": ["carrier"], "jwk": jwk(word + " p")},
        ),
        (
            "quota.granted",
            "市监局",
            {"plot": name("二号地"), "season": 2026, "amount": 20_000 + 5000 * dice.rolls[2]},
        ),
        ("personal.erased", "平台", {"digests": [kid(word)]}),
    )


def _rekey(world: World, dice: Dice) -> Told:
    keys = [key.vkey for key in world.get(LogState, "log").checkpoint_keys if key.until < 0]
    old = keys[dice.rolls[0] % len(keys)]
    yield ("log.rekeyed", "log", {"added": _new(world), **({"replaces": old} if dice.rolls[1] % 3 else {})})
    yield ("log.rekeyed", "log", {"retired": keys[dice.rolls[2] % len(keys)]})


STEPS: tuple[Callable[[World, Dice], Told], ...] = (
    *(
        _harvest,
        _harvest,
        _buy,
        _transform,
        _transform,
        _transform,
        _ship,
        _ship,
        _receive,
        _receive,
        _adjust,
    ),
    *(_destroy, _issue, _issue, _issue, _activate, _activate, _void, _sell, _sell, _sell, _return, _return),
    *(_test, _hold, _release, _release, _recall, _register, _rekey),
)

DICE = st.builds(Dice, st.tuples(*[st.integers(0, 16)] * 10))
STORIES = st.lists(st.tuples(st.sampled_from(STEPS), DICE), min_size=20, max_size=80)
Story = list[tuple[Callable[[World, Dice], Told], Dice]]


def begin() -> World:
    """Return the world in which stories begin: two plots, one with a small quota."""
    world = peopled()
    plot = {"site": name("二号地"), "kind": "plot", "party": name("红星"), "crop": name("梨")}
    world.tell("site.registered", "红星", **plot)
    world.tell("quota.granted", "农业局", plot=name("二号地"), season=2026, amount=50_000)
    return world


def tell(world: World, story: Story) -> Iterator[tuple[Signed, Outcome]]:
    """Tell *story* and yield each event with its outcome; the books move on when the next is asked for."""
    for step, dice in story:
        for kind, by, fields in step(world, dice):
            signed = world.sign(kind, by, **fields)
            yield signed, take(world, signed)


def take(world: World, signed: Signed) -> Outcome:
    """Take *signed* into the books, or return its problems."""
    try:
        return world.take(signed)
    except Refused as refused:
        return refused.problems


__all__ = ["DICE", "STEPS", "STORIES", "Dice", "Outcome", "Story", "all_of", "begin", "take", "tell"]
