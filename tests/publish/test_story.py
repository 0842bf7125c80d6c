"""Stories and histories: what is told of a batch, with both times, marks and shares."""

from __future__ import annotations

import pytest

from suyuan.errors import Missing
from suyuan.ledger.engine import begin_read
from suyuan.publish import history as histories
from suyuan.publish.history import History, Told
from suyuan.publish.story import Story, tell_story
from tests.orchard import LOG, Orchard, name


def story(orchard: Orchard, batch: str = "精") -> Story:
    with begin_read(orchard.house.engine) as connection:
        return tell_story(connection, LOG, name(batch))


def line(history: History, kind: str) -> Told:
    return next(one for one in history.lines if one.type == kind)


def test_an_unknown_batch_is_missing(grown: Orchard) -> None:
    with begin_read(grown.house.engine) as connection, pytest.raises(Missing):
        tell_story(connection, LOG, "NONE")


def test_origins_are_villages_by_share_and_add_up(grown: Orchard) -> None:
    origins = story(grown).origins
    assert [(one.place, one.permille) for one in origins] == [
        ("桥头河镇华溪村", 600),
        ("石马山镇新塘村", 400),
    ]
    assert sum(one.permille for one in origins) == 1000
    assert sum(one.mass_g for one in origins) == 95_000


def test_plots_of_one_village_count_as_one_place(orchard: Orchard) -> None:
    orchard.plot("三号地", "桥头河镇华溪村")
    orchard.harvest("丙", "三号地", 10_000)
    orchard.harvest("丁", "一号地", 10_000)
    inputs = [{"batch": name("丙"), "amount": 10_000}, {"batch": name("丁"), "amount": 10_000}]
    output = {"batch": name("戊"), "product": name("精品梨"), "amount": 20_000}
    orchard.tell("batch.transformed", "红星合作社", inputs=inputs, outputs=[output], loss_g=0)
    assert [one.place for one in story(orchard, "戊").origins] == ["桥头河镇华溪村"]


def test_goods_from_outside_are_never_a_place(orchard: Orchard) -> None:
    orchard.tell("batch.bought", "红星合作社", batch=name("外"), product=name("金秋梨"), amount=1000)
    assert [(one.place, one.outside) for one in story(orchard, "外").origins] == [("", True)]


def test_the_days_of_harvest_span_all_ancestors(grown: Orchard) -> None:
    assert story(grown).harvested == ("2026-09-30", "2026-10-08")


def test_tests_of_ancestors_are_told_with_their_findings(grown: Orchard) -> None:
    tests = story(grown).tests
    assert [(test.report, test.passed, test.label) for test in tests] == [("JC-2026-118", True, "CS2610-01")]
    assert [finding.result for finding in tests[0].findings] == ["<0.01", "0.12"]


def test_history_goes_by_claimed_time_and_tells_each_entry_once(grown: Orchard) -> None:
    history = story(grown).history
    assert [one.type for one in history.lines] == [
        "batch.harvested",
        "batch.harvested",
        "test.reported",
        "batch.transformed",
        "labels.issued",
        "labels.activated",
    ]
    assert history.lines[0].claimed == "2026-09-30T16:00:00+08:00"
    assert history.untold == 0


def test_both_times_are_told(grown: Orchard) -> None:
    told = line(story(grown).history, "test.reported")
    assert told.claimed == "2026-10-08T08:30:00+08:00"
    assert told.at.isoformat().startswith("2026-10-08T01:00")


def test_what_is_written_later_is_marked_so(grown: Orchard) -> None:
    first, second, *_ = story(grown).history.lines
    assert first.marks == ("backfilled", "late")
    assert second.marks == ()


@pytest.mark.parametrize(
    ("at", "marks"),
    [
        ("2026-10-07T09:01:00+08:00", ()),
        ("2026-10-07T08:59:00+08:00", ("late",)),
        ("2026-10-08T09:04:00+08:00", ()),
        ("2026-10-08T12:00:00+08:00", ("ahead",)),
    ],
)
def test_a_claim_far_from_the_ledgers_time_is_marked(
    orchard: Orchard, at: str, marks: tuple[str, ...]
) -> None:
    orchard.harvest("丙", "一号地", 1000, at=at)
    assert story(orchard, "丙").history.lines[0].marks == marks


def test_an_inferred_handover_is_marked(orchard: Orchard) -> None:
    shipment = {"batch": name("精"), "amount": 1000, "to": name("供销直播间"), "inferred": True}
    orchard.tell("batch.shipped", "红星合作社", **shipment)
    assert line(story(orchard).history, "batch.shipped").marks == ("inferred",)


def test_each_line_says_whose_key_signed_it_and_where_the_key_lies(orchard: Orchard) -> None:
    orchard.party("独立检测所", "laboratory", custody="party")
    report = {"report": "DL-1", "passed": True, "findings": [{"item": "铅", "result": "0.01"}]}
    orchard.tell("test.reported", "独立检测所", batch=name("精"), **report)
    by_report = {
        one.words.zh: one.custody for one in story(orchard).history.lines if one.type == "test.reported"
    }
    assert by_report == {"检测合格：报告 JC-2026-118，2 项": "service", "检测合格：报告 DL-1，1 项": "party"}


def test_a_party_with_a_private_name_stays_private_everywhere(orchard: Orchard) -> None:
    orchard.tell("batch.shipped", "红星合作社", batch=name("精"), amount=9000, to=name("刘记果行"))
    told = repr(story(orchard))
    assert "刘记果行" not in told
    assert "个体经营者" in told


def test_orders_of_other_packages_are_counted_not_listed(orchard: Orchard) -> None:
    for number in range(3):
        packages = [{"run": name("R1", 5), "first": number, "end": number + 1}]
        order = {"order": name(f"O{number}"), "batch": name("精"), "count": 1}
        orchard.tell("order.sold", "供销直播间", **order, packages=packages)
    history = story(orchard).history
    mine = history.of_package(name("R1", 5), 1)
    assert [one.type for one in mine.lines].count("order.sold") == 1
    assert mine.orders == 2
    assert history.of_batch().orders == 3


def test_label_states_of_other_packages_are_left_out(orchard: Orchard) -> None:
    orchard.activate("R1", 8, 9)
    history = story(orchard).history.of_package(name("R1", 5), 8)
    assert [one.spans[0].first for one in history.lines if one.type == "labels.activated"] == [8]


def test_of_a_batch_with_many_orders_the_beginning_is_still_told(
    orchard: Orchard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "MOST_OF_A_CHAIN", 4)
    monkeypatch.setattr(histories, "MOST_TOLD", 5)
    for number in range(8):
        order = {"order": name(f"O{number}"), "batch": name("精"), "count": 1}
        orchard.tell("order.sold", "供销直播间", **order)
    history = story(orchard).history
    kinds = {one.type for one in history.lines}
    assert {"batch.harvested", "test.reported", "batch.transformed", "labels.issued"} <= kinds
    assert history.untold > 0


def test_a_hold_says_on_which_batch_and_why(orchard: Orchard) -> None:
    orchard.recall("甲")
    block = story(orchard).blocks[0]
    assert (block.cause, block.label, block.reason.zh) == ("recalled", "CS2610-01", "污染")
