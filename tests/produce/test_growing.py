"""What becomes of accepted applications and harvests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from suyuan.produce.records import Batch, Position, Quota, Share, Treatment

from .cases import reap, spray
from .world import harvest, name, peopled


def test_a_harvest_makes_a_batch_of_its_plot_and_debits_the_quota() -> None:
    world = peopled()
    harvest(world, "甲", 325_200, ref="CS26-0094", at="2026-09-21T00:30:00+08:00")
    batch = world.get(Batch, name("甲"))
    assert (batch.how, batch.made, batch.maker, batch.ref) == (
        "harvested",
        325_200,
        name("红星"),
        "CS26-0094",
    )
    assert (batch.plot, batch.season, batch.day) == (name("一号地"), 2026, "2026-09-21")
    assert batch.composition == (Share(origin=name("一号地"), mass_g=325_200),)
    assert world.get(Position, f"{name('甲')}/{name('红星')}").held == 325_200
    assert world.get(Quota, f"{name('一号地')}/2026").used == 325_200


def test_a_harvest_may_use_the_quota_to_the_last_gram() -> None:
    world = peopled()
    harvest(world, "甲", 999_999)
    harvest(world, "乙", 1)
    assert reap(world, amount=1) == [("/amount", "quota.exceeded")]


def test_a_harvest_in_the_winter_after_belongs_to_the_season_before() -> None:
    world = peopled()
    harvest(world, "甲", at="2027-01-05T08:00:00+08:00")
    assert world.get(Batch, name("甲")).season == 2026


def test_a_harvest_names_the_station_where_it_was_handed_in() -> None:
    world = peopled()
    world.tell("site.registered", "牛山", site=name("站"), kind="station", party=name("牛山"))
    harvest(world, "甲", station=name("站"))


def test_a_harvest_is_free_on_the_day_that_the_interval_ends() -> None:
    world = peopled()
    spray(world, "2026-09-07T23:59:59+08:00", 14)
    harvest(world, "甲", at="2026-09-21T00:00:00+08:00")


def test_a_harvest_before_the_application_is_free() -> None:
    world = peopled()
    spray(world, "2026-09-22T08:00:00+08:00", 14)
    harvest(world, "甲", at="2026-09-21T08:00:00+08:00")


def test_an_application_to_another_plot_stops_nothing() -> None:
    world = peopled()
    plot = {"site": name("二号地"), "kind": "plot", "party": name("红星"), "crop": name("梨")}
    world.tell("site.registered", "红星", **plot)
    shape: dict[str, Any] = {"plot": name("二号地"), "work": "pesticide", "input": "药", "interval_days": 30}
    world.tell("input.applied", "红星", **shape)
    harvest(world, "甲")


def test_an_application_without_interval_leaves_no_trace_in_the_books() -> None:
    world = peopled()
    before = world.book.records()
    world.tell("input.applied", "农业局", plot=name("一号地"), work="fertiliser", input="有机肥")
    assert world.book.records() == before


def test_every_application_whose_interval_is_not_over_is_named() -> None:
    world = peopled()
    spray(world, "2026-09-20T08:00:00+08:00", 7)
    spray(world, "2026-09-01T08:00:00+08:00", 30)
    spray(world, "2026-08-01T08:00:00+08:00", 7)
    assert reap(world) == [("/at", "harvest.interval")] * 2


def test_applications_are_kept_by_day_and_those_before_every_interval_forgotten() -> None:
    world = peopled()
    for day in ("2026-05-01", "2025-04-01", "2026-03-01"):
        spray(world, f"{day}T08:00:00+08:00", 365)
    days = [one.day for one in world.get(Treatment, name("一号地")).applications]
    assert days == ["2025-04-01", "2026-03-01", "2026-05-01"]
    spray(world, "2026-05-07T08:00:00+08:00", 1)
    days = [one.day for one in world.get(Treatment, name("一号地")).applications]
    assert days == ["2026-03-01", "2026-05-01", "2026-05-07"]


@pytest.mark.parametrize("at", ["2000-01-01T00:00:00+14:00", "2199-12-31T23:59:59-14:00"])
def test_the_first_and_the_last_day_that_can_be_named_are_counted_with(at: str) -> None:
    world = peopled()
    spray(world, at, 365)
    harvest(world, "甲")
    world.tell("quota.granted", "农业局", plot=name("一号地"), season=int(at[:4]), amount=1000)
    assert reap(world, at=at, season=int(at[:4]), amount=5) == [("/at", "harvest.interval")]


def test_a_season_imported_before_its_time_by_a_slow_clock_is_taken() -> None:
    """The ledger's clock may stand years behind the workbooks; only the claimed days count then."""
    world = peopled()
    world.clock = lambda: datetime(2020, 1, 1, tzinfo=UTC)
    spray(world, "2026-09-08T08:00:00+08:00", 14)
    assert reap(world) == [("/at", "harvest.interval")]
    harvest(world, "甲", at="2026-09-22T08:00:00+08:00")


def test_a_season_imported_by_a_clock_inside_it_is_judged_by_its_own_days() -> None:
    world = peopled()
    world.clock = lambda: datetime(2026, 9, 10, tzinfo=UTC)
    spray(world, "2026-09-08T08:00:00+08:00", 14)
    later = "2026-09-22T08:00:00+08:00"
    assert reap(world, at=later) == [("/at", "harvest.interval")]
    harvest(world, "甲", at=later, backfilled=True)
    assert reap(world, backfilled=True) == [("/at", "harvest.interval")]
