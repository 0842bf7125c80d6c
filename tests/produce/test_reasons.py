"""Each reason to refuse an event is reached, alone, and points to the field that is wrong."""

from __future__ import annotations

import pytest

from suyuan.errors import Reason, Refused
from suyuan.produce import reasons
from suyuan.produce.fold import fold

from . import (
    refusals_batches,
    refusals_growing,
    refusals_handover,
    refusals_labels,
    refusals_quality,
    refusals_registry,
)
from .cases import CASES, held, transform
from .world import harvest, name, peopled

ROOMS = (
    refusals_batches,
    refusals_growing,
    refusals_handover,
    refusals_labels,
    refusals_quality,
    refusals_registry,
)
"""The rooms of cases: importing them fills the table."""

REASONS = {word: reason for word, reason in vars(reasons).items() if isinstance(reason, Reason)}


@pytest.mark.parametrize(("reason", "situation"), CASES)
def test_the_reason_is_given_alone_and_points_to_the_field(reason: str, situation: str) -> None:
    pointer, tell = CASES[reason, situation]
    assert tell(peopled()) == [(pointer, REASONS[reason].code)]


def test_every_reason_is_reached() -> None:
    assert {reason for reason, _ in CASES} == REASONS.keys()


def test_no_two_reasons_share_a_code() -> None:
    assert len({reason.code for reason in REASONS.values()}) == len(REASONS)


def test_all_that_is_wrong_is_reported_at_once() -> None:
    world = peopled()
    harvest(world, "甲", 100)
    held(world)
    found = transform(world, [("甲", 500), ("无", 1)], [("甲", "无", 1)], 0, plant=name("无"))
    assert found == [
        ("/plant", "site.missing"),
        ("/inputs/0/batch", "batch.blocked"),
        ("/inputs/0/amount", "batch.short"),
        ("/inputs/1/batch", "batch.missing"),
        ("/outputs/0/product", "product.missing"),
        ("/outputs/0/batch", "id.taken"),
    ]


def test_a_problem_names_its_figures_in_both_languages() -> None:
    world = peopled()
    harvest(world, "甲", 203_400, ref="CS26-0001")
    signed = world.sign("batch.destroyed", "红星", batch=name("甲"), amount=250_000, reason="spoilt")
    with pytest.raises(Refused) as caught:
        fold(signed, world.book)
    problem = caught.value.problems[0]
    assert problem.zh == "出大于入：CS26-0001 在该主体名下只剩 203.4 kg，要用 250 kg"
    assert problem.en == "CS26-0001: the party holds 203.4 kg, wants 250 kg"
    assert problem.values == {"batch": "CS26-0001", "held": "203.4 kg", "wanted": "250 kg"}
