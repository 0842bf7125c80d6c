"""统一社会信用代码: the check character of the unified social credit code (GB 32100-2015 section 5.3)."""

from __future__ import annotations

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015 table 4: digits and capitals without I, O, S, V, Z."""

_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(body: str) -> str:
    """
    Return the check character of the first seventeen characters of a code.

    Raises:
        ValueError: a character outside ``ALPHABET``.

    GB 32100-2015 section 5.3: weights 3^(i-1) mod 31.
    """
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return ALPHABET[-total % 31]


def is_credit_code(text: str) -> bool:
    """Tell whether *text* is 18 characters of the alphabet with the right last one."""
    if len(text) != 18 or any(char not in ALPHABET for char in text):
        return False
    return check_character(text[:17]) == text[17]


def organisation_check(body: str) -> str:
    """
    Return the check character of an organisation code: the 17th of a credit code, for its characters 9 to 16.

    GB 11714-1997 section 4.
    """
    remainder = (
        -sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)) % 11
    )
    return "X" if remainder == 10 else str(remainder)


def is_organisation_code(text: str) -> bool:
    """Tell whether positions 9 to 17 of the credit code *text* carry their own check character (GB 11714-1997)."""
    return organisation_check(text[8:16]) == text[16]
