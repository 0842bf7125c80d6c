"""What the vault keeps comes back; nothing of it stands in clear; what was erased stays erased."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, Table, select, update

from suyuan.errors import Broken
from suyuan.vault import tables
from suyuan.vault.vault import CustodyKey, Disclosure, Row, Vault
from tests import keys
from tests.vault.conftest import LOG

ANN, BEN = "7K3MX9Q2WD", "7K9Q2WD3MX"
EVENT = "019aaf10-5c00-7000-8000-000000000001"
NAME = Disclosure('["salt1", "household", "吴桂兰"]', "digest-name", ANN, EVENT)
PHONE = Disclosure('["salt2", "phone", "13812345678"]', "digest-phone", ANN, EVENT)
CLERK = Disclosure('["salt3", "clerk", "陆小满"]', "digest-clerk", BEN, EVENT)
SECRET = keys.seed("run secret")
SEED = keys.seed("custody")


def _row(vault: Vault, cells: list[str], statement: bytes = b"statement of the clerk") -> Row:
    return Row(vault.row_hash("delivery", cells), "delivery", EVENT, statement, "signed")


def _database(engine: Engine) -> bytes:
    """Everything in the vault's tables, as the database gives it back."""
    with engine.begin() as connection:
        found = [list(connection.execute(select(table))) for table in tables.metadata.sorted_tables]
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode()
        for rows in found
        for row in rows
        for value in row
    )


def _filled(vault: Vault) -> None:
    with vault.begin() as connection:
        vault.put_disclosures(connection, [NAME, PHONE, CLERK])
        vault.put_run_secret(connection, "7K3MX", SECRET)
        vault.put_custody_key(connection, CustodyKey("kid-1", "PARTY1", "signing"), SEED)
        vault.put_rows(connection, [_row(vault, ["吴桂兰", "13812345678", "120 斤"])])
        vault.put_name(connection, "person", "吴桂兰", ANN, ANN)
        vault.put_name(connection, "ref", "雁坪-私-01", "BATCH1")


# Disclosures


def test_disclosures_come_back_by_digest(vault: Vault) -> None:
    with vault.begin() as connection:
        vault.put_disclosures(connection, [NAME, CLERK])
        found = vault.find_disclosures(connection, ["digest-name", "digest-clerk", "digest-unknown"])
    assert found == {"digest-name": NAME.text, "digest-clerk": CLERK.text}


def test_more_digests_than_a_statement_may_name_are_found(vault: Vault) -> None:
    many = [Disclosure(f"text {n}", f"digest-{n}", ANN, EVENT) for n in range(2500)]
    with vault.begin() as connection:
        vault.put_disclosures(connection, many)
        found = vault.find_disclosures(connection, [d.digest for d in many])
    assert found == {d.digest: d.text for d in many}


def test_a_disclosure_known_already_is_left_as_it_is(vault: Vault) -> None:
    with vault.begin() as connection:
        vault.put_disclosures(connection, [NAME])
        vault.put_disclosures(connection, [Disclosure("other text", NAME.digest, BEN, EVENT), PHONE])
        found = vault.find_disclosures(connection, [NAME.digest, PHONE.digest])
    assert found == {NAME.digest: NAME.text, PHONE.digest: PHONE.text}


def test_an_erased_persons_disclosures_are_known_but_unreadable(vault: Vault) -> None:
    _filled(vault)
    with vault.begin() as connection:
        assert vault.find_digests(connection, ANN) == ["digest-name", "digest-phone"]
        assert vault.erase_person(connection, ANN)
    with vault.begin() as connection:
        found = vault.find_disclosures(
            connection, ["digest-name", "digest-phone", "digest-clerk", "digest-lost"]
        )
        assert found == {"digest-name": None, "digest-phone": None, "digest-clerk": CLERK.text}
        assert vault.find_name(connection, "person", "吴桂兰") is None
        assert not vault.erase_person(connection, ANN)


def test_with_a_copy_of_the_whole_database_an_erased_person_stays_erased(
    vault: Vault, engine: Engine
) -> None:
    _filled(vault)
    with engine.begin() as connection:
        copies = {table: list(connection.execute(select(table)).mappings()) for table in (tables.names,)}
    with vault.begin() as connection:
        vault.erase_person(connection, ANN)
    with vault.begin() as connection:  # the rows of an old copy are put back
        tables.insert_new(connection, tables.names, [dict(row) for row in copies[tables.names]])
        assert vault.names_of(connection, "person", ANN) == []
        assert vault.find_disclosures(connection, [NAME.digest]) == {NAME.digest: None}


