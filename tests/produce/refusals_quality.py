"""What is refused about tests, holds and recalls."""

from __future__ import annotations

from typing import Any

from .cases import activated, buy, case, held, pack, proposed, report, sell, ship, transform
from .world import World, Wrong, event_id, harvest, issue, name, run_name


@case("NOT_SUPERVISOR", "/by")
def hold_by_a_producer(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.held", "牛山", batches=[name("甲")], reason="complaint")


@case("NOT_SUPERVISOR", "/by")
def release_by_a_producer(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.released", "红星", hold=held(world), batches=[name("甲")])


@case("NOT_SUPERVISOR", "/by")
def recall_proposed_by_a_producer(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("recall.proposed", "牛山", batches=[name("甲")], reason="complaint")


@case("NOT_SUPERVISOR", "/by")
def recall_approved_by_a_producer(world: World) -> Wrong:
    return world.refuse("recall.approved", "牛山", recall=proposed(world), batches=[name("甲")])


@case("NOT_SUPERVISOR", "/by")
def recall_closed_by_a_producer(world: World) -> Wrong:
    return world.refuse("recall.closed", "红星", recall=proposed(world), batches=[name("甲")])


@case("NOT_LABORATORY", "/by")
def result_reported_by_a_producer(world: World) -> Wrong:
    harvest(world, "甲")
    return report(world, by="红星")


@case("LAST_KEY", "/by")
def recall_approved_by_who_proposed_it(world: World) -> Wrong:
    return world.refuse("recall.approved", "农业局", recall=proposed(world), batches=[name("甲")])


@case("TAKEN", "/report")
def report_number_used_twice(world: World) -> Wrong:
    harvest(world, "甲")
    findings = [{"item": "铅", "result": "0"}]
    world.tell("test.reported", "检测站", batch=name("甲"), report="JC-1", findings=findings, passed=True)
    return report(world)


@case("NO_BATCH", "/batch")
def result_of_no_batch(world: World) -> Wrong:
    return report(world)


@case("NO_BATCH", "/batches/1")
def no_batch_held(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.held", "农业局", batches=[name("甲"), name("无")], reason="complaint")


@case("NO_BATCH", "/batches/0")
def no_batch_recalled(world: World) -> Wrong:
    return world.refuse("recall.proposed", "农业局", batches=[name("无")], reason="complaint")


@case("NO_HOLD", "/batches/0")
def no_hold_released(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.released", "农业局", hold=event_id(999), batches=[name("甲")])


@case("NO_HOLD", "/batches/1")
def batch_released_that_the_hold_does_not_cover(world: World) -> Wrong:
    harvest(world, "甲")
    harvest(world, "乙")
    return world.refuse("batch.released", "农业局", hold=held(world), batches=[name("甲"), name("乙")])


@case("NO_HOLD", "/batches/0")
def hold_released_twice(world: World) -> Wrong:
    harvest(world, "甲")
    hold = held(world)
    world.tell("batch.released", "农业局", hold=hold, batches=[name("甲")])
    return world.refuse("batch.released", "农业局", hold=hold, batches=[name("甲")])


@case("NO_RECALL", "/recall")
def no_recall_approved(world: World) -> Wrong:
    return world.refuse("recall.approved", "市监局", recall=event_id(999), batches=[name("甲")])


@case("NO_RECALL", "/recall")
def recall_approved_for_other_batches(world: World) -> Wrong:
    recall = proposed(world)
    harvest(world, "乙")
    return world.refuse("recall.approved", "市监局", recall=recall, batches=[name("甲"), name("乙")])


@case("NO_RECALL", "/recall")
def recall_approved_twice(world: World) -> Wrong:
    recall = proposed(world)
    world.tell("recall.approved", "市监局", recall=recall, batches=[name("甲")])
    return world.refuse("recall.approved", "市监局", recall=recall, batches=[name("甲")])


@case("NO_RECALL", "/recall")
def closed_recall_approved(world: World) -> Wrong:
    recall = proposed(world)
    world.tell("recall.closed", "农业局", recall=recall, batches=[name("甲")])
    return world.refuse("recall.approved", "市监局", recall=recall, batches=[name("甲")])


@case("NO_RECALL", "/recall")
def no_recall_closed(world: World) -> Wrong:
    return world.refuse("recall.closed", "农业局", recall=event_id(999), batches=[name("甲")])


@case("NO_RECALL", "/recall")
def recall_closed_twice(world: World) -> Wrong:
    recall = proposed(world)
    world.tell("recall.closed", "农业局", recall=recall, batches=[name("甲")])
    return world.refuse("recall.closed", "农业局", recall=recall, batches=[name("甲")])


@case("BLOCKED", "/batch")
def held_batch_shipped(world: World) -> Wrong:
    harvest(world, "甲")
    held(world)
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=1, to=name("牛山"))


@case("BLOCKED", "/inputs/0/batch")
def held_batch_processed(world: World) -> Wrong:
    harvest(world, "甲")
    held(world)
    return transform(world, [("甲", 100)], [("乙", "精品梨", 100)], 0)


@case("BLOCKED", "/batch")
def held_batch_labelled(world: World) -> Wrong:
    harvest(world, "甲")
    held(world)
    return pack(world)


@case("BLOCKED", "/run")
def run_of_a_held_batch_activated(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    held(world)
    return world.refuse("labels.activated", "红星", run=run_name("一"), first=0, end=1)


@case("BLOCKED", "/batch")
def activated_packages_of_a_held_batch_sold(world: World) -> Wrong:
    activated(world)
    held(world)
    return buy(world, ("一", 0, 1))


@case("BLOCKED", "/batch")
def held_batch_sold_by_count(world: World) -> Wrong:
    activated(world)
    held(world)
    return world.refuse("order.sold", "小店", order=name("单一"), batch=name("甲"), count=1)


@case("BLOCKED", "/batch")
def returned_packages_of_a_held_batch_sold_again(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 1))
    held(world)
    listed = [{"run": run_name("一"), "first": 0, "end": 1}]
    world.tell("order.returned", "小店", order=name("单一"), batch=name("甲"), count=1, packages=listed)
    return buy(world, ("一", 0, 1))


@case("BLOCKED", "/batch")
def batch_held_while_on_the_way_shipped_on(world: World) -> Wrong:
    harvest(world, "甲")
    shipment = ship(world, "甲", 10)
    held(world)
    world.tell("batch.received", "牛山", shipment=shipment, batch=name("甲"), amount=10)
    return world.refuse("batch.shipped", "牛山", batch=name("甲"), amount=10, to=name("小店"))


@case("BLOCKED", "/batch")
def offspring_of_a_held_batch_labelled(world: World) -> Wrong:
    harvest(world, "甲")
    shape: dict[str, Any] = {"loss_g": 0}
    for parent, child in (("甲", "新"), ("新", "孙")):
        inputs = [{"batch": name(parent), "amount": 50_000}]
        outputs = [{"batch": name(child), "product": name("精品梨"), "amount": 50_000}]
        world.tell("batch.transformed", "红星", **shape, inputs=inputs, outputs=outputs)
    held(world)
    return pack(world, batch=name("孙"))


@case("BLOCKED", "/batch")
def batch_that_failed_a_test_labelled(world: World) -> Wrong:
    harvest(world, "甲")
    findings = [{"item": "铅", "result": "9", "passed": False}]
    world.tell("test.reported", "检测站", batch=name("甲"), report="JC-1", findings=findings, passed=False)
    return pack(world)


@case("BLOCKED", "/batch")
def recalled_batch_labelled(world: World) -> Wrong:
    world.tell("recall.approved", "市监局", recall=proposed(world), batches=[name("甲")])
    return pack(world)


@case("BLOCKED", "/batch")
def closed_recall_still_blocks(world: World) -> Wrong:
    recall = proposed(world)
    world.tell("recall.approved", "市监局", recall=recall, batches=[name("甲")])
    world.tell("recall.closed", "市监局", recall=recall, batches=[name("甲")])
    return pack(world)


@case("FINDINGS", "/passed")
def result_passed_with_a_failed_finding(world: World) -> Wrong:
    harvest(world, "甲")
    return report(world, findings=[{"item": "铅", "result": "9", "passed": False}])


@case("FINDINGS", "/passed")
def result_failed_with_passed_findings_only(world: World) -> Wrong:
    harvest(world, "甲")
    return report(world, passed=False)
