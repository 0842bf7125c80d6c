"""Each reason to refuse an event is reached, alone, and points to the field that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from suyuan.errors import Reason, Refused
from suyuan.produce import reasons
from suyuan.produce.fold import fold

from .world import (
    AT,
    World,
    Wrong,
    event_id,
    harvest,
    issue,
    jwk,
    kid,
    name,
    new_world,
    party,
    peopled,
    run_name,
)

Case = Callable[[World], Wrong]
CASES: dict[tuple[str, str], tuple[str, Case]] = {}
"""By the reason's name in ``reasons`` and the situation: the pointer expected and what to tell a peopled world."""

DAMAGED_CODE = "93431382MA4PABC59K"
ACCEPTED = {"proof": "x", "custody": "party"}


def case(reason: str, pointer: str) -> Callable[[Case], Case]:
    """Note a case of *reason*."""

    def note(tell: Case) -> Case:
        CASES[reason, tell.__name__] = (pointer, tell)
        return tell

    return note


def transform(
    world: World, taken: list[tuple[str, int]], made: list[tuple[str, str, int]], loss: int, **fields: Any
) -> Wrong:
    """Refuse a transformation of (batch, amount) into (batch, product, amount)."""
    shape: dict[str, Any] = {
        "inputs": [{"batch": name(batch), "amount": amount} for batch, amount in taken],
        "outputs": [
            {"batch": name(batch), "product": name(product), "amount": amount}
            for batch, product, amount in made
        ],
        "loss_g": loss,
    }
    return world.refuse("batch.transformed", "红星", **{**shape, **fields})


def ship(world: World, batch: str, amount: int, to: str = "牛山", **fields: Any) -> str:
    """Ship from 红星; return the shipment's id."""
    return world.tell("batch.shipped", "红星", batch=name(batch), amount=amount, to=name(to), **fields).id


def sell(world: World, order: str, batch: str, *packages: tuple[str, int, int]) -> None:
    """Sell packages of *batch* from 小店."""
    listed = [{"run": run_name(run), "first": first, "end": end} for run, first, end in packages]
    count = sum(end - first for _, first, end in packages)
    world.tell("order.sold", "小店", order=name(order), batch=name(batch), count=count, packages=listed)


def activated(world: World, count: int = 10) -> None:
    """Harvest 甲, issue the run 一 and activate all of it."""
    harvest(world, "甲")
    issue(world, "一", "甲", count)
    world.tell("labels.activated", "红星", run=run_name("一"), first=0, end=count)


def held(world: World, batch: str = "甲") -> str:
    """Hold *batch*; return the hold's id."""
    return world.tell("batch.held", "农业局", batches=[name(batch)], reason="complaint").id


def proposed(world: World) -> str:
    """Harvest 甲 and propose to recall it; return the recall's id."""
    harvest(world, "甲")
    return world.tell("recall.proposed", "农业局", batches=[name("甲")], reason="contamination").id


@case("LOG_CLOSED", "")
def log_not_opened(world: World) -> Wrong:
    return World().refuse("quota.granted", "农业局", plot=name("一号地"), season=2026, amount=1)[:1]


@case("LOG_AGAIN", "")
def log_opened_again(world: World) -> Wrong:
    shape: dict[str, Any] = {
        "format": 1,
        "address": "https://x",
        "checkpoint_key": "k",
        "receipt_key": jwk("log"),
    }
    supervisor = {"party": name("冒名"), "name": "冒名", "jwk": jwk("冒名"), "custody": "party"}
    return world.refuse("log.opened", "log", **shape, supervisors=[supervisor])


@case("LOG_OTHER", "/log")
def another_log_named(world: World) -> Wrong:
    return world.refuse("product.registered", "红星", log="x", product=name("新"), name="新", unit="g")


@case("KEY_UNKNOWN", "")
def signing_key_unknown(world: World) -> Wrong:
    return world.refuse("product.registered", "红星", key="陌生", product=name("新"), name="新", unit="g")


@case("KEY_UNKNOWN", "/kid")
def unknown_key_revoked(world: World) -> Wrong:
    return world.refuse("key.revoked", "农业局", kid=kid("陌生"), reason="lost")


@case("KEY_REVOKED", "")
def signing_key_revoked(world: World) -> Wrong:
    world.tell("key.revoked", "红星", kid=kid("红星"), reason="stolen")
    return world.refuse("product.registered", "红星", product=name("新"), name="新", unit="g")


@case("KEY_REVOKED", "/kid")
def key_revoked_twice(world: World) -> Wrong:
    world.tell("key.revoked", "红星", kid=kid("红星"), reason="stolen")
    return world.refuse("key.revoked", "农业局", kid=kid("红星"), reason="stolen")


@case("KEY_FOREIGN", "/by")
def key_of_another_party(world: World) -> Wrong:
    return world.refuse("product.registered", "红星", key="牛山", product=name("新"), name="新", unit="g")


@case("KEY_FOREIGN", "/by")
def log_opened_with_a_key_it_does_not_name(_: World) -> Wrong:
    with pytest.raises(Refused) as caught:
        new_world(receipt_key=jwk("other"))
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


