"""
What stands on a label, and the size at which it fits beside the symbol.

Text shrinks to a floor and is then cut with an ellipsis, except for the code, which is printed whole or refused: a
consumer without a camera types it from the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ..errors import Reason, Refused
from .code import group_code

SMALL = Reason(
    "label.small",
    "标签太小：溯源码只能印成 {size} 磅，至少要 {least} 磅",
    "the label is too small: the code would be {size} points high, at least {least} are needed",
)

PRODUCT: Final = "品名"
NET_CONTENT: Final = "净含量"
BATCH: Final = "批次"
PACKED_ON: Final = "包装日期"
PRODUCER: Final = "生产者"
CODE: Final = "溯源码"
DOMAIN: Final = "查询网址"

LARGEST_PT: Final = 9.0
SMALLEST_PT: Final = 4.5
POINT_MM: Final = 25.4 / 72
LINE_HEIGHT: Final = 1.22
"""Ems from one baseline to the next."""

MeasureText = Callable[[str], float]
"""Width of a text in ems."""

_COMFORTABLE_PT = 6.5
_PRODUCT_SCALE = 1.25
_ASCENT = 0.9
_ROUNDING_EM = 1e-6
_UNITS: Final = {"g": ("g", "kg"), "ml": ("mL", "L")}


@dataclass(frozen=True, slots=True)
class LabelText:
    """
    The words of one label. All of them are public.

    ``net_content`` as it is read (``5 kg``), ``batch`` the party's own number or the batch's id, ``code`` in any
    spelling, ``domain`` without a scheme.
    """

    product: str
    net_content: str
    batch: str
    packed_on: date
    code: str
    domain: str
    producer: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One line of a label: its text, its size in points, and its baseline below the top of the text's box."""

    text: str
    size_pt: float
    baseline_mm: float


@dataclass(frozen=True, slots=True)
class _Line:
    """``bare`` is the same line without its label word, for a value that speaks for itself."""

    text: str
    bare: str = ""
    scale: float = 1.0
    is_code: bool = False
    keep_end: bool = False


def format_net_content(amount: int, unit: str) -> str:
    """
    Return a net content as labels state it: grams and millilitres below 1000, else kg and L; other units as 件.

    >>> format_net_content(5000, "g")
    '5 kg'

    定量包装商品计量监督管理办法 (2023), article 5, table 1.
    """
    if unit not in _UNITS:
        return f"{amount} 件"
    small, large = _UNITS[unit]
    if amount < 1000:
        return f"{amount} {small}"
    whole, rest = divmod(amount, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".") + f" {large}"


def place_lines(text: LabelText, width_mm: float, height_mm: float, measure: MeasureText) -> list[PlacedLine]:
    """
    Return the lines of *text* for a box, centred in its height.

    Of the ways to break the code, takes the first that is comfortable to read, else the largest.

    Raises:
        CodeMistyped: the code is none.
        Refused: ``label.small``, the code does not fit whole at 4.5 points.
    """
    ways = _ways(text)
    sizes = [_fit_size(lines, width_mm, height_mm, measure) for lines in ways]
    best = next((number for number, size in enumerate(sizes) if size >= _COMFORTABLE_PT), None)
    if best is None:
        best = sizes.index(max(sizes))
    if sizes[best] < SMALLEST_PT:
        raise Refused(SMALL.at(size=f"{sizes[best]:.1f}", least=f"{SMALLEST_PT:.1f}"))
    return _place(ways[best], width_mm, height_mm, measure)


def cut_text(text: str, most_em: float, measure: MeasureText, keep_end: bool = False) -> str:
    """Return *text*, or as much of it as fits into *most_em* with an ellipsis, keeping its beginning or its end."""
    if measure(text) <= most_em:
        return text
    for length in range(len(text) - 1, 0, -1):
        part = "…" + text[-length:].lstrip() if keep_end else text[:length].rstrip() + "…"
        if measure(part) <= most_em:
            return part
    return "…"


def _ways(text: LabelText) -> list[list[_Line]]:
    """Return the ways to break the label into lines, the plainest first."""
    code = group_code(text.code)
    head, tail = code[:11], code[12:]
    first = [
        _Line(f"{PRODUCT} {text.product}", text.product, _PRODUCT_SCALE),
        _Line(f"{NET_CONTENT} {text.net_content}"),
        _Line(f"{BATCH} {text.batch}"),
        _Line(f"{PACKED_ON} {text.packed_on.isoformat()}"),
    ]
    if text.producer:
        first.append(_Line(f"{PRODUCER} {text.producer}", text.producer))
    domain = _Line(f"{DOMAIN} {text.domain}", text.domain, keep_end=True)
    bare = _Line(text.domain, keep_end=True)
    return [
        [*first, _Line(f"{CODE} {code}", is_code=True), domain],
        [*first, _Line(f"{CODE} {head}", is_code=True), _Line(tail, is_code=True), domain],
        [*first, _Line(CODE), _Line(head, is_code=True), _Line(tail, is_code=True), bare],
        [*first, _Line(head, is_code=True), _Line(tail, is_code=True), bare],
    ]


def _fit_size(lines: Sequence[_Line], width_mm: float, height_mm: float, measure: MeasureText) -> float:
    """Return the size in points at which the code's lines fit, and the address if it is to be whole."""
    size = _line_size(lines, height_mm)
    for line in lines:
        if line.is_code or line is lines[-1]:
            fitting = width_mm / POINT_MM / measure(line.text)
            size = min(size, fitting if line.is_code else max(fitting, SMALLEST_PT))
    return size


def _line_size(lines: Sequence[_Line], height_mm: float) -> float:
    height_em = LINE_HEIGHT * sum(line.scale for line in lines)
    return min(LARGEST_PT, height_mm / POINT_MM / height_em)


def _place(
    lines: Sequence[_Line], width_mm: float, height_mm: float, measure: MeasureText
) -> list[PlacedLine]:
    size = _line_size(lines, height_mm)
    width_pt = width_mm / POINT_MM
    code_size = min(size, *(width_pt / measure(line.text) for line in lines if line.is_code))
    step = LINE_HEIGHT * size * POINT_MM
    top = (height_mm - step * sum(line.scale for line in lines)) / 2
    placed: list[PlacedLine] = []
    for line in lines:
        wanted = size * line.scale
        baseline = top + ((LINE_HEIGHT - 1) / 2 + _ASCENT) * wanted * POINT_MM
        text, fitted = (line.text, code_size) if line.is_code else _fit_line(line, wanted, width_pt, measure)
        placed.append(PlacedLine(text, fitted, baseline))
        top += step * line.scale
    return placed


def _fit_line(line: _Line, wanted_pt: float, width_pt: float, measure: MeasureText) -> tuple[str, float]:
    """Return text and size of a line: shrunk while comfortable, then without its word, shrunk to the floor, cut."""
    text = line.text
    if line.bare and width_pt / measure(text) < min(wanted_pt, _COMFORTABLE_PT):
        text = line.bare
    fitted = min(wanted_pt, max(width_pt / measure(text), min(SMALLEST_PT, wanted_pt)))
    return cut_text(text, width_pt / fitted + _ROUNDING_EM, measure, line.keep_end), fitted
