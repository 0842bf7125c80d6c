"""Events of goods: inputs applied, batches made, changed and handed over."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .event import Event
from .words import MAX_SAFE, Amount, EventId, Id, Mass, Name, Season, Word


class InputApplied(Event, frozen=True, tag="input.applied"):
    """An input (pesticide, fertiliser) applied to a plot, with its pre-harvest interval (安全间隔期) in days."""

    plot: Id
    work: Word
    input: Name
    registration: str = ""
    interval_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0


class BatchHarvested(Event, frozen=True, tag="batch.harvested"):
    """A harvested batch of one plot on one day, debited to the plot's quota of the season."""

    batch: Id
    plot: Id
    product: Id
    amount: Amount
    season: Season
    station: str = ""
    """Site where it was handed in."""
    ref: str = ""


class BatchBought(Event, frozen=True, tag="batch.bought"):
    """Goods from outside the log (soybeans, starch); never local."""

    batch: Id
    product: Id
    amount: Amount
    ref: str = ""


class Portion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Part of an existing batch that goes into a transformation."""

    batch: Id
    amount: Amount


class Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A new batch that comes out of a transformation."""

    batch: Id
    product: Id
    amount: Amount
    ref: str = ""


class Stuff(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that is weighed but is no batch: added water or salt, a by-product such as bran or press cake."""

    name: Word
    mass_g: Annotated[int, msgspec.Meta(ge=1, le=MAX_SAFE)]


class BatchTransformed(Event, frozen=True, tag="batch.transformed"):
    """Inputs and added stuff become new batches, by-products and declared loss; balances in grams."""

    inputs: Annotated[tuple[Portion, ...], msgspec.Meta(min_length=1, max_length=200)]
    outputs: Annotated[tuple[Output, ...], msgspec.Meta(min_length=1, max_length=50)]
    loss_g: Mass
    added: Annotated[tuple[Stuff, ...], msgspec.Meta(max_length=20)] = ()
    byproducts: Annotated[tuple[Stuff, ...], msgspec.Meta(max_length=20)] = ()
    plant: str = ""


class BatchShipped(Event, frozen=True, tag="batch.shipped"):
    """The sender's half of a handover; the event id names the shipment."""

    batch: Id
    amount: Amount
    to: Id
    inferred: bool = False
    """推定交接: implied by a later row, never counted as confirmation by two parties."""


class BatchReceived(Event, frozen=True, tag="batch.received"):
    """The receiver's half of a handover. What is not accepted stays in the sender's books."""

    shipment: EventId
    batch: Id
    amount: Mass
    inferred: bool = False


class BatchAdjusted(Event, frozen=True, tag="batch.adjusted"):
    """A stock-taking difference: positive found, negative missing. Upward debits the plot's quota."""

    batch: Id
    amount: Annotated[int, msgspec.Meta(ge=-MAX_SAFE, le=MAX_SAFE)]
    reason: Literal["stock-taking", "shrinkage", "weighing-error", "sample"]


class BatchDestroyed(Event, frozen=True, tag="batch.destroyed"):
    """Goods that are gone for good."""

    batch: Id
    amount: Amount
    reason: Literal["spoilt", "failed-test", "recalled", "damaged", "expired"]
