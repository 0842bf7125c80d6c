"""What becomes of accepted purchases, transformations, adjustments and losses."""

from __future__ import annotations

from typing import Any

import pytest

from suyuan.produce.book import Draft
from suyuan.produce.lineage import ancestors
from suyuan.produce.reasons import show
from suyuan.produce.records import Batch, Edge, Position, Quota, Share

from .world import World, harvest, name, peopled

PLOT = name("一号地")


def process(
    world: World, taken: list[tuple[str, int]], made: list[tuple[str, str, int]], loss: int, **fields: Any
) -> None:
    inputs = [{"batch": name(batch), "amount": amount} for batch, amount in taken]
    outputs = [
        {"batch": name(one), "product": name(product), "amount": amount} for one, product, amount in made
    ]
    world.tell("batch.transformed", "红星", inputs=inputs, outputs=outputs, loss_g=loss, **fields)


def position(world: World, batch: str, party: str = "红星") -> Position:
    return world.get(Position, f"{name(batch)}/{name(party)}")


def shares(world: World, batch: str) -> dict[str, int]:
    return {share.origin: share.mass_g for share in world.get(Batch, name(batch)).composition}


def test_what_is_bought_comes_from_outside() -> None:
    world = peopled()
    world.tell("batch.bought", "牛山", batch=name("豆"), product=name("油"), amount=1000, ref="HD-1")
    assert world.get(Batch, name("豆")).composition == (Share(origin="outside", mass_g=910),)
    assert position(world, "豆", "牛山").held == 1000


def test_a_transformation_consumes_inputs_and_makes_outputs() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    harvest(world, "乙", 500)
    process(world, [("乙", 500), ("甲", 600)], [("丙", "精品梨", 900), ("丁", "油", 100)], 109)
    assert (position(world, "甲").held, position(world, "甲").consumed) == (400, 600)
    assert (position(world, "乙").held, position(world, "乙").consumed) == (0, 500)
    assert (position(world, "丙").held, position(world, "丁").held) == (900, 100)
    batch = world.get(Batch, name("丙"))
    assert (batch.how, batch.made, batch.parents) == (
        "transformed",
        900,
        tuple(sorted((name("甲"), name("乙")))),
    )
    assert world.get(Edge, f"{name('甲')}/{name('丁')}").amount == 600
    assert world.get(Edge, f"{name('乙')}/{name('丙')}").amount == 500


def test_added_stuff_and_by_products_are_part_of_the_balance() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    bran, water = [{"name": "bran", "mass_g": 300}], [{"name": "water", "mass_g": 200}]
    process(world, [("甲", 1000)], [("乙", "精品梨", 850)], 50, added=water, byproducts=bran)
    assert world.get(Batch, name("乙")).made == 850


def test_a_mixture_comes_from_each_origin_in_proportion() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    world.tell("batch.bought", "红星", batch=name("豆"), product=name("梨"), amount=500)
    process(world, [("甲", 1000), ("豆", 500)], [("乙", "精品梨", 1000)], 500)
    assert shares(world, "乙") == {PLOT: 667, "outside": 333}
    process(world, [("乙", 100)], [("丙", "精品梨", 10), ("丁", "精品梨", 90)], 0)
    assert shares(world, "丙") == {PLOT: 7, "outside": 3}
    assert shares(world, "丁") == {PLOT: 60, "outside": 30}


def test_added_water_comes_from_no_plot() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    process(world, [("甲", 1000)], [("乙", "精品梨", 10_000)], 0, added=[{"name": "water", "mass_g": 9000}])
    assert shares(world, "乙") == {PLOT: 1000, "added": 9000}


def test_a_transformation_names_its_plant() -> None:
    world = peopled()
    world.tell("site.registered", "牛山", site=name("厂"), kind="plant", party=name("牛山"))
    harvest(world, "甲", 100)
    process(world, [("甲", 100)], [("乙", "精品梨", 100)], 0, plant=name("厂"))


def test_outputs_carry_numbers_of_their_own() -> None:
    world = peopled()
    harvest(world, "甲", 100)
    outputs = [{"batch": name("乙"), "product": name("精品梨"), "amount": 100, "ref": "JG26-001"}]
    inputs = [{"batch": name("甲"), "amount": 100}]
    world.tell("batch.transformed", "红星", inputs=inputs, outputs=outputs, loss_g=0)
    assert world.get(Batch, name("乙")).ref == "JG26-001"


def test_what_is_missing_is_adjusted_down_by_who_holds_it() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    shipment = world.tell("batch.shipped", "红星", batch=name("甲"), amount=400, to=name("牛山")).id
    world.tell("batch.received", "牛山", shipment=shipment, batch=name("甲"), amount=400)
    world.tell("batch.adjusted", "牛山", batch=name("甲"), amount=-400, reason="shrinkage")
    assert position(world, "甲", "牛山").held == 0
    assert world.get(Batch, name("甲")).adjusted == -400
    assert world.get(Quota, f"{PLOT}/2026").used == 1000


def test_what_is_found_is_adjusted_up_and_debits_the_quota() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    world.tell("batch.adjusted", "红星", batch=name("甲"), amount=-200, reason="weighing-error")
    world.tell("batch.adjusted", "红星", batch=name("甲"), amount=200, reason="weighing-error")
    assert world.get(Batch, name("甲")).adjusted == 0
    assert position(world, "甲").held == 1000
    assert world.get(Quota, f"{PLOT}/2026").used == 1200


def test_what_was_bought_is_adjusted_up_without_quota() -> None:
    world = peopled()
    world.tell("batch.bought", "牛山", batch=name("豆"), product=name("梨"), amount=1000)
    world.tell("batch.adjusted", "牛山", batch=name("豆"), amount=5, reason="stock-taking")
    assert position(world, "豆", "牛山").held == 1005


def test_goods_that_are_held_back_may_still_be_destroyed() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    world.tell("batch.held", "农业局", batches=[name("甲")], reason="suspicion")
    world.tell("batch.destroyed", "红星", batch=name("甲"), amount=1000, reason="failed-test")
    assert (position(world, "甲").held, position(world, "甲").destroyed) == (0, 1000)


def test_lineage_names_every_ancestor_once() -> None:
    world = peopled()
    harvest(world, "甲", 1000)
    process(world, [("甲", 1000)], [("乙", "精品梨", 500), ("丙", "精品梨", 500)], 0)
    process(world, [("乙", 500), ("丙", 500)], [("丁", "精品梨", 1000)], 0)
    found = [batch.id for batch in ancestors(name("丁"), Draft(world.book))]
    assert sorted(found) == sorted(name(word) for word in "甲乙丙丁")
    assert found[0] == name("丁")


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (203_400, "g", "203.4 kg"),
        (999, "g", "999 g"),
        (1000, "g", "1 kg"),
        (1001, "g", "1.001 kg"),
        (750, "ml", "750 ml"),
        (10_500, "ml", "10.5 L"),
        (12, "piece", "12 件"),
        (5000, "piece", "5000 件"),
    ],
)
def test_amounts_are_shown_as_people_read_them(amount: int, unit: str, text: str) -> None:
    assert show(amount, unit) == text
