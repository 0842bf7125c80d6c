"""What a clerk's row is known by, and where a problem of its event points back to in the row."""

from __future__ import annotations

from ..errors import Problem
from ..intake.rows import OrderRow, Row, kind_of

FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "party": (("/credit_code", "credit_code"), ("/place", "township"), ("/roles", "kind"), ("", "name")),
    "plot": (
        ("/amount", "approved"),
        ("/crop", "crop"),
        ("/name", "crop"),
        ("/place", "township"),
        ("/party", "cooperative"),
        ("/by", "cooperative"),
        ("", "ref"),
    ),
    "fieldwork": (
        ("/plot", "plot"),
        ("/input", "input_name"),
        ("/interval_days", "interval_days"),
        ("/registration", "registration"),
        ("/at", "day"),
        ("", "plot"),
    ),
    "harvest": (
        ("/amount", "weight"),
        ("/at", "day"),
        ("/season", "day"),
        ("/product", "product"),
        ("/name", "product"),
        ("/plot", "plot"),
        ("/station", "station"),
        ("", "batch"),
    ),
    "processing": (
        ("/inputs", "inputs"),
        ("/loss_g", "loss"),
        ("/at", "day"),
        ("/outputs/0/amount", "output"),
        ("/outputs/0/product", "product"),
        ("/name", "product"),
        ("/byproducts", "by_product_weight"),
        ("/by", "processor"),
        ("/to", "processor"),
        ("/batch", "inputs"),
        ("/amount", "inputs"),
        ("", "batch"),
    ),
    "test": (
        ("/report", "report"),
        ("/passed", "verdict"),
        ("/findings", "result"),
        ("/by", "laboratory"),
        ("/at", "day"),
        ("", "batch"),
    ),
    "pack": (
        ("/count", "count"),
        ("/amount", "count"),
        ("/net", "size"),
        ("/packed_on", "day"),
        ("/at", "day"),
        ("/by", "packer"),
        ("/to", "packer"),
        ("", "batch"),
    ),
    "order": (("/count", "count"), ("/at", "day"), ("", "batch")),
}
"""
For each kind of row: where a pointer into one of its events leads, by prefix.

Handovers that a row implies speak of its inputs (``/batch``, ``/amount``, ``/to``).
"""

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
    """Return what a row is known by: an order's line by number, batch and title whatever its status, others by all."""
    if isinstance(row, OrderRow):
        return [row.platform, row.order, row.batch, row.product]
    names = [name for name in row.__dataclass_fields__ if name != "where"]
    return [f"{name}={getattr(row, name)}" for name in names]


def field_of(row: Row, problem: Problem) -> str:
    """Return the field of *row* that *problem*'s pointer leads to."""
    return next(name for prefix, name in FIELDS[kind_of(row)] if problem.pointer.startswith(prefix))
