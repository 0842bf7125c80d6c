"""
Crockford's base32: the alphabet of minted identifiers and package codes.

No I, L, O or U, so that a code survives being read aloud, typed from paper and printed small; every character is in
the alphanumeric set of QR codes and in GS1's set for batch and serial.

D. Crockford, "Base 32", https://www.crockford.com/base32.html
"""

from __future__ import annotations

from typing import Final

from ..errors import Reason, Refused

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

NUMBER = Reason(
    "crockford.number",
    "数字 {number} 不能用 {length} 个字符表示",
    "the number {number} does not fit into {length} characters",
)
CHARACTER = Reason(
    "crockford.character",
    "字符“{character}”不在字母表中（数字和大写字母，没有 I、L、O、U）",
    "the character {character!r} is not in the alphabet (digits and capital letters without I, L, O, U)",
)

_BITS = 5
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def encode_crockford(number: int, length: int) -> str:
    """
    Return *number* as *length* characters, most significant first, padded with ``0``.

    >>> encode_crockford(32, 5)
    '00010'

    Args:
        number: 0 <= number < 32**length.
        length: characters, at least 1.

    Raises:
        Refused: ``crockford.number``, *number* is negative or too large.
    """
    if not 0 <= number < 1 << (_BITS * length):
        raise Refused(NUMBER.at(number=number, length=length))
    shifts = range(_BITS * (length - 1), -1, -_BITS)
    return "".join([ALPHABET[number >> shift & 31] for shift in shifts])


def decode_crockford(text: str) -> int:
    """
    Return the number that *text* spells, exactly as `encode_crockford` writes it (upper case, no look-alikes).

    Raises:
        Refused: ``crockford.character``, one problem for each kind of character outside the alphabet.
    """
    strange = sorted(set(text) - _VALUES.keys())
    if strange:
        raise Refused([CHARACTER.at(character=character) for character in strange])
    number = 0
    for character in text:
        number = number << _BITS | _VALUES[character]
    return number
