"""Which subjects each event touches: sorted, unique, of the event alone, never more than an entry can chain."""

from __future__ import annotations

from typing import Any

import pytest

from suyuan.produce.crockford import encode_crockford
from suyuan.produce.events import EVENTS
from suyuan.produce.parse import parse_event
from suyuan.produce.subjects import MOST_SUBJECTS, SUBJECTS, subjects_of

from .test_parse import EXAMPLES, read

B1, B2, B3, PLOT = "9Q2WD7K3MX", "4T8N2C6VJA", "5HZ0RYB1PG", "6FNQ3A9SKB"
PARTY, OTHER = "7K3MX9Q2WD", "2GD5W8XE0T"
EXPECTED: dict[str, tuple[str, ...]] = {
    "log.opened": ("party:log",),
    "log.rekeyed": ("party:log",),
    "party.registered": (f"party:{OTHER}",),
    "key.added": (f"party:{OTHER}",),
    "key.revoked": (f"party:{OTHER}",),
    "site.registered": (f"plot:{PLOT}",),
    "quota.granted": (f"plot:{PLOT}",),
    "product.registered": ("product:8XKT5E2RZW",),
    "input.applied": (f"plot:{PLOT}",),
    "batch.harvested": (f"batch:{B1}", f"plot:{PLOT}"),
    "batch.bought": (f"batch:{B1}",),
    "batch.transformed": (f"batch:{B2}", f"batch:{B3}", f"batch:{B1}"),
    "batch.shipped": (f"batch:{B2}",),
    "batch.received": (f"batch:{B2}",),
    "batch.adjusted": (f"batch:{B1}",),
    "batch.destroyed": (f"batch:{B2}",),
    "test.reported": (f"batch:{B2}",),
    "batch.held": (f"batch:{B2}", f"batch:{B1}"),
    "batch.released": (f"batch:{B2}",),
    "labels.issued": (f"batch:{B2}", "run:K7T2M"),
    "labels.activated": ("run:K7T2M",),
    "labels.voided": ("run:K7T2M",),
    "order.sold": (f"batch:{B2}", "run:K7T2M"),
    "order.returned": (f"batch:{B2}", "run:K7T2M"),
    "recall.proposed": (f"batch:{B2}",),
    "recall.approved": (f"batch:{B2}",),
    "recall.closed": (f"batch:{B2}",),
    "personal.erased": (f"party:{PARTY}",),
}


def numbered(count: int, length: int = 10) -> list[str]:
    return [encode_crockford(number * 1_000 + 32**length // 2, length) for number in range(count)]


LARGEST: dict[str, dict[str, Any]] = {
    "batch.transformed": {
        "inputs": [{"batch": batch, "amount": 1} for batch in numbered(250)[:200]],
        "outputs": [{"batch": batch, "product": B1, "amount": 1} for batch in numbered(250)[200:]],
    },
    "batch.held": {"batches": numbered(100)},
    "batch.released": {"batches": numbered(100)},
    "recall.proposed": {"batches": numbered(100)},
    "recall.approved": {"batches": numbered(100)},
    "order.sold": {"packages": [{"run": run, "first": 0, "end": 1} for run in numbered(200, 5)]},
    "order.returned": {"packages": [{"run": run, "first": 0, "end": 1} for run in numbered(200, 5)]},
}


def test_every_event_has_subjects() -> None:
    assert EVENTS.keys() == EXPECTED.keys()
    assert set(SUBJECTS) == set(EVENTS.values())


@pytest.mark.parametrize("kind", EXPECTED)
def test_an_event_touches_its_subjects_sorted_and_once(kind: str) -> None:
    assert subjects_of(parse_event(EXAMPLES[kind])) == tuple(sorted(EXPECTED[kind]))


def test_a_site_that_is_no_plot_has_a_chain_of_its_own_kind() -> None:
    station = {**EXAMPLES["site.registered"], "kind": "station"}
    assert subjects_of(parse_event(station)) == (f"site:{PLOT}",)


def test_a_subject_named_twice_stands_once() -> None:
    held = {**EXAMPLES["batch.held"], "batches": [B2, B1, B2]}
    assert subjects_of(parse_event(held)) == (f"batch:{B2}", f"batch:{B1}")


@pytest.mark.parametrize(("kind", "lists"), LARGEST.items(), ids=LARGEST)
def test_the_largest_event_has_at_most_256_subjects(kind: str, lists: dict[str, list[Any]]) -> None:
    payload = {**EXAMPLES[kind], **lists}
    named = sum(map(len, lists.values()))
    assert named <= len(subjects_of(parse_event(payload))) <= named + 1 <= MOST_SUBJECTS


@pytest.mark.parametrize(("kind", "lists"), LARGEST.items(), ids=LARGEST)
def test_one_more_than_the_largest_is_refused(kind: str, lists: dict[str, list[Any]]) -> None:
    for field, listed in lists.items():
        longer = {**EXAMPLES[kind], **lists, field: [*listed, listed[0]]}
        assert read(longer) == [(f"/{field}", "event.field")]
