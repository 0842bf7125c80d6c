"""A figure, its reference, and how both are measured in turn."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured value; ``ratio`` is value / reference_value, and ``goal`` the ratio to reach (None: told only)."""

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float
    goal: float | None = None

    @property
    def ratio(self) -> float:
        return self.value / self.reference_value

    @property
    def met(self) -> bool:
        return self.goal is None or self.ratio >= self.goal

    def to_json(self) -> dict[str, Any]:
        fields = asdict(self)
        goal = fields.pop("goal")
        rounded = {name: _round(value) if name.endswith("value") else value for name, value in fields.items()}
        return {**rounded, "ratio": round(self.ratio, 3), "goal": goal}


@dataclass(frozen=True)
class Size:
    """How much to measure: *factor* 1 for the published figures, less for a quick look."""

    factor: float = 1.0
    rounds: int = 5

    def of(self, count: int, least: int = 1) -> int:
        return max(least, round(count * self.factor))


Rate = Callable[[], float]
"""Runs something once and returns how much of it went through in a second."""


def in_turn(rounds: int, **rates: Rate) -> dict[str, float]:
    """Run each of *rates* in turn, *rounds* times, and return the median of each: what disturbs one disturbs all."""
    taken: dict[str, list[float]] = {name: [] for name in rates}
    for _ in range(rounds):
        for name, rate in rates.items():
            taken[name].append(rate())
    return {name: statistics.median(values) for name, values in taken.items()}


def rate_of(count: int, work: Callable[[], object]) -> float:
    """Run *work* once, without the collector of garbage, and return *count* by the seconds it took."""
    with _without_collector():
        start = perf_counter()
        work()
        return count / (perf_counter() - start)


@contextmanager
def _without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _round(value: float) -> float:
    return round(value, 1) if value < 1000 else round(value)
