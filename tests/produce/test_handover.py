"""What becomes of accepted handovers."""

from __future__ import annotations

from typing import Any

import pytest

from suyuan.produce.records import Position, Shipment

from .cases import ship
from .world import World, harvest, name, peopled


def position(world: World, party: str) -> Position:
    return world.get(Position, f"{name('甲')}/{name(party)}")


def receive(world: World, shipment: str, amount: int, **fields: Any) -> None:
    world.tell("batch.received", "牛山", shipment=shipment, batch=name("甲"), amount=amount, **fields)


def test_goods_on_the_way_stay_in_the_senders_books() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    shipment = ship(world, "甲", 300)
    assert (position(world, "红星").held, position(world, "红星").in_transit) == (700, 300)
    assert world.get(Shipment, shipment).accepted == -1


@pytest.mark.parametrize(("accepted", "kept"), [(300, 700), (250, 750), (0, 1000)])
def test_what_is_not_accepted_goes_back_to_the_sender(accepted: int, kept: int) -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    shipment = ship(world, "甲", 300)
    receive(world, shipment, accepted)
    assert (position(world, "红星").held, position(world, "红星").in_transit) == (kept, 0)
    assert position(world, "牛山").held == accepted
    assert world.get(Shipment, shipment).accepted == accepted


def test_the_receiver_may_ship_on_and_back() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    receive(world, ship(world, "甲", 300), 300)
    back = world.tell("batch.shipped", "牛山", batch=name("甲"), amount=100, to=name("红星")).id
    world.tell("batch.received", "红星", shipment=back, batch=name("甲"), amount=100)
    assert (position(world, "红星").held, position(world, "牛山").held) == (800, 200)


def test_a_held_batch_that_is_on_the_way_can_still_be_received() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    shipment = ship(world, "甲", 300)
    world.tell("batch.held", "农业局", batches=[name("甲")], reason="suspicion")
    receive(world, shipment, 300)
    assert position(world, "牛山").held == 300


@pytest.mark.parametrize(
    ("sent", "received", "inferred"), [(False, False, False), (True, False, True), (False, True, True)]
)
def test_a_handover_with_one_implied_half_never_counts_as_confirmed_by_two(
    sent: bool, received: bool, inferred: bool
) -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    implied: dict[str, Any] = {"inferred": True}
    shipment = ship(world, "甲", 300, **(implied if sent else {}))
    receive(world, shipment, 300, **(implied if received else {}))
    assert world.get(Shipment, shipment).inferred is inferred
