"""
Where labels lie on a sheet or a roll, in millimetres, as data.

Sheets are the common ones of 24, 40, 65, 21 and 10 labels on A4; a roll is a page the size of one label. A symbol's
module is a whole number of dots of a 203 dpi printer, and the symbol begins on a dot, where that leaves it large
enough: a blurred edge costs more than a little size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ..errors import Problem, Reason, Refused
from .symbol import QUIET_ZONE

GRID = Reason(
    "layout.grid",
    "版式 {name}：标签排出了纸面（需 {width} × {height} 毫米）",
    "layout {name}: the labels need {width} x {height} mm, more than the page",
)
BOX = Reason(
    "layout.symbol",
    "版式 {name}：二维码框 {box} 毫米放不进标签",
    "layout {name}: the symbol's box of {box} mm does not fit into the label",
)
MODULE = Reason(
    "layout.module",
    "版式 {name}：连同静区，二维码每个模块只有 {module_um} 微米，至少要 {least_um}；请选更大的标签或更短的网址",
    "layout {name}: with its quiet zone of 4 the symbol's module is {module_um} um, at least {least_um} are needed;"
    " choose a larger label or a shorter address",
)
UNKNOWN = Reason(
    "layout.unknown", "没有版式“{name}”，可选：{names}", "there is no layout {name!r}; choose from {names}"
)
START = Reason(
    "layout.start",
    "起始位置 {start} 不在 1 到 {places} 之间",
    "the start {start} is not between 1 and {places}",
)

LEAST_MODULE_MM: Final = 0.33
"""Below this, phones fail on thermal prints; GS1 General Specifications, symbol specification table 1, has 0.396."""

DOT_MM: Final = 25.4 / 203

_LEAST_DOTS = 4  # with fewer, a larger module scans better than an even one
_TOLERANCE_MM = 0.01


@dataclass(frozen=True, slots=True)
class Layout:
    """
    One kind of sheet or roll.

    ``left_mm`` and ``top_mm`` place the first label, ``pitch_*_mm`` lead to the next one. Nothing is printed within
    ``padding_mm`` of a label's edge. ``symbol_mm`` is the largest box for a symbol with its quiet zone.
    """

    name: str
    page_mm: tuple[float, float]
    columns: int
    rows: int
    left_mm: float
    top_mm: float
    pitch_x_mm: float
    pitch_y_mm: float
    label_mm: tuple[float, float]
    padding_mm: tuple[float, float]
    symbol_mm: float

    @property
    def places(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows

    @property
    def is_roll(self) -> bool:
        """Whether a page is one label."""
        return self.places == 1

    def place(self, number: int) -> tuple[float, float]:
        """Return the left and top edge in mm of label *number* on its page, 0 <= number < places, row by row."""
        row, column = divmod(number, self.columns)
        return self.left_mm + column * self.pitch_x_mm, self.top_mm + row * self.pitch_y_mm

    def module_mm(self, side: int) -> float:
        """
        Return the size of a module for a symbol of *side* modules (quiet zone left out).

        Raises:
            Refused: ``layout.module``, it would be under 0.33 mm.
        """
        module = self.symbol_mm / (side + 2 * QUIET_ZONE)
        dots = int(module / DOT_MM + _TOLERANCE_MM)
        module = dots * DOT_MM if dots >= _LEAST_DOTS else module
        if module < LEAST_MODULE_MM:
            module_um, least_um = int(module * 1000), int(LEAST_MODULE_MM * 1000)
            raise Refused(MODULE.at(name=self.name, module_um=module_um, least_um=least_um))
        return module

    def shifted(self, right_mm: float, down_mm: float) -> Layout:
        """Return this layout moved on the page, for a printer that feeds a little off."""
        return replace(self, left_mm=self.left_mm + right_mm, top_mm=self.top_mm + down_mm)


def snap_to_dot(length_mm: float) -> float:
    """Return the nearest whole number of dots of a 203 dpi printer, in mm."""
    return round(length_mm / DOT_MM) * DOT_MM


def check_layout(layout: Layout, side: int) -> None:
    """
    Check that the labels fit on the page and a symbol of *side* modules, with its quiet zone, into a label.

    Raises:
        Refused: ``layout.grid``, ``layout.symbol``, ``layout.module``; all that apply.
    """
    problems: list[Problem] = []
    width = layout.pitch_x_mm * (layout.columns - 1) + layout.label_mm[0]
    height = layout.pitch_y_mm * (layout.rows - 1) + layout.label_mm[1]
    if _exceeds((max(layout.left_mm, 0) + width, max(layout.top_mm, 0) + height), layout.page_mm):
        problems.append(GRID.at(name=layout.name, width=f"{width:.1f}", height=f"{height:.1f}"))
    room = tuple(size - 2 * padding for size, padding in zip(layout.label_mm, layout.padding_mm, strict=True))
    if _exceeds((layout.symbol_mm, layout.symbol_mm), room):
        problems.append(BOX.at(name=layout.name, box=f"{layout.symbol_mm:.1f}"))
    try:
        layout.module_mm(side)
    except Refused as error:
        problems.extend(error.problems)
    if problems:
        raise Refused(problems)


def find_layout(name: str) -> Layout:
    """
    Return the layout called *name*, such as ``a4-24`` or ``roll-60x40``.

    Raises:
        Refused: ``layout.unknown``, naming those that there are.
    """
    if name not in LAYOUTS:
        raise Refused(UNKNOWN.at(name=name[:40], names=", ".join(LAYOUTS)))
    return LAYOUTS[name]


def _exceeds(sizes: tuple[float, ...], limits: tuple[float, ...]) -> bool:
    return any(size > limit + _TOLERANCE_MM for size, limit in zip(sizes, limits, strict=True))


def _roll(width_mm: float, height_mm: float, symbol_mm: float) -> Layout:
    size = (width_mm, height_mm)
    name = f"roll-{width_mm:.0f}x{height_mm:.0f}"
    return Layout(name, size, 1, 1, 0, 0, width_mm, height_mm, size, (1.5, 1.5), symbol_mm)


_A4 = (210.0, 297.0)

# Sheets whose labels reach the edge of the paper have the wider padding: office printers leave about 4 mm white.
LAYOUTS: Final[dict[str, Layout]] = {
    layout.name: layout
    for layout in (
        Layout("a4-24", _A4, 3, 8, 0, 0.5, 70, 37, (70, 37), (4.5, 4), 28),
        Layout("a4-40", _A4, 4, 10, 0, 0, 52.5, 29.7, (52.5, 29.7), (4, 3.5), 20.6),
        Layout("a4-65", _A4, 5, 13, 4.75, 10.7, 40.6, 21.2, (38.1, 21.2), (1, 1), 18.6),
        Layout("a4-21", _A4, 3, 7, 7.21, 15.15, 66.04, 38.1, (63.5, 38.1), (2, 2), 28),
        Layout("a4-10", _A4, 2, 5, 0, 6, 105, 57, (105, 57), (5, 3), 42),
        _roll(60, 40, 28),
        _roll(50, 30, 23.2),
        _roll(40, 30, 20.6),
    )
}
"""Layouts by name; A4 names end in the number of labels, roll names in millimetres."""
