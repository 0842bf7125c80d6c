"""A database put back to an earlier state: whoever remembers more neither signs nor publishes it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from suyuan.errors import Forked, Unavailable
from suyuan.ledger.engine import begin_read
from suyuan.ledger.store import read_checkpoints
from suyuan.publish.guard import check_unforked, find_published
from tests.crash.published import check_published
from tests.crash.rewind import copy_database, pour
from tests.crash.stage import BEFORE, GROUP, Stage


def signed_sizes(stage: Stage) -> list[int]:
    with begin_read(stage.farm.engine) as connection:
        return [one.size for one in read_checkpoints(connection, stage.farm.log)]


def test_a_restored_database_is_not_signed_by_whoever_published_more(stage: Stage) -> None:
    farm, publisher = stage.farm, stage.publisher()
    older = copy_database(farm.engine, farm.folder / "older.db")
    farm.take(*farm.harvests(GROUP))
    publisher.publish()
    pour(older, farm.engine)
    older.dispose()
    farm.take(*farm.harvests(GROUP + 5))  # a writer that has seen nothing
    before = signed_sizes(stage)
    for one in (publisher, stage.publisher()):
        with pytest.raises(Forked) as caught:
            one.sign()
        assert caught.value.problem.code == "log.forked"
    assert signed_sizes(stage) == before


@pytest.mark.parametrize("step", ["ask", "replace checkpoint"])
def test_a_checkpoint_that_is_listed_and_not_yet_pointed_to_counts(stage: Stage, step: str) -> None:
    farm = stage.farm
    older = copy_database(farm.engine, farm.folder / "older.db")
    farm.take(*farm.harvests(GROUP))
    stage.faults.plan(step, "failed")
    with pytest.raises(Unavailable):
        stage.publisher().publish()
    newer = copy_database(farm.engine, farm.folder / "newer.db")
    pour(older, farm.engine)
    keys = [farm.keys.checkpoint.verifier]
    with pytest.raises(Forked, match=f"signed for {BEFORE + GROUP}") as caught:
        check_unforked(farm.engine, farm.log, find_published(stage.target, farm.log, keys))
    assert caught.value.problem.values["where"] == f"{stage.folder}/checkpoints/000.p/2"
    with pytest.raises(Forked, match=f"signed for {BEFORE + GROUP}"):
        stage.publisher().publish()
    pour(newer, farm.engine)
    stage.publisher().publish()
    assert check_published(farm, stage.folder).size == BEFORE + GROUP
    older.dispose()
    newer.dispose()


@pytest.mark.parametrize("step", ["", "replace checkpoint"])
def test_a_checkpoint_that_only_the_target_still_has_is_taken_back(stage: Stage, step: str) -> None:
    farm = stage.farm
    farm.take(*farm.harvests(GROUP))
    older = copy_database(farm.engine, farm.folder / "older.db")
    if step:
        stage.faults.plan(step, "failed")
    with suppress(Unavailable):
        stage.publisher().publish()
    pour(older, farm.engine)  # every entry is there, the checkpoint is not
    older.dispose()
    assert signed_sizes(stage) == [BEFORE]
    farm.take(*farm.harvests(1))
    stage.publisher().publish()
    assert signed_sizes(stage) == [BEFORE, BEFORE + GROUP, BEFORE + GROUP + 1]
    assert check_published(farm, stage.folder).size == BEFORE + GROUP + 1
