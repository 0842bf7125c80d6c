"""Rules of handover: two statements, one of the sender and one of the receiver."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from . import events as ev
from . import reasons
from .book import Book, Draft, RecordKey
from .lineage import check_free, touch_ancestors
from .reasons import show
from .records import Batch, Party, Position, Shipment
from .rights import Signed, check_own
from .stock import check_not_before, find_batch, position_of, take, unit_of


def touch_shipped(event: ev.BatchShipped, book: Book) -> Iterator[RecordKey]:
    """Yield the batch with its ancestors, the position, the receiver and the shipment."""
    yield from touch_ancestors([event.batch], book)
    yield from ((Position, f"{event.batch}/{event.by}"), (Party, event.to), (Shipment, event.id))


def apply_shipped(signed: Signed, event: ev.BatchShipped, draft: Draft) -> None:
    """Put goods on the way; they stay the sender's until received."""
    if draft.find(Party, event.to) is None:
        draft.refuse(reasons.NO_PARTY.at("/to", id=event.to))
    if event.to == event.by:
        draft.refuse(reasons.TO_SELF.at("/to"))
    batch = find_batch(draft, event.batch)
    if batch is None:
        return
    check_free(batch.id, draft, "/batch")
    check_not_before(signed, batch, draft, "/at")
    position = take(draft, batch, signed, event.amount, "/amount")
    draft.put(
        replace(position, in_transit=position.in_transit + event.amount),
        Shipment(
            id=event.id,
            batch=batch.id,
            sender=event.by,
            receiver=event.to,
            amount=event.amount,
            inferred=event.inferred,
        ),
    )


def touch_received(event: ev.BatchReceived, book: Book) -> Iterator[RecordKey]:
    """Yield the shipment, the batch and both positions."""
    yield Shipment, event.shipment
    shipment = book.peek(Shipment, event.shipment)
    if isinstance(shipment, Shipment):
        yield from touch_ancestors([shipment.batch], book)
        yield Position, f"{shipment.batch}/{shipment.sender}"
        yield Position, f"{shipment.batch}/{shipment.receiver}"


def apply_received(signed: Signed, event: ev.BatchReceived, draft: Draft) -> None:
    """Accept some or all of a shipment, once; the rest goes back into the sender's books."""
    shipment = draft.find(Shipment, event.shipment)
    if shipment is None or shipment.batch != event.batch:
        draft.refuse(reasons.NO_SHIPMENT.at("/shipment", id=event.shipment))
        return
    check_own(signed, shipment.receiver, draft)
    if shipment.accepted >= 0:
        draft.refuse(reasons.RECEIVED_ALREADY.at("/shipment"))
    batch = draft.need(Batch, shipment.batch)
    if event.amount > shipment.amount:
        unit = unit_of(draft, batch)
        draft.refuse(
            reasons.TOO_MUCH.at(
                "/amount", amount=show(event.amount, unit), shipped=show(shipment.amount, unit)
            )
        )
    sender = position_of(draft, batch.id, shipment.sender)
    receiver = position_of(draft, batch.id, shipment.receiver)
    draft.put(
        replace(shipment, accepted=event.amount, inferred=shipment.inferred or event.inferred),
        replace(
            sender,
            in_transit=sender.in_transit - shipment.amount,
            held=sender.held + shipment.amount - event.amount,
        ),
        replace(receiver, held=receiver.held + event.amount),
    )