@case("KEY_TAKEN", "/jwk")
def key_of_a_party_registered_anew(world: World) -> Wrong:
    return world.refuse(
        "party.registered", "农业局", party=name("新"), roles=["shop"], jwk=jwk("红星"), **ACCEPTED
    )


@case("KEY_TAKEN", "/jwk")
def revoked_key_used_again(world: World) -> Wrong:
    world.tell("key.added", "红星", party=name("红星"), jwk=jwk("二"), **ACCEPTED)
    world.tell("key.revoked", "红星", kid=kid("红星"), reason="stolen")
    return world.refuse("key.added", "红星", key="二", party=name("红星"), jwk=jwk("红星"), **ACCEPTED)


@case("KEY_TAKEN", "/jwk")
def key_of_the_log_used_by_a_party(world: World) -> Wrong:
    return world.refuse("key.added", "红星", party=name("红星"), jwk=jwk("log"), **ACCEPTED)


@case("KEY_MAY_NOT", "/by")
def key_of_another_party_revoked(world: World) -> Wrong:
    return world.refuse("key.revoked", "牛山", kid=kid("红星"), reason="stolen")


def recover(world: World, **fields: Any) -> Wrong:
    shape = {"party": name("红星"), "jwk": jwk("二"), "approval": "x", "approver": kid("市监局"), **ACCEPTED}
    wrong: dict[str, Any] = {**shape, **fields}
    return world.refuse("key.added", "农业局", **{field: value for field, value in wrong.items() if value})


@case("NEEDS_APPROVAL", "/approval")
def recovery_without_approver(world: World) -> Wrong:
    return recover(world, approver="")


@case("NEEDS_APPROVAL", "/approval")
def recovery_without_approval(world: World) -> Wrong:
    return recover(world, approval="")


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_by_an_unknown_key(world: World) -> Wrong:
    return recover(world, approver=kid("陌生"))


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_by_the_same_supervisor(world: World) -> Wrong:
    world.tell("key.added", "农业局", party=name("农业局"), jwk=jwk("农业局二"), **ACCEPTED)
    return recover(world, approver=kid("农业局二"))


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_by_no_supervisor(world: World) -> Wrong:
    return recover(world, approver=kid("红星"))


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_with_a_revoked_key(world: World) -> Wrong:
    world.tell("key.revoked", "市监局", kid=kid("市监局"), reason="lost")
    return recover(world)


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_with_a_key_in_the_services_custody(world: World) -> Wrong:
    party(world, "省局", "supervisor", custody="service")
    return recover(world, approver=kid("省局"))


@case("NOT_SUPERVISOR", "/by")
def quota_granted_by_a_producer(world: World) -> Wrong:
    return world.refuse("quota.granted", "红星", plot=name("一号地"), season=2026, amount=9_000_000)


@case("NOT_SUPERVISOR", "/by")
def party_registered_by_a_producer(world: World) -> Wrong:
    return world.refuse(
        "party.registered", "红星", party=name("新"), roles=["shop"], jwk=jwk("新"), **ACCEPTED
    )


@case("NOT_SUPERVISOR", "/by")
def recovery_by_no_supervisor(world: World) -> Wrong:
    shape: dict[str, Any] = {
        "party": name("红星"),
        "jwk": jwk("二"),
        "approval": "x",
        "approver": kid("农业局"),
    }
    return world.refuse("key.added", "牛山", **shape, **ACCEPTED)


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
    return world.refuse("recall.closed", "红星", recall=proposed(world))


@case("NOT_SUPERVISOR", "/by")
def erasure_stated_by_a_producer(world: World) -> Wrong:
    return world.refuse("personal.erased", "红星", digests=["A" * 43])


def lent(**fields: Any) -> World:
    """Return a world whose one supervisor's key the service keeps."""
    supervisor = {"party": name("农业局"), "name": "农业局", "jwk": jwk("农业局"), "custody": "service"}
    return new_world(supervisors=[supervisor], **fields)


@case("CUSTODY_SUPERVISOR", "/by")
def party_registered_with_a_lent_key(_: World) -> Wrong:
    return lent().refuse(
        "party.registered", "农业局", party=name("新"), roles=["shop"], jwk=jwk("新"), **ACCEPTED
    )


@case("CUSTODY_SUPERVISOR", "/by")
def lent_key_makes_itself_one_that_counts(_: World) -> Wrong:
    return lent().refuse("key.added", "农业局", party=name("农业局"), jwk=jwk("二"), **ACCEPTED)


@case("CUSTODY_SUPERVISOR", "/by")
def lent_key_revokes_the_supervisors_own(world: World) -> Wrong:
    world.tell("key.added", "农业局", party=name("农业局"), jwk=jwk("代管"), custody="service", proof="x")
    return world.refuse("key.revoked", "农业局", key="代管", kid=kid("农业局"), reason="lost")


@case("NOT_LABORATORY", "/by")
def result_reported_by_a_producer(world: World) -> Wrong:
    harvest(world, "甲")
    return report(world, by="红星")


def report(world: World, by: str = "检测站", **fields: Any) -> Wrong:
    shape: dict[str, Any] = {
        "batch": name("甲"),
        "report": "JC-1",
        "findings": [{"item": "铅", "result": "0"}],
    }
    return world.refuse("test.reported", by, **{**shape, "passed": True, **fields})


