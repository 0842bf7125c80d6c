"""Rules of batches: bought, transformed, adjusted, destroyed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from . import events as ev
from . import reasons
from .book import Book, Draft, RecordKey
from .composition import ADDED, OUTSIDE, blend, compose, mass_g, mass_used_g
from .growing import debit_quota
from .lineage import check_free, name_of, touch_ancestors
from .parse import day_of
from .reasons import show
from .records import Batch, Edge, Position, Product, Quota, Share, Site
from .registry import ref_key
from .rights import Signed, check_own
from .stock import check_not_before, find_batch, make, position_of, take
from .words import MAX_SAFE


def touch_bought(event: ev.BatchBought, book: Book) -> Iterator[RecordKey]:
    """Yield the batch, its product and the claim on its number."""
    yield from ((Batch, event.batch), (Position, f"{event.batch}/{event.by}"), (Product, event.product))
    if event.ref:
        yield ref_key(event.by, "batch", event.ref)


def apply_bought(signed: Signed, event: ev.BatchBought, draft: Draft) -> None:
    """Goods from outside, never local."""
    product = draft.find(Product, event.product)
    if product is None:
        draft.refuse(reasons.NO_PRODUCT.at("/product", id=event.product))
    mass = mass_g(product, event.amount) if product else 0
    make(draft, "/batch", Batch(
        id=event.batch, how="bought", product=event.product, maker=event.by, made=event.amount, entry=signed.index,
        day=day_of(event).isoformat(), ref=event.ref, composition=(Share(origin=OUTSIDE, mass_g=mass),),
    ))  # fmt: skip


def touch_transformed(event: ev.BatchTransformed, book: Book) -> Iterator[RecordKey]:
    """Yield the inputs with all their ancestors, the outputs, and the lineage between them."""
    yield from touch_ancestors([portion.batch for portion in event.inputs], book)
    if event.plant:
        yield Site, event.plant
    for portion in event.inputs:
        yield Position, f"{portion.batch}/{event.by}"
        yield from ((Edge, f"{portion.batch}/{output.batch}") for output in event.outputs)
    for output in event.outputs:
        yield from (
            (Batch, output.batch),
            (Position, f"{output.batch}/{event.by}"),
            (Product, output.product),
        )
        if output.ref:
            yield ref_key(event.by, "batch", output.ref)


def apply_transformed(signed: Signed, event: ev.BatchTransformed, draft: Draft) -> None:
    """Consume the inputs, make the outputs, and balance in grams."""
    if event.plant and draft.find(Site, event.plant) is None:
        draft.refuse(reasons.NO_SITE.at("/plant", id=event.plant))
    inputs = _consume(signed, event, draft)
    masses = _output_masses(event, draft)
    added = sum(stuff.mass_g for stuff in event.added)
    mass_in = sum(mass for _, mass in inputs) + added
    mass_out = sum(masses) + sum(stuff.mass_g for stuff in event.byproducts) + event.loss_g
    if (mass_in != mass_out or not any(mass for _, mass in inputs)) and not draft.problems:
        draft.refuse(reasons.BALANCE.at("/loss_g", inputs=show(mass_in), outputs=show(mass_out)))
    parts = [(batch.composition, mass) for batch, mass in inputs]
    parts.append(((Share(origin=ADDED, mass_g=added),), added))
    blended = blend(parts)
    parents = tuple(sorted({portion.batch for portion in event.inputs}))
    for number, (output, mass) in enumerate(zip(event.outputs, masses, strict=True)):
        make(draft, f"/outputs/{number}/batch", Batch(
            id=output.batch, how="transformed", product=output.product, maker=event.by, made=output.amount,
            entry=signed.index, day=day_of(event).isoformat(), ref=output.ref, parents=parents,
            composition=compose(blended, mass),
        ))  # fmt: skip
        for portion in event.inputs:
            draft.put(Edge(
                id=f"{portion.batch}/{output.batch}", parent=portion.batch, child=output.batch, amount=portion.amount
            ))  # fmt: skip


def _consume(signed: Signed, event: ev.BatchTransformed, draft: Draft) -> list[tuple[Batch, int]]:
    taken: list[tuple[Batch, int]] = []
    seen: set[str] = set()
    for number, portion in enumerate(event.inputs):
        pointer = f"/inputs/{number}"
        batch = find_batch(draft, portion.batch, pointer + "/batch")
        if batch is None:
            continue
        if portion.batch in seen:
            draft.refuse(reasons.TWICE.at(pointer + "/batch", batch=name_of(batch)))
        seen.add(portion.batch)
        check_free(batch.id, draft, pointer + "/batch")
        check_not_before(signed, batch, draft, "/at")
        position = take(draft, batch, signed, portion.amount, pointer + "/amount")
        draft.put(replace(position, consumed=position.consumed + portion.amount))
        taken.append((batch, mass_used_g(draft.need(Product, batch.product), portion.amount)))
    return taken


def _output_masses(event: ev.BatchTransformed, draft: Draft) -> list[int]:
    masses = []
    for number, output in enumerate(event.outputs):
        product = draft.find(Product, output.product)
        if product is None:
            draft.refuse(reasons.NO_PRODUCT.at(f"/outputs/{number}/product", id=output.product))
        masses.append(mass_g(product, output.amount) if product else 0)
    return masses


def touch_adjusted(event: ev.BatchAdjusted, book: Book) -> Iterator[RecordKey]:
    """Yield the batch, the position and, for a harvested batch, its quota."""
    yield from ((Batch, event.batch), (Position, f"{event.batch}/{event.by}"))
    batch = book.peek(Batch, event.batch)
    if isinstance(batch, Batch):
        yield Product, batch.product
        if batch.plot:
            yield from ((Site, batch.plot), (Quota, f"{batch.plot}/{batch.season}"))
            site = book.peek(Site, batch.plot)
            if isinstance(site, Site):
                yield Product, site.crop


def apply_adjusted(signed: Signed, event: ev.BatchAdjusted, draft: Draft) -> None:
    """Correct what the acting party holds; what is found anew debits the quota."""
    if event.amount == 0:
        draft.refuse(reasons.ZERO.at("/amount"))
    batch = find_batch(draft, event.batch)
    if batch is None:
        return
    if event.amount > 0 and batch.how == "transformed":
        draft.refuse(reasons.GROWTH.at("/amount"))
    if event.amount > 0 and batch.plot:
        debit_quota(draft, batch.plot, batch.season, event.amount)
    if event.amount > 0:
        check_own(signed, batch.maker, draft)
        if batch.made + batch.adjusted + event.amount > MAX_SAFE:
            draft.refuse(reasons.BEYOND.at("/amount"))
        position = position_of(draft, batch.id, event.by)
        position = replace(position, held=position.held + event.amount)
    else:
        position = take(draft, batch, signed, -event.amount, "/amount")
    draft.put(position, replace(batch, adjusted=batch.adjusted + event.amount))


def touch_destroyed(event: ev.BatchDestroyed, book: Book) -> Iterator[RecordKey]:
    """Yield the batch, its product and the position."""
    yield from ((Batch, event.batch), (Position, f"{event.batch}/{event.by}"))
    batch = book.peek(Batch, event.batch)
    if isinstance(batch, Batch):
        yield Product, batch.product


def apply_destroyed(signed: Signed, event: ev.BatchDestroyed, draft: Draft) -> None:
    """Goods gone for good; held or recalled ones too."""
    batch = find_batch(draft, event.batch)
    if batch is not None:
        position = take(draft, batch, signed, event.amount, "/amount")
        draft.put(replace(position, destroyed=position.destroyed + event.amount))
