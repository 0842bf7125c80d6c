"""Checkpoints: one for each size that is signed, each consistent with the one before, none over a fork."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from suyuan.errors import Broken, Missing
from suyuan.ledger import schema, store
from suyuan.ledger.checkpoint import open_checkpoint
from suyuan.ledger.engine import begin_read, begin_write
from suyuan.ledger.log import find_root, prove_growth
from suyuan.ledger.merkle import check_consistency
from suyuan.ledger.store import StoredCheckpoint
from suyuan.publish.checkpoints import publish_checkpoint
from tests.farm import Farm, twin
from tests.ledger.forger import drop_guards, forged, read_lines, restore_guards, write_anew


def stored(farm: Farm) -> list[StoredCheckpoint]:
    with begin_read(farm.engine) as connection:
        return store.read_checkpoints(connection, farm.log)


def test_a_checkpoint_is_signed_over_the_log_as_it_stands(farm: Farm) -> None:
    signed = farm.checkpoint()
    opened = open_checkpoint(signed.note, [farm.keys.checkpoint.verifier], farm.log)
    with begin_read(farm.engine) as connection:
        root = find_root(connection, farm.log, 5)
    assert (opened.origin, opened.size, opened.root) == (farm.log, 5, root)
    assert stored(farm) == [signed]


def test_a_log_that_has_not_grown_gets_no_other_checkpoint(farm: Farm) -> None:
    first = farm.checkpoint()
    farm.wait(hours=1)
    assert farm.checkpoint() == first
    assert stored(farm) == [first]


def test_every_checkpoint_is_kept_and_grows_from_the_one_before(farm: Farm) -> None:
    for count in (1, 250, 1, 300):
        farm.take(*farm.harvests(count))
        farm.checkpoint()
    kept = stored(farm)
    assert [one.size for one in kept] == [6, 256, 257, 557]
    with begin_read(farm.engine) as connection:
        assert store.find_checkpoint(connection, farm.log) == kept[-1]
        assert store.find_checkpoint(connection, farm.log, 256) == kept[1]
        assert store.find_checkpoint(connection, farm.log, 7) is None
        for old, new in pairwise(kept):
            proof = prove_growth(connection, farm.log, old.size, new.size)
            check_consistency(proof, old.size, new.size, old.root, new.root)


def test_an_empty_log_has_no_checkpoint(farm: Farm) -> None:
    with begin_write(farm.engine) as connection:
        store.create_log(connection, f"{farm.log}/empty")
    assert (
        publish_checkpoint(farm.engine, f"{farm.log}/empty", farm.keys.checkpoints, farm.mint.clock) is None
    )


def test_a_log_that_is_not_there_is_missing(farm: Farm) -> None:
    with pytest.raises(Missing) as raised:
        publish_checkpoint(farm.engine, "other.example/log", farm.keys.checkpoints, farm.mint.clock)
    assert raised.value.problem.code == "log.missing"


def test_a_fork_is_never_signed(farm: Farm) -> None:
    farm.take(*farm.harvests(10))
    before = farm.checkpoint()
    lines = read_lines(farm)
    lines[7], lines[8] = lines[8], lines[7]
    farm.take(farm.harvest())
    last = read_lines(farm)[-1]
    farm.spoiled = True
    with begin_write(farm.engine) as connection:
        drop_guards(connection)
        write_anew(connection, farm, [*lines, last])
        restore_guards(connection)
    with pytest.raises(Broken, match="contradict"):
        farm.checkpoint()
    assert stored(farm) == [before]


def test_a_log_set_back_behind_its_checkpoint_is_broken(farm: Farm) -> None:
    farm.take(*farm.harvests(3))
    farm.checkpoint()
    farm.spoiled = True
    with begin_write(farm.engine) as connection:
        connection.execute(update(schema.logs).where(schema.logs.c.log_id == farm.log).values(size=7))
    with pytest.raises(Broken, match="more entries than there are"):
        farm.checkpoint()


def test_publishers_at_the_same_time_sign_one_checkpoint(farm: Farm) -> None:
    farm.take(*farm.harvests(3))
    publishers = [twin(farm, seat) for seat in ("one", "two", "three")]
    barrier = threading.Barrier(len(publishers))
    signed: list[StoredCheckpoint] = []

    def publish(publisher: Farm) -> None:
        keys = publisher.keys.checkpoints
        barrier.wait()
        found = publish_checkpoint(publisher.engine, publisher.log, keys, publisher.mint.clock)
        assert found is not None
        signed.append(found)

    threads = [threading.Thread(target=publish, args=[publisher]) for publisher in publishers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for publisher in publishers:
        publisher.close()
    assert signed == stored(farm) * len(publishers)


def test_a_second_checkpoint_of_one_size_is_refused_by_the_database(farm: Farm) -> None:
    signed = farm.checkpoint()
    with forged(farm) as connection, pytest.raises(IntegrityError), connection.begin_nested():
        store.insert_checkpoint(connection, farm.log, signed)
