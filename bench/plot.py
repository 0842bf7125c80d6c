"""A small chart as SVG: values over sizes that rise by powers of ten, one panel for each series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

WIDTH, HEIGHT = 400, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 36, 44, 44
GRID_LINES = 4


@dataclass(frozen=True)
class Panel:
    """A title, what the points are (size, value), and what is said of them below."""

    title: str
    points: Sequence[tuple[int, float]]
    note: str

    @property
    def top(self) -> float:
        """A round value above all of them."""
        most = max(value for _, value in self.points)
        step = 10 ** int(log10(most))
        return next(step * times for times in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * times >= most)


def draw(panels: Sequence[Panel]) -> str:
    """Return the panels side by side as one SVG document."""
    width = WIDTH * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" font-family="sans-serif" fill="#333">',
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for place, panel in enumerate(panels):
        parts += [f'<g transform="translate({place * WIDTH} 0)">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> list[str]:
    sizes = [size for size, _ in panel.points]
    low, high = log10(min(sizes)), log10(max(sizes))

    def x(size: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (log10(size) - low) / (high - low), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / panel.top, 1)

    parts = [
        _text(LEFT, 22, panel.title, size=13),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, panel.note, "middle"),
    ]
    for line in range(GRID_LINES + 1):
        value = panel.top * line / GRID_LINES
        parts.append(f'<path d="M{LEFT} {y(value)}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 6, y(value) + 4, f"{value:,.0f}", "end"))
    for size in sizes:
        parts.append(_text(x(size), HEIGHT - BOTTOM + 16, f"{size:,}", "middle", 9))
    path = "L".join(f"{x(size)} {y(value)}" for size, value in panel.points)
    parts.append(f'<path d="M{path}" fill="none" stroke="#2a6" stroke-width="2"/>')
    for size, value in panel.points:
        parts.append(f'<circle cx="{x(size)}" cy="{y(value)}" r="3" fill="#2a6"/>')
        parts.append(_text(x(size), y(value) - 8, f"{value:,.0f}", "middle", 9))
    return parts


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 11) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}">{words}</text>'
