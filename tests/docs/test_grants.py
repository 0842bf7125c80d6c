"""docs/operations.md: with its grants the service works, and cannot change what is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.ledger.schema import INSERT_ONLY
from suyuan.publish.examination import Subject, examine
from suyuan.server.house import METADATA, House, found_house, open_house
from suyuan.settings import Folder, load_settings
from tests.docs.tables import DOCS

PAGE = (DOCS / "operations.md").read_text("utf-8")
APP = "suyuan_docs_app"


def script() -> str:
    """Return the grants of the page, for a role of the test's own."""
    found = re.search(r"<!-- script: grants -->\n```sql\n(.*?)```", PAGE, re.S)
    assert found is not None
    return found[1].replace("suyuan_app", APP)


@pytest.fixture
def app_house(fresh_postgres: str, tmp_path: Path, mint: Mint) -> Iterator[House]:
    """A log founded by the owner of the tables, opened by the role that the page's script makes fit for service."""
    settings = replace(load_settings(tmp_path), database_url=fresh_postgres)
    folder = Folder("pear.example/log", "https://pear.example", demo=True)
    found_house(settings, folder, [Founder("农业农村局")], mint).close()
    owner = make_url(fresh_postgres).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(APP)))
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'test'").format(sql.Identifier(APP)))
        connection.execute(sql.SQL(script()))
        url = make_url(fresh_postgres).set(username=APP, password="test")
        house = open_house(replace(settings, database_url=url.render_as_string(hide_password=False)), mint)
        yield house
        house.close()
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(APP)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(APP)))


def test_the_service_writes_publishes_and_audits_with_the_grants(app_house: House) -> None:
    pen = app_house.pen
    keys = app_house.keys
    assert app_house.checkpoint() is not None
    with app_house.vault.begin() as connection:
        app_house.vault.put_run_secret(connection, "7K3MX", bytes(32))
        app_house.vault.put_name(connection, "ref", "一号地", pen.mint.id())
    subject = Subject(app_house.engine, app_house.vault, app_house.log_id, keys.checkpoint.verifier)
    assert examine(subject).differences == ()


@pytest.mark.parametrize("table", [table.name for table in INSERT_ONLY])
@pytest.mark.parametrize("act", ["UPDATE {} SET log_id = log_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_service_cannot_change_what_is_written(app_house: House, table: str, act: str) -> None:
    url = make_url(app_house.settings.database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(sql.SQL(act).format(sql.Identifier(table)))
        connection.rollback()


def test_the_script_names_every_table(app_house: House) -> None:
    text = script()
    tables = {table.name for metadata in METADATA for table in metadata.sorted_tables}
    assert {name for name in tables if name not in text and not name.startswith("book_")} == set()
