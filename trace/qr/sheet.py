"""
Label sheets as PDF; the only door to ``fpdf2``.

Chinese text is real text in an embedded subset of the given font; each character is looked up in the fonts before it
is drawn, so that a sheet never shows an empty box. Symbols are vector graphics, merged into horizontal runs. The same
labels, layout, fonts and time give the same bytes. ISO 32000-1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTLibError  # type: ignore[import-untyped]  # no types; comes with fpdf2
from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from ..errors import Reason, Refused
from .label import LabelText, PlacedLine, place_lines
from .layout import START, Layout, snap_to_dot
from .symbol import QUIET_ZONE, Level, Symbol, make_symbol

GLYPH = Reason(
    "label.glyph",
    "字体里没有这些字：{characters}；请改字或另加一个后备字体",
    "the fonts lack these characters: {characters}; change them or give another fallback font",
)
NO_LABEL = Reason("label.none", "没有要打印的标签", "there are no labels to print")
NO_FONT = Reason("label.font", "没有给出字体", "no font was given")
BAD_FONT = Reason("label.font", "字体“{name}”无法读取：{detail}", "the font {name!r} can't be read: {detail}")

PRINT_HINT: Final = "打印时请选 100 %（实际大小）"

_HINT_PT = 7.0
_SMALL_HINT_PT = 4.0
_HINT_MARGIN_MM = 4.0
_EDGE_MM = 1.2


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its words, and the address that its symbol holds (see ``address``)."""

    text: LabelText
    url: str
    level: Level = "M"


def write_sheet(
    labels: Iterable[Label], layout: Layout, fonts: Sequence[Path], made_at: datetime, start: int = 1
) -> bytes:
    """
    Return a PDF of *labels*, taken one by one, so that a caller may count them as they go.

    Args:
        fonts: TrueType or OpenType files; a character comes from the first that has it.
        made_at: aware; becomes the document's creation date.
        start: first place to use on the first page, 1 to ``layout.places``, for a sheet begun before.

    Raises:
        CodeMistyped: a label's code is none.
        Refused: ``label.font``, ``label.none``, ``layout.start``; ``layout.module`` or ``label.small``: a label does
            not fit; ``label.glyph``, naming all characters that no font has.
    """
    if not fonts:
        raise Refused(NO_FONT.at())
    if not 1 <= start <= layout.places:
        raise Refused(START.at(start=start, places=layout.places))
    with _open_press(layout, fonts, made_at) as press:
        for number, label in enumerate(labels, start - 1):
            place = number % layout.places
            if place == 0 or number == start - 1:
                press.begin_page()
            press.draw_label(label, *layout.place(place))
        return press.finish()


@contextmanager
def _open_press(layout: Layout, fonts: Sequence[Path], made_at: datetime) -> Iterator[_Press]:
    press = _Press(layout, made_at)
    try:
        for path in fonts:
            press.add_font(path)
        yield press
    finally:
        press.close()


class _Press:
    """One document in the making: draws labels and remembers which characters the fonts lack."""

    def __init__(self, layout: Layout, made_at: datetime) -> None:
        self._layout = layout
        self._pdf = FPDF(unit="mm", format=layout.page_mm)
        self._pdf.set_auto_page_break(False)
        self._pdf.set_creation_date(made_at)
        self._pdf.set_producer("suyuan")
        self._pdf.viewer_preferences = ViewerPreferences(print_scaling="None")
        self._fonts: dict[str, TTFFont] = {}
        self._font_of: dict[str, str] = {}
        self._missing: set[str] = set()

    def add_font(self, path: Path) -> None:
        """Add a font for the characters that the ones before it lack."""
        family = f"font{len(self._fonts)}"
        try:
            self._pdf.add_font(family, fname=path)
        except (OSError, ValueError, TTLibError) as error:
            raise Refused(BAD_FONT.at(name=path.name, detail=type(error).__name__)) from error
        font = self._pdf.fonts[family]
        assert isinstance(font, TTFFont)
        self._fonts[family] = font

    def begin_page(self) -> None:
        """Begin a page, with the hint for the printer in its lower margin; a roll has no room for one."""
        self._pdf.add_page()
        if self._layout.is_roll:
            return
        width, height = self._layout.page_mm
        bottom = (
            self._layout.top_mm + self._layout.pitch_y_mm * (self._layout.rows - 1) + self._layout.label_mm[1]
        )
        roomy = height - bottom >= _HINT_MARGIN_MM
        size, baseline = (
            (_HINT_PT, (height + bottom) / 2 + 1) if roomy else (_SMALL_HINT_PT, height - _EDGE_MM)
        )
        text = f"{PRINT_HINT}    第 {self._pdf.page_no()} 页"
        width_mm = self._measure(text) * size / self._pdf.k
        self._write((width - width_mm) / 2, baseline, text, size)

    def draw_label(self, label: Label, left_mm: float, top_mm: float) -> None:
        """Draw the symbol at the left, centred in height, and the words in what is left of the width."""
        layout = self._layout
        symbol = make_symbol(label.url, label.level)
        module = layout.module_mm(symbol.side)
        box = module * (symbol.side + 2 * QUIET_ZONE)
        left, top = left_mm + layout.padding_mm[0], top_mm + layout.padding_mm[1]
        height = layout.label_mm[1] - 2 * layout.padding_mm[1]
        self._draw_symbol(symbol, left, top + (height - box) / 2, module)
        width = layout.label_mm[0] - 2 * layout.padding_mm[0] - box
        for line in place_lines(label.text, width, height, self._measure):
            self._draw_line(line, left + box, top)

    def finish(self) -> bytes:
        """Return the document, or refuse it when it has no page or a character was missing."""
        if not self._pdf.pages_count:
            raise Refused(NO_LABEL.at())
        if self._missing:
            raise Refused(GLYPH.at(characters=" ".join(map(_show_character, sorted(self._missing)))))
        return bytes(self._pdf.output())

    def close(self) -> None:
        """Close the font files, which fpdf2 leaves open."""
        for font in self._fonts.values():
            font.ttfont.close()

    def _draw_symbol(self, symbol: Symbol, left: float, top: float, module: float) -> None:
        left, top = snap_to_dot(left + QUIET_ZONE * module), snap_to_dot(top + QUIET_ZONE * module)
        for row, column, length in symbol.runs():
            self._pdf.rect(left + column * module, top + row * module, length * module, module, style="F")

    def _draw_line(self, line: PlacedLine, left: float, top: float) -> None:
        self._write(left, top + line.baseline_mm, line.text, line.size_pt)

    def _write(self, left: float, baseline: float, text: str, size_pt: float) -> None:
        for family, characters in groupby(text, self._find_font):
            part = "".join(characters)
            self._pdf.set_font(family, size=size_pt)
            self._pdf.text(left, baseline, part)
            left += self._measure(part) * size_pt / self._pdf.k

    def _measure(self, text: str) -> float:
        """Return the width of *text* in ems."""
        return sum(self._fonts[self._find_font(character)].cw[ord(character)] for character in text) / 1000

    def _find_font(self, character: str) -> str:
        """Return the first font that has *character*; note it as missing when none has."""
        family = self._font_of.get(character)
        if family is None:
            having = (name for name, font in self._fonts.items() if ord(character) in font.cmap)
            family = next(having, "")
            if not family:
                self._missing.add(character)
                family = next(iter(self._fonts))
            self._font_of[character] = family
        return family


def _show_character(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"
