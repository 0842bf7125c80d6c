"""The books follow from the entries: made anew they are equal, and a value that differs is named."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, Table, select, text, type_coerce, update
from sqlalchemy.types import Integer, Text

from suyuan.books.rebuild import check_books, compare_books, rebuild, replay_log
from suyuan.books.replay import differences
from suyuan.books.store import clear, read_all
from suyuan.books.tables import TABLES, metadata
from suyuan.errors import Missing, Refused
from suyuan.ledger import schema
from suyuan.ledger.engine import begin_read, begin_write
from suyuan.produce.records import Batch, Key, LogState, Party, Record
from tests.farm import Farm, name


@pytest.fixture
def lively(farm: Farm) -> Farm:
    """A farm whose books have many kinds of records, some of them changed more than once."""
    batch, oil = name("批"), name("油批")
    farm.take(
        farm.registration("检测站", "laboratory"),
        farm.registration("小店", "shop"),
        farm.harvest(batch=batch, amount=100_000, ref="LS-1"),
        farm.say("product.registered", "红星", product=name("油"), name="油", unit="g"),
        farm.say("batch.bought", "红星", batch=name("豆"), product=name("油"), amount=5000),
        farm.say("batch.transformed", "红星", inputs=[{"batch": batch, "amount": 40_000}],
            outputs=[{"batch": oil, "product": name("油"), "amount": 30_000}], loss_g=10_000),
        farm.say("test.reported", "检测站", batch=oil, report="R-1", passed=True,
            findings=[{"item": "酸价", "result": "0.5"}]),
        farm.say("labels.issued", "红星", run="7K3MX", batch=batch, count=10, net=1000, root="0" * 64,
            packed_on="2026-09-21"),
        farm.say("labels.activated", "红星", run="7K3MX", first=0, end=5),
        farm.say("batch.shipped", "红星", batch=oil, amount=100, to=name("小店")),
        farm.say("batch.held", "农业局", batches=[batch], reason="complaint"),
    )  # fmt: skip
    farm.take(farm.revocation("小店"))
    return farm


def columns() -> list[Any]:
    return [column for table in metadata.sorted_tables for column in table.columns if column.name != "log_id"]


def lines(connection: Connection, farm: Farm) -> list[str]:
    return compare_books(connection, farm.log, replay_log(connection, farm.log).records().values())


class Undo(Exception):
    """Raised to roll a change back."""


def test_replaying_all_entries_into_an_empty_database_gives_equal_books(lively: Farm) -> None:
    with begin_read(lively.engine) as connection:
        before = read_all(connection, lively.log)
    assert len({kind for kind, _ in before}) > 10
    with begin_write(lively.engine) as connection:
        clear(connection, lively.log)
    with begin_read(lively.engine) as connection:
        assert read_all(connection, lively.log) == {}
        assert len(check_books(connection, lively.log)) == len(before)
    with begin_write(lively.engine) as connection:
        assert rebuild(connection, lively.log) == len(before)
    with begin_read(lively.engine) as connection:
        assert read_all(connection, lively.log) == before
        assert check_books(connection, lively.log) == []


def test_books_are_rebuilt_from_nothing_but_the_entries(lively: Farm) -> None:
    with begin_read(lively.engine) as connection:
        before = read_all(connection, lively.log)
    with begin_write(lively.engine) as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Text) and not column.primary_key:
                    connection.execute(
                        update(table).where(table.c.log_id == lively.log).values({column.name: "wrong"})
                    )
        assert rebuild(connection, lively.log) == len(before)
        assert read_all(connection, lively.log) == before


def test_writing_goes_on_from_rebuilt_books(lively: Farm) -> None:
    with begin_write(lively.engine) as connection:
        rebuild(connection, lively.log)
    lively.take(lively.harvest())


def test_a_rebuild_of_many_records_goes_by_bulk(farm: Farm) -> None:
    farm.take(*farm.harvests(300))
    with begin_write(farm.engine) as connection:
        assert rebuild(connection, farm.log) > 600


def test_other_logs_books_stay(lively: Farm) -> None:
    neighbour = Farm(lively.url, lively.folder, "neighbour", f"{lively.log}/neighbour")
    neighbour.found()
    with begin_write(lively.engine) as connection:
        clear(connection, lively.log)
        assert len(read_all(connection, neighbour.log)) == 6  # the log, its key, two supervisors, their keys
        rebuild(connection, lively.log)
    neighbour.check()
    neighbour.close()


def test_progress_is_told(farm: Farm) -> None:
    told: list[int] = []
    farm.take(*farm.harvests(1000))
    with begin_read(farm.engine) as connection:
        check_books(connection, farm.log, told.append)
    assert told == [1000, 1005]


def test_a_changed_value_in_any_column_is_named(lively: Farm) -> None:
    unnamed = []
    with begin_read(lively.engine) as connection:
        records = list(replay_log(connection, lively.log).records().values())
    for column in columns():
        id, found = changed(lively, column, records)
        where = (
            f"{column.table.name} {id}"
            if column.name == "id"
            else f"{column.table.name} {id}.{column.name}: "
        )
        if id is not None and not any(line.startswith(where) for line in found):
            unnamed.append((str(column), found))
    assert unnamed == []


def changed(farm: Farm, column: Any, records: list[Record]) -> tuple[str | None, list[str]]:
    """Change one value of *column* and compare; return whose it was and what was said. The change is undone."""
    id, found = None, list[str]()
    try:
        with begin_write(farm.engine) as connection:
            id = change(connection, column, farm.log)
            found = compare_books(connection, farm.log, records)
            raise Undo
    except Undo:
        return id, found


def change(connection: Connection, column: Any, log: str) -> str | None:
    """Give one row of the log another value in *column*; return the row's id, None where there is no row."""
    table: Table = column.table
    row = connection.execute(
        select(table.c.id, type_coerce(column, Integer) if isinstance(column.type, Boolean) else column)
        .where(table.c.log_id == log)
        .order_by(table.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    old = row[1]
    new: object = (
        f"{old}x" if isinstance(old, str) else not old if isinstance(column.type, Boolean) else old + 1
    )
    connection.execute(
        update(table).where(table.c.log_id == log, table.c.id == row[0]).values({column.name: new})
    )
    return str(row[0])


def test_a_missing_and_an_added_record_are_named(farm: Farm) -> None:
    table = TABLES[Party]
    with begin_write(farm.engine) as connection:
        connection.execute(
            update(table)
            .where(table.c.log_id == farm.log, table.c.id == name("红星"))
            .values(id="STRANGER99")
        )
        found = lines(connection, farm)
        rebuild(connection, farm.log)
    assert found == [
        "book_party STRANGER99: not in the entries",
        f"book_party {name('红星')}: missing",
    ]


class TestSqlite:
    """What only an engine without strict types can hold."""

    @pytest.mark.parametrize("value", ["2", "-1"])
    def test_a_truth_value_that_is_neither_is_named(self, sqlite_farm: Farm, value: str) -> None:
        farm = sqlite_farm
        with begin_write(farm.engine) as connection:
            connection.exec_driver_sql(f"UPDATE {TABLES[LogState].name} SET demo = {value}")
            assert lines(connection, farm) == [f"book_log_state log.demo: expected False, found {value}"]
            rebuild(connection, farm.log)

    def test_text_that_is_no_text_is_named_by_table(self, sqlite_farm: Farm) -> None:
        farm = sqlite_farm
        with begin_write(farm.engine) as connection:
            connection.exec_driver_sql(f"UPDATE {TABLES[Key].name} SET party = CAST(x'ff41' AS TEXT)")
            [line] = lines(connection, farm)
            rebuild(connection, farm.log)
        assert line.startswith("book_key: ")

    def test_a_flipped_bit_in_a_value_is_named(self, sqlite_farm: Farm) -> None:
        farm = sqlite_farm
        farm.take(farm.harvest())
        chance = random.Random("books")
        for _ in range(20):
            bit = 1 << chance.randrange(62)
            with begin_write(farm.engine) as connection:
                connection.execute(
                    text(f"UPDATE {TABLES[Batch].name} SET made = (made | :b) - (made & :b)"), {"b": bit}
                )
                assert len(lines(connection, farm)) == 1
                rebuild(connection, farm.log)


def test_a_log_that_is_not_there_is_missing(farm: Farm) -> None:
    with begin_write(farm.engine) as connection, pytest.raises(Missing):
        rebuild(connection, "other.example")


def test_entries_that_the_rules_refuse_give_no_books(sqlite_farm: Farm) -> None:
    farm = sqlite_farm
    try:
        with begin_write(farm.engine) as connection:
            connection.exec_driver_sql("DROP TRIGGER ledger_entry_no_delete")
            connection.execute(schema.entries.delete().where(schema.entries.c.idx == 1))
            before = read_all(connection, farm.log)
            with pytest.raises(Refused):
                rebuild(connection, farm.log)
            assert read_all(connection, farm.log) == before
            raise Undo
    except Undo:
        pass


def test_differences_of_records_name_both_sides(farm: Farm) -> None:
    with begin_read(farm.engine) as connection:
        records = read_all(connection, farm.log)
    fewer = dict(records)
    party = fewer.pop((Party, name("红星")))
    assert differences(records, records) == []
    assert differences(records, fewer) == [f"party:{name('红星')}: expected {party}, found None"]
