"""Events of quality: test reports, holds, recalls, erased personal data."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .event import Event
from .words import Digest, EventId, Id, Name


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One item of a test report. Result and limit are decimal strings as printed, such as ``<0.01``."""

    item: Name
    result: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    limit: Annotated[str, msgspec.Meta(max_length=40)] = ""
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    passed: bool = True


class TestReported(Event, frozen=True, tag="test.reported"):
    """A laboratory's result on a batch; a failed one holds the batch and everything made from it."""

    batch: Id
    report: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9/()-]{1,40}(?!\n)$")]
    findings: Annotated[tuple[Finding, ...], msgspec.Meta(min_length=1, max_length=200)]
    passed: bool


class BatchHeld(Event, frozen=True, tag="batch.held"):
    """A supervisor's hold on batches and all that descends from them; the event id names the hold."""

    batches: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=100)]
    reason: Literal["failed-test", "complaint", "document-missing", "suspicion", "inspection"]


class BatchReleased(Event, frozen=True, tag="batch.released"):
    """The end of a hold."""

    hold: EventId
    batches: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=100)]


class RecallProposed(Event, frozen=True, tag="recall.proposed"):
    """A supervisor's proposal to recall batches and what descends from them; the event id names the recall."""

    batches: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=100)]
    reason: Literal["failed-test", "complaint", "contamination", "false-record"]


class RecallApproved(Event, frozen=True, tag="recall.approved"):
    """A second supervisor puts the recall into force."""

    recall: EventId
    batches: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=100)]


class RecallClosed(Event, frozen=True, tag="recall.closed"):
    """The end of a recall; its batches, those of the approval, stay marked."""

    recall: EventId
    batches: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=100)]


class PersonalErased(Event, frozen=True, tag="personal.erased"):
    """Disclosures that were destroyed with their person's key, by digest."""

    digests: Annotated[tuple[Digest, ...], msgspec.Meta(min_length=1, max_length=1000)]
