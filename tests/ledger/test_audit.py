"""The audit finds whatever somebody did to the tables; each forgery happens in a transaction that is undone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Column, Connection, delete, text, update
from sqlalchemy.exc import DBAPIError

from suyuan.books.replay import Replay
from suyuan.ledger import schema, store
from suyuan.ledger.audit import Auditor, AuditReport, Difference, Trust
from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint
from suyuan.ledger.engine import begin_read
from suyuan.ledger.log import find_root
from suyuan.ledger.note import Signer
from suyuan.ledger.statement import parse_statement, sign_statement
from tests import keys
from tests.farm import LOG, Farm, key, name
from tests.ledger.forger import (
    Line,
    columns,
    drop_guards,
    flip,
    forged,
    read_lines,
    row_places,
    with_statement,
    write_anew,
)

FLIPS = 2
"""Bits flipped in each column, each in a row and place of its own."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def old_farm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A farm of 300 entries and three checkpoints; what tests do to it is undone."""
    folder = tmp_path_factory.mktemp("farm")
    if request.param == "sqlite":
        farm = Farm(f"sqlite:///{folder / 'suyuan.db'}", folder)
    else:
        farm = Farm(request.getfixturevalue("farms_url"), folder, log=f"{LOG}/audit")
    farm.found()
    farm.checkpoint()
    farm.settle()
    farm.take(farm.registration("牛山", "producer"))
    farm.take(farm.say("product.registered", "牛山", product=name("油"), name="油", unit="g"))
    farm.wait(seconds=1)
    farm.take(farm.say("key.revoked", "牛山", party=name("牛山"), kid=key("牛山").kid, reason="lost"))
    farm.checkpoint()
    farm.wait(seconds=1)
    farm.take(*farm.harvests(292))
    farm.checkpoint()
    farm.check()
    yield farm
    farm.check()
    farm.close()


def whats(report: AuditReport) -> list[str]:
    return [difference.what for difference in report.differences]


def saved(farm: Farm) -> Checkpoint:
    """Return the last checkpoint as somebody saved it."""
    return open_checkpoint(farm.checkpoint().note, [farm.keys.checkpoint.verifier], farm.log)


def signer(farm: Farm) -> Signer:
    return farm.keys.checkpoint


