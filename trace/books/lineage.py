"""
Lineage asked of the tables: everything a batch came from, and everything made of it.

One recursive query finds the batches. It gathers ids only, with UNION, so that a batch that is reached by many paths
is visited once and a cycle could not keep it running; ``log_id`` stands in both of its terms (design.md, "What keeps
Citus possible"). Depth is reckoned from the edges afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Literal

from sqlalchemy import Connection, TextClause, text

from ..produce.records import Batch, Edge
from .questions import find_records
from .tables import TABLES

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
    rows = connection.execute(_QUERIES[direction], {"log": log_id, "batch": batch})
    found = [Edge(id=id, parent=parent, child=child, amount=amount) for id, parent, child, amount in rows]
    edges = tuple(sorted(found, key=attrgetter("id")))
    depths = _depths(batch, edges, direction)
    batches = find_records(connection, log_id, Batch, depths)
    nodes = [Node(batches[id], depth) for id, depth in depths.items() if id in batches]
    return Lineage(tuple(sorted(nodes, key=lambda node: (node.depth, node.batch.id))), edges)


def _query(near: str, far: str) -> TextClause:
    """
    Return the query for all edges that lead on from a batch, *near* the column on its side.

    CROSS JOIN is an inner join that SQLite takes in the order given: the ids found so far first, then the index. Free
    to choose, and without statistics, it reads all edges of the log for each id: minutes instead of a second.
    """
    step = f"FROM line CROSS JOIN {_EDGES.name} e WHERE e.log_id = :log AND e.{near} = line.id"
    return text(
        "WITH RECURSIVE line(id) AS ("  # noqa: S608
        f"SELECT b.id FROM {_BATCHES.name} b WHERE b.log_id = :log AND b.id = :batch "
        f"UNION SELECT e.{far} {step}) SELECT e.id, e.parent, e.child, e.amount {step}"
    )


_QUERIES: Final[dict[Direction, TextClause]] = {
    "back": _query("child", "parent"),
    "forward": _query("parent", "child"),
}


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
