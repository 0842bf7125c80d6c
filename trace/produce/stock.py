"""What parties hold: taking from a position, and putting a new batch into one."""

from __future__ import annotations

from msgspec.structs import replace

from . import reasons
from .book import Draft
from .lineage import name_of
from .parse import day_of
from .reasons import show
from .records import Batch, Position, Product
from .registry import check_new, claim_ref
from .rights import Signed
from .words import MAX_SAFE


def position_of(draft: Draft, batch: str, party: str) -> Position:
    """Return what *party* has of *batch*, an empty position where there is none."""
    id = f"{batch}/{party}"
    return draft.find(Position, id) or Position(id=id, batch=batch, party=party)


def unit_of(draft: Draft, batch: Batch) -> str:
    """Return the unit in which *batch* is counted."""
    return draft.need(Product, batch.product).unit


def take(draft: Draft, batch: Batch, signed: Signed, amount: int, pointer: str) -> Position:
    """Return the acting party's position with *amount* no longer held, noting a problem where it holds less."""
    position = position_of(draft, batch.id, signed.event.by)
    if position.held < amount:
        unit = unit_of(draft, batch)
        figures = {"batch": name_of(batch), "wanted": show(amount, unit)}
        if position.held == 0:
            draft.refuse(reasons.USED_UP.at(pointer, **figures))
        else:
            draft.refuse(reasons.SHORT.at(pointer, held=show(position.held, unit), **figures))
    return replace(position, held=position.held - amount)


def find_batch(draft: Draft, id: str, pointer: str = "/batch") -> Batch | None:
    """Return the batch *id*, noting a problem where there is none."""
    batch = draft.find(Batch, id)
    if batch is None:
        draft.refuse(reasons.NO_BATCH.at(pointer, id=id))
    return batch


def check_not_before(signed: Signed, batch: Batch, draft: Draft, pointer: str, day: str = "") -> None:
    """Note a problem where the event's day, or *day*, lies before the day of *batch*."""
    day = day or day_of(signed.event).isoformat()
    if day < batch.day:
        draft.refuse(reasons.BEFORE.at(pointer, day=day, batch=name_of(batch), made=batch.day))


def make(draft: Draft, pointer: str, batch: Batch) -> None:
    """Put a new batch into the hands of the acting party."""
    check_new(draft, Batch, batch.id, pointer)
    if sum(share.mass_g for share in batch.composition) > MAX_SAFE:
        draft.refuse(reasons.BEYOND.at(pointer.replace("/batch", "/amount")))
    claim_ref(draft, (batch.maker, "batch"), batch.ref, batch.id, pointer.replace("/batch", "/ref"))
    position = position_of(draft, batch.id, batch.maker)
    draft.put(batch, replace(position, held=position.held + batch.made))