@case("NOT_OWN", "/by")
def site_registered_for_another(world: World) -> Wrong:
    return world.refuse("site.registered", "牛山", site=name("站"), kind="station", party=name("红星"))


@case("NOT_OWN", "/by")
def harvest_from_another_ones_plot(world: World) -> Wrong:
    return reap(world, by="牛山")


@case("NOT_OWN", "/by")
def input_applied_to_another_ones_plot(world: World) -> Wrong:
    return world.refuse(
        "input.applied", "牛山", plot=name("一号地"), work="spraying", input="药", interval_days=99
    )


@case("NOT_OWN", "/by")
def shipment_to_another_received(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.received", "小店", shipment=ship(world, "甲", 10), batch=name("甲"), amount=10)


@case("NOT_OWN", "/by")
def batch_of_another_adjusted_upward(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.adjusted", "牛山", batch=name("甲"), amount=5, reason="stock-taking")


@case("NOT_OWN", "/by")
def run_of_another_activated(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.activated", "牛山", run=run_name("一"), first=0, end=1)


@case("NOT_OWN", "/by")
def run_of_another_voided(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.voided", "牛山", run=run_name("一"), first=0, end=1, reason="leaked")


@case("NOT_OWN", "/by")
def order_of_another_shop_returned(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return take_back(world, "单一", ("一", 0, 2), by="大店")


def take_back(
    world: World, order: str, *packages: tuple[str, int, int], by: str = "小店", count: int = 0
) -> Wrong:
    listed = [{"run": run_name(run), "first": first, "end": end} for run, first, end in packages]
    shape: dict[str, Any] = {"packages": listed} if listed else {}
    count = count or sum(end - first for _, first, end in packages)
    return world.refuse("order.returned", by, order=name(order), batch=name("甲"), count=count, **shape)


@case("NOT_SELLER", "/by")
def packages_of_another_sold_by_a_laboratory(world: World) -> Wrong:
    activated(world)
    return world.refuse("order.sold", "检测站", order=name("单一"), batch=name("甲"), count=1)


@case("NOT_SELLER", "/by")
def packages_of_another_sold_by_a_competitor(world: World) -> Wrong:
    activated(world)
    return world.refuse("order.sold", "牛山", order=name("单一"), batch=name("甲"), count=1)


@case("LAST_KEY", "/by")
def recall_approved_by_who_proposed_it(world: World) -> Wrong:
    return world.refuse("recall.approved", "农业局", recall=proposed(world), batches=[name("甲")])


@case("TAKEN", "/party")
def party_registered_twice(world: World) -> Wrong:
    return world.refuse(
        "party.registered", "农业局", party=name("红星"), roles=["shop"], jwk=jwk("新"), **ACCEPTED
    )


@case("TAKEN", "/supervisors/1/party")
def supervisor_named_twice(_: World) -> Wrong:
    world = World()
    shape: dict[str, Any] = {
        "format": 1,
        "address": "https://x",
        "checkpoint_key": "k",
        "receipt_key": jwk("log"),
    }
    both = [{"party": name("局"), "name": "局", "jwk": jwk(key), "custody": "party"} for key in ("一", "二")]
    return world.refuse("log.opened", "log", **shape, supervisors=both)


@case("KEY_TAKEN", "/supervisors/0/jwk")
def supervisor_with_the_logs_key(_: World) -> Wrong:
    world = World()
    shape: dict[str, Any] = {
        "format": 1,
        "address": "https://x",
        "checkpoint_key": "k",
        "receipt_key": jwk("log"),
    }
    supervisor = {"party": name("局"), "name": "局", "jwk": jwk("log"), "custody": "party"}
    return world.refuse("log.opened", "log", **shape, supervisors=[supervisor])


@case("TAKEN", "/site")
def site_registered_twice(world: World) -> Wrong:
    return world.refuse("site.registered", "牛山", site=name("一号地"), kind="store", party=name("牛山"))


@case("TAKEN", "/product")
def product_registered_twice(world: World) -> Wrong:
    return world.refuse("product.registered", "牛山", product=name("梨"), name="假梨", unit="g")


@case("TAKEN", "/batch")
def batch_harvested_twice(world: World) -> Wrong:
    harvest(world, "甲")
    return reap(world, batch=name("甲"))


@case("TAKEN", "/batch")
def batch_of_another_bought(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.bought", "牛山", batch=name("甲"), product=name("梨"), amount=5)


@case("TAKEN", "/outputs/0/batch")
def output_is_its_own_input(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("甲", "精品梨", 100)], 0)


@case("TAKEN", "/outputs/1/batch")
def output_listed_twice(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 50), ("乙", "精品梨", 50)], 0)


@case("TAKEN", "/run")
def run_issued_twice(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return pack(world, run=run_name("一"))


@case("TAKEN", "/order")
def order_sold_twice(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return world.refuse("order.sold", "小店", order=name("单一"), batch=name("甲"), count=1)


@case("TAKEN", "/report")
def report_number_used_twice(world: World) -> Wrong:
    harvest(world, "甲")
    findings = [{"item": "铅", "result": "0"}]
    world.tell("test.reported", "检测站", batch=name("甲"), report="JC-1", findings=findings, passed=True)
    return report(world)


@case("REF_TAKEN", "/ref")
def batch_number_used_twice(world: World) -> Wrong:
    harvest(world, "甲", ref="CS26-0001")
    return reap(world, ref="CS26-0001")


@case("REF_TAKEN", "/ref")
def plot_number_used_twice(world: World) -> Wrong:
    shape = {"site": name("新地"), "kind": "plot", "party": name("红星"), "crop": name("梨")}
    return world.refuse("site.registered", "红星", **shape, ref="DK26001")


@case("REF_TAKEN", "/outputs/1/ref")
def number_used_by_two_outputs(world: World) -> Wrong:
    harvest(world, "甲")
    outputs = [
        {"batch": name(word), "product": name("精品梨"), "amount": 50, "ref": "JG-1"} for word in "乙丙"
    ]
    return transform(world, [("甲", 100)], [], 0, outputs=outputs)


@case("UNIQUE_TAKEN", "/credit_code")
def credit_code_used_twice(world: World) -> Wrong:
    party(world, "一社", "producer", name="一社", credit_code="93431382MA4PABC59J")
    return admit(world, credit_code="93431382MA4PABC59J")


@case("UNIQUE_TAKEN", "/gtin")
def gtin_used_twice(world: World) -> Wrong:
    shape = {"name": "新", "unit": "g", "gtin": "06901234567892"}
    world.tell("product.registered", "红星", product=name("新"), **shape)
    return world.refuse("product.registered", "牛山", product=name("另"), **shape)


def admit(world: World, **fields: Any) -> Wrong:
    shape: dict[str, Any] = {
        "party": name("新"),
        "roles": ["producer"],
        "jwk": jwk("新"),
        **ACCEPTED,
        **fields,
    }
    return world.refuse("party.registered", "农业局", **shape)


@case("NO_PARTY", "/party")
def key_added_to_nobody(world: World) -> Wrong:
    return recover(world, party=name("无"))


@case("NO_PARTY", "/party")
def site_of_nobody(world: World) -> Wrong:
    return world.refuse("site.registered", "农业局", site=name("站"), kind="station", party=name("无"))


@case("NO_PARTY", "/to")
def shipped_to_nobody(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=1, to=name("无"))


@case("NO_SITE", "/station")
def harvest_handed_in_nowhere(world: World) -> Wrong:
    return reap(world, station=name("无"))


@case("NO_SITE", "/plant")
def processed_nowhere(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 100)], 0, plant=name("无"))


@case("NO_PLOT", "/plot")
def harvest_from_no_plot(world: World) -> Wrong:
    return reap(world, plot=name("无"))


@case("NO_PLOT", "/plot")
def harvest_from_a_store(world: World) -> Wrong:
    world.tell("site.registered", "红星", site=name("库"), kind="store", party=name("红星"))
    return reap(world, plot=name("库"))


@case("NO_PLOT", "/plot")
def quota_for_no_plot(world: World) -> Wrong:
    return world.refuse("quota.granted", "农业局", plot=name("无"), season=2026, amount=1)


@case("NO_PLOT", "/plot")
def quota_for_a_store(world: World) -> Wrong:
    world.tell("site.registered", "红星", site=name("库"), kind="store", party=name("红星"))
    return world.refuse("quota.granted", "农业局", plot=name("库"), season=2026, amount=1)


@case("NO_PLOT", "/plot")
def input_applied_to_no_plot(world: World) -> Wrong:
    return world.refuse("input.applied", "红星", plot=name("无"), work="spraying", input="药")


@case("NO_PRODUCT", "/product")
def harvest_of_no_product(world: World) -> Wrong:
    return [problem for problem in reap(world, product=name("无")) if problem[1] != "harvest.crop"]


@case("NO_PRODUCT", "/product")
def purchase_of_no_product(world: World) -> Wrong:
    return world.refuse("batch.bought", "红星", batch=name("豆"), product=name("无"), amount=5)


@case("NO_PRODUCT", "/outputs/0/product")
def processed_into_no_product(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "无", 100)], 0)


@case("NO_PRODUCT", "/crop")
def plot_of_no_product(world: World) -> Wrong:
    shape = {"site": name("新地"), "kind": "plot", "party": name("红星"), "crop": name("无")}
    return world.refuse("site.registered", "红星", **shape)


@case("NO_PRODUCT", "/crop")
def plot_without_crop(world: World) -> Wrong:
    return world.refuse("site.registered", "红星", site=name("新地"), kind="plot", party=name("红星"))


@case("NO_BATCH", "/batch")
def result_of_no_batch(world: World) -> Wrong:
    return report(world)


@case("NO_BATCH", "/batch")
def no_batch_shipped(world: World) -> Wrong:
    return world.refuse("batch.shipped", "红星", batch=name("无"), amount=1, to=name("牛山"))


@case("NO_BATCH", "/batch")
def no_batch_adjusted(world: World) -> Wrong:
    return world.refuse("batch.adjusted", "红星", batch=name("无"), amount=1, reason="sample")


@case("NO_BATCH", "/batch")
def no_batch_destroyed(world: World) -> Wrong:
    return world.refuse("batch.destroyed", "红星", batch=name("无"), amount=1, reason="spoilt")


@case("NO_BATCH", "/batch")
def no_batch_labelled(world: World) -> Wrong:
    return pack(world)


@case("NO_BATCH", "/batch")
def no_batch_sold(world: World) -> Wrong:
    return world.refuse("order.sold", "小店", order=name("单一"), batch=name("无"), count=1)


@case("NO_BATCH", "/inputs/0/batch")
def no_batch_processed(world: World) -> Wrong:
    return transform(world, [("无", 100)], [("乙", "精品梨", 100)], 0)


@case("NO_BATCH", "/batches/1")
def no_batch_held(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.held", "农业局", batches=[name("甲"), name("无")], reason="complaint")


@case("NO_BATCH", "/batches/0")
def no_batch_recalled(world: World) -> Wrong:
    return world.refuse("recall.proposed", "农业局", batches=[name("无")], reason="complaint")


@case("NO_SHIPMENT", "/shipment")
def no_shipment_received(world: World) -> Wrong:
    return world.refuse("batch.received", "牛山", shipment=event_id(999), batch=name("甲"), amount=1)


@case("NO_SHIPMENT", "/shipment")
def shipment_received_as_another_batch(world: World) -> Wrong:
    harvest(world, "甲")
    harvest(world, "乙")
    return world.refuse("batch.received", "牛山", shipment=ship(world, "甲", 5), batch=name("乙"), amount=5)


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
    world.tell("recall.closed", "农业局", recall=recall)
    return world.refuse("recall.approved", "市监局", recall=recall, batches=[name("甲")])


@case("NO_RECALL", "/recall")
def no_recall_closed(world: World) -> Wrong:
    return world.refuse("recall.closed", "农业局", recall=event_id(999))


@case("NO_RECALL", "/recall")
def recall_closed_twice(world: World) -> Wrong:
    recall = proposed(world)
    world.tell("recall.closed", "农业局", recall=recall)
    return world.refuse("recall.closed", "农业局", recall=recall)


@case("NO_RUN", "/run")
def no_run_activated(world: World) -> Wrong:
    return world.refuse("labels.activated", "红星", run=run_name("无"), first=0, end=1)


@case("NO_RUN", "/run")
def no_run_voided(world: World) -> Wrong:
    return world.refuse("labels.voided", "红星", run=run_name("无"), first=0, end=1, reason="leaked")


@case("NO_RUN", "/packages/0/run")
def no_run_sold(world: World) -> Wrong:
    activated(world)
    return buy(world, ("无", 0, 1))


@case("NO_RUN", "/packages/0/run")
def run_of_another_batch_sold(world: World) -> Wrong:
    activated(world)
    harvest(world, "乙")
    issue(world, "二", "乙")
    world.tell("labels.activated", "红星", run=run_name("二"), first=0, end=10)
    return buy(world, ("二", 0, 1))


@case("NO_RUN", "/packages/1")
def packages_returned_that_are_not_in_the_order(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 4))
    sell(world, "单二", "甲", ("一", 4, 6))
    return take_back(world, "单一", ("一", 0, 2), ("一", 4, 6))


@case("NO_RUN", "/packages/0")
def packages_returned_of_an_order_that_names_none(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=2)
    sell(world, "单二", "甲", ("一", 0, 2))
    return take_back(world, "单一", ("一", 0, 2))


@case("NO_RUN", "/packages/0")
def packages_returned_again_that_another_bought_since(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 4))
    listed = [{"run": run_name("一"), "first": 1, "end": 3}]
    world.tell("order.returned", "小店", order=name("单一"), batch=name("甲"), count=2, packages=listed)
    sell(world, "单二", "甲", ("一", 1, 3))
    return take_back(world, "单一", ("一", 1, 3))