def test_a_transaction_that_fails_leaves_no_disclosure(vault: Vault) -> None:
    def failing() -> None:
        with vault.begin() as connection:
            vault.put_disclosures(connection, [NAME])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with vault.begin() as connection:
        assert vault.find_disclosures(connection, [NAME.digest]) == {}


# Secrets and keys


def test_a_run_secret_comes_back(vault: Vault) -> None:
    with vault.begin() as connection:
        vault.put_run_secret(connection, "7K3MX", SECRET)
        assert vault.find_run_secret(connection, "7K3MX") == SECRET
        assert vault.find_run_secret(connection, "00000") is None


def test_a_run_secret_is_never_replaced(vault: Vault) -> None:
    with vault.begin() as connection:
        vault.put_run_secret(connection, "7K3MX", SECRET)
        vault.put_run_secret(connection, "7K3MX", SECRET)
        with pytest.raises(Broken, match="another secret"):
            vault.put_run_secret(connection, "7K3MX", keys.seed("other"))
        assert vault.find_run_secret(connection, "7K3MX") == SECRET


def test_keys_in_custody_come_back_by_kid_and_by_party(vault: Vault) -> None:
    first, second, other = (
        CustodyKey("k2", "P1", "b"),
        CustodyKey("k1", "P1", "a"),
        CustodyKey("k3", "P2", ""),
    )
    with vault.begin() as connection:
        for key in (first, second, other):
            vault.put_custody_key(connection, key, keys.seed(key.kid))
        assert vault.find_custody_key(connection, "k2") == keys.seed("k2")
        assert vault.find_custody_key(connection, "k4") is None
        assert vault.keys_of(connection, "P1") == [second, first]
        assert vault.keys_of(connection) == [second, first, other]


def test_a_kid_never_gets_another_seed(vault: Vault) -> None:
    key = CustodyKey("k1", "P1", "")
    with vault.begin() as connection:
        vault.put_custody_key(connection, key, SEED)
        with pytest.raises(Broken, match="another seed"):
            vault.put_custody_key(connection, key, SECRET)


# Rows


def test_a_row_is_known_again_with_its_signed_bytes(vault: Vault) -> None:
    row = _row(vault, ["吴桂兰", "120 斤"])
    with vault.begin() as connection:
        vault.put_rows(connection, [row])
        vault.put_rows(connection, [_row(vault, ["吴桂兰", "120 斤"], b"signed again")])
        assert vault.find_rows(connection, [row.row, bytes(32)]) == {row.row: row}


def test_rows_are_marked_and_forgotten(vault: Vault) -> None:
    one, other = _row(vault, ["1"]), _row(vault, ["2"])
    with vault.begin() as connection:
        vault.put_rows(connection, [one, other])
        vault.mark_rows(connection, [one.row], "recorded")
        vault.forget_rows(connection, [other.row])
        found = vault.find_rows(connection, [one.row, other.row])
    assert {key: row.state for key, row in found.items()} == {one.row: "recorded"}


def test_the_hash_of_a_row_depends_on_kind_cells_log_and_master_key(
    vault: Vault, engine: Engine, tmp_path: Path
) -> None:
    other_log = Vault(engine, "other.example/log", keys.master(), tmp_path, keys.stream())
    other_master = Vault(engine, LOG, keys.seed("other"), tmp_path, keys.stream())
    hashes = {
        vault.row_hash("delivery", ["a", "b"]),
        vault.row_hash("delivery", ["ab", ""]),
        vault.row_hash("pressing", ["a", "b"]),
        other_log.row_hash("delivery", ["a", "b"]),
        other_master.row_hash("delivery", ["a", "b"]),
    }
    assert len(hashes) == 5
    assert vault.row_hash("delivery", ["a", "b"]) in hashes


# Names


def test_a_name_keeps_the_id_that_it_got_first(vault: Vault) -> None:
    with vault.begin() as connection:
        assert vault.put_name(connection, "plot", "雁坪 3 号", "PLOT1") == "PLOT1"
        assert vault.put_name(connection, "plot", "雁坪 3 号", "PLOT2") == "PLOT1"
        assert vault.find_name(connection, "plot", "雁坪 3 号") == "PLOT1"
        assert vault.find_name(connection, "batch", "雁坪 3 号") is None


