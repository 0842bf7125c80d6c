"""Lineage: what a batch came from, and what speaks against it because of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from . import reasons
from .book import Book, Draft, RecordKey
from .records import Batch, Product

BLOCKS: Final = {"recalls": ("召回中", "recalled"), "holds": ("封存中", "held")}
"""The fields of a batch that block it and all its descendants, with their words."""

FAILED: Final = ("封存中（检测不合格）", "held, it failed a test")
"""The words for a batch on hold that failed a test."""


def touch_ancestors(batches: Iterable[str], book: Book) -> Iterator[RecordKey]:
    """Yield *batches*, their products and everything they came from, as far as the book knows it already."""
    waiting, seen = list(batches), set(batches)
    while waiting:
        id = waiting.pop()
        yield Batch, id
        batch = book.peek(Batch, id)
        if not isinstance(batch, Batch):
            continue
        yield Product, batch.product
        fresh = [parent for parent in batch.parents if parent not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


def ancestors(id: str, draft: Draft) -> Iterator[Batch]:
    """Yield the batch *id* and everything it came from, each once."""
    waiting, seen = [id], {id}
    while waiting:
        batch = draft.need(Batch, waiting.pop())
        yield batch
        fresh = [parent for parent in batch.parents if parent not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


def check_free(id: str, draft: Draft, pointer: str) -> None:
    """Note a problem for each hold or recall on the batch *id* or on anything that it came from."""
    for batch in ancestors(id, draft):
        for field, (zh, en) in BLOCKS.items():
            if getattr(batch, field):
                if field == "holds" and batch.failed:
                    zh, en = FAILED
                draft.refuse(reasons.BLOCKED.at(pointer, batch=name_of(batch), why=zh, why_en=en))


def name_of(batch: Batch) -> str:
    """Return what people call the batch: its reference, else its id."""
    return batch.ref or batch.id
