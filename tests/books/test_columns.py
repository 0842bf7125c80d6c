"""Rows and tables agree on the order of columns: replacing statements bind by place."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import fields

from suyuan.books.tables import TABLES, to_row
from suyuan.produce.records import RECORDS, Record

PLAIN: dict[object, Any] = {str: "x", int: 1, bool: True, "str": "x", "int": 1, "bool": True}


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.kind)
def test_a_row_has_its_values_in_the_order_of_the_columns(kind: type[Record]) -> None:
    record = kind(**{field.name: PLAIN.get(field.type, ()) for field in fields(kind)})
    assert list(to_row("log", record)) == [column.name for column in TABLES[kind].columns]
