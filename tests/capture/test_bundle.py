"""Statements of one bundle are accepted together or not at all."""

from __future__ import annotations

from dataclasses import replace

from suyuan.capture.outcome import Accepted, RowMark, Submission
from suyuan.errors import Refused
from tests.farm import Farm, name


def _bundled(word: str, *submissions: Submission) -> list[Submission]:
    return [replace(one, bundle=word) for one in submissions]


def test_a_bundle_of_good_statements_is_entered_in_order(sqlite_farm: Farm) -> None:
    outcomes = sqlite_farm.submit(*_bundled("a", *sqlite_farm.harvests(3)))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


def test_one_bad_statement_keeps_its_bundle_out_and_no_other(sqlite_farm: Farm) -> None:
    before = len(sqlite_farm.entries())
    bad = sqlite_farm.harvest(plot=name("nowhere"))
    group = [
        *_bundled("a", *sqlite_farm.harvests(2)),
        *_bundled("b", sqlite_farm.harvest(), bad, sqlite_farm.harvest()),
        *_bundled("c", *sqlite_farm.harvests(2)),
        sqlite_farm.harvest(),
    ]
    outcomes = sqlite_farm.submit(*group)
    refused = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, Refused)]
    assert refused == [2, 3, 4]
    assert len(sqlite_farm.entries()) == before + 5


def test_a_statement_may_rest_on_one_before_it_in_the_bundle(farm: Farm) -> None:
    batch, product = farm.mint.id(), farm.mint.id()
    fresh = farm.say("product.registered", "红星", product=product, name="柿", unit="g")
    harvested = farm.harvest(1000, batch=batch)
    milled = farm.say(
        "batch.transformed",
        "红星",
        inputs=[{"batch": batch, "amount": 1000}],
        outputs=[{"batch": farm.mint.id(), "product": product, "amount": 900}],
        loss_g=100,
    )
    farm.take(*_bundled("a", fresh, harvested, milled))


def test_a_row_that_was_entered_before_does_not_keep_its_bundle_out(sqlite_farm: Farm) -> None:
    mark = (RowMark(b"r" * 32, "harvest"),)
    first = replace(sqlite_farm.harvest(), marks=mark)
    sqlite_farm.take(first)
    again = replace(sqlite_farm.harvest(), marks=mark)
    outcomes = sqlite_farm.take(*_bundled("a", again, sqlite_farm.harvest()))
    assert [outcome.replayed for outcome in outcomes] == [True, False]


def test_a_bundle_across_the_border_of_two_groups_is_not_cut(sqlite_farm: Farm) -> None:
    alone, bundle = sqlite_farm.harvests(255), sqlite_farm.harvests(2)
    bad = sqlite_farm.harvest(plot=name("nowhere"))
    outcomes = sqlite_farm.submit(*alone, *_bundled("a", *bundle, bad), *sqlite_farm.harvests(2))
    refused = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, Refused)]
    assert refused == [255, 256, 257]
