"""What becomes of the keys of the log's checkpoints."""

from __future__ import annotations

from suyuan.produce.log_key import CheckpointKey
from suyuan.produce.records import LogState

from .world import CHECKPOINT_KEY as FIRST
from .world import World, new_world

ENDS = "2026-12-31T00:00:00+08:00"


def log(world: World) -> LogState:
    return world.get(LogState, "log")


def test_the_key_of_entry_zero_signs_from_the_start() -> None:
    world = new_world()
    assert log(world).checkpoint_keys == (CheckpointKey(vkey=FIRST, since=0),)
    assert log(world).signing(1) == (FIRST,)
    assert log(world).signing(0) == ()


def test_a_new_key_signs_beside_the_old_until_that_is_retired() -> None:
    world = new_world()
    world.tell("log.rekeyed", "log", added="second", replaces=FIRST, ends=ENDS)
    assert [key.ends for key in log(world).checkpoint_keys] == [ENDS, ""]
    assert log(world).signing(1) == (FIRST,)
    assert log(world).signing(2) == (FIRST, "second")
    assert log(world).checkpoint_key == FIRST
    world.tell("log.rekeyed", "log", retired=FIRST)
    assert log(world).signing(2) == (FIRST, "second")
    assert log(world).signing(3) == ("second",)
    assert log(world).checkpoint_key == "second"


def test_a_cosigner_of_the_logs_own_comes_and_goes_without_a_successor() -> None:
    world = new_world()
    world.tell("log.rekeyed", "log", added="cosigner")
    assert log(world).signing(2) == (FIRST, "cosigner")
    assert log(world).checkpoint_key == FIRST
    world.tell("log.rekeyed", "log", added="better", replaces="cosigner")
    world.tell("log.rekeyed", "log", retired="cosigner")
    world.tell("log.rekeyed", "log", retired="better")
    assert log(world).signing(9) == (FIRST,)
