"""Whole grams by origin: exact sums, largest remainders, no mass from rounding."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.produce.composition import apportion, blend, compose, mass_g, mass_used_g
from suyuan.produce.records import Product, Share

ORIGINS = st.sampled_from("ABCDEFGH")
GRAMS = st.integers(0, 10**6) | st.integers(0, 2**53 - 1)
SHARES = st.dictionaries(ORIGINS, GRAMS, max_size=8)


def apportion_slowly(shares: dict[str, int], total: int) -> dict[str, int]:
    """Transcribe the largest remainder method: quotas as fractions, one gram at a time to the largest remainder."""
    weight = sum(shares.values())
    quotas = {origin: Fraction(share * total, weight) for origin, share in shares.items()}
    given = {origin: floor(quota) for origin, quota in quotas.items()}
    remainders = sorted(quotas, key=lambda origin: (given[origin] - quotas[origin], origin))
    for origin in remainders[: total - sum(given.values())]:
        given[origin] += 1
    return {origin: grams for origin, grams in given.items() if grams}


def product(unit_mass_mg: int) -> Product:
    return Product(id="X", name="X", unit="piece", unit_mass_mg=unit_mass_mg)


def shares_of(grams: dict[str, int]) -> tuple[Share, ...]:
    return tuple(Share(origin=origin, mass_g=mass) for origin, mass in grams.items())


@pytest.mark.parametrize(
    ("shares", "total", "expected"),
    [
        ({"A": 1, "B": 1, "C": 1}, 10, {"A": 4, "B": 3, "C": 3}),
        ({"A": 47, "B": 16, "C": 158, "D": 12, "E": 61, "F": 6}, 10, {"A": 2, "B": 1, "C": 5, "E": 2}),
        ({"A": 5, "B": 0}, 3, {"A": 3}),
        ({"A": 1, "B": 1}, 1, {"A": 1}),
        ({"A": 5}, 0, {}),
        ({"A": 0, "B": 0}, 7, {}),
        ({}, 7, {}),
    ],
)
def test_grams_go_by_largest_remainder_and_ties_to_the_first_origin(
    shares: dict[str, int], total: int, expected: dict[str, int]
) -> None:
    assert apportion(shares, total) == expected


@given(SHARES.filter(lambda shares: sum(shares.values()) > 0), GRAMS)
def test_apportioning_agrees_with_exact_fractions(shares: dict[str, int], total: int) -> None:
    assert apportion(shares, total) == apportion_slowly(shares, total)


@given(SHARES, GRAMS)
def test_apportioned_grams_add_up_and_stay_within_one_gram(shares: dict[str, int], total: int) -> None:
    found = apportion(shares, total)
    weight = sum(shares.values())
    assert sum(found.values()) == (total if weight else 0)
    for origin, grams in found.items():
        exact = Fraction(shares[origin] * total, weight)
        assert floor(exact) <= grams <= ceil(exact)


@given(SHARES, GRAMS, st.randoms(use_true_random=False))
def test_apportioning_does_not_depend_on_the_order(
    shares: dict[str, int], total: int, random: object
) -> None:
    names = list(shares)
    random.shuffle(names)  # type: ignore[attr-defined]  # a random.Random
    assert apportion({origin: shares[origin] for origin in names}, total) == apportion(shares, total)


PARTS = st.lists(
    st.tuples(SHARES.filter(lambda shares: sum(shares.values()) > 0), st.integers(1, 10**9)), max_size=6
)


@given(PARTS, st.integers(0, 10**9), st.randoms(use_true_random=False))
def test_a_blend_adds_up_exactly_in_any_order_and_is_sorted(
    parts: list[tuple[dict[str, int], int]], total: int, random: object
) -> None:
    taken = [(shares_of(shares), grams) for shares, grams in parts]
    found = compose(blend(taken), total)
    assert sum(share.mass_g for share in found) == (total if parts else 0)
    assert [share.origin for share in found] == sorted({share.origin for share in found})
    assert all(share.mass_g > 0 for share in found)
    random.shuffle(taken)  # type: ignore[attr-defined]  # a random.Random
    assert compose(blend(taken), total) == found


@given(PARTS, st.integers(0, 10**9))
def test_no_origin_gains_by_blending(parts: list[tuple[dict[str, int], int]], loss: int) -> None:
    """What comes out, a loss taken off, holds of each origin at most what went in."""
    went_in: dict[str, int] = {}
    for shares, grams in parts:
        for origin, mass in apportion_slowly(shares, grams).items():
            went_in[origin] = went_in.get(origin, 0) + mass
    total = max(0, sum(went_in.values()) - loss)
    for share in compose(blend((shares_of(shares), grams) for shares, grams in parts), total):
        assert share.mass_g <= went_in[share.origin]


@pytest.mark.parametrize(
    ("unit_mass_mg", "amount", "made", "used"),
    [
        (1000, 7, 7, 7),
        (910, 1000, 910, 910),
        (910, 750, 683, 682),
        (400, 1, 1, 0),
        (1, 999, 1, 0),
        (1, 1001, 2, 1),
    ],
)
def test_what_is_made_weighs_rounded_up_and_what_is_used_rounded_down(
    unit_mass_mg: int, amount: int, made: int, used: int
) -> None:
    assert mass_g(product(unit_mass_mg), amount) == made
    assert mass_used_g(product(unit_mass_mg), amount) == used


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_splitting_an_amount_never_gains_mass(unit_mass_mg: int, amounts: list[int]) -> None:
    thing = product(unit_mass_mg)
    whole = sum(amounts)
    assert sum(mass_used_g(thing, amount) for amount in amounts) <= mass_used_g(thing, whole)
    assert mass_g(thing, whole) <= sum(mass_g(thing, amount) for amount in amounts)
    assert 0 <= mass_g(thing, whole) - Fraction(whole * unit_mass_mg, 1000) < 1
