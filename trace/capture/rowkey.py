"""What a clerk's row is known by, and where a problem of its event points back to in the row."""

from __future__ import annotations

from ..errors import Problem
from ..intake.rows import OrderRow, Row, kind_of

FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "party": (("/credit_code", "credit_code"), ("/place", "township"), ("", "name")),
    "plot": (("/amount", "approved"), ("/crop", "crop"), ("/place", "township"), ("", "ref")),
    "fieldwork": (
        ("/plot", "plot"),
        ("/input", "input_name"),
        ("/registration", "registration"),
        ("/at", "day"),
    ),
    "harvest": (
        ("/amount", "weight"),
        ("/at", "day"),
        ("/season", "day"),
        ("/product", "product"),
        ("/plot", "plot"),
        ("", "batch"),
    ),
    "processing": (
        ("/inputs", "inputs"),
        ("/loss_g", "loss"),
        ("/at", "day"),
        ("/outputs/0/amount", "output"),
        ("", "batch"),
    ),
    "test": (("/report", "report"), ("/passed", "verdict"), ("/findings", "result"), ("", "batch")),
    "pack": (("/count", "count"), ("/packed_on", "day"), ("", "batch")),
    "order": (("/count", "count"), ("/at", "day"), ("", "batch")),
}
"""For each kind of row: where a pointer into its event leads, by prefix."""

TAGS: dict[str, tuple[str, ...]] = {
    "party": ("party", "site"),
    "plot": ("quota", "site"),
    "fieldwork": ("applied",),
    "harvest": ("harvested",),
    "processing": ("transformed",),
    "test": ("reported",),
    "pack": ("issued",),
    "order": ("sold", "returned"),
}
"""The steps of each kind of row that are known again; the first says that the row is in."""


def identity_of(row: Row) -> list[str]:
    """Return what a row is known by: an order by its number and batch, whatever became of it since, others by all."""
    if isinstance(row, OrderRow):
        return [row.platform, row.order, row.batch]
    names = [name for name in row.__dataclass_fields__ if name != "where"]
    return [f"{name}={getattr(row, name)}" for name in names]


def field_of(row: Row, problem: Problem) -> str:
    """Return the field of *row* that *problem*'s pointer leads to."""
    return next(name for prefix, name in FIELDS[kind_of(row)] if problem.pointer.startswith(prefix))
