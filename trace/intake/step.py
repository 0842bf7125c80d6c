"""
Steps: what a clerk's row says, as events to be signed, with names already turned into ids.

A row becomes one step or several; they are accepted together or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from ..errors import Problem
from ..produce.parse import is_public_ref
from . import meaning
from .rows import Row, Where

_PRIVATE = re.compile("[0-9]{7}")
"""What words never hold, and phones, identity and order numbers that slipped into a neighbour's column do."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Private fields of a step and the person (an id of the vault) whom they are about."""

    person: str
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """
    One event to be signed by *by*.

    ``tag`` tells the steps of one row apart and stays the same in every import of that row.
    """

    tag: str
    type: str
    by: str
    at: str
    fields: Mapping[str, Any]
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What rows become: their steps, or what is wrong with them, and what is worth a warning."""

    rows: tuple[Row, ...]
    steps: tuple[Step, ...] = ()
    problems: tuple[tuple[Problem, str], ...] = ()
    """Problems that refuse the rows, each with the field of the row class."""
    warnings: tuple[tuple[Problem, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """What a party holds of a batch, in whole units."""

    party: str
    held: int


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot that is in the books: its id, its party and the product that grows there."""

    id: str
    party: str
    crop: str


@dataclass(frozen=True, slots=True)
class Known:
    """A batch that is in the books: its id, product, maker, amount when made, and the day of that."""

    id: str
    product: str
    maker: str
    made: int
    day: date
    unit: str = "g"
    packer: str = ""
    """Who labelled it, where somebody did."""


class Directory(Protocol):
    """What a planner asks: names to ids, as the books and this import have them. None and "" mean there is none."""

    def find_party(self, name: str) -> str | None:
        """Return the id of the registered party *name*."""

    def roles(self, party: str) -> frozenset[str]:
        """Return the roles of the party with this id."""

    def find_code(self, code: str) -> str | None:
        """Return the id of the party that this import's sources registered with the credit *code*."""

    def note_code(self, code: str, party: str) -> None:
        """Remember whose credit *code* it is."""

    def find_plot(self, ref: str) -> Plot | None:
        """Return the plot *ref*."""

    def find_station(self, name: str) -> str | None:
        """Return the id of the station *name*."""

    def find_product(self, name: str) -> str | None:
        """Return the id of the product *name*."""

    def find_batch(self, ref: str) -> Known | None:
        """Return the batch *ref*, also one that others brought in under this number."""

    def find_entered(self, ref: str) -> Known | None:
        """Return the batch *ref* that came in by an import."""

    def find_shop(self, platform: str) -> str | None:
        """Return the id of the shop whose name holds that of the *platform*."""

    def find_order(self, name: str) -> str | None:
        """Return the id of the order *name* that is in the books."""

    def find_refused(self, kind: str, name: str) -> Where | None:
        """Return the place of a refused row that would have been the party, plot or batch *name*."""

    def has_report(self, laboratory: str, report: str) -> bool:
        """Tell whether the books hold this report of the laboratory."""

    def has_quota(self, plot: str, season: int, amount: int) -> bool:
        """Tell whether exactly this quota was granted already."""

    def holders(self, batch: str) -> Sequence[Stock]:
        """Return who holds some of *batch*, the largest holder first."""

    def mass_into(self, batch: str) -> int:
        """Return how much went into *batch* when it was made, over all its inputs."""

    def household(self, plot: str) -> str:
        """Return the name of a plot's household as this import read it, empty where it did not."""

    def mint(self, kind: str, name: str) -> str:
        """Return the id for a new *kind* called *name*: the same within an import."""

    def person(self, owner: str, name: str) -> str:
        """Return the id of the person *name* of *owner*, a party or a plot; one id for each pair."""

    def entrust(self, kind: str, name: str, person: str) -> None:
        """Let a name that was minted just now be sealed by *person*'s key, and be erased with it."""

    def supervisor(self) -> str:
        """Return the id of the supervisor who signs for this import."""

    def now(self) -> str:
        """Return the time of the import, RFC 3339 with offset."""


def absent(kind: str, name: str, directory: Directory) -> Problem:
    """Return why *name* leads to no party, plot, station or batch: nobody wrote it down, or that row was refused."""
    missing, turned_down = meaning.ABSENT[kind]
    words = meaning.shown(name) if kind in {"party", "station"} else meaning.numbered(name)
    place = directory.find_refused(kind, name)
    if place is None:
        return missing.at(name=words)
    return turned_down.at(name=words, file=place.file, row=place.row)


def at(day: date) -> str:
    """Return the claimed time of a row that knows the day only."""
    return f"{day.isoformat()}T00:00:00+08:00"


def public_ref(ref: str) -> str:
    """Return *ref* where it may stand in clear, else nothing: then only the vault knows it."""
    return ref if is_public_ref(ref) else ""


def own_ref(ref: str) -> dict[str, str]:
    """Return a number that may not stand in clear as a private field."""
    return {} if is_public_ref(ref) else {"own_ref": ref}


def public_words(text: str) -> str:
    """Return words of a clerk's that may stand in clear, nothing where a number slipped in among them."""
    return "" if _PRIVATE.search(text) else text


def check_product(name: str) -> list[Problem]:
    """Return what keeps *name* from being a product's."""
    return [] if public_words(name) else [meaning.NO_PRODUCT_NAME.at()]


def product_of(name: str, party: str, directory: Directory) -> tuple[list[Step], str]:
    """Return the id of product *name*, and the step by which *party* registers it where nobody has."""
    known = directory.find_product(name)
    if known is not None:
        return [], known
    product = directory.mint("product", name)
    fields = {"product": product, "name": name, "unit": "g"}
    return [Step(f"product:{name}", "product.registered", party, directory.now(), fields)], product
