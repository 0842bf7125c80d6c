"""The order in which rows are entered where one needs another, whatever their order in the files."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from .rows import PackRow, ProcessingRow, TestRow, Where

Reports = Sequence[tuple[TestRow, ...]]


def order_processing(rows: Sequence[ProcessingRow]) -> list[ProcessingRow]:
    """Return *rows* in their order, each after those that make its inputs; rows in a circle come last."""
    maker = {row.batch: place for place, row in reversed(list(enumerate(rows)))}
    waiting: dict[int, set[int]] = {}
    users: dict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        waiting[place] = {maker[ref] for ref in row.inputs if ref in maker}
        for needed in waiting[place]:
            users[needed].append(place)
    ready = [place for place, needed in waiting.items() if not needed]
    ordered: list[int] = []
    while ready:
        place = heapq.heappop(ready)
        ordered.append(place)
        for user in users[place]:
            waiting[user].discard(place)
            if not waiting[user]:
                heapq.heappush(ready, user)
    done = set(ordered)
    return [rows[place] for place in (*ordered, *(place for place in waiting if place not in done))]


def weave(
    processing: Sequence[ProcessingRow], reports: Reports
) -> list[tuple[ProcessingRow] | tuple[TestRow, ...]]:
    """Return processing and reports as they are entered: what was tested before it was processed, first."""
    of_batch: dict[str, list[tuple[TestRow, ...]]] = defaultdict(list)
    for report in reports:
        of_batch[report[0].batch].append(report)
    woven: list[tuple[ProcessingRow] | tuple[TestRow, ...]] = []
    early: set[Where] = set()
    for row in order_processing(processing):
        for ref in row.inputs:
            tested = [report for report in of_batch[ref] if report[0].day <= row.day]
            woven += (fresh := [report for report in tested if report[0].where not in early])
            early |= {report[0].where for report in fresh}
        woven.append((row,))
    return [*woven, *(report for report in reports if report[0].where not in early)]


def find_used_later(
    processing: Sequence[ProcessingRow], packs: Iterable[PackRow]
) -> dict[Where, frozenset[str]]:
    """Return for each row which of its inputs a later row, or a request for labels, names too."""
    later = Counter(pack.batch for pack in packs)
    used: dict[Where, frozenset[str]] = {}
    for row in reversed(order_processing(processing)):
        used[row.where] = frozenset(ref for ref in row.inputs if later[ref])
        later.update(row.inputs)
    return used
