"""What is refused about batches bought, processed, adjusted and destroyed."""

from __future__ import annotations

from .cases import case, reap, ship, transform
from .world import World, Wrong, harvest, name


@case("NOT_OWN", "/by")
def batch_of_another_adjusted_upward(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.adjusted", "牛山", batch=name("甲"), amount=5, reason="stock-taking")


@case("TAKEN", "/batch")
def batch_of_another_bought(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.bought", "牛山", batch=name("甲"), product=name("梨"), amount=5)


@case("TAKEN", "/outputs/0/batch")
def output_is_its_own_input(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("甲", "精品梨", 100)], 0)


@case("TAKEN", "/outputs/1/batch")
def output_listed_twice(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 50), ("乙", "精品梨", 50)], 0)


@case("REF_TAKEN", "/ref")
def batch_number_used_twice(world: World) -> Wrong:
    harvest(world, "甲", ref="CS26-0001")
    return reap(world, ref="CS26-0001")


@case("REF_TAKEN", "/outputs/1/ref")
def number_used_by_two_outputs(world: World) -> Wrong:
    harvest(world, "甲")
    outputs = [
        {"batch": name(word), "product": name("精品梨"), "amount": 50, "ref": "JG-1"} for word in "乙丙"
    ]
    return transform(world, [("甲", 100)], [], 0, outputs=outputs)


@case("NO_SITE", "/plant")
def processed_nowhere(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 100)], 0, plant=name("无"))


@case("NO_PRODUCT", "/product")
def purchase_of_no_product(world: World) -> Wrong:
    return world.refuse("batch.bought", "红星", batch=name("豆"), product=name("无"), amount=5)


@case("NO_PRODUCT", "/outputs/0/product")
def processed_into_no_product(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "无", 100)], 0)


@case("NO_BATCH", "/batch")
def no_batch_adjusted(world: World) -> Wrong:
    return world.refuse("batch.adjusted", "红星", batch=name("无"), amount=1, reason="sample")


@case("NO_BATCH", "/batch")
def no_batch_destroyed(world: World) -> Wrong:
    return world.refuse("batch.destroyed", "红星", batch=name("无"), amount=1, reason="spoilt")


@case("NO_BATCH", "/inputs/0/batch")
def no_batch_processed(world: World) -> Wrong:
    return transform(world, [("无", 100)], [("乙", "精品梨", 100)], 0)


@case("SHORT", "/amount")
def more_missing_than_held(world: World) -> Wrong:
    harvest(world, "甲", 100)
    return world.refuse("batch.adjusted", "红星", batch=name("甲"), amount=-101, reason="shrinkage")


@case("SHORT", "/inputs/0/amount")
def more_processed_than_held(world: World) -> Wrong:
    harvest(world, "甲", 100)
    return transform(world, [("甲", 101)], [("乙", "精品梨", 101)], 0)


@case("USED_UP", "/inputs/0/amount")
def batch_processed_twice(world: World) -> Wrong:
    harvest(world, "甲", 100)
    world.tell("batch.destroyed", "红星", batch=name("甲"), amount=100, reason="spoilt")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 100)], 0)


@case("USED_UP", "/amount")
def batch_of_another_destroyed(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.destroyed", "牛山", batch=name("甲"), amount=1, reason="spoilt")


@case("USED_UP", "/inputs/0/amount")
def batch_on_the_way_processed(world: World) -> Wrong:
    harvest(world, "甲", 100)
    ship(world, "甲", 100)
    return transform(world, [("甲", 100)], [("乙", "精品梨", 100)], 0)


@case("TWICE", "/inputs/1/batch")
def input_listed_twice(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 50), ("甲", 50)], [("乙", "精品梨", 100)], 0)


@case("BALANCE", "/loss_g")
def more_comes_out_than_went_in(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 101)], 0)


@case("BALANCE", "/loss_g")
def less_comes_out_than_went_in(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 90)], 9)


@case("BALANCE", "/loss_g")
def pieces_lighter_than_a_gram_made_of_nothing(world: World) -> Wrong:
    """A piece of 400 mg weighs a gram when made; rounded to the nearest it would weigh none."""
    harvest(world, "甲")
    return transform(world, [("甲", 1)], [("乙", "盒", 1)], 1)


@case("BALANCE", "/loss_g")
def pieces_lighter_than_a_gram_used_up_for_a_gram(world: World) -> Wrong:
    """A piece of 600 mg weighs nothing when used up alone; rounded to the nearest it would weigh a gram."""
    world.tell("product.registered", "红星", product=name("颗"), name="颗", unit="piece", unit_mass_mg=600)
    world.tell("batch.bought", "红星", batch=name("豆"), product=name("颗"), amount=1000)
    return transform(world, [("豆", 1)], [("乙", "精品梨", 1)], 0)


@case("BALANCE", "/loss_g")
def goods_made_of_water_alone(world: World) -> Wrong:
    world.tell("batch.bought", "红星", batch=name("豆"), product=name("盒"), amount=1)
    water = [{"name": "water", "mass_g": 100}]
    return transform(world, [("豆", 1)], [("乙", "精品梨", 100)], 0, added=water)


@case("BEFORE", "/at")
def processed_before_it_was_harvested(world: World) -> Wrong:
    harvest(world, "甲", at="2026-09-22T00:00:00+08:00")
    return transform(world, [("甲", 1)], [("乙", "精品梨", 1)], 0)


@case("ZERO", "/amount")
def adjusted_by_nothing(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.adjusted", "红星", batch=name("甲"), amount=0, reason="stock-taking")


@case("GROWTH", "/amount")
def processed_batch_adjusted_upward(world: World) -> Wrong:
    harvest(world, "甲")
    inputs = [{"batch": name("甲"), "amount": 100}]
    outputs = [{"batch": name("乙"), "product": name("精品梨"), "amount": 100}]
    world.tell("batch.transformed", "红星", inputs=inputs, outputs=outputs, loss_g=0)
    return world.refuse("batch.adjusted", "红星", batch=name("乙"), amount=1, reason="stock-taking")


@case("BEYOND", "/amount")
def purchase_of_more_grams_than_can_be_counted(world: World) -> Wrong:
    world.tell("product.registered", "红星", product=name("车"), name="车", unit="piece", unit_mass_mg=10**9)
    return world.refuse("batch.bought", "红星", batch=name("豆"), product=name("车"), amount=2**53 - 1)


@case("BEYOND", "/amount")
def adjusted_to_more_than_can_be_counted(world: World) -> Wrong:
    world.tell("batch.bought", "红星", batch=name("豆"), product=name("梨"), amount=2**53 - 1)
    return world.refuse("batch.adjusted", "红星", batch=name("豆"), amount=1, reason="stock-taking")
