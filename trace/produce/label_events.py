"""Events of packages: label runs and their states, orders."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .event import Event
from .words import Amount, Count, Day, HexHash, Id, Index


class LabelsIssued(Event, frozen=True, tag="labels.issued"):
    """A run of labels committed before printing: batch, net content of one package, count and Merkle root."""

    run: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{5}(?!\n)$")]
    batch: Id
    count: Count
    net: Amount
    root: HexHash
    packed_on: Day


class LabelsActivated(Event, frozen=True, tag="labels.activated"):
    """Packages [first, end) of a run are on their way to a buyer."""

    run: Id
    first: Index
    end: Index


class LabelsVoided(Event, frozen=True, tag="labels.voided"):
    """Packages [first, end) of a run will never be sold; unsold goods go back to what is held."""

    run: Id
    first: Index
    end: Index
    reason: Literal["spoilt", "surplus", "leaked", "reprinted", "returned"]


class Packages(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Packages [first, end) of one run."""

    run: Id
    first: Index
    end: Index


class OrderSold(Event, frozen=True, tag="order.sold"):
    """
    Packages of one batch sold by a shop. Order number, price and platform are private.

    With ``packages`` these are marked sold; without, only the batch's count of sold packages grows.
    """

    order: Id
    batch: Id
    count: Count
    packages: Annotated[tuple[Packages, ...], msgspec.Meta(max_length=200)] = ()


class OrderReturned(Event, frozen=True, tag="order.returned"):
    """Packages of an order that came back."""

    order: Id
    batch: Id
    count: Count
    packages: Annotated[tuple[Packages, ...], msgspec.Meta(max_length=200)] = ()
