"""Rules of growing: inputs applied to a plot, and the harvest within its quota and after every interval."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from . import events as ev
from . import reasons
from .book import Book, Draft, RecordKey
from .composition import mass_g
from .parse import day_of, moment_of
from .reasons import show
from .records import Application, Batch, Position, Product, Quota, Share, Site, Treatment
from .registry import ref_key
from .rights import Signed, check_own
from .stock import make

KEEP_DAYS = 400
"""Applications older than this before the newest are forgotten: no interval is longer than a year."""


def ledger_day(signed: Signed) -> date:
    """Return the day of the ledger time, in the offset that the event names."""
    return signed.at.astimezone(moment_of(signed.event).tzinfo).date()


def touch_input_applied(event: ev.InputApplied, book: Book) -> Iterator[RecordKey]:
    """Yield the plot and what was applied to it."""
    yield Site, event.plot
    yield Treatment, event.plot


def apply_input_applied(signed: Signed, event: ev.InputApplied, draft: Draft) -> None:
    """Remember an application that carries a pre-harvest interval."""
    site = draft.find(Site, event.plot)
    if site is None or site.what != "plot":
        draft.refuse(reasons.NO_PLOT.at("/plot", id=event.plot))
        return
    check_own(signed, site.party, draft, or_supervisor=True)
    if event.interval_days == 0:
        return
    before = draft.find(Treatment, event.plot)
    done = Application(day=day_of(event).isoformat(), interval_days=event.interval_days, input=event.input)
    all_done = sorted((*(before.applications if before else ()), done), key=lambda one: (one.day, one.input))
    newest = min(date.fromisoformat(all_done[-1].day), ledger_day(signed))
    horizon = (newest - timedelta(days=KEEP_DAYS)).isoformat()
    draft.put(Treatment(id=event.plot, applications=tuple(one for one in all_done if one.day >= horizon)))


def touch_harvested(event: ev.BatchHarvested, book: Book) -> Iterator[RecordKey]:
    """Yield the batch, its plot with crop, quota and applications, and the claim on its number."""
    yield from ((Batch, event.batch), (Position, f"{event.batch}/{event.by}"), (Product, event.product))
    yield from ((Site, event.plot), (Treatment, event.plot), (Quota, f"{event.plot}/{event.season}"))
    if event.station:
        yield Site, event.station
    if event.ref:
        yield ref_key(event.by, "batch", event.ref)
    site = book.peek(Site, event.plot)
    if isinstance(site, Site):
        yield Product, site.crop


def apply_harvested(signed: Signed, event: ev.BatchHarvested, draft: Draft) -> None:
    """A new batch of one plot: within the quota, of the plot's crop, after every pre-harvest interval."""
    product = draft.find(Product, event.product)
    if product is None:
        draft.refuse(reasons.NO_PRODUCT.at("/product", id=event.product))
    if event.station and draft.find(Site, event.station) is None:
        draft.refuse(reasons.NO_SITE.at("/station", id=event.station))
    _check_plot(signed, event, draft)
    mass = mass_g(product, event.amount) if product else 0
    make(draft, "/batch", Batch(
        id=event.batch, how="harvested", product=event.product, maker=event.by, made=event.amount, entry=signed.index,
        day=day_of(event).isoformat(), ref=event.ref, plot=event.plot, season=event.season,
        composition=(Share(origin=event.plot, mass_g=mass),),
    ))  # fmt: skip


def _check_plot(signed: Signed, event: ev.BatchHarvested, draft: Draft) -> None:
    site = draft.find(Site, event.plot)
    if site is None or site.what != "plot":
        draft.refuse(reasons.NO_PLOT.at("/plot", id=event.plot))
        return
    check_own(signed, site.party, draft)
    if site.crop != event.product:
        crop, product = draft.need(Product, site.crop), draft.find(Product, event.product)
        named = product.name if product else event.product
        draft.refuse(reasons.WRONG_CROP.at("/product", crop=crop.name, product=named))
    day = day_of(event)
    if day.year not in (event.season, event.season + 1):
        draft.refuse(reasons.SEASON.at("/season", day=day.isoformat(), season=event.season))
    debit_quota(draft, event.plot, event.season, event.amount)
    _check_intervals(signed, event, draft)


def debit_quota(draft: Draft, plot: str, season: int, amount: int) -> None:
    """Debit *amount* to the plot's quota of the season, noting a problem where it is exceeded or missing."""
    quota = draft.find(Quota, f"{plot}/{season}")
    if quota is None:
        draft.refuse(reasons.NO_QUOTA.at("/season", season=season))
        return
    if quota.used + amount > quota.granted:
        unit = draft.need(Product, draft.need(Site, plot).crop).unit
        draft.refuse(
            reasons.QUOTA.at(
                "/amount",
                granted=show(quota.granted, unit),
                used=show(quota.used, unit),
                amount=show(amount, unit),
            )
        )
    draft.put(replace(quota, used=quota.used + amount))


def _check_intervals(signed: Signed, event: ev.BatchHarvested, draft: Draft) -> None:
    # What is in the ledger today cannot have been harvested tomorrow: a claim beyond the ledger time wins nothing.
    # A season imported by a clock that stands inside it is another matter: its days were written by others, long ago.
    days = {day_of(event)}
    if not event.backfilled:
        days.add(min(day_of(event), ledger_day(signed)))
    treatment = draft.find(Treatment, event.plot)
    for done in treatment.applications if treatment else ():
        applied = date.fromisoformat(done.day)
        earliest = applied + timedelta(days=done.interval_days)
        if any(applied <= day < earliest for day in days):
            draft.refuse(
                reasons.INTERVAL.at(
                    "/at",
                    applied=done.day,
                    input=done.input,
                    days=done.interval_days,
                    earliest=earliest.isoformat(),
                )
            )
