"""Rules of labels and sales: runs within the batch, states by ranges of index, orders within what was labelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from . import events as ev
from . import reasons
from .book import Book, Draft, RecordKey
from .lineage import check_free, touch_ancestors
from .reasons import show
from .records import Batch, Order, Position, Run, Span
from .registry import check_new
from .rights import Signed, check_own, has_role
from .stock import check_not_before, find_batch, position_of, unit_of

WORDS = {
    "issued": "未启用",
    "activated": "已启用",
    "sold": "已售出",
    "voided": "已作废",
    "returned": "已退回",
}
"""The states of a package, in Chinese."""


def state_of(run: Run, index: int) -> str:
    """Return the state of the package at *index*, 0 <= index < count."""
    return next(span.state for span in run.spans if span.first <= index < span.end)


def mark(run: Run, first: int, end: int, change: Callable[[str], str]) -> tuple[Span, ...]:
    """Return the run's spans with packages [first, end) in the state that *change* makes of theirs."""
    pieces: list[Span] = []
    for span in run.spans:
        low, high = max(span.first, first), min(span.end, end)
        if low >= high:
            pieces.append(span)
            continue
        cuts = ((span.first, low, span.state), (low, high, change(span.state)), (high, span.end, span.state))
        pieces.extend(Span(first=a, end=b, state=state) for a, b, state in cuts if a < b)
    return _joined(pieces)


