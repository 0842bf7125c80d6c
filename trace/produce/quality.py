"""Rules of quality: test reports, holds and releases, recalls, erased personal data."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from . import events as ev
from . import reasons
from .book import Book, Draft, RecordKey
from .records import Batch, Hold, Recall, Report
from .registry import check_new
from .rights import Signed, check_supervisor, has_role
from .stock import find_batch

FAILED_TEST = "failed-test"


def touch_reported(event: ev.TestReported, book: Book) -> Iterator[RecordKey]:
    """Yield the batch, the report and the hold that a failed test makes."""
    yield from ((Batch, event.batch), (Report, f"{event.by}/{event.report}"), (Hold, event.id))


def apply_reported(signed: Signed, event: ev.TestReported, draft: Draft) -> None:
    """Note a laboratory's result; a failed one holds the batch and all that descends from it."""
    if not has_role(event.by, "laboratory", draft):
        draft.refuse(reasons.NOT_LABORATORY.at("/by"))
    if event.passed != all(finding.passed for finding in event.findings):
        draft.refuse(reasons.FINDINGS.at("/passed"))
    id = f"{event.by}/{event.report}"
    check_new(draft, Report, id, "/report")
    batch = find_batch(draft, event.batch)
    if batch is None:
        return
    draft.put(Report(id=id, batch=batch.id, passed=event.passed, entry=signed.index))
    batch = replace(batch, tests=batch.tests + 1)
    if not event.passed:
        batch = replace(batch, failed=(*batch.failed, id), holds=(*batch.holds, event.id))
        draft.put(Hold(id=event.id, batches=(batch.id,), reason=FAILED_TEST, by=event.by))
    draft.put(batch)


def touch_held(event: ev.BatchHeld, book: Book) -> Iterator[RecordKey]:
    """Yield the batches and the hold."""
    yield Hold, event.id
    yield from ((Batch, batch) for batch in event.batches)


def apply_held(signed: Signed, event: ev.BatchHeld, draft: Draft) -> None:
    """A supervisor holds batches."""
    check_supervisor(signed, draft)
    for number, id in enumerate(event.batches):
        batch = find_batch(draft, id, f"/batches/{number}")
        if batch is not None and event.id not in batch.holds:
            draft.put(replace(batch, holds=(*batch.holds, event.id)))
    draft.put(Hold(id=event.id, batches=tuple(sorted(set(event.batches))), reason=event.reason, by=event.by))


def touch_released(event: ev.BatchReleased, book: Book) -> Iterator[RecordKey]:
    """Yield the batches and the hold."""
    yield Hold, event.hold
    yield from ((Batch, batch) for batch in event.batches)


def apply_released(signed: Signed, event: ev.BatchReleased, draft: Draft) -> None:
    """A supervisor ends a hold, or that of a failed test, for some or all of its batches."""
    check_supervisor(signed, draft)
    hold = draft.find(Hold, event.hold)
    for number, id in enumerate(event.batches):
        if hold is None or id not in hold.batches:
            draft.refuse(reasons.NO_HOLD.at(f"/batches/{number}", id=id))
        else:
            batch = draft.need(Batch, id)
            draft.put(replace(batch, holds=tuple(one for one in batch.holds if one != hold.id)))
    if hold is not None:
        draft.put(replace(hold, batches=tuple(id for id in hold.batches if id not in event.batches)))


def touch_recall_proposed(event: ev.RecallProposed, book: Book) -> Iterator[RecordKey]:
    """Yield the batches and the recall."""
    yield Recall, event.id
    yield from ((Batch, batch) for batch in event.batches)


def apply_recall_proposed(signed: Signed, event: ev.RecallProposed, draft: Draft) -> None:
    """A supervisor proposes a recall; nothing is recalled yet."""
    check_supervisor(signed, draft)
    for number, id in enumerate(event.batches):
        find_batch(draft, id, f"/batches/{number}")
    batches = tuple(sorted(set(event.batches)))
    draft.put(Recall(id=event.id, batches=batches, reason=event.reason, proposed_by=signed.kid))


def touch_recall_approved(event: ev.RecallApproved, book: Book) -> Iterator[RecordKey]:
    """Yield the batches and the recall."""
    yield Recall, event.recall
    yield from ((Batch, batch) for batch in event.batches)


def apply_recall_approved(signed: Signed, event: ev.RecallApproved, draft: Draft) -> None:
    """A second person puts the recall into force for exactly the batches proposed."""
    check_supervisor(signed, draft)
    recall = draft.find(Recall, event.recall)
    named = tuple(sorted(set(event.batches)))
    if recall is None or recall.approved_by or recall.closed or recall.batches != named:
        draft.refuse(reasons.NO_RECALL.at("/recall", id=event.recall))
        return
    if recall.proposed_by == signed.kid:
        draft.refuse(reasons.LAST_KEY.at("/by"))
    draft.put(replace(recall, approved_by=signed.kid))
    for id in recall.batches:
        batch = draft.need(Batch, id)
        draft.put(replace(batch, recalls=(*batch.recalls, recall.id)))


def touch_recall_closed(event: ev.RecallClosed, book: Book) -> Iterator[RecordKey]:
    """Yield the recall."""
    yield Recall, event.recall


def apply_recall_closed(signed: Signed, event: ev.RecallClosed, draft: Draft) -> None:
    """A supervisor closes a recall; its batches stay marked."""
    check_supervisor(signed, draft)
    recall = draft.find(Recall, event.recall)
    if recall is None or recall.closed or recall.batches != tuple(sorted(set(event.batches))):
        draft.refuse(reasons.NO_RECALL.at("/recall", id=event.recall))
        return
    draft.put(replace(recall, closed=True))


def touch_erased(event: ev.PersonalErased, book: Book) -> Iterator[RecordKey]:
    """Yield nothing: the ledger keeps no record of what was erased but the entry."""
    return iter(())


def apply_erased(signed: Signed, event: ev.PersonalErased, draft: Draft) -> None:
    """A supervisor or the operator states that disclosures were destroyed."""
    if not (has_role(event.by, "supervisor", draft) or has_role(event.by, "operator", draft)):
        draft.refuse(reasons.NOT_SUPERVISOR.at("/by"))
