"""The style sheet: readable text in light and in dark, nothing small, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "trace" / "web" / "style.css").read_text("utf-8")
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3."""

PAIRS = [
    ("ink", "bg"),
    ("ink", "card"),
    ("soft", "bg"),
    ("soft", "card"),
    ("link", "card"),
    ("ink", "goodbg"),
    ("ink", "waitbg"),
    ("ink", "warnbg"),
    ("ink", "badbg"),
    ("soft", "waitbg"),
    ("white", "good"),
    ("white", "wait"),
    ("white", "warn"),
    ("white", "bad"),
]


def colours(block: str) -> dict[str, str]:
    found: dict[str, str] = dict(re.findall(r"--([a-z]+):#([0-9a-f]{3,6})", block))
    full = {
        name: value if len(value) == 6 else "".join(2 * c for c in value) for name, value in found.items()
    }
    return {**full, "white": "ffffff"}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(mode: str, text: str, ground: str) -> None:
    light, dark = re.findall(r":root\{([^}]*)\}", CSS)
    found = colours(light if mode == "light" else dark)
    assert contrast(found[text], found[ground]) >= LEAST_CONTRAST


def test_no_text_is_smaller_than_sixteen_pixels() -> None:
    sizes = [int(size) for size in re.findall(r"font(?:-size)?:[^;}]*?(\d+)px", CSS)]
    assert len(sizes) > 10
    assert min(sizes) >= 16


def test_nothing_is_fetched() -> None:
    assert "@import" not in CSS
    assert "url(" not in CSS
