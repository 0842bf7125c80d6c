"""
Lineage asked of the tables: everything a batch came from, and everything made of it.

One recursive query finds the batches. It gathers ids only, with UNION, so that a batch that is reached by many paths
is visited once and a cycle could not keep it running; ``log_id`` stands in both of its terms (design.md, "What keeps
Citus possible"). Depth is reckoned from the edges afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, Select, select

from ..produce.records import Batch, Edge
from .tables import TABLES, from_row

Direction = Literal["back", "forward"]

_BATCHES: Final = TABLES[Batch]
_EDGES: Final = TABLES[Edge]


@dataclass(frozen=True, slots=True)
class Node:
    """A batch, and the fewest steps that lead to it from where the question began."""

    batch: Batch
    depth: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """
    What a question found: the batch itself at depth 0 first, then by depth and id; and all edges between them.

    An edge's amount is in units of its parent.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def trace(connection: Connection, log_id: str, batch: str, direction: Direction) -> Lineage:
    """Return what *batch* came from (``back``) or what was made of it (``forward``); empty for an unknown batch."""
    line = _line(log_id, batch, direction)
    batches = {
        row.id: from_row(Batch, row)
        for row in connection.execute(
            select(_BATCHES).where(_BATCHES.c.log_id == log_id, _BATCHES.c.id.in_(line))
        )
    }
    near = _EDGES.c.child if direction == "back" else _EDGES.c.parent
    rows = connection.execute(
        select(_EDGES).where(_EDGES.c.log_id == log_id, near.in_(line)).order_by(_EDGES.c.id)
    )
    edges = tuple(edge for row in rows if isinstance(edge := from_row(Edge, row), Edge))
    nodes = [
        Node(found, depth)
        for id, depth in _depths(batch, edges, direction).items()
        if isinstance(found := batches.get(id), Batch)
    ]
    return Lineage(tuple(sorted(nodes, key=lambda node: (node.depth, node.batch.id))), edges)


def _line(log_id: str, batch: str, direction: Direction) -> Select[tuple[str]]:
    near, far = (
        (_EDGES.c.child, _EDGES.c.parent) if direction == "back" else (_EDGES.c.parent, _EDGES.c.child)
    )
    line = (
        select(_BATCHES.c.id)
        .where(_BATCHES.c.log_id == log_id, _BATCHES.c.id == batch)
        .cte("line", recursive=True)
    )
    line = line.union(select(far).where(_EDGES.c.log_id == log_id, near == line.c.id))
    return select(line.c.id)


def _depths(start: str, edges: tuple[Edge, ...], direction: Direction) -> dict[str, int]:
    steps: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        near, far = (edge.child, edge.parent) if direction == "back" else (edge.parent, edge.child)
        steps[near].append(far)
    depths, reached = {start: 0}, [start]
    for id in reached:
        for far in steps[id]:
            if far not in depths:
                depths[far] = depths[id] + 1
                reached.append(far)
    return depths
