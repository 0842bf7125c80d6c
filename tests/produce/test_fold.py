"""What holds after every event of any story, and that a slice of the books folds as all of them do."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Broken, Refused
from suyuan.produce import events as ev
from suyuan.produce.book import RecordKey, Slice
from suyuan.produce.composition import mass_g
from suyuan.produce.fold import RULES, fold, missing, touches
from suyuan.produce.labels import state_of
from suyuan.produce.parse import format_event, parse_event
from suyuan.produce.records import Batch, Edge, Order, Position, Product, Quota, Record, Run, Shipment, Site
from suyuan.produce.rights import Signed

from .stories import STEPS, STORIES, Dice, Outcome, Story, all_of, begin, take, tell
from .world import World, harvest, name, peopled

BEGIN = begin()


def beginning() -> World:
    """Return the world in which stories begin, made once."""
    world = World()
    world.book.update(BEGIN.book.records())
    world.told = list(BEGIN.told)
    world.ids = deepcopy(BEGIN.ids)
    return world


def check_books(world: World) -> None:
    """Assert everything that must hold whatever was told."""
    positions = defaultdict(list)
    for position in all_of(world, Position):
        positions[position.batch].append(position)
        assert (
            min(position.held, position.in_transit, position.consumed, position.packed, position.destroyed)
            >= 0
        )
    runs, orders = all_of(world, Run), all_of(world, Order)
    for run in runs:
        check_spans(run)
    for batch in all_of(world, Batch):
        check_batch(batch, positions[batch.id], world)
        check_packages(batch, [run for run in runs if run.batch == batch.id], orders)
    check_movements(world)
    check_quotas(world)


def check_batch(batch: Batch, positions: list[Position], world: World) -> None:
    """The mass balance identity, and a composition that adds up to what was made."""
    amounts = ((one.held, one.in_transit, one.consumed, one.packed, one.destroyed) for one in positions)
    assert batch.made + batch.adjusted == sum(map(sum, amounts))
    product = world.get(Product, batch.product)
    assert sum(share.mass_g for share in batch.composition) == mass_g(product, batch.made) > 0
    origins = [share.origin for share in batch.composition]
    assert origins == sorted(set(origins))
    assert all(share.mass_g > 0 for share in batch.composition)
    if batch.parents:
        assert all(world.get(Batch, parent).entry < batch.entry for parent in batch.parents)


def check_spans(run: Run) -> None:
    """Spans cover the run without gap or overlap, and neighbours differ."""
    assert [span.first for span in run.spans] == [0, *(span.end for span in run.spans[:-1])]
    assert run.spans[-1].end == run.count
    assert all(span.first < span.end for span in run.spans)
    assert all(left.state != right.state for left, right in zip(run.spans, run.spans[1:], strict=False))
    for span in run.spans:
        assert state_of(run, span.first) == state_of(run, span.end - 1) == span.state


def check_packages(batch: Batch, runs: list[Run], orders: list[Order]) -> None:
    """Packages, sales and spans tell the same; no package is in two orders."""
    spans = [(run, span) for run in runs for span in run.spans]
    assert batch.packages == sum(span.end - span.first for _, span in spans if span.state != "voided")
    mine = [order for order in orders if order.batch == batch.id]
    assert batch.sold == sum(order.count - order.returned for order in mine)
    assert 0 <= batch.sold <= batch.packages
    bought = Counter(
        (run, index)
        for order in mine
        for run, span in zip(order.runs, order.packages, strict=True)
        for index in range(span.first, span.end)
    )
    assert bought == {
        (run.id, index): 1
        for run, span in spans
        if span.state == "sold"
        for index in range(span.first, span.end)
    }
    for order in mine:
        listed = sum(span.end - span.first for span in order.packages)
        assert 0 <= order.returned <= order.count
        assert listed in (0, order.count - order.returned)


def check_movements(world: World) -> None:
    """What is in transit, consumed and packed is what shipments, lineage and runs say."""
    transit: Counter[str] = Counter()
    for shipment in all_of(world, Shipment):
        assert -1 <= shipment.accepted <= shipment.amount
        if shipment.accepted < 0:
            transit[f"{shipment.batch}/{shipment.sender}"] += shipment.amount
    packed: Counter[str] = Counter()
    for run in all_of(world, Run):
        live = sum(span.end - span.first for span in run.spans if span.state != "voided")
        packed[f"{run.batch}/{run.party}"] += live * run.net
    used = {(edge.parent, world.get(Batch, edge.child).entry): edge.amount for edge in all_of(world, Edge)}
    consumed: Counter[str] = Counter()
    for (parent, entry), amount in used.items():
        consumed[f"{parent}/{world.told[entry].event.by}"] += amount
    for position in all_of(world, Position):
        found = (position.in_transit, position.packed, position.consumed)
        assert found == (transit[position.id], packed[position.id], consumed[position.id])


def check_quotas(world: World) -> None:
    """A quota is used by what was harvested and what was found later, and by nothing else."""
    used: Counter[str] = Counter()
    for signed in world.told:
        event = signed.event
        if isinstance(event, ev.BatchHarvested):
            used[f"{event.plot}/{event.season}"] += event.amount
        elif isinstance(event, ev.BatchAdjusted) and event.amount > 0:
            batch = world.get(Batch, event.batch)
            used[f"{batch.plot}/{batch.season}"] += event.amount
    for quota in all_of(world, Quota):
        assert quota.used == used[quota.id] <= quota.granted


def milligrams(event: ev.BatchTransformed, world: World) -> tuple[int, int]:
    """Return the exact masses that went into a transformation and that came out of it."""

    def unit(product: str) -> int:
        return world.get(Product, product).unit_mass_mg

    went_in = sum(portion.amount * unit(world.get(Batch, portion.batch).product) for portion in event.inputs)
    came_out = sum(output.amount * unit(output.product) for output in event.outputs)
    return went_in + 1000 * sum(stuff.mass_g for stuff in event.added), came_out


def run_slices(told: list[tuple[Signed, Outcome]], sizes: Iterable[int], ahead: bool) -> None:
    """Fold *told* again in groups of *sizes*, each over a slice of its own, and compare every outcome."""
    stored: dict[RecordKey, Record] = BEGIN.book.records()
    rest = iter(told)
    for size in sizes:
        group = [pair for _, pair in zip(range(size), rest, strict=False)]
        book, changed = Slice(), {}
        for signed, _ in group if ahead else ():
            load(signed, book, stored)
        for signed, expected in group:
            load(signed, book, stored)
            assert fold_outcome(signed, book) == expected
            if isinstance(expected, dict):
                book.update(expected)
                changed.update(expected)
        stored.update(changed)
        if not group:
            return


def load(signed: Signed, book: Slice, stored: dict[RecordKey, Record]) -> None:
    """Load what *signed* needs, as a store does: only what is missing, until nothing new comes."""
    while keys := missing(signed, book):
        book.load({key: stored[key] for key in keys if key in stored}, keys)


def fold_outcome(signed: Signed, book: Slice) -> Outcome:
    """Return the changes or the problems of *signed*."""
    try:
        return fold(signed, book)
    except Refused as refused:
        return refused.problems


def groups(size: int) -> Iterator[int]:
    """Yield *size* for ever."""
    while True:
        yield size


@given(STORIES)
@settings(max_examples=120, deadline=None)
def test_the_books_balance_after_every_event(story: Story) -> None:
    world = beginning()
    for signed, outcome in tell(world, story):
        check_books(world)
        if isinstance(outcome, dict) and isinstance(signed.event, ev.BatchTransformed):
            went_in, came_out = milligrams(signed.event, world)
            assert came_out <= went_in


@given(STORIES)
@settings(max_examples=40, deadline=None)
def test_a_refused_event_changes_nothing(story: Story) -> None:
    world = beginning()
    before = world.book.records()
    for signed, outcome in tell(world, story):
        if isinstance(outcome, tuple):
            assert outcome
            assert world.book.records() == before
            assert fold_outcome(signed, world.book) == outcome
        else:
            changed = {**before, **outcome}
            assert world.book.records() == changed
        before = world.book.records()


@given(STORIES)
@settings(max_examples=120, deadline=None)
def test_a_slice_folds_as_the_whole_book_does(story: Story) -> None:
    run_slices(list(tell(beginning(), story)), groups(1), ahead=False)


@given(STORIES, st.lists(st.integers(1, 9), min_size=40, max_size=40), st.booleans())
@settings(max_examples=120, deadline=None)
def test_groups_that_share_a_slice_fold_as_the_whole_book_does(
    story: Story, sizes: list[int], ahead: bool
) -> None:
    run_slices(list(tell(beginning(), story)), [*sizes, *[9] * 40], ahead)


@given(STORIES)
@settings(max_examples=30, deadline=None)
def test_telling_the_same_again_makes_the_same_books(story: Story) -> None:
    world, again = beginning(), beginning()
    told = list(tell(world, story))
    for signed, outcome in told:
        assert take(again, signed) == outcome
    assert again.book.records() == world.book.records()


@given(STORIES)
@settings(max_examples=30, deadline=None)
def test_every_event_of_a_story_formats_and_parses_to_itself(story: Story) -> None:
    for signed, _ in tell(beginning(), story):
        assert parse_event(format_event(signed.event)) == signed.event


def test_stories_reach_every_event_both_accepted_and_refused() -> None:
    """Else the properties above would hold of nothing."""
    dice = random.Random(1)
    accepted, refused = Counter[type[ev.Event]](), Counter[type[ev.Event]]()
    for _ in range(30):
        world = beginning()
        story = [(dice.choice(STEPS), Dice(tuple(dice.randrange(17) for _ in range(10)))) for _ in range(60)]
        told = list(tell(world, story))
        check_books(world)
        run_slices(told, groups(7), ahead=True)
        for signed, outcome in told:
            (accepted if isinstance(outcome, dict) else refused)[type(signed.event)] += 1
    assert accepted.keys() == RULES.keys() - {ev.LogOpened}
    assert len(refused) > 15


def test_a_lookup_that_the_loader_left_out_is_a_bug() -> None:
    world = peopled()
    signed = world.sign("batch.destroyed", "红星", batch=name("甲"), amount=1, reason="spoilt")
    with pytest.raises(Broken, match="not loaded") as caught:
        fold(signed, Slice())
    assert caught.value.expected == "log_state:log"


def test_a_record_that_names_another_that_is_not_there_is_a_bug() -> None:
    world = peopled()
    harvest(world, "甲")
    damaged = Slice(complete=True)
    damaged.load({key: one for key, one in world.book.records().items() if key[0] is not Product})
    signed = world.sign("batch.destroyed", "红星", batch=name("甲"), amount=10**9, reason="spoilt")
    with pytest.raises(Broken, match="not there") as caught:
        fold(signed, damaged)
    assert caught.value.expected == f"product:{name('梨')}"


def test_only_records_that_are_needed_are_asked_for() -> None:
    world = peopled()
    harvest(world, "甲")
    harvest(world, "乙")
    signed = world.sign("batch.destroyed", "红星", batch=name("甲"), amount=1, reason="spoilt")
    asked = {f"{kind.kind}:{id}" for kind, id in touches(signed, world.book)}
    batch, party = name("甲"), name("红星")
    assert asked == {
        *("log_state:log", f"key:{signed.kid}", f"party:{party}", f"batch:{batch}"),
        *(f"position:{batch}/{party}", f"product:{name('梨')}"),
    }


def test_a_slice_keeps_what_it_knows_when_more_is_loaded() -> None:
    world = peopled()
    book = Slice()
    key: RecordKey = (Site, name("一号地"))
    assert missing(world.sign("input.applied", "红星", plot=key[1], work="spraying", input="药"), book) >= {
        key
    }
    book.load({}, [key])
    assert book.peek(Site, key[1]) is None
    book.update({key: world.get(Site, key[1])})
    book.load({}, [key])
    assert book.peek(Site, key[1]) == world.get(Site, key[1])
    assert book.records().keys() == {key}
