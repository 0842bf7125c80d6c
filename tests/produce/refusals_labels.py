"""What is refused about labels and orders."""

from __future__ import annotations

from .cases import activated, buy, case, pack, sell, take_back
from .world import World, Wrong, harvest, issue, name, run_name


@case("NOT_OWN", "/by")
def run_of_another_activated(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.activated", "牛山", run=run_name("一"), first=0, end=1)


@case("NOT_OWN", "/by")
def run_of_another_voided(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.voided", "牛山", run=run_name("一"), first=0, end=1, reason="leaked")


@case("NOT_OWN", "/by")
def order_of_another_shop_returned(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return take_back(world, "单一", ("一", 0, 2), by="大店")


@case("NOT_SELLER", "/by")
def packages_of_another_sold_by_a_laboratory(world: World) -> Wrong:
    activated(world)
    return world.refuse("order.sold", "检测站", order=name("单一"), batch=name("甲"), count=1)


@case("NOT_SELLER", "/by")
def packages_of_another_sold_by_a_competitor(world: World) -> Wrong:
    activated(world)
    return world.refuse("order.sold", "牛山", order=name("单一"), batch=name("甲"), count=1)


@case("TAKEN", "/run")
def run_issued_twice(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return pack(world, run=run_name("一"))


@case("TAKEN", "/order")
def order_sold_twice(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return world.refuse("order.sold", "小店", order=name("单一"), batch=name("甲"), count=1)


@case("NO_BATCH", "/batch")
def no_batch_labelled(world: World) -> Wrong:
    return pack(world)


@case("NO_BATCH", "/batch")
def no_batch_sold(world: World) -> Wrong:
    return world.refuse("order.sold", "小店", order=name("单一"), batch=name("无"), count=1)


@case("NO_RUN", "/run")
def no_run_activated(world: World) -> Wrong:
    return world.refuse("labels.activated", "红星", run=run_name("无"), first=0, end=1)


@case("NO_RUN", "/run")
def no_run_voided(world: World) -> Wrong:
    return world.refuse("labels.voided", "红星", run=run_name("无"), first=0, end=1, reason="leaked")


@case("NO_RUN", "/packages/0/run")
def no_run_sold(world: World) -> Wrong:
    activated(world)
    return buy(world, ("无", 0, 1))


@case("NO_RUN", "/packages/0/run")
def run_of_another_batch_sold(world: World) -> Wrong:
    activated(world)
    harvest(world, "乙")
    issue(world, "二", "乙")
    world.tell("labels.activated", "红星", run=run_name("二"), first=0, end=10)
    return buy(world, ("二", 0, 1))


@case("NO_RUN", "/packages/1")
def packages_returned_that_are_not_in_the_order(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 4))
    sell(world, "单二", "甲", ("一", 4, 6))
    return take_back(world, "单一", ("一", 0, 2), ("一", 4, 6))


@case("NO_RUN", "/packages/0")
def packages_returned_of_an_order_that_names_none(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=2)
    sell(world, "单二", "甲", ("一", 0, 2))
    return take_back(world, "单一", ("一", 0, 2))


@case("NO_RUN", "/packages/0")
def packages_returned_again_that_another_bought_since(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 4))
    listed = [{"run": run_name("一"), "first": 1, "end": 3}]
    world.tell("order.returned", "小店", order=name("单一"), batch=name("甲"), count=2, packages=listed)
    sell(world, "单二", "甲", ("一", 1, 3))
    return take_back(world, "单一", ("一", 1, 3))


@case("NO_ORDER", "/order")
def no_order_returned(world: World) -> Wrong:
    return take_back(world, "无", count=1)


@case("NO_ORDER", "/order")
def order_returned_as_another_batch(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    harvest(world, "乙")
    return world.refuse("order.returned", "小店", order=name("单一"), batch=name("乙"), count=2)


@case("BEFORE", "/packed_on")
def packed_before_it_was_harvested(world: World) -> Wrong:
    harvest(world, "甲")
    return pack(world, packed_on="2026-09-20")


@case("PACK", "/count")
def more_packed_than_held(world: World) -> Wrong:
    harvest(world, "甲", 9_999)
    return pack(world)


@case("RANGE", "/end")
def empty_range_activated(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.activated", "红星", run=run_name("一"), first=3, end=3)


@case("RANGE", "/end")
def range_beyond_the_run_voided(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=9, end=11, reason="leaked")


@case("RANGE", "/packages/0/end")
def reversed_range_sold(world: World) -> Wrong:
    activated(world)
    return buy(world, ("一", 5, 3), count=2)


@case("STATE", "/first")
def voided_labels_activated(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    world.tell("labels.voided", "红星", run=run_name("一"), first=2, end=4, reason="leaked")
    return world.refuse("labels.activated", "红星", run=run_name("一"), first=0, end=3)


@case("STATE", "/first")
def voided_labels_voided_again(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    world.tell("labels.voided", "红星", run=run_name("一"), first=2, end=4, reason="leaked")
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=3, end=4, reason="leaked")


@case("STATE", "/first")
def sold_packages_voided(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=1, end=3, reason="leaked")


@case("STATE", "/packages/0/first")
def printed_packages_sold_before_activation(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return buy(world, ("一", 0, 1))


@case("STATE", "/packages/0/first")
def packages_sold_twice(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return buy(world, ("一", 1, 3))


@case("STATE", "/packages/1/first")
def packages_sold_twice_in_one_order(world: World) -> Wrong:
    activated(world)
    return buy(world, ("一", 0, 2), ("一", 1, 2))


@case("STATE", "/packages/0/first")
def voided_packages_sold(world: World) -> Wrong:
    activated(world)
    world.tell("labels.voided", "红星", run=run_name("一"), first=0, end=1, reason="leaked")
    return buy(world, ("一", 0, 1))


@case("VOID_SOLD", "/end")
def labels_voided_that_orders_by_count_need(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=8)
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=0, end=3, reason="surplus")


@case("OVERSOLD", "/count")
def more_sold_than_labelled(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=8)
    return world.refuse("order.sold", "大店", order=name("单二"), batch=name("甲"), count=3)


@case("COUNT", "/count")
def order_of_more_than_it_lists(world: World) -> Wrong:
    activated(world)
    return buy(world, ("一", 0, 2), count=3)


@case("COUNT", "/packages")
def packages_of_an_order_returned_without_naming_them(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return take_back(world, "单一", count=1)


@case("RETURNED", "/count")
def more_returned_than_sold(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=2)
    world.tell("order.returned", "小店", order=name("单一"), batch=name("甲"), count=1)
    return take_back(world, "单一", count=2)
