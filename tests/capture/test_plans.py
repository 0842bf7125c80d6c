"""No reading statement of an append grows with the log: each goes by a whole key, never by ``log_id`` alone."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import event

from suyuan.ledger.engine import begin_read
from tests.farm import Farm


def test_every_read_of_an_append_goes_by_a_key(sqlite_farm: Farm) -> None:
    said: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith("SELECT") and not many:
            said.append((statement, parameters))

    event.listen(sqlite_farm.engine, "before_cursor_execute", note)
    sqlite_farm.take(*sqlite_farm.harvests(3))
    event.remove(sqlite_farm.engine, "before_cursor_execute", note)
    found = []
    with begin_read(sqlite_farm.engine) as connection:
        for statement, parameters in said:
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                found.append(str(row[3]))
    lines = [line for line in found if re.search(r"^(SCAN|SEARCH)", line)]
    assert lines
    assert [line for line in lines if line.startswith("SCAN") and "json_each" not in line] == []
    assert [line for line in lines if line.endswith("(log_id=?)") and "ledger_log" not in line] == []
