"""
The unified social credit code of a season's list of parties: its form and both its check characters.

Literal example: ``93431382MA4PABC59J``. GB 32100-2015; the arithmetic is that of ``produce.credit_code``.
"""

from __future__ import annotations

from ..errors import Refused
from ..produce.credit_code import ALPHABET, is_credit_code, is_organisation_code
from . import reasons


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
    if not (is_credit_code(code) and is_organisation_code(code)):
        raise Refused(reasons.CREDIT_CODE_CHECK.at())
