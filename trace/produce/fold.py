"""
The fold: from the books and one signed event to the changes it makes, or to everything that speaks against it.

The same fold serves live capture, dry run, rebuild and audit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import batches, growing, handover, labels, opening, quality, registry
from . import events as ev
from .book import NOT_LOADED, Book, Changes, Draft, RecordKey, Slice
from .rights import Signed, check_signer, signer_keys

Touch = Callable[[Any, Book], Iterator[RecordKey]]
Apply = Callable[[Signed, Any, Draft], None]

RULES: dict[type[ev.Event], tuple[Touch, Apply]] = {
    ev.LogOpened: (opening.touch_log_opened, opening.apply_log_opened),
    ev.LogRekeyed: (opening.touch_log_rekeyed, opening.apply_log_rekeyed),
    ev.PartyRegistered: (registry.touch_party_registered, registry.apply_party_registered),
    ev.KeyAdded: (registry.touch_key_added, registry.apply_key_added),
    ev.KeyRevoked: (registry.touch_key_revoked, registry.apply_key_revoked),
    ev.SiteRegistered: (registry.touch_site_registered, registry.apply_site_registered),
    ev.QuotaGranted: (registry.touch_quota_granted, registry.apply_quota_granted),
    ev.ProductRegistered: (registry.touch_product_registered, registry.apply_product_registered),
    ev.InputApplied: (growing.touch_input_applied, growing.apply_input_applied),
    ev.BatchHarvested: (growing.touch_harvested, growing.apply_harvested),
    ev.BatchBought: (batches.touch_bought, batches.apply_bought),
    ev.BatchTransformed: (batches.touch_transformed, batches.apply_transformed),
    ev.BatchAdjusted: (batches.touch_adjusted, batches.apply_adjusted),
    ev.BatchDestroyed: (batches.touch_destroyed, batches.apply_destroyed),
    ev.BatchShipped: (handover.touch_shipped, handover.apply_shipped),
    ev.BatchReceived: (handover.touch_received, handover.apply_received),
    ev.TestReported: (quality.touch_reported, quality.apply_reported),
    ev.BatchHeld: (quality.touch_held, quality.apply_held),
    ev.BatchReleased: (quality.touch_released, quality.apply_released),
    ev.RecallProposed: (quality.touch_recall_proposed, quality.apply_recall_proposed),
    ev.RecallApproved: (quality.touch_recall_approved, quality.apply_recall_approved),
    ev.RecallClosed: (quality.touch_recall_closed, quality.apply_recall_closed),
    ev.PersonalErased: (quality.touch_erased, quality.apply_erased),
    ev.LabelsIssued: (labels.touch_issued, labels.apply_issued),
    ev.LabelsActivated: (labels.touch_run, labels.apply_activated),
    ev.LabelsVoided: (labels.touch_run, labels.apply_voided),
    ev.OrderSold: (labels.touch_sold, labels.apply_sold),
    ev.OrderReturned: (labels.touch_returned, labels.apply_returned),
}
"""For each event: which records it needs, and what it does to them."""


def touches(signed: Signed, book: Book) -> set[RecordKey]:
    """Return the records that *signed* needs, as far as *book* tells; ask again after loading more."""
    touch, _ = RULES[type(signed.event)]
    return {*signer_keys(signed), *touch(signed.event, book)}


def missing(signed: Signed, book: Book) -> set[RecordKey]:
    """Return the records that *signed* needs and *book* has not loaded; empty when the fold may begin."""
    keys = touches(signed, book)
    if isinstance(book, Slice):  # asked three times for each statement that is written
        return book.lacking(keys)
    return {key for key in keys if book.peek(*key) is NOT_LOADED}


def fold(signed: Signed, book: Book) -> Changes:
    """
    Return the records that *signed* changes; *book* stays as it is.

    Raises:
        Refused: every problem of the event.
        Broken: a record that the rules need was not loaded.
    """
    draft = Draft(book)
    _, apply = RULES[type(signed.event)]
    if not isinstance(signed.event, ev.LogOpened):
        check_signer(signed, draft)
    apply(signed, signed.event, draft)
    return draft.close()
