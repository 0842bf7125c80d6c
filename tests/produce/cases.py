"""The table of refusals that the rooms' rules must give, and short ways to bring about their situations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .world import AT, World, Wrong, harvest, issue, jwk, kid, name, new_world, run_name

Case = Callable[[World], Wrong]
CASES: dict[tuple[str, str], tuple[str, Case]] = {}
"""By the reason's name in ``reasons`` and the situation: the pointer expected and what to tell a peopled world."""

ACCEPTED = {"proof": "x", "custody": "party"}


def case(reason: str, pointer: str) -> Callable[[Case], Case]:
    """Note a case of *reason*."""

    def note(tell: Case) -> Case:
        CASES[reason, tell.__name__] = (pointer, tell)
        return tell

    return note


def transform(
    world: World, taken: list[tuple[str, int]], made: list[tuple[str, str, int]], loss: int, **fields: Any
) -> Wrong:
    """Refuse a transformation of (batch, amount) into (batch, product, amount)."""
    shape: dict[str, Any] = {
        "inputs": [{"batch": name(batch), "amount": amount} for batch, amount in taken],
        "outputs": [
            {"batch": name(batch), "product": name(product), "amount": amount}
            for batch, product, amount in made
        ],
        "loss_g": loss,
    }
    return world.refuse("batch.transformed", "红星", **{**shape, **fields})


def ship(world: World, batch: str, amount: int, to: str = "牛山", **fields: Any) -> str:
    """Ship from 红星; return the shipment's id."""
    return world.tell("batch.shipped", "红星", batch=name(batch), amount=amount, to=name(to), **fields).id


def sell(world: World, order: str, batch: str, *packages: tuple[str, int, int]) -> None:
    """Sell packages of *batch* from 小店."""
    listed = [{"run": run_name(run), "first": first, "end": end} for run, first, end in packages]
    count = sum(end - first for _, first, end in packages)
    world.tell("order.sold", "小店", order=name(order), batch=name(batch), count=count, packages=listed)


def activated(world: World, count: int = 10) -> None:
    """Harvest 甲, issue the run 一 and activate all of it."""
    harvest(world, "甲")
    issue(world, "一", "甲", count)
    world.tell("labels.activated", "红星", run=run_name("一"), first=0, end=count)


def held(world: World, batch: str = "甲") -> str:
    """Hold *batch*; return the hold's id."""
    return world.tell("batch.held", "农业局", batches=[name(batch)], reason="complaint").id


def proposed(world: World) -> str:
    """Harvest 甲 and propose to recall it; return the recall's id."""
    harvest(world, "甲")
    return world.tell("recall.proposed", "农业局", batches=[name("甲")], reason="contamination").id


def recover(world: World, **fields: Any) -> Wrong:
    shape = {"party": name("红星"), "jwk": jwk("二"), "approval": "x", "approver": kid("市监局"), **ACCEPTED}
    wrong: dict[str, Any] = {**shape, **fields}
    return world.refuse("key.added", "农业局", **{field: value for field, value in wrong.items() if value})


def lent(**fields: Any) -> World:
    """Return a world whose one supervisor's key the service keeps."""
    supervisor = {"party": name("农业局"), "name": "农业局", "jwk": jwk("农业局"), "custody": "service"}
    return new_world(supervisors=[supervisor], **fields)


def report(world: World, by: str = "检测站", **fields: Any) -> Wrong:
    shape: dict[str, Any] = {
        "batch": name("甲"),
        "report": "JC-1",
        "findings": [{"item": "铅", "result": "0"}],
    }
    return world.refuse("test.reported", by, **{**shape, "passed": True, **fields})


def take_back(
    world: World, order: str, *packages: tuple[str, int, int], by: str = "小店", count: int = 0
) -> Wrong:
    listed = [{"run": run_name(run), "first": first, "end": end} for run, first, end in packages]
    shape: dict[str, Any] = {"packages": listed} if listed else {}
    count = count or sum(end - first for _, first, end in packages)
    return world.refuse("order.returned", by, order=name(order), batch=name("甲"), count=count, **shape)


def admit(world: World, **fields: Any) -> Wrong:
    shape: dict[str, Any] = {
        "party": name("新"),
        "roles": ["producer"],
        "jwk": jwk("新"),
        **ACCEPTED,
        **fields,
    }
    return world.refuse("party.registered", "农业局", **shape)


def enter(world: World, **fields: Any) -> Wrong:
    shape: dict[str, Any] = {"product": name("新"), "name": "新", "unit": "g", **fields}
    return world.refuse("product.registered", "红星", **shape)


def reap(world: World, by: str = "红星", **fields: Any) -> Wrong:
    """Refuse a harvest of 100 kg from 一号地."""
    shape: dict[str, Any] = {
        "batch": name("新"),
        "plot": name("一号地"),
        "product": name("梨"),
        "amount": 100_000,
    }
    return world.refuse("batch.harvested", by, **{**shape, "season": 2026, **fields})


def spray(world: World, at: str, days: int = 14) -> None:
    shape = {"plot": name("一号地"), "work": "spraying", "input": "吡虫啉"}
    world.tell("input.applied", "红星", **shape, interval_days=days, at=at)


def pack(world: World, **fields: Any) -> Wrong:
    """Refuse a run of ten labels of 1 kg for 甲."""
    shape: dict[str, Any] = {
        "run": run_name("新"),
        "batch": name("甲"),
        "count": 10,
        "net": 1000,
        "root": "0" * 64,
    }
    return world.refuse("labels.issued", "红星", **{**shape, "packed_on": AT[:10], **fields})


def buy(world: World, *packages: tuple[str, int, int], count: int = 0) -> Wrong:
    """Refuse an order of packages of 甲."""
    listed = [{"run": run_name(run), "first": first, "end": end} for run, first, end in packages]
    count = count or sum(end - first for _, first, end in packages)
    return world.refuse(
        "order.sold", "小店", order=name("新单"), batch=name("甲"), count=count, packages=listed
    )
