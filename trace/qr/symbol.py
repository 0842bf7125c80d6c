"""
QR symbols and their pictures; the only door to ``qrcode``.

ISO/IEC 18004:2015. The quiet zone of four modules is section 6.3.8.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError

from ..errors import Reason, Refused

Level = Literal["L", "M", "Q", "H"]

QUIET_ZONE: Final = 4
"""Modules of white on each side."""

TOO_LONG = Reason(
    "symbol.long",
    "二维码容不下 {length} 个字符",
    "a QR code of level {level} does not hold {length} characters",
)

_LEVELS: Final[dict[Level, int]] = {
    "L": ERROR_CORRECT_L,
    "M": ERROR_CORRECT_M,
    "Q": ERROR_CORRECT_Q,
    "H": ERROR_CORRECT_H,
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """
    A QR symbol without its quiet zone.

    ``rows`` holds one bytes object per row, one byte per module, 1 for dark; ``version`` is 1 to 40.
    """

    rows: tuple[bytes, ...]
    version: int
    level: Level

    @property
    def side(self) -> int:
        """Modules on each side, quiet zone left out: 17 + 4 * version."""
        return len(self.rows)

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield (row, column, length) of each horizontal run of dark modules, top to bottom."""
        for row, modules in enumerate(self.rows):
            column = 0
            for dark, group in groupby(modules):
                length = len(tuple(group))
                if dark:
                    yield row, column, length
                column += length


def make_symbol(text: str, level: Level = "M") -> Symbol:
    """
    Return the smallest symbol that holds *text*, in one mode: alphanumeric for upper case, else bytes.

    Args:
        level: error correction; M restores about 15 % of the codewords (section 6.5.1).

    Raises:
        Refused: ``symbol.long``.
    """
    code = QRCode(error_correction=_LEVELS[level], border=0)
    code.add_data(text, optimize=0)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:  # qrcode 8 raises either, by length
        raise Refused(TOO_LONG.at(length=len(text), level=level)) from error
    return Symbol(tuple(bytes(row) for row in code.modules), code.version, level)


def render_png(symbol: Symbol, module_px: int, quiet: int = QUIET_ZONE) -> bytes:
    """
    Return a 1-bit PNG, *module_px* pixels a module (at least 1), *quiet* modules of white around it.

    The same symbol gives the same bytes.
    """
    side = symbol.side + 2 * quiet
    pixels = bytearray(b"\xff") * (side * side)
    for row, column, length in symbol.runs():
        start = (row + quiet) * side + column + quiet
        pixels[start : start + length] = bytes(length)
    image = Image.frombytes("L", (side, side), bytes(pixels)).convert("1", dither=Image.Dither.NONE)
    image = image.resize((side * module_px, side * module_px), Image.Resampling.NEAREST)
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def render_svg(symbol: Symbol, module_mm: float, quiet: int = QUIET_ZONE) -> str:
    """
    Return an SVG document of one path, drawn in whole modules and shown at *module_mm* millimetres a module.

    It has no prologue, so that it can also stand inside a page.
    """
    side = symbol.side + 2 * quiet
    width = f"{side * module_mm:.3f}".rstrip("0").rstrip(".")
    path = "".join(
        f"M{column + quiet} {row + quiet}h{length}v1h-{length}z" for row, column, length in symbol.runs()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{width}mm" viewBox="0 0 {side} {side}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )
