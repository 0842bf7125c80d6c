"""
The unified social credit code of a Chinese organisation (统一社会信用代码): its two check characters.

Literal example: ``93431382MA4PABC59J``. GB 32100-2015; positions 9-17 are the organisation code of GB 11714-1997.
"""

from __future__ import annotations

from ..errors import Refused
from . import reasons

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015 table 1: no I, O, S, V, Z
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))  # GB 32100-2015 clause 5: 3^(i-1) mod 31
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997 clause 4
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compute_check(body: str) -> str:
    """Return the 18th character for the first 17, all of ALPHABET. GB 32100-2015 clause 5."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def compute_organisation_check(body: str) -> str:
    """Return the 17th character for positions 9-16, digits and capital letters. GB 11714-1997 clause 4."""
    weighted = zip(body, _ORGANISATION_WEIGHTS, strict=True)
    remainder = -sum(_DIGITS.index(character) * weight for character, weight in weighted) % 11
    return "X" if remainder == 10 else str(remainder)


def check_credit_code(code: str) -> None:
    """
    Check the form and both check characters of *code*, given in capital letters.

    Every code that stands in a season's list of parties and belongs there satisfies both.

    Raises:
        Refused: ``credit-code.form`` or ``credit-code.check``; the code itself is not repeated, as it may be
            that of a natural person (92...).

    """
    if len(code) != 18 or any(character not in ALPHABET for character in code):
        raise Refused(reasons.CREDIT_CODE_FORM.at())
    if compute_check(code[:17]) != code[17] or compute_organisation_check(code[8:16]) != code[16]:
        raise Refused(reasons.CREDIT_CODE_CHECK.at())
