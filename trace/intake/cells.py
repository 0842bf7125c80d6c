"""
One cell to text, identifier, number, count or money: full-width forms folded, nothing guessed.

Parsers return the value or raise Refused. Their messages repeat a cell only where it can't be a person's name or
phone (`show`), as cells may have slipped into a neighbour's column.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from ..errors import Refused
from . import reasons

Cell = str | int | float | bool | date | datetime | time | timedelta

_LONGEST = 24  # characters of a figure: times any unit it stays within the 28 digits of decimal arithmetic
LARGEST = 10**12  # grams, fen or pieces in one cell; far above a county's season, far below 2^53
_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# controls and format characters (zero width, direction marks) that pasted text carries along
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile(r"\s+")
_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}（）]) | (?=[{_HAN}（）])")
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣", "-"))
_FORMULA_TEXT = re.compile(r'="(.*)"')  # how exporters keep Excel from reading an identifier as a number
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")
_COUNTED = re.compile(r"(.*?)(件|箱|盒|袋|瓶|个|包|份|单|提|桶|罐|只|套|张|枚|棵|株)?")
_DAYS = re.compile(r"(.*?)(天|日|d|days)?", re.IGNORECASE)
_YUAN = re.compile(r"(?:[¥￥]|RMB|CNY)?(.*?)元?", re.IGNORECASE)
_BATCH_SEPARATORS = re.compile(r"[、,;/|\s，；]+")
_BATCH = re.compile(rf"(?=.*[0-9])[A-Z0-9.#_{_HAN}-]{{1,40}}")
_HARMLESS = re.compile(
    r"(?:[0-9]{1,8}(?![0-9])|[A-Za-z]{1,3}(?![A-Za-z])|[-+.,:;/×x*%<>≤≥=~¥()（）“”\s]"
    r"|[年月日号时分秒上下午〇零一二两三四五六七八九十百千万半点负约近几余多少左右公市斤两克吨担亩顷元角天周"
    r"件箱盒袋瓶个包份单提桶罐只套张枚棵株筐车篮升毫装每不无未检出合格])+"
)
_LOSSY = ("<super>", "<sub>", "<circle>", "<fraction>", "<compat>")  # 10² and ①5 must not become 102 and 15


def fold(cell: Cell) -> str:
    """
    Return the cell as text in NFKC, without invisible characters, white space collapsed.

    Numbers lose Excel's binary tail (15 significant digits) and never take an exponent.
    """
    if isinstance(cell, str):
        text = cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
        text = _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()
        wrapped = _FORMULA_TEXT.fullmatch(text)
        return wrapped.group(1).strip() if wrapped else text.removeprefix("'")
    if isinstance(cell, float):
        text = format(Decimal(format(cell, ".15g")), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def is_blank(cell: Cell) -> bool:
    """Return whether *cell* holds nothing, or only a dash or slash that stands for nothing."""
    return fold(cell).translate(DASHES) in {"", "-", "--", "/", "\\"}


def show(cell: Cell) -> str:
    """Return the cell for a message, or an ellipsis where it might be a person's name, phone or address."""
    text = fold(cell)
    return text if len(text) <= 30 and (_HARMLESS.fullmatch(text) or _ERROR.fullmatch(text)) else "…"


def parse_text(cell: Cell) -> str:
    """Return a name or remark: no spaces beside Chinese characters, brackets full-width where it has any."""
    text = _BESIDE_HAN.sub("", fold(cell))
    if _ERROR.fullmatch(text):
        raise Refused(reasons.CELL_ERROR.at(shown=text))
    return text.replace("(", "（").replace(")", "）") if re.search(f"[{_HAN}]", text) else text


def parse_identifier(cell: Cell) -> str:
    """
    Return a number or reference of the clerk's: capital letters, no white space, one kind of dash.

    Raises:
        Refused: it was stored as a number and has lost digits.

    """
    if isinstance(cell, bool | date | time | timedelta):
        raise Refused(reasons.NUMBER_UNREADABLE.at(what="编号", shown=show(cell)))
    if isinstance(cell, int | float) and not (abs(cell) < 10**15 and cell == int(cell)):
        raise Refused(reasons.NUMBER_LOST_DIGITS.at())
    text = fold(cell).translate(DASHES).replace(" ", "").upper()
    if _ERROR.fullmatch(text):
        raise Refused(reasons.CELL_ERROR.at(shown=text))
    if _SCIENTIFIC.fullmatch(text) and ("." in text or "+" in text):  # 9.26496E+14; but 12E34 may be a batch
        raise Refused(reasons.NUMBER_SCIENTIFIC.at(what="编号", shown=show(text)))
    return text


