"""What is refused about handovers."""

from __future__ import annotations

from .cases import case, ship
from .world import World, Wrong, event_id, harvest, name


@case("NOT_OWN", "/by")
def shipment_to_another_received(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.received", "小店", shipment=ship(world, "甲", 10), batch=name("甲"), amount=10)


@case("NO_PARTY", "/to")
def shipped_to_nobody(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=1, to=name("无"))


@case("NO_BATCH", "/batch")
def no_batch_shipped(world: World) -> Wrong:
    return world.refuse("batch.shipped", "红星", batch=name("无"), amount=1, to=name("牛山"))


@case("NO_SHIPMENT", "/shipment")
def no_shipment_received(world: World) -> Wrong:
    return world.refuse("batch.received", "牛山", shipment=event_id(999), batch=name("甲"), amount=1)


@case("NO_SHIPMENT", "/shipment")
def shipment_received_as_another_batch(world: World) -> Wrong:
    harvest(world, "甲")
    harvest(world, "乙")
    return world.refuse("batch.received", "牛山", shipment=ship(world, "甲", 5), batch=name("乙"), amount=5)


@case("SHORT", "/amount")
def more_shipped_than_held(world: World) -> Wrong:
    harvest(world, "甲", 100)
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=101, to=name("牛山"))


@case("USED_UP", "/amount")
def batch_of_another_shipped(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.shipped", "牛山", batch=name("甲"), amount=1, to=name("红星"))


@case("BEFORE", "/at")
def shipped_before_it_was_harvested(world: World) -> Wrong:
    harvest(world, "甲", at="2026-09-22T00:00:00+08:00")
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=1, to=name("牛山"))


@case("TO_SELF", "/to")
def shipped_to_oneself(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=1, to=name("红星"))


@case("RECEIVED_ALREADY", "/shipment")
def shipment_received_twice(world: World) -> Wrong:
    harvest(world, "甲")
    shape = {"shipment": ship(world, "甲", 10), "batch": name("甲")}
    world.tell("batch.received", "牛山", **shape, amount=0)
    return world.refuse("batch.received", "牛山", **shape, amount=10)


@case("TOO_MUCH", "/amount")
def more_received_than_shipped(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.received", "牛山", shipment=ship(world, "甲", 10), batch=name("甲"), amount=11)
