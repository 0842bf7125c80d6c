"""Words for the outside, in Chinese and in English: amounts, parties, days, and which of the two a reader asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from ..errors import Language
from ..produce.records import Party

BEIJING: Final = timezone(timedelta(hours=8), "UTC+8")
"""The county's time, in which pages show the ledger's."""

_WEIGHT: Final = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said in both languages."""

    zh: str
    en: str

    def text(self, language: Language = "zh") -> str:
        """Return the words in *language*."""
        return self.zh if language == "zh" else self.en


def same(text: str) -> Words:
    """Return a name that is the same in both languages."""
    return Words(text, text)


INDIVIDUAL: Final = Words("个体经营者", "an individual business")
"""What is shown instead of a name that is personal (design.md, "What may never enter an entry in clear")."""


def name_party(party: Party | None) -> Words:
    """Return the name of *party* where it is public, else that it is an individual business."""
    return same(party.name) if party is not None and party.name else INDIVIDUAL


def say_amount(amount: int, unit: str) -> Words:
    """Return *amount* (whole ``g``, ``ml`` or ``piece``) as people read it: 60 公斤, 750 毫升, 12 件."""
    if unit == "piece":
        return Words(f"{amount} 件", f"{amount} pcs")
    small_zh, big_zh, small, big = ("克", "公斤", "g", "kg") if unit == "g" else ("毫升", "升", "ml", "L")
    if abs(amount) < 1000:
        return Words(f"{amount} {small_zh}", f"{amount} {small}")
    sign, (whole, rest) = "-" if amount < 0 else "", divmod(abs(amount), 1000)
    number = sign + f"{whole:,}.{rest:03d}".rstrip("0").rstrip(".")
    return Words(f"{number} {big_zh}", f"{number} {big}")


def say_net(amount: int, unit: str) -> Words:
    """Return the net content of a package, whole 斤 added where the unit is grams: 5 公斤（10 斤）."""
    words = say_amount(amount, unit)
    if unit == "g" and amount >= 1000 and amount % 500 == 0:
        return Words(f"{words.zh}（{amount // 500} 斤）", words.en)
    return words


def say_share(permille: int) -> str:
    """Return a share given in thousandths as a percentage with one decimal: 57.2%."""
    return f"{permille // 10}.{permille % 10}%"


def show_moment(moment: datetime) -> str:
    """Return *moment* to the minute in the county's time: 2026-10-08 09:00."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def choose_language(accepted: str, default: Language = "zh") -> Language:
    """
    Return the language that an Accept-Language header asks for, of the two there are; *default* if it names neither.

    RFC 9110 section 12.5.4. Malformed parts are passed over.
    """
    best: tuple[float, Language] = (0.0, default)
    for part in accepted[:400].split(","):
        tag, _, parameter = part.strip().lower().partition(";")
        weight = _WEIGHT.fullmatch(parameter.strip()) if parameter else None
        if parameter and weight is None:
            continue
        value = float(weight[1]) if weight else 1.0
        language: Language | None = {"zh": "zh", "en": "en"}.get(tag.split("-")[0])  # type: ignore[assignment]
        if language is not None and value > best[0]:
            best = value, language
    return best[1]
