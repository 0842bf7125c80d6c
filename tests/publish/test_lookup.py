"""Looking up codes: each verdict, and which one wins."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suyuan.ledger.engine import begin_read
from suyuan.publish.lookup import HEADINGS, Verdict, look_up
from suyuan.qr.code import append_check
from suyuan.qr.run import make_code
from tests.keys import seed
from tests.orchard import LOG, SUPERVISOR, Orchard, name


def ask(orchard: Orchard, text: str) -> Verdict:
    with begin_read(orchard.house.engine) as connection:
        return look_up(connection, orchard.house.vault, LOG, text)


def sell(orchard: Orchard, first: int, end: int) -> None:
    packages = [{"run": name("R1", 5), "first": first, "end": end}]
    order = {"order": name("O1"), "batch": name("精"), "count": end - first}
    orchard.tell("order.sold", "供销直播间", **order, packages=packages)


def give_back(orchard: Orchard, first: int, end: int) -> None:
    packages = [{"run": name("R1", 5), "first": first, "end": end}]
    order = {"order": name("O1"), "batch": name("精"), "count": end - first}
    orchard.tell("order.returned", "供销直播间", **order, packages=packages)


def void(orchard: Orchard, first: int, end: int) -> None:
    orchard.tell("labels.voided", "红星合作社", run=name("R1", 5), first=first, end=end, reason="spoilt")


def hold(orchard: Orchard, batch: str) -> None:
    orchard.tell("batch.held", SUPERVISOR, batches=[name(batch)], reason="complaint")


def fail(orchard: Orchard, batch: str) -> None:
    finding = {"item": "毒死蜱", "result": "0.08", "limit": "0.02", "passed": False}
    report = {"report": "JC-9", "passed": False, "findings": [finding]}
    orchard.tell("test.reported", "市检测站", batch=name(batch), **report)


def test_an_active_package_is_intact(grown: Orchard) -> None:
    verdict = ask(grown, grown.code("R1", 3))
    assert verdict.state == "intact"
    assert verdict.heading.zh == "记录完整"
    assert verdict.package is not None
    assert verdict.story is not None
    assert (verdict.package.index, verdict.package.count, verdict.package.net) == (3, 10, 5000)
    assert verdict.story.product == "精品梨"


def test_a_code_is_found_however_it_is_typed(grown: Orchard) -> None:
    code = grown.code("R1", 3)
    typed = " ".join(code[at : at + 5] for at in range(0, 20, 5)).lower().replace("0", "o").replace("1", "l")
    assert ask(grown, typed).code == code


def test_a_printed_label_is_not_active(grown: Orchard) -> None:
    assert ask(grown, grown.code("R1", 9)).state == "inactive"


def test_a_sold_package_is_intact_and_says_that_it_was_sold(orchard: Orchard) -> None:
    sell(orchard, 0, 2)
    verdict = ask(orchard, orchard.code("R1", 1))
    assert verdict.package is not None
    assert (verdict.state, verdict.package.state) == ("intact", "sold")


def test_a_package_that_came_back_says_so(orchard: Orchard) -> None:
    sell(orchard, 0, 2)
    give_back(orchard, 0, 1)
    assert ask(orchard, orchard.code("R1", 0)).state == "returned"
    assert ask(orchard, orchard.code("R1", 1)).state == "intact"


def test_a_void_label_says_so(orchard: Orchard) -> None:
    void(orchard, 4, 5)
    assert ask(orchard, orchard.code("R1", 4)).state == "voided"
    assert ask(orchard, orchard.code("R1", 5)).state == "intact"


@pytest.mark.parametrize("batch", ["精", "甲"])
def test_a_hold_on_the_batch_or_on_what_it_came_from_is_told(orchard: Orchard, batch: str) -> None:
    hold(orchard, batch)
    verdict = ask(orchard, orchard.code("R1", 3))
    assert verdict.state == "held"
    assert [block.batch for block in verdict.blocks] == [name(batch)]
    assert verdict.blocks[0].reason.zh == "投诉"


def test_a_failed_test_of_an_ancestor_is_told(orchard: Orchard) -> None:
    fail(orchard, "乙")
    assert ask(orchard, orchard.code("R1", 3)).state == "failed"


def test_a_hold_that_was_lifted_blocks_no_more(orchard: Orchard) -> None:
    held = orchard.tell("batch.held", SUPERVISOR, batches=[name("精")], reason="complaint")
    orchard.tell("batch.released", SUPERVISOR, hold=held.event_id, batches=[name("精")])
    assert ask(orchard, orchard.code("R1", 3)).state == "intact"


def test_a_recall_of_an_ancestor_is_told(orchard: Orchard) -> None:
    orchard.recall("乙")
    assert ask(orchard, orchard.code("R1", 3)).state == "recalled"


Change = Callable[[Orchard], object]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ([lambda o: void(o, 3, 4), lambda o: hold(o, "精")], "held"),
        ([lambda o: hold(o, "精"), lambda o: fail(o, "甲")], "failed"),
        ([lambda o: fail(o, "甲"), lambda o: o.recall("精")], "recalled"),
        ([lambda o: o.recall("精"), lambda o: hold(o, "甲"), lambda o: void(o, 3, 4)], "recalled"),
    ],
)
def test_the_graver_verdict_wins(orchard: Orchard, changes: list[Change], state: str) -> None:
    for change in changes:
        change(orchard)
    assert ask(orchard, orchard.code("R1", 3)).state == state


def test_a_run_that_was_never_issued_is_unknown(grown: Orchard) -> None:
    assert ask(grown, grown.code("R9", 0)).state == "unknown"


def test_an_index_beyond_the_run_is_unknown_even_with_its_right_tag(grown: Orchard) -> None:
    assert ask(grown, grown.code("R1", 10)).state == "unknown"


def test_a_guessed_tag_is_unknown(grown: Orchard) -> None:
    forged = make_code(seed("a cloner"), name("R1", 5), 3)
    verdict = ask(grown, forged)
    assert (verdict.state, verdict.package, verdict.story) == ("unknown", None, None)


def test_a_run_whose_secret_the_vault_never_had_is_unknown(orchard: Orchard) -> None:
    shape = {"run": name("R7", 5), "batch": name("精"), "count": 2, "net": 1000, "root": "0" * 64}
    orchard.tell("labels.issued", "红星合作社", **shape, packed_on="2026-10-08")
    assert ask(orchard, make_code(bytes(32), name("R7", 5), 0)).state == "unknown"


def test_the_secret_that_stands_in_for_unknown_runs_opens_nothing(grown: Orchard) -> None:
    assert ask(grown, make_code(bytes(32), name("R9", 5), 0)).state == "unknown"


def test_a_slip_of_the_finger_is_mistyped_and_says_where(grown: Orchard) -> None:
    code = grown.code("R1", 3)
    swapped = append_check(code[:-1])[:-1] + ("0" if code[-1] != "0" else "1")
    assert ask(grown, swapped).state == "mistyped"
    assert [problem.code for problem in ask(grown, code[:-1]).problems] == ["code.length"]


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_refused_and_none_is_intact_by_chance(grown: Orchard, text: str) -> None:
    assert ask(grown, text).state in ("mistyped", "unknown")


def test_every_verdict_has_a_heading_of_its_own_and_none_says_genuine() -> None:
    assert len({words.zh for words in HEADINGS.values()}) == len(HEADINGS)
    assert not any("正品" in words.zh or "genuine" in words.en.lower() for words in HEADINGS.values())


def test_what_is_remembered_is_forgotten_when_the_log_grows(orchard: Orchard) -> None:
    window = orchard.window
    code = orchard.code("R1", 3)
    assert window.look_up(code) == window.look_up(code)
    orchard.recall("甲")
    assert window.look_up(code).state == "recalled"
