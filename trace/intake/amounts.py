"""
Weights, package sizes and areas of the clerks' units, as whole grams and square metres.

1 斤 (市斤) is exactly 500 g, 1 亩 is 2000/3 m2 (State Council order on units, 1984). A unit is never guessed.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from ..errors import Refused
from . import reasons
from .cells import LARGEST, Cell, check_sign, fold, is_lossy, parse_number, show

GRAMS: dict[str, int] = {
    "克": 1,
    "g": 1,
    "斤": 500,
    "市斤": 500,
    "公斤": 1000,
    "千克": 1000,
    "kg": 1000,
    "kgs": 1000,
    "吨": 1_000_000,
    "公吨": 1_000_000,
    "t": 1_000_000,
}
SQUARE_METRES: dict[str, Fraction] = {
    "亩": Fraction(2000, 3),
    "市亩": Fraction(2000, 3),
    "m2": Fraction(1),
    "平方米": Fraction(1),
    "平米": Fraction(1),
    "公顷": Fraction(10_000),
    "ha": Fraction(10_000),
}
_WITH_UNIT = re.compile(
    rf"(.*?[0-9.])\s*({'|'.join(sorted([*GRAMS, *SQUARE_METRES], key=len, reverse=True))})", re.IGNORECASE
)
_WEIGHT_UNIT = "|".join(sorted(GRAMS, key=len, reverse=True))
_PACKAGE = "件|箱|盒|袋|瓶|包|罐|桶|份|提|组|个|坛|只|礼盒|套"
_SIZE = re.compile(
    rf"(?:净含量|净重|每(?:{_PACKAGE}))?:?\s*(?P<each>[0-9.,]+)\s*(?P<unit>{_WEIGHT_UNIT})?\s*"
    rf"(?:[×xX*]\s*(?P<times>[0-9]{{1,4}})\s*(?:{_PACKAGE})?)?\s*装?\s*(?:/?\s*每?(?:{_PACKAGE}))?",
    re.IGNORECASE,
)


def is_weight_unit(unit: str) -> bool:
    """Return whether *unit* is a unit of weight that this room knows."""
    return unit.lower() in GRAMS


def parse_weight(cell: Cell, *units: str, what: str = "重量", least: int = 1) -> int:
    """
    Return the weight of *cell* in whole grams.

    Args:
        cell: a number, or a number with its unit (300斤).
        units: what heading and unit column say, empty where they say nothing; all units given must agree.
        what: the quantity, for the Chinese sentence.
        least: 1 refuses zero, 0 allows it.

    Raises:
        Refused: unreadable, not a whole number of grams, negative, too large, unit missing, unknown or in conflict.

    """
    figure, own_unit = _split(cell)
    value = parse_number(figure, what)
    check_sign(value, cell, what, least)
    grams = value * _unit_g([own_unit, *units], what)
    if grams != grams.to_integral_value():
        raise Refused(reasons.WEIGHT_FRACTION.at(what=what, shown=show(cell)))
    if grams > LARGEST:
        raise Refused(reasons.NUMBER_TOO_LARGE.at(what=what, shown=show(cell)))
    return int(grams)


def parse_pack(cell: Cell, unit: str = "") -> int:
    """
    Return the net weight of one package in whole grams: 5kg/件, 2.5公斤/盒, 500g×10/箱; *unit* from the heading.

    Raises:
        Refused: ``pack.unreadable`` also for volumes (500ml), as the books balance in grams.

    """
    found = _SIZE.fullmatch(fold(cell))
    if found is None:
        raise Refused(reasons.PACK_UNREADABLE.at(shown=show(cell)))
    each = parse_weight(found["each"], found["unit"] or "", unit.split("/", maxsplit=1)[0], what="规格")
    times = int(found["times"] or 1)
    if times == 0 or each * times > LARGEST:
        raise Refused(reasons.PACK_UNREADABLE.at(shown=show(cell)))
    return each * times


def parse_area(cell: Cell, unit: str = "") -> tuple[int, str]:
    """Return (square metres, rounded half up; 亩 as decimal text) of *cell*, in *unit* where it has none itself."""
    figure, own_unit = _split(cell.replace("m²", "m2") if isinstance(cell, str) else cell)
    value = parse_number(figure, "面积")
    check_sign(value, cell, "面积", 1)
    found = {name.lower() for name in (own_unit, unit) if name}
    if not found:
        raise Refused(reasons.UNIT_MISSING.at(what="面积"))
    if unknown := found - SQUARE_METRES.keys():
        raise Refused(reasons.UNIT_UNKNOWN.at(shown=show(min(unknown))))
    factors = {SQUARE_METRES[name] for name in found}
    if len(factors) > 1:
        raise Refused(reasons.UNIT_CONFLICT.at(what="面积"))
    square_metres = Fraction(value) * factors.pop()
    if square_metres > LARGEST:
        raise Refused(reasons.NUMBER_TOO_LARGE.at(what="面积", shown=show(cell)))
    return _round(square_metres), _format_mu(square_metres)


def _format_mu(square_metres: Fraction) -> str:
    mu = square_metres / SQUARE_METRES["亩"]
    exact = Decimal(mu.numerator) / Decimal(mu.denominator)
    text = format(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".")


def _round(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _split(cell: Cell) -> tuple[Cell, str]:
    if not isinstance(cell, str) or is_lossy(cell):
        return cell, ""
    found = _WITH_UNIT.fullmatch(fold(cell))
    return (found[1], found[2].lower()) if found else (cell, "")


def _unit_g(units: list[str], what: str) -> int:
    found = {unit.lower() for unit in units if unit}
    if not found:
        raise Refused(reasons.UNIT_MISSING.at(what=what))
    if unknown := found - GRAMS.keys():
        raise Refused(reasons.UNIT_UNKNOWN.at(shown=show(min(unknown))))
    factors = {GRAMS[unit] for unit in found}
    if len(factors) > 1:
        raise Refused(reasons.UNIT_CONFLICT.at(what=what))
    return factors.pop()