def test_an_id_gives_back_its_names(vault: Vault) -> None:
    with vault.begin() as connection:
        vault.put_name(connection, "person", "吴桂兰", ANN, ANN)
        vault.put_name(connection, "person", "吴桂兰（户主）", ANN, ANN)
        vault.put_name(connection, "person", "陆小满", BEN, BEN)
        assert vault.names_of(connection, "person", ANN) == ["吴桂兰", "吴桂兰（户主）"]


# Nothing in clear, nothing movable


def test_nothing_personal_and_no_secret_stands_in_clear(vault: Vault, engine: Engine, data: Path) -> None:
    _filled(vault)
    kept = _database(engine) + b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    for text in (
        "吴桂兰",
        "13812345678",
        "陆小满",
        "salt1",
        "120 斤",
        "雁坪-私-01",
        "statement of the clerk",
    ):
        assert text.encode() not in kept
    for secret in (SECRET, SEED, keys.master(), SECRET.hex().encode(), SEED.hex().encode()):
        assert secret not in kept


def _tampered(connection_engine: Engine, table: Table) -> None:
    with connection_engine.begin() as connection:
        sealed = bytearray(connection.execute(select(table.c.sealed).limit(1)).scalar_one())
        sealed[-1] ^= 1
        connection.execute(update(table).values(sealed=bytes(sealed)))


SEALED = [table for table in tables.metadata.sorted_tables if "sealed" in table.c]


@pytest.mark.parametrize("table", SEALED, ids=lambda table: str(table.name))
def test_a_flipped_bit_in_any_sealed_column_is_refused(vault: Vault, engine: Engine, table: Table) -> None:
    _filled(vault)
    _tampered(engine, table)
    reads: dict[Table, Callable[[Connection], object]] = {
        tables.disclosures: lambda c: vault.find_disclosures(c, [NAME.digest, PHONE.digest, CLERK.digest]),
        tables.runs: lambda c: vault.find_run_secret(c, "7K3MX"),
        tables.keys: lambda c: vault.find_custody_key(c, "kid-1"),
        tables.rows: lambda c: vault.find_rows(c, [_row(vault, ["吴桂兰", "13812345678", "120 斤"]).row]),
        tables.names: lambda c: vault.names_of(c, "person", ANN) + vault.names_of(c, "ref", "BATCH1"),
    }
    with pytest.raises(Broken), vault.begin() as connection:
        reads[table](connection)


def test_a_disclosure_moved_to_another_event_is_refused(vault: Vault, engine: Engine) -> None:
    _filled(vault)
    with engine.begin() as connection:
        connection.execute(update(tables.disclosures).values(event_id="019aaf10-5c00-7000-8000-000000000002"))
    with pytest.raises(Broken), vault.begin() as connection:
        vault.find_disclosures(connection, [NAME.digest])


def test_a_secret_moved_to_another_run_or_log_is_refused(vault: Vault, engine: Engine) -> None:
    with vault.begin() as connection:
        vault.put_run_secret(connection, "7K3MX", SECRET)
    with engine.begin() as connection:
        connection.execute(update(tables.runs).values(run="00000"))
    with pytest.raises(Broken), vault.begin() as connection:
        vault.find_run_secret(connection, "00000")


def test_two_logs_in_one_database_do_not_see_each_other(vault: Vault, engine: Engine, data: Path) -> None:
    _filled(vault)
    other = Vault(engine, "other.example/log", keys.master(), data / "persons", keys.stream("other"))
    with other.begin() as connection:
        assert other.find_disclosures(connection, [NAME.digest]) == {}
        assert other.find_run_secret(connection, "7K3MX") is None
        assert other.keys_of(connection) == []
        assert other.find_name(connection, "ref", "雁坪-私-01") is None


def test_reprs_show_no_secret(vault: Vault) -> None:
    texts = repr(vault) + repr(NAME) + repr(_row(vault, ["1"]))
    assert "吴桂兰" not in texts
    assert "statement of" not in texts


def test_each_table_leads_its_primary_key_and_indexes_with_the_log() -> None:
    for table in tables.metadata.sorted_tables:
        assert next(iter(table.primary_key)).name == "log_id"
        assert all(next(iter(index.columns)).name == "log_id" for index in table.indexes)


def test_putting_nothing_is_no_statement(vault: Vault) -> None:
    with vault.begin() as connection:
        vault.put_disclosures(connection, [])
        vault.put_rows(connection, [])
        assert vault.find_rows(connection, []) == {}