@pytest.mark.parametrize("column", columns(), ids=str)
def test_a_flipped_bit_is_found(old_farm: Farm, column: Column[Any]) -> None:
    chance = random.Random(f"flip {column}")
    for _ in range(FLIPS):
        with forged(old_farm) as connection:
            done = flip(connection, column, old_farm.log, chance)
            assert old_farm.audit(connection).differences != (), done


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=str)
def test_a_removed_row_is_found(old_farm: Farm, table: Any) -> None:
    with forged(old_farm) as connection:
        places = row_places(connection, table, old_farm.log)
    for place in {places[0], places[len(places) // 2], places[-1]}:
        with forged(old_farm) as connection:
            where = "rowid = :place" if connection.dialect.name == "sqlite" else "ctid = CAST(:place AS tid)"
            connection.execute(text(f"DELETE FROM {table.name} WHERE {where}"), {"place": place})
            assert old_farm.audit(connection).differences != (), place


@pytest.mark.parametrize("old_farm", ["sqlite"], indirect=True)  # PostgreSQL refuses invalid UTF-8 itself
@pytest.mark.parametrize(
    "column", [column for column in columns() if column.type.python_type is str], ids=str
)
def test_text_that_is_no_text_any_more_is_reported(tmp_path_factory: pytest.TempPathFactory, column: Any,
    old_farm: Farm) -> None:  # fmt: skip
    with forged(old_farm) as connection:
        connection.exec_driver_sql(
            f"UPDATE {column.table.name} SET {column.name} = CAST(x'ff' || {column.name} AS TEXT) "
            f"WHERE rowid = (SELECT max(rowid) FROM {column.table.name})"
        )
        assert old_farm.audit(connection).differences != ()


class TestTheEnd:
    def test_cut_off_is_found(self, old_farm: Farm) -> None:
        last = len(old_farm.entries()) - 1
        with forged(old_farm) as connection:
            connection.execute(delete(schema.entries).where(_at(old_farm, last)))
            found = whats(old_farm.audit(connection))
        assert "size" in found
        assert "number of stored links" in found

    def test_cut_off_with_all_else_made_to_fit_is_found_by_a_checkpoint(self, old_farm: Farm) -> None:
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, read_lines(old_farm)[:-1])
            assert whats(old_farm.audit(connection)) == ["signed for more entries than there are"]

    def test_with_one_more_entry_is_found(self, old_farm: Farm) -> None:
        size = len(old_farm.entries())
        with forged(old_farm) as connection:
            connection.exec_driver_sql(
                f"INSERT INTO {schema.entries.name} (log_id, idx, event_id, leaf, body) "
                f"SELECT log_id, {size}, 'x', leaf, body FROM {schema.entries.name} "
                f"WHERE log_id = '{old_farm.log}' AND idx = {size - 1}"
            )
            found = whats(old_farm.audit(connection))
        assert "event id used twice" in found
        assert "size" in found

    def test_with_an_entry_behind_a_gap_is_found(self, old_farm: Farm) -> None:
        with forged(old_farm) as connection:
            connection.exec_driver_sql(
                f"INSERT INTO {schema.entries.name} (log_id, idx, event_id, leaf, body) "
                f"SELECT log_id, 1000000, 'x', leaf, body FROM {schema.entries.name} "
                f"WHERE log_id = '{old_farm.log}' AND idx = 0"
            )
            assert whats(old_farm.audit(connection)) == ["number of stored entries"]


def _at(farm: Farm, index: int) -> Any:
    return (schema.entries.c.log_id == farm.log) & (schema.entries.c.idx == index)


def test_a_swapped_pair_is_found(old_farm: Farm) -> None:
    with forged(old_farm) as connection:
        for old, new in ((100, -1), (101, 100), (-1, 101)):
            connection.execute(update(schema.entries).where(_at(old_farm, old)).values(idx=new))
        found = old_farm.audit(connection).differences
    assert {"entry 100", "entry 101", "entry 102"} <= {difference.where for difference in found}


class TestAForger:
    """Somebody with the database, and perhaps the operator's checkpoint key, but no party's key."""

    def test_of_an_entry_with_every_hash_recomputed_is_found_by_the_signature(self, old_farm: Farm) -> None:
        lines = read_lines(old_farm)
        victim = parse_statement(lines[50].draft.statement)
        other = sign_statement({**victim.payload, "amount": 999_999}, key("红星"))
        head, payload, _ = other.split(".")
        lines[50] = with_statement(lines[50], f"{head}.{payload}.{lines[50].draft.statement.split('.')[2]}")
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, lines, [signer(old_farm)])
            [found] = old_farm.audit(connection).differences
        assert found.where == "entry 50"
        assert "statement.signature" in found.what

    def test_of_an_entry_signed_with_a_key_of_its_own_is_found(self, old_farm: Farm) -> None:
        lines = read_lines(old_farm)
        victim = parse_statement(lines[50].draft.statement)
        lines[50] = with_statement(lines[50], sign_statement({**victim.payload, "amount": 9}, key("生人")))
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, lines, [signer(old_farm)])
            found = old_farm.audit(connection).differences
        assert Difference("entry 50", "signed by no key that was valid here", found=key("生人").kid) in found

    def test_who_signs_checkpoints_with_another_key_is_found(self, old_farm: Farm) -> None:
        lines = read_lines(old_farm)
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, lines, [Signer(old_farm.log, keys.seed("生人"))])
            [found] = old_farm.audit(connection).differences
        assert "note.untrusted" in found.what

    def test_who_puts_in_an_old_statement_again_is_found(self, old_farm: Farm) -> None:
        lines = read_lines(old_farm)
        twice = replace(lines[50], draft=structs.replace(lines[50].draft, event_id="another"))
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, [*lines, twice], [signer(old_farm)])
            found = whats(old_farm.audit(connection))
        assert "event id used twice" in found
        assert "stored event id" in found

    @pytest.mark.parametrize("subjects", [(), ("batch:X",), ("more",)], ids=["none", "others", "one more"])
    def test_who_puts_an_event_under_other_subjects_is_found(
        self, old_farm: Farm, subjects: tuple[str, ...]
    ) -> None:
        lines = read_lines(old_farm)
        draft = lines[50].draft
        more = subjects if subjects != ("more",) else (*draft.subjects, "run:X")
        lines[50] = replace(lines[50], draft=structs.replace(draft, subjects=more))
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, lines, [signer(old_farm)])
            found = old_farm.audit(connection).differences
        assert [(difference.where, difference.what) for difference in found] == [("entry 50", "subjects")]

    def test_who_moves_a_statement_before_its_keys_registration_is_found(self, old_farm: Farm) -> None:
        lines = read_lines(old_farm)
        registration = next(n for n, line in enumerate(lines) if _kind(line) == "party.registered" and n > 1)
        statement = lines.pop(registration + 1)
        lines.insert(registration, replace(statement, at=lines[registration].at))
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, lines, [signer(old_farm)])
            found = old_farm.audit(connection).differences
        assert (
            Difference(f"entry {registration}", "signed by no key that was valid here", found=key("牛山").kid)
            in found
        )

    def test_who_moves_a_statement_behind_its_keys_revocation_is_found(self, old_farm: Farm) -> None:
        lines = read_lines(old_farm)
        revoked = next(n for n, line in enumerate(lines) if _kind(line) == "key.revoked")
        statement = lines.pop(revoked - 1)
        lines.insert(revoked, replace(statement, at=lines[revoked].at))
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, lines, [signer(old_farm)])
            found = old_farm.audit(connection).differences
        assert (
            Difference(f"entry {revoked}", "signed by no key that was valid here", found=key("牛山").kid)
            in found
        )

    def test_who_lets_the_time_run_backward_is_found(self, old_farm: Farm) -> None:
        with forged(old_farm) as connection:
            body = old_farm.entries()[20].body.replace(b'"at":"2026-11-23T08', b'"at":"2026-11-23T07')
            connection.execute(update(schema.entries).where(_at(old_farm, 20)).values(body=body))
            assert "ledger time runs backward" in whats(old_farm.audit(connection))


