"""
Steps: what a clerk's row says, as events to be signed, with names already turned into ids.

A row becomes one step or several; they are accepted together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..errors import Problem
from .rows import Row


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
class Known:
    """A batch that is in the books: its id, product, maker, and amount when made."""

    id: str
    product: str
    maker: str
    made: int
    packer: str = ""
    """Who labelled it, where somebody did."""


class Directory(Protocol):
    """What a planner asks: names to ids, as the books and this import have them. None and "" mean there is none."""

    def find_party(self, name: str) -> str | None:
        """Return the id of the registered party *name*."""

    def find_plot(self, ref: str) -> tuple[str, str] | None:
        """Return the id of the plot *ref* and its party."""

    def find_station(self, name: str) -> str | None:
        """Return the id of the station *name*."""

    def find_product(self, name: str) -> str | None:
        """Return the id of the product *name*."""

    def find_batch(self, ref: str) -> Known | None:
        """Return the batch *ref*."""

    def find_shop(self, platform: str) -> str | None:
        """Return the id of the shop whose name holds that of the *platform*."""

    def has_quota(self, plot: str, season: int, amount: int) -> bool:
        """Tell whether exactly this quota was granted already."""

    def holders(self, batch: str) -> Sequence[Stock]:
        """Return who holds some of *batch*, the largest holder first."""

    def household(self, plot: str) -> str:
        """Return the name of a plot's household as this import read it, empty where it did not."""

    def mint(self, kind: str, name: str) -> str:
        """Return the id for a new *kind* called *name*: the same within an import."""

    def person(self, owner: str, name: str) -> str:
        """Return the id of the person *name* of *owner*, a party or a plot; one id for each pair."""

    def supervisor(self) -> str:
        """Return the id of the supervisor who signs for this import."""

    def now(self) -> str:
        """Return the time of the import, RFC 3339 with offset."""