@case("NO_ORDER", "/order")
def no_order_returned(world: World) -> Wrong:
    return take_back(world, "无", count=1)


@case("NO_ORDER", "/order")
def order_returned_as_another_batch(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    harvest(world, "乙")
    return world.refuse("order.returned", "小店", order=name("单一"), batch=name("乙"), count=2)


@case("NATURAL_PERSON", "/credit_code")
def individual_business_in_clear(world: World) -> Wrong:
    return admit(world, name="周小明", credit_code="92431382WM3CWTDX66")


@case("CREDIT_CODE", "/credit_code")
def credit_code_with_a_wrong_check_character(world: World) -> Wrong:
    return admit(world, credit_code=DAMAGED_CODE)


@case("GTIN", "/gtin")
def gtin_with_a_wrong_check_digit(world: World) -> Wrong:
    return enter(world, gtin="06901234567890")


@case("GTIN", "/gtin")
def gtin_of_thirteen_digits(world: World) -> Wrong:
    return enter(world, gtin="6901234567892")


@case("GTIN", "/gtin")
def gtin_of_thirteen_digits_and_a_hyphen(world: World) -> Wrong:
    return enter(world, gtin="6901234-567892")


@case("GTIN", "/gtin")
def gtin_in_full_width_digits(world: World) -> Wrong:
    return enter(world, gtin="".join(chr(0xFF10 + int(digit)) for digit in "06901234567892"))


def enter(world: World, **fields: Any) -> Wrong:
    shape: dict[str, Any] = {"product": name("新"), "name": "新", "unit": "g", **fields}
    return world.refuse("product.registered", "红星", **shape)


@case("UNIT_MASS", "/unit_mass_mg")
def product_in_grams_with_a_unit_mass(world: World) -> Wrong:
    return enter(world, unit_mass_mg=1000)


@case("UNIT_MASS", "/unit_mass_mg")
def product_in_pieces_without_a_unit_mass(world: World) -> Wrong:
    return enter(world, unit="piece")


def reap(world: World, by: str = "红星", **fields: Any) -> Wrong:
    """Refuse a harvest of 100 kg from 一号地."""
    shape: dict[str, Any] = {
        "batch": name("新"),
        "plot": name("一号地"),
        "product": name("梨"),
        "amount": 100_000,
    }
    return world.refuse("batch.harvested", by, **{**shape, "season": 2026, **fields})


@case("WRONG_CROP", "/product")
def harvest_of_another_crop(world: World) -> Wrong:
    return reap(world, product=name("精品梨"))


@case("NO_QUOTA", "/season")
def harvest_without_quota(world: World) -> Wrong:
    return reap(world, season=2025)


@case("QUOTA", "/amount")
def harvest_beyond_the_quota(world: World) -> Wrong:
    harvest(world, "甲", 900_001)
    return reap(world)


@case("QUOTA", "/amount")
def adjustment_beyond_the_quota(world: World) -> Wrong:
    harvest(world, "甲", 1_000_000)
    return world.refuse("batch.adjusted", "红星", batch=name("甲"), amount=1, reason="weighing-error")


@case("QUOTA_BELOW", "/amount")
def quota_below_what_was_harvested(world: World) -> Wrong:
    harvest(world, "甲", 900_000)
    return world.refuse("quota.granted", "农业局", plot=name("一号地"), season=2026, amount=899_999)


@case("SEASON", "/season")
def harvest_in_another_year(world: World) -> Wrong:
    return reap(world, at="2028-01-01T08:00:00+08:00")


def spray(world: World, at: str, days: int = 14) -> None:
    shape = {"plot": name("一号地"), "work": "spraying", "input": "吡虫啉"}
    world.tell("input.applied", "红星", **shape, interval_days=days, at=at)


@case("INTERVAL", "/at")
def harvest_on_the_last_day_of_the_interval(world: World) -> Wrong:
    spray(world, "2026-09-08T23:59:59+08:00")
    return reap(world, at="2026-09-21T23:59:59+08:00")


@case("INTERVAL", "/at")
def harvest_claimed_for_a_day_after_the_ledgers(world: World) -> Wrong:
    spray(world, "2026-11-20T08:00:00+08:00", 30)
    return reap(world, at="2026-12-31T08:00:00+08:00")


@case("INTERVAL", "/at")
def interval_pushed_out_by_an_application_claimed_for_later(world: World) -> Wrong:
    spray(world, "2026-09-20T08:00:00+08:00")
    spray(world, "2199-12-31T08:00:00+08:00", 365)
    return reap(world)


@case("SHORT", "/amount")
def more_shipped_than_held(world: World) -> Wrong:
    harvest(world, "甲", 100)
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=101, to=name("牛山"))


