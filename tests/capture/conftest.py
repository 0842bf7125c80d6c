"""A farm's log, audited after each test that writes to it, and a database for the seasons."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.capture.seasons import season
from tests.farm import farm, farms_url, new_postgres, postgres_farm, sqlite_farm

__all__ = ["farm", "farms_url", "postgres_farm", "season", "season_postgres", "sqlite_farm"]


@pytest.fixture(scope="session")
def season_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for a season."""
    with new_postgres(postgres_url, f"suyuan_season_{os.getpid()}") as url:
        yield url
