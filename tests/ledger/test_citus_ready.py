"""
What keeps a log a shard, so that the tables can be distributed by ``log_id`` (notes: Citus).

Every key names the log, every statement names the log for each table, nothing relies on what holds on one node only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import (
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
)
from sqlalchemy import event as alchemy_event

from suyuan.books.rebuild import check_books, rebuild
from suyuan.capture.pen import Hidden
from suyuan.ledger.engine import begin_read, begin_write
from suyuan.ledger.log import prove_entry
from suyuan.server.house import METADATA
from tests.farm import Farm, name
from tests.house.sources import modules

TABLES = [table for metadata in METADATA for table in metadata.sorted_tables]

STORES = r"ledger\.(store|log|audit|engine|schema)|books\..*|vault\..*|capture\..*|publish\..*"

FORBIDDEN = (
    r"advisory",
    r"\bNOTIFY\b",
    r"\bLISTEN\b",
    r"SERIALIZABLE",
    r"\bMERGE INTO\b",
    r"\bCYCLE\b",
    r"\bnow\(\)",
    r"CURRENT_TIMESTAMP",
    r"\bON CONSTRAINT\b",
    r"constraint_name",
    r"nextval",
    r"gen_random_uuid",
    r"autoincrement=True",
)


@pytest.mark.parametrize("table", TABLES, ids=str)
class TestATable:
    def test_leads_its_primary_key_with_the_log(self, table: Table) -> None:
        assert next(column.name for column in table.primary_key) == "log_id"
        assert len(table.primary_key) > 1 or table.name == "ledger_log"

    def test_names_the_log_in_every_key_and_index(self, table: Table) -> None:
        keys = [
            constraint
            for constraint in table.constraints
            if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint)
        ]
        groups: list[Any] = [*keys, *table.indexes]
        assert [group for group in groups if "log_id" not in [column.name for column in group.columns]] == []
        assert all(not isinstance(group, Index) or group.columns[0].name == "log_id" for group in groups)

    def test_takes_its_values_from_the_statement(self, table: Table) -> None:
        for column in table.columns:
            assert column.server_default is None
            assert column.default is None
            assert column.identity is None
            assert column.autoincrement in (False, "auto")
            assert not isinstance(column.default, Sequence | Identity)
        # an "auto" single integer key would be numbered by the database
        assert table.autoincrement_column is None


def sources() -> Iterator[tuple[str, str]]:
    for module, (path, _) in modules().items():
        if re.fullmatch(STORES, module):
            yield module, path.read_text("utf-8")


@pytest.mark.parametrize("word", FORBIDDEN)
def test_nothing_relies_on_what_holds_on_one_node_only(word: str) -> None:
    assert [module for module, source in sources() if re.search(word, source)] == []


def test_the_scan_sees_the_stores() -> None:
    assert {"ledger.store", "books.store", "vault.vault", "capture.append"} <= {name for name, _ in sources()}


NAMES = "|".join(sorted((table.name for table in TABLES), key=len, reverse=True))
NAMED = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|COPY)\s+(?:{NAMES})\b", re.IGNORECASE)


def test_every_statement_names_the_log_for_each_table(farm: Farm) -> None:
    said: set[str] = set()
    alchemy_event.listen(
        farm.engine, "before_cursor_execute", lambda _c, _cu, statement, *_rest: said.add(statement)
    )
    farm.take(
        *farm.harvests(300),
        farm.say("product.registered", "红星", hidden=(Hidden({"household": "x"}, "7K3M9Q2XWA"),),
            product=name("油"), name="油", unit="g"),
    )  # fmt: skip
    farm.checkpoint()
    with begin_read(farm.engine) as connection:
        prove_entry(connection, farm.log, 7, 300)
        check_books(connection, farm.log)
    with begin_write(farm.engine) as connection:
        rebuild(connection, farm.log)
    farm.audit()
    of_tables = [statement for statement in said if NAMED.search(statement)]
    assert len(of_tables) > 30
    unnamed = [
        statement
        for statement in of_tables
        if len(re.findall(r"\blog_id\b", statement)) < len(NAMED.findall(statement))
    ]
    assert unnamed == []
