"""The committed figures have the form that others read, and docs/performance.md tells each of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.figure import Figure, in_turn

ROOT = Path(__file__).parents[2]
FIGURES = json.loads((ROOT / "bench" / "latest.json").read_text("utf-8"))
FIELDS = ["name", "value", "unit", "reference", "reference_value", "ratio", "goal"]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure["name"])
def test_a_figure_has_its_reference_and_is_told(figure: dict[str, object]) -> None:
    assert list(figure) == FIELDS
    assert f"| `{figure['name']}`" in (ROOT / "docs" / "performance.md").read_text("utf-8")


def test_appends_in_groups_reach_their_goal_on_both_stores() -> None:
    met = {figure["name"]: figure["ratio"] >= figure["goal"] == 10 for figure in FIGURES if figure["goal"]}
    assert met["append.sqlite"]
    assert met["append.postgresql"]


def test_a_ratio_is_the_value_by_its_reference() -> None:
    assert Figure("x", 30.0, "1/s", "y", 20.0, 1.5).to_json() == {
        "name": "x",
        "value": 30.0,
        "unit": "1/s",
        "reference": "y",
        "reference_value": 20.0,
        "ratio": 1.5,
        "goal": 1.5,
    }


def test_what_is_compared_runs_in_turn_and_gives_medians() -> None:
    order = []

    def rate(name: str, values: list[float]) -> float:
        order.append(name)
        return values.pop()

    first, second = [9.0, 1.0, 2.0], [5.0, 6.0, 70.0]
    found = in_turn(3, a=lambda: rate("a", first), b=lambda: rate("b", second))
    assert (found, order) == ({"a": 2.0, "b": 6.0}, ["a", "b"] * 3)
