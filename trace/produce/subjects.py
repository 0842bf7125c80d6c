"""
Which subjects an event touches: a function of the event alone.

Each subject has a hash chain of its own inside the entries, so that nobody can leave an event out of the history of its
batch; audit and verify recompute the set from the signed event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import events as ev

MOST_SUBJECTS = 256


def subjects_of(event: ev.Event) -> tuple[str, ...]:
    """Return the sorted subjects of *event*, such as ``batch:9Q2WD7K3MX``; at most 256."""
    return tuple(sorted(set(SUBJECTS[type(event)](event))))


Subjects = Callable[[Any], Iterator[str]]


def _party(event: ev.PartyRegistered | ev.KeyAdded | ev.KeyRevoked) -> Iterator[str]:
    yield f"party:{event.party}"


def _signer(event: ev.Event) -> Iterator[str]:
    yield f"party:{event.by}"


def _site(event: ev.SiteRegistered) -> Iterator[str]:
    yield f"{'plot' if event.kind == 'plot' else 'site'}:{event.site}"


def _plot(event: ev.QuotaGranted | ev.InputApplied) -> Iterator[str]:
    yield f"plot:{event.plot}"


def _product(event: ev.ProductRegistered) -> Iterator[str]:
    yield f"product:{event.product}"


def _batch(event: ev.BatchBought) -> Iterator[str]:
    yield f"batch:{event.batch}"


def _harvest(event: ev.BatchHarvested) -> Iterator[str]:
    yield from (f"batch:{event.batch}", f"plot:{event.plot}")


def _transformed(event: ev.BatchTransformed) -> Iterator[str]:
    yield from (f"batch:{portion.batch}" for portion in event.inputs)
    yield from (f"batch:{output.batch}" for output in event.outputs)


def _batches(event: ev.BatchHeld) -> Iterator[str]:
    yield from (f"batch:{batch}" for batch in event.batches)


def _issued(event: ev.LabelsIssued) -> Iterator[str]:
    yield from (f"batch:{event.batch}", f"run:{event.run}")


def _run(event: ev.LabelsActivated | ev.LabelsVoided) -> Iterator[str]:
    yield f"run:{event.run}"


def _order(event: ev.OrderSold | ev.OrderReturned) -> Iterator[str]:
    yield f"batch:{event.batch}"
    yield from (f"run:{packages.run}" for packages in event.packages)


SUBJECTS: dict[type[ev.Event], Subjects] = {
    ev.LogOpened: _signer,
    ev.LogRekeyed: _signer,
    ev.PartyRegistered: _party,
    ev.KeyAdded: _party,
    ev.KeyRevoked: _party,
    ev.SiteRegistered: _site,
    ev.QuotaGranted: _plot,
    ev.ProductRegistered: _product,
    ev.InputApplied: _plot,
    ev.BatchHarvested: _harvest,
    ev.BatchBought: _batch,
    ev.BatchTransformed: _transformed,
    ev.BatchShipped: _batch,
    ev.BatchReceived: _batch,
    ev.BatchAdjusted: _batch,
    ev.BatchDestroyed: _batch,
    ev.TestReported: _batch,
    ev.BatchHeld: _batches,
    ev.BatchReleased: _batches,
    ev.LabelsIssued: _issued,
    ev.LabelsActivated: _run,
    ev.LabelsVoided: _run,
    ev.OrderSold: _order,
    ev.OrderReturned: _order,
    ev.RecallProposed: _batches,
    ev.RecallApproved: _batches,
    ev.RecallClosed: _batches,
    ev.PersonalErased: _signer,
}
"""The subjects of each event."""
