"""
Composition by origin: how many grams of a batch come from which plot.

Shares are whole grams and add up exactly to the batch's mass; rounding goes by largest remainder, ties to the
origin that sorts first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from .records import Product, Share

OUTSIDE = "outside"
"""The origin of what was bought from outside the log."""

ADDED = "added"
"""The origin of what was added in processing (water, salt): no gram of it came from a plot."""


def mass_g(product: Product, amount: int) -> int:
    """
    Return the mass in grams of *amount* units of *product* that are made, rounded up.

    What is made weighs at least as much as it does, what is used at most: rounding never makes goods of nothing,
    however often a batch is split into small parts.
    """
    return -(-amount * product.unit_mass_mg // 1000)


def mass_used_g(product: Product, amount: int) -> int:
    """Return the mass in grams of *amount* units of *product* that are used up, rounded down."""
    return amount * product.unit_mass_mg // 1000


def apportion(shares: Mapping[str, int], total: int) -> dict[str, int]:
    """
    Return *shares* scaled to add up to exactly *total*.

    Args:
        shares: weights by origin, each >= 0; with a sum of zero nothing is shared out.
        total: grams, >= 0.

    Largest remainder method.
    """
    weight = sum(shares.values())
    if weight == 0:
        return {}
    scaled = {origin: divmod(share * total, weight) for origin, share in shares.items()}
    rest = total - sum(whole for whole, _ in scaled.values())
    by_remainder = sorted(scaled, key=lambda origin: (-scaled[origin][1], origin))
    raised = set(by_remainder[:rest])
    return {
        origin: whole + (origin in raised)
        for origin, (whole, _) in scaled.items()
        if whole or origin in raised
    }


def blend(parts: Iterable[tuple[tuple[Share, ...], int]]) -> dict[str, int]:
    """Return the grams by origin of *parts*, each a composition and the grams taken of it, each apportioned to them."""
    grams: Counter[str] = Counter()
    for composition, taken in parts:
        grams.update(apportion({share.origin: share.mass_g for share in composition}, taken))
    return dict(grams)


def compose(blended: Mapping[str, int], total: int) -> tuple[Share, ...]:
    """Return the composition of *total* grams of what was *blended*, sorted by origin."""
    return tuple(
        Share(origin=origin, mass_g=mass) for origin, mass in sorted(apportion(blended, total).items())
    )
