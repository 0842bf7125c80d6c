"""What a laboratory's report says in words and figures: a result and a verdict."""

from __future__ import annotations

import re

from ..errors import Refused
from . import reasons
from .cells import Cell, fold, parse_text, show

_NOT_DETECTED = re.compile(r"N\.?D\.?|未检出|<?LOD|低于检出限", re.IGNORECASE)
_RESULT = re.compile(r"[<>≤≥]?[0-9]+(\.[0-9]+)?([a-zA-Zμ%/]{1,8})?")
_FAILED = re.compile(r"不合格|不符合|不通过|未通过|超标|否|FAIL(ED)?", re.IGNORECASE)
_PASSED = re.compile(r"合格|符合|通过|达标|是|PASS(ED)?", re.IGNORECASE)


def parse_result(cell: Cell) -> str:
    """
    Return a laboratory's result as text: 0.02, <0.01, 未检出 (also for ND), or words without any figure (阴性).

    Raises:
        Refused: figures that are no number (约0.3).

    """
    text = parse_text(cell).replace("＜", "<").replace(" ", "")
    if _NOT_DETECTED.fullmatch(text):
        return "未检出"
    if re.search("[0-9]", text) and not _RESULT.fullmatch(text):
        raise Refused(reasons.RESULT_UNREADABLE.at(shown=show(cell)))
    return text


def parse_verdict(cell: Cell) -> bool:
    """Return True for 合格 and its synonyms, False for 不合格 and its; anything else is refused."""
    text = fold(cell).replace(" ", "")
    if _FAILED.fullmatch(text):
        return False
    if _PASSED.fullmatch(text):
        return True
    raise Refused(reasons.VERDICT_UNREADABLE.at())
