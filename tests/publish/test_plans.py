"""How SQLite runs the questions of the window: never along a whole log, also without statistics."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from suyuan.books.questions import read_chains
from suyuan.books.store import find_records
from suyuan.ledger.engine import begin_read
from suyuan.produce.records import Batch, Position, Shipment
from tests.orchard import LOG, Orchard, name

WHOLE_LOG = "(log_id=?)"
"""How a plan says that only the log bounds what is read."""

ONE_ROW = ("FROM ledger_log", "LIMIT")


def test_no_question_reads_a_whole_log(grown: Orchard) -> None:
    asked: dict[str, Any] = {}

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "WITH")) and not any(one in statement for one in ONE_ROW):
            asked[statement] = parameters

    engine, window = grown.house.engine, grown.window
    event.listen(engine, "before_cursor_execute", note)
    try:
        window.look_up(grown.code("R1", 3))
        window.package_bundle(grown.code("R1", 3))
        window.trace(name("甲"), "forward")
        window.inclusion(3, 17)
        with begin_read(engine) as connection:
            find_records(connection, LOG, Shipment, batch=name("精"))
            find_records(connection, LOG, Batch, ref="JX2610-01")
            find_records(connection, LOG, Position, batch=name("精"))
            read_chains(connection, LOG, [f"batch:{name('精')}", f"batch:{name('甲')}"], 2)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) > 15
    with begin_read(engine) as connection:
        plans = {
            statement: [
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            ]
            for statement, given in asked.items()
        }
    assert {s: plan for s, plan in plans.items() if any(WHOLE_LOG in step for step in plan)} == {}
    assert not any(
        f"SCAN {table}" in step for plan in plans.values() for step in plan for table in ("book", "ledger")
    )
