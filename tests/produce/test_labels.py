"""What becomes of accepted label runs, activations, voidings, orders and returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.produce.labels import mark, state_of
from suyuan.produce.records import Batch, Order, Position, Run, Span

from .cases import activated, sell
from .world import World, harvest, issue, name, peopled, run_name


def spans(world: World, run: str = "一") -> list[tuple[int, int, str]]:
    return [(span.first, span.end, span.state) for span in world.get(Run, run_name(run)).spans]


def counts(world: World) -> tuple[int, int]:
    batch = world.get(Batch, name("甲"))
    return batch.packages, batch.sold


def position(world: World) -> Position:
    return world.get(Position, f"{name('甲')}/{name('红星')}")


def take_back(world: World, order: str, count: int, *ranges: tuple[int, int]) -> None:
    listed = [{"run": run_name("一"), "first": first, "end": end} for first, end in ranges]
    fields: dict[str, Any] = {"packages": listed} if listed else {}
    world.tell("order.returned", "小店", order=name(order), batch=name("甲"), count=count, **fields)


def test_issuing_labels_packs_what_the_party_holds() -> None:
    world = peopled()
    harvest(world, "甲", 100_000)
    issue(world, "一", "甲", 90)
    assert (position(world).held, position(world).packed) == (10_000, 90_000)
    assert counts(world) == (90, 0)
    assert spans(world) == [(0, 90, "issued")]


def test_labels_may_be_issued_for_everything_that_is_held() -> None:
    world = peopled()
    harvest(world, "甲", 10_000)
    issue(world, "一", "甲", 10)
    assert position(world).held == 0


def test_packages_are_activated_by_range() -> None:
    world = peopled()
    harvest(world, "甲")
    issue(world, "一", "甲")
    world.tell("labels.activated", "红星", run=run_name("一"), first=2, end=4)
    world.tell("labels.activated", "红星", run=run_name("一"), first=4, end=10)
    assert spans(world) == [(0, 2, "issued"), (2, 10, "activated")]


def test_voiding_unsold_labels_gives_the_goods_back() -> None:
    world = peopled()
    activated(world)
    world.tell("labels.voided", "红星", run=run_name("一"), first=8, end=10, reason="spoilt")
    assert (position(world).held, position(world).packed) == (92_000, 8000)
    assert counts(world) == (8, 0)
    assert spans(world) == [(0, 8, "activated"), (8, 10, "voided")]


def test_a_supervisor_may_void_labels() -> None:
    world = peopled()
    activated(world)
    world.tell("labels.voided", "农业局", run=run_name("一"), first=0, end=10, reason="leaked")
    assert spans(world) == [(0, 10, "voided")]
    assert position(world).held == 100_000


def test_labels_of_a_held_batch_may_be_voided() -> None:
    world = peopled()
    activated(world)
    world.tell("batch.held", "农业局", batches=[name("甲")], reason="suspicion")
    world.tell("labels.voided", "红星", run=run_name("一"), first=0, end=10, reason="spoilt")
    assert counts(world) == (0, 0)


def test_an_order_that_names_packages_marks_them_sold() -> None:
    world = peopled()
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2), ("一", 5, 6))
    assert spans(world) == [(0, 2, "sold"), (2, 5, "activated"), (5, 6, "sold"), (6, 10, "activated")]
    assert counts(world) == (10, 3)


def test_an_order_that_names_only_a_count_marks_no_package() -> None:
    world = peopled()
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=10)
    assert spans(world) == [(0, 10, "activated")]
    assert counts(world) == (10, 10)


def test_who_packed_the_batch_may_sell_it_without_being_a_shop() -> None:
    world = peopled()
    activated(world)
    world.tell("order.sold", "红星", order=name("单一"), batch=name("甲"), count=1)
    assert world.get(Order, name("单一")).shop == name("红星")


def test_returned_packages_leave_the_order_and_may_be_sold_again() -> None:
    world = peopled()
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 6))
    take_back(world, "单一", 3, (1, 2), (4, 6))
    order = world.get(Order, name("单一"))
    assert (order.count, order.returned) == (6, 3)
    assert [(span.first, span.end) for span in order.packages] == [(0, 1), (2, 4)]
    assert order.runs == (run_name("一"),) * 2
    sell(world, "单二", "甲", ("一", 4, 6))
    assert spans(world) == [(0, 1, "sold"), (1, 2, "returned"), (2, 6, "sold"), (6, 10, "activated")]
    assert counts(world) == (10, 5)


def test_returned_packages_may_be_voided() -> None:
    world = peopled()
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 1))
    take_back(world, "单一", 1, (0, 1))
    world.tell("labels.voided", "红星", run=run_name("一"), first=0, end=1, reason="returned")
    assert counts(world) == (9, 0)


def test_an_order_by_count_is_returned_by_count() -> None:
    world = peopled()
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=4)
    take_back(world, "单一", 1)
    take_back(world, "单一", 3)
    assert counts(world) == (10, 0)
    assert world.get(Order, name("单一")).returned == 4


def always(state: str) -> Callable[[str], str]:
    return lambda _: state


STATES = st.sampled_from(["issued", "activated", "sold", "voided"])


@given(st.integers(1, 40), st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40), STATES), max_size=12))
def test_marking_spans_agrees_with_a_list_of_packages(count: int, marks: list[tuple[int, int, str]]) -> None:
    shape: dict[str, Any] = {"batch": "B", "party": "P", "net": 1, "root": "", "packed_on": "", "entry": 0}
    run = Run(id="R", count=count, spans=(Span(first=0, end=count, state="issued"),), **shape)
    packages = ["issued"] * count
    for first, length, state in marks:
        end = min(count, first + length)
        if first < end:
            packages[first:end] = [state] * (end - first)
            run = Run(id="R", count=count, spans=mark(run, first, end, always(state)), **shape)
    assert [state_of(run, index) for index in range(count)] == packages
    assert all(left.state != right.state for left, right in zip(run.spans, run.spans[1:], strict=False))


@pytest.mark.parametrize(
    ("index", "state"), [(0, "activated"), (7, "activated"), (8, "voided"), (9, "voided")]
)
def test_a_package_has_the_state_of_its_span(index: int, state: str) -> None:
    world = peopled()
    activated(world)
    world.tell("labels.voided", "红星", run=run_name("一"), first=8, end=10, reason="spoilt")
    assert state_of(world.get(Run, run_name("一")), index) == state
