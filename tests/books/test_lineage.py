"""Lineage over real tables, on both engines: every input, each batch once, nothing of another log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from suyuan.books import tables
from suyuan.books.lineage import _QUERIES, Direction, trace
from suyuan.books.store import clear, write_changes
from suyuan.ledger.engine import begin_read, begin_write, open_engine
from suyuan.produce.book import Changes
from suyuan.produce.records import Batch, Edge

LOG = "demo.invalid/log"

Pairs = Mapping[tuple[str, str], int]


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    tables.metadata.create_all(engine)
    yield engine
    engine.dispose()


def fill(engine: Engine, pairs: Pairs, log_id: str = LOG) -> None:
    ids = {id for pair in pairs for id in pair}
    changes: Changes = {
        (Batch, id): Batch(id=id, how="bought", product="P", maker="M", made=1, entry=0, day="2026-10-08")
        for id in ids
    }
    for (parent, child), amount in pairs.items():
        edge = Edge(id=f"{parent}/{child}", parent=parent, child=child, amount=amount)
        changes[Edge, edge.id] = edge
    with begin_write(engine) as connection:
        write_changes(connection, log_id, changes)


def ask(engine: Engine, batch: str, direction: Direction) -> tuple[dict[str, int], dict[str, int]]:
    """Return depth by batch, and amount by edge."""
    with begin_read(engine) as connection:
        found = trace(connection, LOG, batch, direction)
    assert len({node.batch.id for node in found.nodes}) == len(found.nodes)
    return (
        {node.batch.id: node.depth for node in found.nodes},
        {edge.id: edge.amount for edge in found.edges},
    )


DIAMOND = {("A", "B"): 1, ("A", "C"): 2, ("B", "D"): 3, ("C", "D"): 4, ("X", "Y"): 5}


def test_a_batch_reached_by_two_paths_appears_once_with_both_edges(engine: Engine) -> None:
    fill(engine, DIAMOND)
    assert ask(engine, "D", "back") == (
        {"D": 0, "B": 1, "C": 1, "A": 2},
        {"A/B": 1, "A/C": 2, "B/D": 3, "C/D": 4},
    )


def test_forward_finds_everything_that_was_made(engine: Engine) -> None:
    fill(engine, DIAMOND)
    assert ask(engine, "A", "forward")[0] == {"A": 0, "B": 1, "C": 1, "D": 2}


def test_the_batch_itself_comes_first_and_a_batch_of_nothing_stands_alone(engine: Engine) -> None:
    fill(engine, DIAMOND)
    assert ask(engine, "A", "back") == ({"A": 0}, {})


def test_an_unknown_batch_has_no_lineage(engine: Engine) -> None:
    fill(engine, DIAMOND)
    assert ask(engine, "NONE", "back") == ({}, {})


def test_edges_of_another_log_are_not_followed(engine: Engine) -> None:
    fill(engine, {("A", "B"): 1})
    fill(engine, {("B", "C"): 1, ("A", "B"): 1}, "other.invalid/log")
    assert ask(engine, "A", "forward")[0] == {"A": 0, "B": 1}


def test_a_cycle_in_damaged_tables_ends(engine: Engine) -> None:
    fill(engine, {("A", "B"): 1, ("B", "C"): 1, ("C", "A"): 1})
    assert ask(engine, "A", "forward")[0] == {"A": 0, "B": 1, "C": 2}


def test_a_chain_of_a_thousand_steps_is_followed_to_its_end(engine: Engine) -> None:
    fill(engine, {(f"{n:04}", f"{n + 1:04}"): 1 for n in range(1000)})
    assert ask(engine, "1000", "back")[0]["0000"] == 1000


def test_both_terms_of_the_recursion_name_the_log_and_gather_ids_only() -> None:
    for query in _QUERIES.values():
        sql = str(query)
        seed, step = sql.split("UNION")
        assert "log_id = :log" in seed
        assert step.count("log_id = :log") == 2
        assert "UNION ALL" not in sql


def slowly(pairs: Pairs, start: str, direction: Direction) -> dict[str, int]:
    """Return depth by batch, by walking one step at a time."""
    depths, depth = {start: 0}, 0
    while True:
        depth += 1
        reached = {
            (parent if direction == "back" else child)
            for parent, child in pairs
            if depths.get(child if direction == "back" else parent) == depth - 1
        } - depths.keys()
        if not reached:
            return depths
        depths |= dict.fromkeys(reached, depth)


names = st.sampled_from("ABCDEFGH")


@given(
    pairs=st.dictionaries(st.tuples(names, names).filter(lambda pair: pair[0] < pair[1]), st.integers(1, 9)),
    start=names,
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_query_agrees_with_walking_step_by_step(
    tmp_path: Path, pairs: dict[tuple[str, str], int], start: str
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'lineage.db'}")
    tables.metadata.create_all(engine)
    with begin_write(engine) as connection:
        clear(connection, LOG)
    fill(engine, {**pairs, (start, start + "Z"): 1})
    for direction in ("back", "forward"):
        expected = slowly({**pairs, (start, start + "Z"): 1}, start, direction)
        assert ask(engine, start, direction)[0] == expected
    engine.dispose()