@case("SHORT", "/amount")
def more_missing_than_held(world: World) -> Wrong:
    harvest(world, "甲", 100)
    return world.refuse("batch.adjusted", "红星", batch=name("甲"), amount=-101, reason="shrinkage")


@case("SHORT", "/inputs/0/amount")
def more_processed_than_held(world: World) -> Wrong:
    harvest(world, "甲", 100)
    return transform(world, [("甲", 101)], [("乙", "精品梨", 101)], 0)


@case("USED_UP", "/inputs/0/amount")
def batch_processed_twice(world: World) -> Wrong:
    harvest(world, "甲", 100)
    world.tell("batch.destroyed", "红星", batch=name("甲"), amount=100, reason="spoilt")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 100)], 0)


@case("USED_UP", "/amount")
def batch_of_another_shipped(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.shipped", "牛山", batch=name("甲"), amount=1, to=name("红星"))


@case("USED_UP", "/amount")
def batch_of_another_destroyed(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.destroyed", "牛山", batch=name("甲"), amount=1, reason="spoilt")


@case("USED_UP", "/inputs/0/amount")
def batch_on_the_way_processed(world: World) -> Wrong:
    harvest(world, "甲", 100)
    ship(world, "甲", 100)
    return transform(world, [("甲", 100)], [("乙", "精品梨", 100)], 0)


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
    world.tell("recall.closed", "市监局", recall=recall)
    return pack(world)


@case("TWICE", "/inputs/1/batch")
def input_listed_twice(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 50), ("甲", 50)], [("乙", "精品梨", 100)], 0)


