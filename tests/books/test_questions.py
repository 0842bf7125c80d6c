"""Questions asked of the tables, on a season."""

from __future__ import annotations

import pytest

from suyuan.books import store
from suyuan.books.questions import (
    find_record,
    find_records,
    list_checkpoints,
    read_chains,
    reports_of,
    runs_of,
)
from suyuan.ledger.engine import begin_read
from suyuan.produce.records import Batch, Position, Shipment
from tests.orchard import LOG, Orchard, name


@pytest.fixture(scope="module")
def orchard(grown: Orchard) -> Orchard:
    grown.tell("batch.shipped", "红星合作社", batch=name("精"), amount=1000, to=name("供销直播间"))
    return grown


def test_records_are_found_by_id_and_absent_ones_left_out(orchard: Orchard) -> None:
    with begin_read(orchard.house.engine) as connection:
        assert find_record(connection, LOG, Batch, "NONE") is None
        assert set(find_records(connection, LOG, Batch, [name("甲"), "NONE"])) == {name("甲")}


def test_what_belongs_to_a_batch_is_found(orchard: Orchard) -> None:
    with begin_read(orchard.house.engine) as connection:
        assert [run.id for run in runs_of(connection, LOG, name("精"))] == [name("R1", 5)]
        assert [report.batch for report in reports_of(connection, LOG, [name("甲"), name("乙")])] == [
            name("甲")
        ]
        assert [
            shipment.amount for shipment in store.find_records(connection, LOG, Shipment, batch=name("精"))
        ] == [1000]
        assert (
            sum(one.packed for one in store.find_records(connection, LOG, Position, batch=name("精")))
            == 50_000
        )
        assert [batch.id for batch in store.find_records(connection, LOG, Batch, ref="CS2610-01")] == [
            name("甲")
        ]


def test_chains_of_many_subjects_come_in_one_answer(orchard: Orchard) -> None:
    with begin_read(orchard.house.engine) as connection:
        found = read_chains(
            connection, LOG, [f"batch:{name('甲')}", f"batch:{name('乙')}", "batch:NONE"], 100
        )
    assert {subject: length for subject, (length, _) in found.items()} == {
        f"batch:{name('甲')}": 3,
        f"batch:{name('乙')}": 2,
    }


def test_of_a_long_chain_both_ends_are_listed_in_order(orchard: Orchard) -> None:
    subject = f"batch:{name('精')}"
    with begin_read(orchard.house.engine) as connection:
        _, whole = read_chains(connection, LOG, [subject], 100)[subject]
        length, ends = read_chains(connection, LOG, [subject], 2)[subject]
    assert length == len(whole) == 3
    assert ends == whole[1:]


def test_checkpoints_come_largest_first_below_a_size(orchard: Orchard) -> None:
    orchard.house.checkpoint()
    with begin_read(orchard.house.engine) as connection:
        sizes = [one.size for one in list_checkpoints(connection, LOG, None, 10)]
        assert sizes == sorted(sizes, reverse=True)
        assert [one.size for one in list_checkpoints(connection, LOG, sizes[0], 10)] == sizes[1:]
        assert len(list_checkpoints(connection, LOG, None, 1)) == 1
