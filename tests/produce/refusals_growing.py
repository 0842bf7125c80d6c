"""What is refused about quotas, applications and harvests."""

from __future__ import annotations

from .cases import case, reap, spray
from .world import World, Wrong, harvest, name


@case("NOT_SUPERVISOR", "/by")
def quota_granted_by_a_producer(world: World) -> Wrong:
    return world.refuse("quota.granted", "红星", plot=name("一号地"), season=2026, amount=9_000_000)


@case("NOT_OWN", "/by")
def harvest_from_another_ones_plot(world: World) -> Wrong:
    return reap(world, by="牛山")


@case("NOT_OWN", "/by")
def input_applied_to_another_ones_plot(world: World) -> Wrong:
    return world.refuse(
        "input.applied", "牛山", plot=name("一号地"), work="spraying", input="药", interval_days=99
    )


@case("TAKEN", "/batch")
def batch_harvested_twice(world: World) -> Wrong:
    harvest(world, "甲")
    return reap(world, batch=name("甲"))


@case("NO_SITE", "/station")
def harvest_handed_in_nowhere(world: World) -> Wrong:
    return reap(world, station=name("无"))


@case("NO_PLOT", "/plot")
def harvest_from_no_plot(world: World) -> Wrong:
    return reap(world, plot=name("无"))


@case("NO_PLOT", "/plot")
def harvest_from_a_store(world: World) -> Wrong:
    world.tell("site.registered", "红星", site=name("库"), kind="store", party=name("红星"))
    return reap(world, plot=name("库"))


@case("NO_PLOT", "/plot")
def quota_for_no_plot(world: World) -> Wrong:
    return world.refuse("quota.granted", "农业局", plot=name("无"), season=2026, amount=1)


@case("NO_PLOT", "/plot")
def quota_for_a_store(world: World) -> Wrong:
    world.tell("site.registered", "红星", site=name("库"), kind="store", party=name("红星"))
    return world.refuse("quota.granted", "农业局", plot=name("库"), season=2026, amount=1)


@case("NO_PLOT", "/plot")
def input_applied_to_no_plot(world: World) -> Wrong:
    return world.refuse("input.applied", "红星", plot=name("无"), work="spraying", input="药")


@case("NO_PRODUCT", "/product")
def harvest_of_no_product(world: World) -> Wrong:
    return [problem for problem in reap(world, product=name("无")) if problem[1] != "harvest.crop"]


@case("WRONG_CROP", "/product")
def harvest_of_another_crop(world: World) -> Wrong:
    return reap(world, product=name("精品梨"))


@case("NO_QUOTA", "/season")
def harvest_without_quota(world: World) -> Wrong:
    return reap(world, season=2025)


@case("QUOTA", "/amount")
def harvest_beyond_the_quota(world: World) -> Wrong:
    harvest(world, "甲", 900_001)
    return reap(world)


@case("QUOTA", "/amount")
def adjustment_beyond_the_quota(world: World) -> Wrong:
    harvest(world, "甲", 1_000_000)
    return world.refuse("batch.adjusted", "红星", batch=name("甲"), amount=1, reason="weighing-error")


@case("QUOTA_BELOW", "/amount")
def quota_below_what_was_harvested(world: World) -> Wrong:
    harvest(world, "甲", 900_000)
    return world.refuse("quota.granted", "农业局", plot=name("一号地"), season=2026, amount=899_999)


@case("SEASON", "/season")
def harvest_in_another_year(world: World) -> Wrong:
    return reap(world, at="2028-01-01T08:00:00+08:00")


@case("INTERVAL", "/at")
def harvest_on_the_last_day_of_the_interval(world: World) -> Wrong:
    spray(world, "2026-09-08T23:59:59+08:00")
    return reap(world, at="2026-09-21T23:59:59+08:00")


@case("INTERVAL", "/at")
def harvest_claimed_for_a_day_after_the_ledgers(world: World) -> Wrong:
    spray(world, "2026-11-20T08:00:00+08:00", 30)
    return reap(world, at="2026-12-31T08:00:00+08:00")


@case("INTERVAL", "/at")
def interval_pushed_out_by_an_application_claimed_for_later(world: World) -> Wrong:
    spray(world, "2026-09-20T08:00:00+08:00")
    spray(world, "2199-12-31T08:00:00+08:00", 365)
    return reap(world)
