"""What one process remembers of a log's end, against databases that fell back or took another turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from suyuan.errors import Broken
from suyuan.ledger import schema, store
from suyuan.ledger.engine import begin_read, begin_write, open_engine
from suyuan.ledger.hashing import ZERO, Hash
from suyuan.ledger.log import Draft, Tail
from suyuan.ledger.watermark import Watermark

LOG = "log.example"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'log.db'}")
    schema.metadata.create_all(engine)
    with begin_write(engine) as connection:
        store.create_log(connection, LOG)
    yield engine
    engine.dispose()


def append(engine: Engine, count: int) -> tuple[int, Hash]:
    """Append *count* drafts; return the log's new end."""
    with begin_write(engine) as connection:
        tail = Tail(connection, LOG, NOW)
        assert (tail.size, tail.leaf) == (tail.size, _stored_leaf(engine, tail.size))
        for number in range(tail.size, tail.size + count):
            tail.add(Draft(f"event-{number}", f"a.{number}.c", ()))
        tail.flush()
    return tail.size, tail.leaf


def _stored_leaf(engine: Engine, size: int) -> Hash:
    with begin_read(engine) as connection:
        return store.read_leaves(connection, LOG, size - 1, size)[0] if size else ZERO


def check(mark: Watermark, engine: Engine, end: tuple[int, Hash]) -> None:
    with begin_read(engine) as connection:
        mark.check(connection, LOG, *end)


def test_a_new_process_takes_any_log(engine: Engine) -> None:
    mark = Watermark()
    check(mark, engine, (0, ZERO))
    check(mark, engine, append(engine, 3))
    assert mark.size == 0


def test_the_log_may_stand_still_and_may_grow_by_the_hand_of_others(engine: Engine) -> None:
    mark = Watermark()
    end = append(engine, 3)
    mark.rise(*end)
    check(mark, engine, end)
    check(mark, engine, append(engine, 4))
    assert mark.size == 3


def test_a_log_that_is_shorter_than_it_was_is_broken(engine: Engine) -> None:
    mark = Watermark()
    short = append(engine, 3)
    mark.rise(*append(engine, 2))
    with pytest.raises(Broken, match="5 entries or more, found 3 entries"):
        check(mark, engine, short)


def test_another_last_entry_at_the_same_size_is_broken(engine: Engine) -> None:
    mark = Watermark()
    size, leaf = append(engine, 3)
    mark.rise(size, Hash(bytes(32)))
    with pytest.raises(Broken, match="entry 2 of the database is another") as caught:
        check(mark, engine, (size, leaf))
    assert (caught.value.expected, caught.value.found) == (bytes(32).hex(), leaf.hex())


def test_another_entry_under_a_longer_log_is_broken(engine: Engine) -> None:
    mark = Watermark()
    mark.rise(3, Hash(bytes(32)))
    with pytest.raises(Broken, match="entry 2 of the database is another"):
        check(mark, engine, append(engine, 5))


def test_an_entry_that_is_gone_under_a_longer_log_is_broken(engine: Engine) -> None:
    mark = Watermark()
    mark.rise(3, Hash(bytes(32)))
    with pytest.raises(Broken, match="found nothing"):
        check(mark, engine, (5, ZERO))


def test_the_mark_never_sinks() -> None:
    mark = Watermark()
    for size in (5, 900, 7):
        mark.rise(size, ZERO)
    assert mark.size == 900
