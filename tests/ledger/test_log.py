"""The log without events: numbers, links, tiles, roots and proofs, over made-up drafts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.exc import IntegrityError

from suyuan.errors import Broken, Missing, Refused, SizeBeyondLog, TooLarge, Unavailable
from suyuan.ledger import schema, store
from suyuan.ledger.engine import begin_read, begin_write, open_engine
from suyuan.ledger.entry import parse_entry
from suyuan.ledger.hashing import EMPTY_ROOT, ZERO, Hash
from suyuan.ledger.log import Appended, Draft, Tail, find_root, ledger_time, prove_entry, prove_growth
from suyuan.ledger.merkle import MemoryTree, check_consistency, check_inclusion
from suyuan.ledger.store import Head
from suyuan.ledger.tiles import Tile, new_full_tiles, partial_tiles, tile_nodes
from tests.farm import new_postgres
from tests.ledger import reference

LOG = "log.example"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    schema.metadata.create_all(engine)
    with begin_write(engine) as connection:
        store.create_log(connection, LOG)
    yield engine
    engine.dispose()


def drafts(first: int, end: int, subjects: tuple[str, ...] = ("batch:A",)) -> list[Draft]:
    return [Draft(f"event-{number}", f"a.{number}.c", subjects) for number in range(first, end)]


def append(engine: Engine, group: Iterable[Draft], now: datetime = NOW) -> list[Appended]:
    with begin_write(engine) as connection:
        tail = Tail(connection, LOG, now)
        group = list(group)
        tail.load([subject for draft in group for subject in draft.subjects])
        appended = [tail.add(draft) for draft in group]
        tail.flush()
    return appended


def bodies(connection: Connection) -> list[bytes]:
    return [stored.body for stored in store.read_entries(connection, LOG)]


def test_an_empty_log_has_the_empty_root(engine: Engine) -> None:
    with begin_read(engine) as connection:
        assert find_root(connection, LOG, 0) == EMPTY_ROOT
        assert store.find_head(connection, LOG) == Head(0, ZERO, None)


def test_a_log_that_is_not_there_is_missing(engine: Engine) -> None:
    with begin_write(engine) as connection, pytest.raises(Missing):
        Tail(connection, "other.example", NOW)


def test_nothing_added_writes_nothing(engine: Engine) -> None:
    append(engine, [])
    with begin_read(engine) as connection:
        assert store.find_head(connection, LOG) == Head(0, ZERO, None)


def test_drafts_become_numbered_linked_entries(engine: Engine) -> None:
    first = append(engine, [Draft("e0", "a.0.c", ("batch:A", "plot:P"))])
    second = append(engine, [Draft("e1", "a.1.c", ("plot:P",)), Draft("e2", "a.2.c", ("batch:A",))])
    with begin_read(engine) as connection:
        entries = [parse_entry(body) for body in bodies(connection)]
    assert [entry.index for entry in entries] == [0, 1, 2]
    assert [entry.prev for entry in entries] == [ZERO, first[0].leaf, second[0].leaf]
    links = [[(link.id, link.seq, link.prev) for link in entry.chains] for entry in entries]
    assert links == [
        [("batch:A", 0, ZERO), ("plot:P", 0, ZERO)],
        [("plot:P", 1, first[0].leaf)],
        [("batch:A", 1, first[0].leaf)],
    ]


def test_the_head_follows_the_last_entry(engine: Engine) -> None:
    last = append(engine, drafts(0, 5))[-1]
    with begin_read(engine) as connection:
        assert store.find_head(connection, LOG) == Head(5, last.leaf, NOW)


def test_a_tail_may_be_flushed_and_used_on(engine: Engine) -> None:
    with begin_write(engine) as connection:
        tail = Tail(connection, LOG, NOW)
        tail.load(["batch:A"])
        for number in range(600):
            tail.add(*drafts(number, number + 1))
            if number % 250 == 0:
                tail.flush()
        tail.flush()
        assert tail.size == 600
    with begin_read(engine) as connection:
        found = bodies(connection)
        assert find_root(connection, LOG, 600) == reference.mth(found)
        assert store.read_chain(connection, LOG, "batch:A") == list(range(600))


def test_a_chain_that_was_not_loaded_is_a_bug(engine: Engine) -> None:
    with begin_write(engine) as connection:
        tail = Tail(connection, LOG, NOW)
        with pytest.raises(Broken, match="not loaded"):
            tail.add(*drafts(0, 1))


def test_a_draft_too_large_changes_nothing(engine: Engine) -> None:
    with begin_write(engine) as connection:
        tail = Tail(connection, LOG, NOW)
        tail.load(["batch:A"])
        with pytest.raises(TooLarge):
            tail.add(Draft("e", "a." + "x" * 60_000 + ".c", ("batch:A",)))
        tail.add(*drafts(0, 1))
        tail.flush()
    with begin_read(engine) as connection:
        [entry] = [parse_entry(body) for body in bodies(connection)]
    assert (entry.index, entry.chains[0].seq) == (0, 0)


def test_an_event_id_is_used_once(engine: Engine) -> None:
    append(engine, drafts(0, 1))
    with pytest.raises(IntegrityError):
        append(engine, drafts(0, 1))
    with begin_read(engine) as connection:
        assert len(bodies(connection)) == 1


def test_a_log_that_moved_without_the_lock_stops_the_writer(engine: Engine) -> None:
    def write() -> None:
        with begin_write(engine) as connection:
            tail = Tail(connection, LOG, NOW)
            tail.load(["batch:A"])
            connection.execute(update(schema.logs).values(size=1))
            tail.add(*drafts(2, 3))
            tail.flush()

    append(engine, drafts(0, 2))
    with pytest.raises(Broken, match="moved under its lock"):
        write()
    with begin_read(engine) as connection:
        assert len(bodies(connection)) == 2


class TestLedgerTime:
    HEAD = Head(1, ZERO, NOW)

    def test_is_the_clock_cut_to_milliseconds(self) -> None:
        assert ledger_time(self.HEAD, NOW + timedelta(microseconds=1999)) == NOW + timedelta(milliseconds=1)

    def test_of_an_empty_log_is_the_clock(self) -> None:
        assert ledger_time(Head(0, ZERO, None), NOW) == NOW

    @pytest.mark.parametrize("behind", [0, 0.001, 4.999, 5])
    def test_stays_at_the_last_entrys_up_to_five_seconds(self, behind: float) -> None:
        assert ledger_time(self.HEAD, NOW - timedelta(seconds=behind)) == NOW

    @pytest.mark.parametrize("behind", [5.001, 6, 10**6])
    def test_is_refused_beyond(self, behind: float) -> None:
        with pytest.raises(Unavailable) as raised:
            ledger_time(self.HEAD, NOW - timedelta(seconds=behind))
        assert raised.value.problem.code == "log.clock"


@pytest.mark.parametrize("step", [1, 100, 255, 256, 257, 700])
def test_groups_of_any_size_make_the_same_tiles(engine: Engine, step: int) -> None:
    size = 700 if step > 1 else 258
    for first in range(0, size, step):
        append(engine, drafts(first, min(first + step, size)))
    with begin_read(engine) as connection:
        leaves = store.read_leaves(connection, LOG, 0, size)
        check_tiles(connection, MemoryTree(leaves), size)
        assert find_root(connection, LOG, size) == reference.mth(bodies(connection))


def check_tiles(connection: Connection, tree: MemoryTree, size: int) -> None:
    """Compare every stored tile, and the right edge that follows, with a tree made from the leaves."""
    full = list(new_full_tiles(0, size))
    stored = {(level, index): data for level, index, data, _ in store.read_full_tiles(connection, LOG)}
    assert sorted(stored) == sorted((tile.level, tile.index) for tile in full)
    for tile in (*full, *partial_tiles(size)):
        assert store.read_tile(connection, LOG, tile) == b"".join(tree.read(tile_nodes(tile)))


def test_proofs_read_from_tiles_hold_at_every_boundary(engine: Engine) -> None:
    append(engine, drafts(0, 600))
    sizes = (1, 2, 3, 255, 256, 257, 511, 512, 513, 600)
    with begin_read(engine) as connection:
        found = bodies(connection)
        roots = {size: find_root(connection, LOG, size) for size in sizes}
        for size in sizes:
            assert roots[size] == reference.mth(found[:size])
            for index in {0, size // 2, size - 1}:
                proof = prove_entry(connection, LOG, index, size)
                check_inclusion(proof, index, size, reference.leaf(found[index]), roots[size])
            for old in (one for one in sizes if one <= size):
                check_consistency(
                    prove_growth(connection, LOG, old, size), old, size, roots[old], roots[size]
                )


def test_no_proof_reaches_beyond_the_log(engine: Engine) -> None:
    append(engine, drafts(0, 3))
    with begin_read(engine) as connection:
        with pytest.raises(Broken):
            find_root(connection, LOG, 4)
        with pytest.raises(SizeBeyondLog):
            prove_entry(connection, LOG, 3, 3)
        with pytest.raises(Refused):
            prove_growth(connection, LOG, 0, 3)


def test_a_missing_tile_is_broken(engine: Engine) -> None:
    with begin_read(engine) as connection, pytest.raises(Broken, match="tile"):
        store.read_tile(connection, LOG, Tile(0, 0))


def test_a_log_of_many_levels_holds_together(tmp_path: Path) -> None:
    """66,000 entries: two full levels of tiles and the beginning of a third."""
    engine = open_engine(f"sqlite:///{tmp_path / 'long.db'}")
    schema.metadata.create_all(engine)
    with begin_write(engine) as connection:
        store.create_log(connection, LOG)
    ends = [255, 256, 257, 30_000, 65_535, 65_536, 65_537, 66_000]
    roots: dict[int, Hash] = {}
    first = 0
    for end in ends:
        append(engine, drafts(first, end, ()))
        first = end
        with begin_read(engine) as connection:
            roots[end] = find_root(connection, LOG, end)
    with begin_read(engine) as connection:
        leaves = store.read_leaves(connection, LOG, 0, end)
        tree = MemoryTree(leaves)
        assert roots == {size: tree.root(size) for size in ends}
        check_tiles(connection, tree, end)
        for index in (0, 255, 256, 65_535, 65_536, 65_999):
            check_inclusion(prove_entry(connection, LOG, index, end), index, end, leaves[index], roots[end])
        for old in ends:
            check_consistency(prove_growth(connection, LOG, old, end), old, end, roots[old], roots[end])
    engine.dispose()


class TestTheStore:
    def test_finds_entries_by_index_and_by_event(self, engine: Engine) -> None:
        append(engine, drafts(0, 5))
        with begin_read(engine) as connection:
            found = store.find_entry(connection, LOG, 3)
            assert found is not None
            assert (found.index, found.event_id) == (3, "event-3")
            assert store.find_entry(connection, LOG, 5) is None
            assert [one.index for one in store.find_entries(connection, LOG, [4, 1, 9])] == [1, 4]
            assert store.find_events(connection, LOG, ["event-3", "event-9"]) == {"event-3": found}

    def test_reads_any_range_of_entries(self, engine: Engine) -> None:
        append(engine, drafts(0, 10))
        with begin_read(engine) as connection:
            for first, end, found in ((0, 3, [0, 1, 2]), (8, 20, [8, 9]), (8, None, [8, 9]), (5, 5, [])):
                read = store.read_entries(connection, LOG, first, end)
                assert [one.index for one in read] == found

    def test_keeps_logs_apart(self, engine: Engine) -> None:
        append(engine, drafts(0, 300))
        with begin_read(engine) as connection:
            other = "other.example"
            assert store.find_head(connection, other) is None
            assert list(store.read_entries(connection, other)) == []
            assert store.count_entries(connection, other) == store.count_links(connection, other) == 0
            assert store.find_events(connection, other, ["event-3"]) == {}
            assert store.find_chain_heads(connection, other, ["batch:A"]) == {}
            assert list(store.read_full_tiles(connection, other)) == []
            assert store.find_checkpoint(connection, other) is None

    def test_asks_for_no_chain_without_subjects(self, engine: Engine) -> None:
        with begin_read(engine) as connection:
            assert store.find_chain_heads(connection, LOG, []) == {}

    def test_counts_the_links_of_a_log(self, engine: Engine) -> None:
        append(engine, drafts(0, 3, ("batch:A", "plot:P")))
        with begin_read(engine) as connection:
            links = store.read_links(connection, LOG, 0, 3)
            assert len(links) == store.count_links(connection, LOG) == 6
            table = schema.chains
            assert connection.scalar(select(func.count()).select_from(table)) == 6


def test_a_second_writer_waits_for_the_first(postgres_url: str) -> None:
    def write() -> None:
        with begin_write(opened) as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            Tail(connection, LOG, NOW)

    with new_postgres(postgres_url, "suyuan_lock") as url:
        opened = open_engine(url)
        schema.metadata.create_all(opened)
        with begin_write(opened) as connection:
            store.create_log(connection, LOG)
        with begin_write(opened) as first:
            Tail(first, LOG, NOW)
            with pytest.raises(Unavailable) as raised:
                write()
        assert raised.value.problem.code == "store.busy"
        write()
        opened.dispose()


def test_no_tiles_are_no_statement(engine: Engine) -> None:
    with begin_write(engine) as connection:
        store.insert_tiles(connection, LOG, [])
        assert list(store.read_full_tiles(connection, LOG)) == []