@case("BALANCE", "/loss_g")
def more_comes_out_than_went_in(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 101)], 0)


@case("BALANCE", "/loss_g")
def less_comes_out_than_went_in(world: World) -> Wrong:
    harvest(world, "甲")
    return transform(world, [("甲", 100)], [("乙", "精品梨", 90)], 9)


@case("BALANCE", "/loss_g")
def pieces_lighter_than_a_gram_made_of_nothing(world: World) -> Wrong:
    """A piece of 400 mg weighs a gram when made; rounded to the nearest it would weigh none."""
    harvest(world, "甲")
    return transform(world, [("甲", 1)], [("乙", "盒", 1)], 1)


@case("BALANCE", "/loss_g")
def pieces_lighter_than_a_gram_used_up_for_a_gram(world: World) -> Wrong:
    """A piece of 600 mg weighs nothing when used up alone; rounded to the nearest it would weigh a gram."""
    world.tell("product.registered", "红星", product=name("颗"), name="颗", unit="piece", unit_mass_mg=600)
    world.tell("batch.bought", "红星", batch=name("豆"), product=name("颗"), amount=1000)
    return transform(world, [("豆", 1)], [("乙", "精品梨", 1)], 0)


@case("BALANCE", "/loss_g")
def goods_made_of_water_alone(world: World) -> Wrong:
    world.tell("batch.bought", "红星", batch=name("豆"), product=name("盒"), amount=1)
    water = [{"name": "water", "mass_g": 100}]
    return transform(world, [("豆", 1)], [("乙", "精品梨", 100)], 0, added=water)