def parse_batches(cell: Cell) -> tuple[str, ...]:
    """
    Return the batches of a list, as often as they stand there.

    They are separated by 、 comma, semicolon, slash, white space or a line break. Ranges (至, ~) are refused.
    """
    if not isinstance(cell, str):
        return (parse_identifier(cell),)
    parts = [parse_identifier(part) for part in _BATCH_SEPARATORS.split(fold(cell)) if part]
    if not parts or not all(_BATCH.fullmatch(part) and not re.search("[至到等]", part) for part in parts):
        raise Refused(reasons.BATCHES_UNREADABLE.at())
    return tuple(parts)


def parse_number(cell: Cell, what: str) -> Decimal:
    """
    Return the exact decimal number of *cell*, with thousands commas and full-width digits read.

    Words (一百, 约300), exponents, superscripts, dates and anything above 15 digits are refused; *what* names the
    quantity in the Chinese sentence.
    """
    text = fold(cell).translate(DASHES)
    if _SCIENTIFIC.fullmatch(text):
        raise Refused(reasons.NUMBER_SCIENTIFIC.at(what=what, shown=show(cell)))
    is_other = isinstance(cell, bool | date | time | timedelta) or (isinstance(cell, str) and is_lossy(cell))
    if is_other or len(text) > _LONGEST or not _PLAIN.fullmatch(text) or not re.search("[0-9]", text):
        raise Refused(reasons.NUMBER_UNREADABLE.at(what=what, shown=show(cell)))
    value = Decimal(text.replace(",", ""))
    if abs(value) > LARGEST:
        raise Refused(reasons.NUMBER_TOO_LARGE.at(what=what, shown=show(cell)))
    return value


def is_lossy(text: str) -> bool:
    """Return whether folding would change what *text* says: superscripts, circled digits, fractions."""
    return any(unicodedata.decomposition(c).startswith(_LOSSY) and not c.isspace() for c in text)


def parse_whole(cell: Cell, what: str, *, least: int = 0) -> int:
    """Return a whole number of at least *least* (0 or 1); 52.0 is 52, 52.5 is refused."""
    value = parse_number(cell, what)
    check_sign(value, cell, what, least)
    if value != value.to_integral_value():
        raise Refused(reasons.NUMBER_FRACTION.at(what=what, shown=show(cell)))
    return int(value)


def check_sign(value: Decimal, cell: Cell, what: str, least: int) -> None:
    """Check that *value* is not negative, and above zero where *least* is 1."""
    if value <= 0 and least:
        raise Refused(reasons.NUMBER_NOT_POSITIVE.at(what=what, shown=show(cell)))
    if value < 0:
        raise Refused(reasons.NUMBER_NEGATIVE.at(what=what, shown=show(cell)))


def parse_count(cell: Cell) -> int:
    """Return a number of packages or pieces above zero, a counting word (件, 箱 ...) allowed behind it."""
    return parse_whole(_strip(cell, _COUNTED), "数量", least=1)


def parse_days(cell: Cell) -> int:
    """Return a number of days from 0: 14 or 14天."""
    return parse_whole(_strip(cell, _DAYS), "天数")


def parse_fen(cell: Cell) -> int:
    """Return an amount in yuan as whole fen, from 0: 45.00, ¥45 or 45元."""
    value = parse_number(_strip(cell, _YUAN), "金额")
    check_sign(value, cell, "金额", 0)
    fen = value * 100
    if fen != fen.to_integral_value():
        raise Refused(reasons.MONEY_FRACTION.at(shown=show(cell)))
    return int(fen)


def _strip(cell: Cell, pattern: re.Pattern[str]) -> Cell:
    if not isinstance(cell, str) or is_lossy(cell):
        return cell
    found = pattern.fullmatch(fold(cell))
    return found.group(1).strip() if found else cell