def _kind(line: Line) -> object:
    return parse_statement(line.draft.statement).payload["type"]


class TestARewoundLog:
    """The whole database set back and signed anew: consistent in itself."""

    def test_is_not_found_by_itself(self, old_farm: Farm) -> None:
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, read_lines(old_farm)[:200], [signer(old_farm)])
            assert old_farm.audit(connection).differences == ()

    def test_is_found_by_an_earlier_checkpoint(self, old_farm: Farm) -> None:
        before = saved(old_farm)
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, read_lines(old_farm)[:200], [signer(old_farm)])
            [found] = old_farm.audit(connection, before).differences
        assert found.what == "signed for more entries than there are"
        assert found.expected == str(before.size)

    def test_that_grew_again_otherwise_is_found_by_an_earlier_checkpoint(self, old_farm: Farm) -> None:
        before = saved(old_farm)
        lines = read_lines(old_farm)
        lines[150], lines[151] = lines[151], lines[150]
        with forged(old_farm) as connection:
            write_anew(connection, old_farm, lines, [signer(old_farm)])
            assert old_farm.audit(connection).differences == ()
            [found] = old_farm.audit(connection, before).differences
        assert (found.what, found.expected) == ("root", found.expected)
        assert found.found == before.root.hex()

    def test_and_an_earlier_checkpoint_of_another_log_is_told_apart(self, old_farm: Farm) -> None:
        foreign = replace(saved(old_farm), origin="other.example/log")
        [found] = old_farm.audit(against=foreign).differences
        assert found.what == "origin"

    def test_an_honest_log_agrees_with_every_earlier_checkpoint(self, old_farm: Farm) -> None:
        with forged(old_farm) as connection:
            root = find_root(connection, old_farm.log, 77)
        assert old_farm.audit(against=Checkpoint(old_farm.log, 77, root)).differences == ()


