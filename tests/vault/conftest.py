"""A vault with known keys, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from suyuan.ledger.engine import open_engine
from suyuan.vault import tables
from suyuan.vault.vault import Vault
from tests import keys

LOG = "green.example/log"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def engine(store_url: str, data: Path) -> Iterator[Engine]:
    url = f"sqlite:///{data / 'suyuan.db'}" if store_url.startswith("sqlite") else store_url
    engine = open_engine(url)
    tables.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def vault(engine: Engine, data: Path) -> Vault:
    return Vault(engine, LOG, keys.master(), data / "persons", keys.stream())
