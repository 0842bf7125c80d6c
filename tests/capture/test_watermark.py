"""A writer whose database falls back under it stops; nobody is told that anything was written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from suyuan.capture.append import Capture
from suyuan.capture.batcher import Batcher
from suyuan.errors import Broken, Unavailable
from tests.crash.rewind import copy_database, pour
from tests.farm import Farm, twin


@pytest.fixture
def older(sqlite_farm: Farm, tmp_path: Path) -> Iterator[Engine]:
    """The farm's database as it was before the test."""
    older = copy_database(sqlite_farm.engine, tmp_path / "older.db")
    yield older
    older.dispose()


def test_a_database_restored_under_the_writer_is_not_written_to(sqlite_farm: Farm, older: Engine) -> None:
    farm = sqlite_farm
    capture = farm.capture
    capture.submit(farm.harvests(3))
    size = len(farm.entries())
    with pytest.raises(Broken, match=f"{size} entries or more, found {size - 3} entries"):
        replace(capture, engine=older).submit([farm.harvest()])
    capture.submit([farm.harvest()])
    assert len(farm.entries()) == size + 1


def test_a_fork_is_noticed_at_the_same_size_and_at_a_larger_one(sqlite_farm: Farm, older: Engine) -> None:
    farm = sqlite_farm
    capture = farm.capture
    capture.submit(farm.harvests(3))
    forked = replace(capture, engine=older)
    stranger = replace(farm.capture, engine=older)  # a process that has seen nothing yet
    for count in (3, 2):
        stranger.submit(farm.harvests(count))
        with pytest.raises(Broken, match="is another than was committed"):
            forked.submit([farm.harvest()])


def test_what_other_processes_append_is_no_alarm(farm: Farm) -> None:
    capture, other = farm.capture, twin(farm, "other")
    theirs = other.capture
    for _ in range(2):
        capture.submit(farm.harvests(2))
        theirs.submit(other.harvests(3))
    assert capture.watermark.size < theirs.watermark.size
    other.close()


def test_a_replay_counts_as_seen(sqlite_farm: Farm, older: Engine) -> None:
    farm = sqlite_farm
    harvest = farm.harvest()
    farm.take(harvest)
    capture: Capture = farm.capture
    assert capture.watermark.size == 0
    capture.submit([harvest])
    with pytest.raises(Broken, match="lost entries that were committed"):
        replace(capture, engine=older).submit([harvest])


def test_the_batcher_stops_for_good(sqlite_farm: Farm, older: Engine) -> None:
    farm = sqlite_farm

    async def run() -> None:
        batcher = Batcher(farm.capture, wait_s=0)
        await batcher.submit(farm.harvests(3))
        pour(older, farm.engine)
        with pytest.raises(Broken, match="lost entries"):
            await batcher.submit([farm.harvest()])
        with pytest.raises(Unavailable, match=r"log\.stopped"):
            await batcher.submit([farm.harvest()])
        await batcher.close()

    asyncio.run(run())
