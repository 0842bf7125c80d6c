"""The order in which rows are entered."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from suyuan.intake.rows import PackRow, ProcessingRow, TestRow, Where
from suyuan.intake.sequence import find_used_later, order_processing, weave


def made(batch: str, *inputs: str, day: int = 1) -> ProcessingRow:
    where = Where("加工记录.xlsx", "", sum(batch.encode()))
    return ProcessingRow(batch, date(2026, 9, day), inputs, "梨", 1, 0, "", 0, "厂", where)


def report_of(batch: str, day: int) -> tuple[TestRow]:
    where = Where("检测报告.csv", "", day * 1000 + sum(batch.encode()))
    return (TestRow("R", batch, date(2026, 9, day), "项", "0", "", "", True, "检", where),)


def packed(batch: str) -> PackRow:
    return PackRow(batch, date(2026, 9, 9), "梨", 1, 1, "社", Where("包装赋码.xlsx", "", 1))


def refs(rows: list[ProcessingRow]) -> list[str]:
    return [row.batch for row in rows]


def test_rows_that_need_no_other_keep_their_order() -> None:
    assert refs(order_processing([made("b", "1"), made("a", "2"), made("c", "1")])) == ["b", "a", "c"]


def test_a_row_waits_for_what_makes_its_inputs() -> None:
    rows = [made("oil", "seed"), made("x", "1"), made("seed", "fruit"), made("y", "2")]
    assert refs(order_processing(rows)) == ["x", "seed", "oil", "y"]


def test_rows_in_a_circle_come_last() -> None:
    rows = [made("a", "b"), made("b", "a"), made("c", "c"), made("d", "1")]
    assert refs(order_processing(rows)) == ["d", "a", "b", "c"]


@given(st.permutations(range(12)), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30))
def test_every_row_comes_once_and_after_its_inputs(order: list[int], pairs: list[tuple[int, int]]) -> None:
    inputs = {place: [f"n{low}" for low, high in pairs if low < high == place] for place in range(12)}
    ordered = refs(order_processing([made(f"n{place}", *inputs[place]) for place in order]))
    assert sorted(ordered) == sorted(f"n{place}" for place in range(12))
    for place, needed in inputs.items():
        assert all(ordered.index(one) < ordered.index(f"n{place}") for one in needed)


def test_what_was_tested_before_its_processing_comes_first_and_other_reports_last() -> None:
    rows = [made("A", "1", day=5), made("B", "A", day=8)]
    early, late, middle, other = report_of("1", 5), report_of("1", 6), report_of("A", 7), report_of("Z", 1)
    assert weave(rows, [late, other, middle, early]) == [early, (rows[0],), middle, (rows[1],), late, other]


def test_an_input_is_used_later_where_a_later_row_or_a_label_names_it() -> None:
    rows = [made("A", "1", "2", "3"), made("B", "1", "4"), made("C", "4")]
    used = find_used_later(rows, [packed("3")])
    assert [used[row.where] for row in rows] == [{"1", "3"}, {"4"}, frozenset()]
