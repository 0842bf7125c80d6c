"""Views: what a story says, laid out for a page in one language. Decides nothing; only chooses how much is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..errors import Language
from ..publish.history import MARKS, History, Told
from ..publish.lookup import Package
from ..publish.story import Origin, Story
from ..publish.words import say_share, show_moment

FIRST_LINES: Final = 6
MORE_LINES: Final = 18
MOST_ORIGINS: Final = 6
MOST_SIGNERS: Final = 8
"""So that the heaviest page stays under 30 kB."""

_BAD: Final = frozenset({"recall.approved", "recall.proposed", "labels.voided", "batch.destroyed"})
_WARN: Final = frozenset({"batch.held", "order.returned", "batch.adjusted"})

Phrases = dict[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    text: str
    signer: str
    claimed: str
    at: str
    entry: str
    marks: tuple[str, ...]
    tone: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The newest lines, those folded away, and what is left out."""

    first: tuple[Line, ...]
    rest: tuple[Line, ...]
    earlier: str
    notes: tuple[str, ...]
    signers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A village's share of a batch."""

    name: str
    share: str
    permille: int


def lay_out_history(history: History, t: Phrases, language: Language) -> Timeline:
    """Return the timeline, newest first, cut to what a page can carry."""
    lines = [_line(one, t, language) for one in reversed(history.lines[-(FIRST_LINES + MORE_LINES) :])]
    left_out = max(0, len(history.lines) - len(lines)) + history.untold
    notes = []
    if left_out:
        notes.append(t["untold"].format(n=left_out))
    if history.orders:
        notes.append(t["orders"].format(n=history.orders))
    rest = lines[FIRST_LINES:]
    signers = sorted({(one.signer.text(language), one.custody) for one in history.lines})
    return Timeline(
        tuple(lines[:FIRST_LINES]),
        tuple(rest),
        t["earlier"].format(n=len(rest)),
        tuple(notes),
        tuple(signers[:MOST_SIGNERS]),
    )


def _line(told: Told, t: Phrases, language: Language) -> Line:
    tone = "bad" if told.type in _BAD else "warn" if told.type in _WARN or told.marks else ""
    return Line(
        text=told.words.text(language),
        signer=told.signer.text(language) + say_revoked(told, t),
        claimed=show_claim(told.claimed),
        at=show_moment(told.at),
        entry=t["entry"].format(n=told.index),
        marks=tuple(MARKS[mark].text(language) for mark in told.marks),
        tone=tone,
    )


def say_revoked(told: Told, t: Phrases) -> str:
    """Return what is said behind a signer whose key was revoked since; nothing while it is valid."""
    return "" if told.revoked is None else t["revoked"].format(n=told.revoked)


def show_claim(claimed: str) -> str:
    """
    Return a claimed time to the minute as its signer wrote it, with its offset where that is not the county's.

    Midnight is how a list says that it knows the day only: then the day alone is shown.
    """
    moment = datetime.fromisoformat(claimed)
    text = moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    return text if claimed.endswith("+08:00") else f"{text} {moment.strftime('%z')}"


def lay_out_origins(origins: Sequence[Origin], t: Phrases) -> list[Share]:
    """Return the shares of the largest villages, the rest in one."""
    shown = [Share(_origin(one, t), say_share(one.permille), one.permille) for one in origins[:MOST_ORIGINS]]
    rest = sum(one.permille for one in origins[MOST_ORIGINS:])
    if len(origins) > MOST_ORIGINS:
        shown.append(Share(t["more_places"], say_share(rest), rest))
    return shown


def _origin(origin: Origin, t: Phrases) -> str:
    return t["outside"] if origin.outside else origin.place or t["unknown_place"]


def package_rows(package: Package, story: Story, t: Phrases, language: Language) -> list[tuple[str, str]]:
    """Return the facts of a package, name and value."""
    rows = [
        (t["product"], story.product),
        (t["net"], package.net_words.text(language)),
        (t["producer"], _with_place(story.maker.name.text(language), story.maker.place)),
    ]
    if package.packer.id != story.maker.id:
        rows.append((t["packer"], _with_place(package.packer.name.text(language), package.packer.place)))
    rows += [(t["place"], _places(story, t)), *_days(story, t), (t["packed"], package.packed_on)]
    rows.append((t["batch"], story.label))
    rows.append((t["number"], f"{package.index + 1} / {package.count}"))
    return rows


def batch_rows(story: Story, t: Phrases, language: Language) -> list[tuple[str, str]]:
    """Return the facts of a batch, name and value."""
    made = story.made_words.text(language)
    if story.ancestors:
        made += f" ({t['parts'].format(n=story.ancestors)})"
    labels = f"{story.packages} {t['pieces']}".strip()
    return [
        (t["product"], story.product),
        (t["producer"], _with_place(story.maker.name.text(language), story.maker.place)),
        (t["amount"], made),
        (t["place"], _places(story, t)),
        *_days(story, t),
        (t["labels"], f"{labels} · {t['labels_sold']} {story.sold}"),
        (t["batch"], story.id),
    ]


def _days(story: Story, t: Phrases) -> list[tuple[str, str]]:
    rows = []
    if story.harvested:
        first, last = story.harvested
        rows.append((t["harvested"], first if first == last else f"{first} – {last}"))
    if story.how == "transformed":
        rows.append((t["made"], story.day))
    if story.how == "bought":
        rows.append((t["bought"], story.day))
    return rows


def _places(story: Story, t: Phrases) -> str:
    """Return the village that most of the batch comes from, and that there are others."""
    names = [_origin(one, t) for one in story.origins]
    if not names:
        return t["unknown_place"]
    more = len(names) if t["lang"].startswith("zh") else len(names) - 1
    return t["and_more"].format(place=names[0], n=more) if len(names) > 1 else names[0]


def _with_place(name: str, place: str) -> str:
    return f"{name} · {place}" if place else name
