"""What becomes of accepted test reports, holds and recalls."""

from __future__ import annotations

from typing import Any

from suyuan.produce.records import Batch, Hold, Recall, Report

from .cases import pack, proposed
from .world import World, harvest, issue, name, party, peopled


def report(world: World, passed: bool, by: str = "检测站") -> str:
    finding: dict[str, Any] = {"item": "铅", "result": "0.1", "limit": "0.2", "unit": "mg/kg"}
    findings = [finding if passed else {**finding, "result": "0.3", "passed": False}]
    fields: dict[str, Any] = {"batch": name("甲"), "report": "JC-1", "findings": findings, "passed": passed}
    return world.tell("test.reported", by, **fields).id


def test_a_passed_test_is_counted_and_stops_nothing() -> None:
    world = peopled()
    harvest(world, "甲")
    report(world, True)
    batch = world.get(Batch, name("甲"))
    assert (batch.tests, batch.failed, batch.holds) == (1, (), ())
    assert world.get(Report, f"{name('检测站')}/JC-1").passed
    issue(world, "一", "甲")


def test_a_failed_test_holds_the_batch() -> None:
    world = peopled()
    harvest(world, "甲")
    hold = report(world, False)
    batch = world.get(Batch, name("甲"))
    assert (batch.tests, batch.failed, batch.holds) == (1, (f"{name('检测站')}/JC-1",), (hold,))
    assert world.get(Hold, hold).reason == "failed-test"


def test_a_supervisor_releases_a_batch_that_failed_and_the_report_stays() -> None:
    world = peopled()
    harvest(world, "甲")
    hold = report(world, False)
    world.tell("batch.released", "农业局", hold=hold, batches=[name("甲")])
    assert world.get(Batch, name("甲")).failed == (f"{name('检测站')}/JC-1",)
    issue(world, "一", "甲")


def test_two_laboratories_may_use_the_same_report_number() -> None:
    world = peopled()
    harvest(world, "甲")
    report(world, True)
    party(world, "另站", "laboratory")
    report(world, True, "另站")
    assert world.get(Batch, name("甲")).tests == 2


def test_a_batch_named_twice_is_held_once() -> None:
    world = peopled()
    harvest(world, "甲")
    hold = world.tell("batch.held", "农业局", batches=[name("甲"), name("甲")], reason="complaint").id
    assert world.get(Batch, name("甲")).holds == (hold,)
    assert world.get(Hold, hold).batches == (name("甲"),)
    world.tell("batch.released", "农业局", hold=hold, batches=[name("甲"), name("甲")])
    assert world.get(Batch, name("甲")).holds == ()


def test_a_batch_is_free_only_when_every_hold_is_released() -> None:
    world = peopled()
    harvest(world, "甲")
    first, second = (
        world.tell("batch.held", "农业局", batches=[name("甲")], reason="complaint").id for _ in range(2)
    )
    world.tell("batch.released", "市监局", hold=first, batches=[name("甲")])
    assert pack(world) == [("/batch", "batch.blocked")]
    world.tell("batch.released", "市监局", hold=second, batches=[name("甲")])
    issue(world, "一", "甲")


def test_a_hold_may_be_released_batch_by_batch() -> None:
    world = peopled()
    harvest(world, "甲")
    harvest(world, "乙")
    hold = world.tell("batch.held", "农业局", batches=[name("甲"), name("乙")], reason="complaint").id
    world.tell("batch.released", "农业局", hold=hold, batches=[name("乙")])
    assert world.get(Hold, hold).batches == (name("甲"),)
    assert world.get(Batch, name("甲")).holds == (hold,)
    assert world.get(Batch, name("乙")).holds == ()


def test_a_hold_on_what_was_made_from_a_batch_leaves_the_batch_free() -> None:
    world = peopled()
    harvest(world, "甲")
    inputs = [{"batch": name("甲"), "amount": 1000}]
    outputs = [{"batch": name("乙"), "product": name("精品梨"), "amount": 1000}]
    world.tell("batch.transformed", "红星", inputs=inputs, outputs=outputs, loss_g=0)
    world.tell("batch.held", "农业局", batches=[name("乙")], reason="complaint")
    issue(world, "一", "甲")


def test_a_proposed_recall_stops_nothing_yet() -> None:
    world = peopled()
    recall = proposed(world)
    assert world.get(Recall, recall).approved_by == ""
    issue(world, "一", "甲")


def test_a_recall_is_in_force_when_a_second_person_approves() -> None:
    world = peopled()
    recall = proposed(world)
    world.tell("recall.approved", "市监局", recall=recall, batches=[name("甲")])
    assert world.get(Batch, name("甲")).recalls == (recall,)
    assert world.get(Recall, recall).approved_by


def test_a_closed_recall_leaves_its_batches_marked() -> None:
    world = peopled()
    recall = proposed(world)
    world.tell("recall.approved", "市监局", recall=recall, batches=[name("甲")])
    world.tell("recall.closed", "农业局", recall=recall, batches=[name("甲")])
    assert world.get(Recall, recall).closed
    assert world.get(Batch, name("甲")).recalls == (recall,)
