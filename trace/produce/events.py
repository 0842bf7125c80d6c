"""
Events: what a party says happened, one frozen struct for each word of the vocabulary.

Amounts are whole numbers of the product's unit (g, ml, piece), masses whole grams, ranges half-open. Times are RFC
3339 with offset and are claims of the party; the ledger's own time stands in the entry. Private fields never stand
here: each is replaced by an SD-JWT digest in ``_sd`` (RFC 9901 section 4.2.4.1).

One literal example::

    {"type": "batch.adjusted", "id": "019aaf10-5c00-7000-8000-000000000001", "log": "demo.invalid/log",
     "by": "7K3MX9Q2WD", "at": "2026-09-21T08:00:00+08:00", "batch": "9Q2WD7K3MX", "amount": -500,
     "reason": "shrinkage"}
"""

from __future__ import annotations

from typing import get_args

from .batch_events import (
    BatchAdjusted,
    BatchBought,
    BatchDestroyed,
    BatchHarvested,
    BatchReceived,
    BatchShipped,
    BatchTransformed,
    InputApplied,
    Output,
    Portion,
    Stuff,
)
from .event import Event, Jwk
from .label_events import LabelsActivated, LabelsIssued, LabelsVoided, OrderReturned, OrderSold, Packages
from .quality_events import (
    BatchHeld,
    BatchReleased,
    Finding,
    PersonalErased,
    RecallApproved,
    RecallClosed,
    RecallProposed,
    TestReported,
)
from .registry_events import (
    KeyAdded,
    KeyRevoked,
    LogOpened,
    LogRekeyed,
    PartyRegistered,
    ProductRegistered,
    QuotaGranted,
    SiteRegistered,
    Supervisor,
)

__all__ = [
    "EVENTS",
    "AnyEvent",
    "BatchAdjusted",
    "BatchBought",
    "BatchDestroyed",
    "BatchHarvested",
    "BatchHeld",
    "BatchReceived",
    "BatchReleased",
    "BatchShipped",
    "BatchTransformed",
    "Event",
    "Finding",
    "InputApplied",
    "Jwk",
    "KeyAdded",
    "KeyRevoked",
    "LabelsActivated",
    "LabelsIssued",
    "LabelsVoided",
    "LogOpened",
    "LogRekeyed",
    "OrderReturned",
    "OrderSold",
    "Output",
    "Packages",
    "PartyRegistered",
    "PersonalErased",
    "Portion",
    "ProductRegistered",
    "QuotaGranted",
    "RecallApproved",
    "RecallClosed",
    "RecallProposed",
    "SiteRegistered",
    "Stuff",
    "Supervisor",
    "TestReported",
]

AnyEvent = (
    LogOpened
    | LogRekeyed
    | PartyRegistered
    | KeyAdded
    | KeyRevoked
    | SiteRegistered
    | QuotaGranted
    | ProductRegistered
    | InputApplied
    | BatchHarvested
    | BatchBought
    | BatchTransformed
    | BatchShipped
    | BatchReceived
    | BatchAdjusted
    | BatchDestroyed
    | TestReported
    | BatchHeld
    | BatchReleased
    | LabelsIssued
    | LabelsActivated
    | LabelsVoided
    | OrderSold
    | OrderReturned
    | RecallProposed
    | RecallApproved
    | RecallClosed
    | PersonalErased
)

EVENTS: dict[str, type[Event]] = {cls.__struct_config__.tag: cls for cls in get_args(AnyEvent)}
"""Every event class by its type word."""