class TestTiles:
    def test_that_the_entries_do_not_have_are_found(self, old_farm: Farm) -> None:
        with forged(old_farm) as connection:
            [(_, _, data, root)] = store.read_full_tiles(connection, old_farm.log)
            store.insert_tiles(connection, old_farm.log, [(0, 1, data, root)])
            found = old_farm.audit(connection).differences
        assert [str(one) for one in found] == ["tile 0/1: a tile that the entries do not have"]


class TestTheReport:
    def test_names_size_and_root(self, old_farm: Farm) -> None:
        report = old_farm.audit()
        checkpoint = saved(old_farm)
        assert (report.size, report.root) == (checkpoint.size, checkpoint.root)

    def test_says_for_people_what_was_expected_and_what_found(self) -> None:
        assert str(Difference("log", "size", "3", "4")) == "log: size: expected 3, found 4"
        assert str(Difference("tile 0/0", "missing")) == "tile 0/0: missing"

    def test_shows_long_bytes_by_their_hash(self, old_farm: Farm) -> None:
        with forged(old_farm) as connection:
            connection.execute(
                update(schema.tiles).where(schema.tiles.c.log_id == old_farm.log).values(data=b"short")
            )
            [found] = old_farm.audit(connection).differences
        assert found.expected.startswith("8192 bytes with SHA-256 ")
        assert found.found == b"short".hex()

    def test_of_a_log_that_is_not_there_says_so(self, old_farm: Farm) -> None:
        stranger = Farm(old_farm.url, old_farm.folder, log=f"{LOG}/nobody")
        with forged(old_farm) as connection:
            report = Auditor(connection, Trust(stranger.log, ()), Replay()).run()
        stranger.close()
        assert [one.what for one in report.differences] == ["the log has no row"]

    def test_tells_progress(self, sqlite_farm: Farm) -> None:
        farm = sqlite_farm
        farm.take(*farm.harvests(1000))
        told: list[int] = []
        with begin_read(farm.engine) as connection:
            Auditor(connection, Trust(farm.log, ()), Replay()).run(told.append)
        assert told == [1000, 1005]


def _change(farm: Farm, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), farm.engine.connect() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("verb", ["UPDATE {table} SET log_id = log_id", "DELETE FROM {table}"])
@pytest.mark.parametrize("table", schema.INSERT_ONLY, ids=str)
def test_the_database_itself_refuses_to_change_what_was_written(
    old_farm: Farm, table: Any, verb: str
) -> None:
    _change(old_farm, verb.format(table=table.name))


@pytest.mark.parametrize("old_farm", ["postgresql"], indirect=True)  # SQLite has no TRUNCATE
@pytest.mark.parametrize("table", schema.INSERT_ONLY, ids=str)
def test_the_database_itself_refuses_to_empty_a_table(old_farm: Farm, table: Any) -> None:
    _change(old_farm, f"TRUNCATE {table.name}")


def test_the_guards_come_back_when_a_forgery_is_undone(old_farm: Farm) -> None:
    def cut(connection: Connection) -> None:
        connection.execute(delete(schema.entries).where(_at(old_farm, 0)))

    with forged(old_farm) as connection:
        drop_guards(connection)
        cut(connection)
    with pytest.raises(DBAPIError, match="append-only"), old_farm.engine.connect() as connection:
        cut(connection)