@case("BEFORE", "/at")
def shipped_before_it_was_harvested(world: World) -> Wrong:
    harvest(world, "甲", at="2026-09-22T00:00:00+08:00")
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=1, to=name("牛山"))


@case("BEFORE", "/at")
def processed_before_it_was_harvested(world: World) -> Wrong:
    harvest(world, "甲", at="2026-09-22T00:00:00+08:00")
    return transform(world, [("甲", 1)], [("乙", "精品梨", 1)], 0)


@case("BEFORE", "/packed_on")
def packed_before_it_was_harvested(world: World) -> Wrong:
    harvest(world, "甲")
    return pack(world, packed_on="2026-09-20")


@case("ZERO", "/amount")
def adjusted_by_nothing(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.adjusted", "红星", batch=name("甲"), amount=0, reason="stock-taking")


@case("GROWTH", "/amount")
def processed_batch_adjusted_upward(world: World) -> Wrong:
    harvest(world, "甲")
    inputs = [{"batch": name("甲"), "amount": 100}]
    outputs = [{"batch": name("乙"), "product": name("精品梨"), "amount": 100}]
    world.tell("batch.transformed", "红星", inputs=inputs, outputs=outputs, loss_g=0)
    return world.refuse("batch.adjusted", "红星", batch=name("乙"), amount=1, reason="stock-taking")


@case("BEYOND", "/amount")
def purchase_of_more_grams_than_can_be_counted(world: World) -> Wrong:
    world.tell("product.registered", "红星", product=name("车"), name="车", unit="piece", unit_mass_mg=10**9)
    return world.refuse("batch.bought", "红星", batch=name("豆"), product=name("车"), amount=2**53 - 1)


@case("BEYOND", "/amount")
def adjusted_to_more_than_can_be_counted(world: World) -> Wrong:
    world.tell("batch.bought", "红星", batch=name("豆"), product=name("梨"), amount=2**53 - 1)
    return world.refuse("batch.adjusted", "红星", batch=name("豆"), amount=1, reason="stock-taking")


@case("TO_SELF", "/to")
def shipped_to_oneself(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.shipped", "红星", batch=name("甲"), amount=1, to=name("红星"))


@case("RECEIVED_ALREADY", "/shipment")
def shipment_received_twice(world: World) -> Wrong:
    harvest(world, "甲")
    shape = {"shipment": ship(world, "甲", 10), "batch": name("甲")}
    world.tell("batch.received", "牛山", **shape, amount=0)
    return world.refuse("batch.received", "牛山", **shape, amount=10)


@case("TOO_MUCH", "/amount")
def more_received_than_shipped(world: World) -> Wrong:
    harvest(world, "甲")
    return world.refuse("batch.received", "牛山", shipment=ship(world, "甲", 10), batch=name("甲"), amount=11)


@case("FINDINGS", "/passed")
def result_passed_with_a_failed_finding(world: World) -> Wrong:
    harvest(world, "甲")
    return report(world, findings=[{"item": "铅", "result": "9", "passed": False}])


@case("FINDINGS", "/passed")
def result_failed_with_passed_findings_only(world: World) -> Wrong:
    harvest(world, "甲")
    return report(world, passed=False)


def pack(world: World, **fields: Any) -> Wrong:
    """Refuse a run of ten labels of 1 kg for 甲."""
    shape: dict[str, Any] = {
        "run": run_name("新"),
        "batch": name("甲"),
        "count": 10,
        "net": 1000,
        "root": "0" * 64,
    }
    return world.refuse("labels.issued", "红星", **{**shape, "packed_on": AT[:10], **fields})


def buy(world: World, *packages: tuple[str, int, int], count: int = 0) -> Wrong:
    """Refuse an order of packages of 甲."""
    listed = [{"run": run_name(run), "first": first, "end": end} for run, first, end in packages]
    count = count or sum(end - first for _, first, end in packages)
    return world.refuse(
        "order.sold", "小店", order=name("新单"), batch=name("甲"), count=count, packages=listed
    )


@case("PACK", "/count")
def more_packed_than_held(world: World) -> Wrong:
    harvest(world, "甲", 9_999)
    return pack(world)


@case("RANGE", "/end")
def empty_range_activated(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.activated", "红星", run=run_name("一"), first=3, end=3)


@case("RANGE", "/end")
def range_beyond_the_run_voided(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=9, end=11, reason="leaked")


@case("RANGE", "/packages/0/end")
def reversed_range_sold(world: World) -> Wrong:
    activated(world)
    return buy(world, ("一", 5, 3), count=2)


@case("STATE", "/first")
def voided_labels_activated(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    world.tell("labels.voided", "红星", run=run_name("一"), first=2, end=4, reason="leaked")
    return world.refuse("labels.activated", "红星", run=run_name("一"), first=0, end=3)


@case("STATE", "/first")
def voided_labels_voided_again(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    world.tell("labels.voided", "红星", run=run_name("一"), first=2, end=4, reason="leaked")
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=3, end=4, reason="leaked")


@case("STATE", "/first")
def sold_packages_voided(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=1, end=3, reason="leaked")


@case("STATE", "/packages/0/first")
def printed_packages_sold_before_activation(world: World) -> Wrong:
    harvest(world, "甲")
    issue(world, "一", "甲")
    return buy(world, ("一", 0, 1))


@case("STATE", "/packages/0/first")
def packages_sold_twice(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return buy(world, ("一", 1, 3))


@case("STATE", "/packages/1/first")
def packages_sold_twice_in_one_order(world: World) -> Wrong:
    activated(world)
    return buy(world, ("一", 0, 2), ("一", 1, 2))


@case("STATE", "/packages/0/first")
def voided_packages_sold(world: World) -> Wrong:
    activated(world)
    world.tell("labels.voided", "红星", run=run_name("一"), first=0, end=1, reason="leaked")
    return buy(world, ("一", 0, 1))


@case("VOID_SOLD", "/end")
def labels_voided_that_orders_by_count_need(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=8)
    return world.refuse("labels.voided", "红星", run=run_name("一"), first=0, end=3, reason="surplus")


@case("OVERSOLD", "/count")
def more_sold_than_labelled(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=8)
    return world.refuse("order.sold", "大店", order=name("单二"), batch=name("甲"), count=3)


@case("COUNT", "/count")
def order_of_more_than_it_lists(world: World) -> Wrong:
    activated(world)
    return buy(world, ("一", 0, 2), count=3)


@case("COUNT", "/packages")
def packages_of_an_order_returned_without_naming_them(world: World) -> Wrong:
    activated(world)
    sell(world, "单一", "甲", ("一", 0, 2))
    return take_back(world, "单一", count=1)


@case("RETURNED", "/count")
def more_returned_than_sold(world: World) -> Wrong:
    activated(world)
    world.tell("order.sold", "小店", order=name("单一"), batch=name("甲"), count=2)
    world.tell("order.returned", "小店", order=name("单一"), batch=name("甲"), count=1)
    return take_back(world, "单一", count=2)


REASONS = {word: reason for word, reason in vars(reasons).items() if isinstance(reason, Reason)}


@pytest.mark.parametrize(("reason", "situation"), CASES)
def test_the_reason_is_given_alone_and_points_to_the_field(reason: str, situation: str) -> None:
    pointer, tell = CASES[reason, situation]
    assert tell(peopled()) == [(pointer, REASONS[reason].code)]


def test_every_reason_is_reached() -> None:
    assert {reason for reason, _ in CASES} == REASONS.keys()


def test_no_two_reasons_share_a_code() -> None:
    assert len({reason.code for reason in REASONS.values()}) == len(REASONS)


def test_all_that_is_wrong_is_reported_at_once() -> None:
    world = peopled()
    harvest(world, "甲", 100)
    held(world)
    found = transform(world, [("甲", 500), ("无", 1)], [("甲", "无", 1)], 0, plant=name("无"))
    assert found == [
        ("/plant", "site.missing"),
        ("/inputs/0/batch", "batch.blocked"),
        ("/inputs/0/amount", "batch.short"),
        ("/inputs/1/batch", "batch.missing"),
        ("/outputs/0/product", "product.missing"),
        ("/outputs/0/batch", "id.taken"),
    ]


def test_a_problem_names_its_figures_in_both_languages() -> None:
    world = peopled()
    harvest(world, "甲", 203_400, ref="CS26-0001")
    signed = world.sign("batch.destroyed", "红星", batch=name("甲"), amount=250_000, reason="spoilt")
    with pytest.raises(Refused) as caught:
        fold(signed, world.book)
    problem = caught.value.problems[0]
    assert problem.zh == "出大于入：CS26-0001 在该主体名下只剩 203.4 kg，要用 250 kg"
    assert problem.en == "CS26-0001: the party holds 203.4 kg, wants 250 kg"
    assert problem.values == {"batch": "CS26-0001", "held": "203.4 kg", "wanted": "250 kg"}