def _joined(pieces: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for piece in pieces:
        if joined and joined[-1].state == piece.state:
            joined[-1] = Span(first=joined[-1].first, end=piece.end, state=piece.state)
        else:
            joined.append(piece)
    return tuple(joined)


def _check_range(run: Run, first: int, end: int, draft: Draft, pointer: str) -> bool:
    if first < end <= run.count:
        return True
    draft.refuse(reasons.RANGE.at(pointer, first=first, end=end, count=run.count))
    return False


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to packages: from which states to which, with its verbs in Chinese and English."""

    allowed: tuple[str, ...]
    state: str
    zh: str
    en: str


ACTIVATE = Act(("issued",), "activated", "启用", "activate")
VOID = Act(("issued", "activated", "returned"), "voided", "作废", "void")
SELL = Act(("activated", "returned"), "sold", "销售", "sell")
RETURN = Act(("sold",), "returned", "退货", "return")


def _do(act: Act, run: Run, packages: ev.Packages, draft: Draft, pointer: str) -> None:
    """Bring packages of *run* into a new state, noting a problem for each span that is not fit for it."""
    for span in run.spans:
        low, high = max(span.first, packages.first), min(span.end, packages.end)
        if low < high and span.state not in act.allowed:
            words = {"state": WORDS[span.state], "state_en": span.state, "verb": act.zh, "verb_en": act.en}
            draft.refuse(reasons.STATE.at(pointer, first=low, last=high - 1, **words))
    draft.put(replace(run, spans=mark(run, packages.first, packages.end, lambda _: act.state)))


def touch_issued(event: ev.LabelsIssued, book: Book) -> Iterator[RecordKey]:
    """Yield the run, the batch with its ancestors and the position."""
    yield from touch_ancestors([event.batch], book)
    yield from ((Run, event.run), (Position, f"{event.batch}/{event.by}"))


def apply_issued(signed: Signed, event: ev.LabelsIssued, draft: Draft) -> None:
    """Commit a run of labels: packs count x net of what the party holds."""
    check_new(draft, Run, event.run, "/run")
    batch = find_batch(draft, event.batch)
    if batch is None:
        return
    check_free(batch.id, draft, "/batch")
    check_not_before(signed, batch, draft, "/packed_on", event.packed_on)
    wanted = event.count * event.net
    position = position_of(draft, batch.id, event.by)
    if wanted > position.held:
        unit = unit_of(draft, batch)
        draft.refuse(
            reasons.PACK.at(
                "/count",
                count=event.count,
                net=show(event.net, unit),
                wanted=show(wanted, unit),
                held=show(position.held, unit),
            )
        )
    draft.put(
        replace(position, held=position.held - wanted, packed=position.packed + wanted),
        replace(batch, packages=batch.packages + event.count),
        Run(
            id=event.run,
            batch=batch.id,
            party=event.by,
            count=event.count,
            net=event.net,
            root=event.root,
            packed_on=event.packed_on,
            entry=signed.index,
            spans=(Span(first=0, end=event.count, state="issued"),),
        ),
    )


def touch_run(event: ev.LabelsActivated | ev.LabelsVoided, book: Book) -> Iterator[RecordKey]:
    """Yield the run, its batch with ancestors and the position that it packed."""
    yield Run, event.run
    run = book.peek(Run, event.run)
    if isinstance(run, Run):
        yield from touch_ancestors([run.batch], book)
        yield Position, f"{run.batch}/{run.party}"


def _find_run(id: str, draft: Draft, pointer: str = "/run") -> Run | None:
    run = draft.find(Run, id)
    if run is None:
        draft.refuse(reasons.NO_RUN.at(pointer, id=id))
    return run


def apply_activated(signed: Signed, event: ev.LabelsActivated, draft: Draft) -> None:
    """Printed is not active: packages leave for buyers."""
    run = _find_run(event.run, draft)
    if run is None or not _check_range(run, event.first, event.end, draft, "/end"):
        return
    check_own(signed, run.party, draft)
    check_free(run.batch, draft, "/run")
    _do(ACTIVATE, run, ev.Packages(run=run.id, first=event.first, end=event.end), draft, "/first")


def apply_voided(signed: Signed, event: ev.LabelsVoided, draft: Draft) -> None:
    """Void unsold labels; their goods are held again."""
    run = _find_run(event.run, draft)
    if run is None or not _check_range(run, event.first, event.end, draft, "/end"):
        return
    check_own(signed, run.party, draft, or_supervisor=True)
    _do(VOID, run, ev.Packages(run=run.id, first=event.first, end=event.end), draft, "/first")
    count = event.end - event.first
    batch = draft.need(Batch, run.batch)
    if batch.packages - count < batch.sold:
        draft.refuse(reasons.VOID_SOLD.at("/end", sold=batch.sold))
    position = position_of(draft, run.batch, run.party)
    freed = count * run.net
    draft.put(
        replace(batch, packages=batch.packages - count),
        replace(position, packed=position.packed - freed, held=position.held + freed),
    )


def touch_sold(event: ev.OrderSold, book: Book) -> Iterator[RecordKey]:
    """Yield the order, the batch with its ancestors and the runs."""
    yield Order, event.order
    yield from touch_ancestors([event.batch], book)
    yield Position, f"{event.batch}/{event.by}"
    yield from ((Run, packages.run) for packages in event.packages)


def apply_sold(signed: Signed, event: ev.OrderSold, draft: Draft) -> None:
    """Sell packages of a batch, at most as many as were labelled."""
    check_new(draft, Order, event.order, "/order")
    batch = find_batch(draft, event.batch)
    if batch is None:
        return
    if not has_role(event.by, "shop", draft) and not position_of(draft, batch.id, event.by).packed:
        draft.refuse(reasons.NOT_SELLER.at("/by"))
    check_free(batch.id, draft, "/batch")
    if batch.sold + event.count > batch.packages:
        draft.refuse(
            reasons.OVERSOLD.at("/count", packages=batch.packages, sold=batch.sold, count=event.count)
        )
    spans = _move(event, draft, SELL)
    draft.put(
        replace(batch, sold=batch.sold + event.count),
        Order(
            id=event.order,
            batch=batch.id,
            shop=event.by,
            count=event.count,
            packages=spans,
            runs=tuple(packages.run for packages in event.packages),
        ),
    )


def _move(event: ev.OrderSold | ev.OrderReturned, draft: Draft, act: Act) -> tuple[Span, ...]:
    """Do *act* to the event's packages; return them as spans."""
    listed = 0
    for number, packages in enumerate(event.packages):
        pointer = f"/packages/{number}"
        run = _find_run(packages.run, draft, pointer + "/run")
        if run is None or not _check_range(run, packages.first, packages.end, draft, pointer + "/end"):
            continue
        if run.batch != event.batch:
            draft.refuse(reasons.NO_RUN.at(pointer + "/run", id=packages.run))
        _do(act, run, packages, draft, pointer + "/first")
        listed += packages.end - packages.first
    if event.packages and listed != event.count and not draft.problems:
        draft.refuse(reasons.COUNT.at("/count", count=event.count, listed=listed))
    return tuple(Span(first=one.first, end=one.end, state=act.state) for one in event.packages)


def touch_returned(event: ev.OrderReturned, book: Book) -> Iterator[RecordKey]:
    """Yield the order, the batch and the runs."""
    yield from ((Order, event.order), (Batch, event.batch))
    yield from ((Run, packages.run) for packages in event.packages)


def apply_returned(signed: Signed, event: ev.OrderReturned, draft: Draft) -> None:
    """Take packages of an order back; they may be sold again or voided."""
    order = draft.find(Order, event.order)
    if order is None or order.batch != event.batch:
        draft.refuse(reasons.NO_ORDER.at("/order", id=event.order))
        return
    check_own(signed, order.shop, draft)
    left = order.count - order.returned
    if event.count > left:
        draft.refuse(reasons.RETURNED.at("/count", count=event.count, left=left))
    kept = order
    for number, packages in enumerate(event.packages):
        rest = _without(kept, packages)
        if rest is None:
            draft.refuse(reasons.NO_RUN.at(f"/packages/{number}", id=packages.run))
        kept = rest or kept
    if order.packages and not event.packages:
        draft.refuse(reasons.COUNT.at("/packages", count=event.count, listed=0))
    _move(event, draft, RETURN)
    batch = draft.need(Batch, order.batch)
    draft.put(
        replace(batch, sold=batch.sold - event.count),
        replace(kept, returned=order.returned + event.count),
    )


def _without(order: Order, packages: ev.Packages) -> Order | None:
    """Return *order* without *packages*, so that they cannot come back twice; None where they are not in it."""
    parts = list(zip(order.runs, order.packages, strict=True))
    for place, (run, span) in enumerate(parts):
        if run == packages.run and span.first <= packages.first < packages.end <= span.end:
            ends = ((span.first, packages.first), (packages.end, span.end))
            parts[place : place + 1] = [(run, replace(span, first=a, end=b)) for a, b in ends if a < b]
            return replace(
                order, runs=tuple(run for run, _ in parts), packages=tuple(span for _, span in parts)
            )
    return None
