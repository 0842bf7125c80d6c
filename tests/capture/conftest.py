"""A farm's log, audited after each test that writes to it."""

from __future__ import annotations

from tests.farm import farm, postgres_farm, postgres_seed, sqlite_farm, sqlite_seed

__all__ = ["farm", "postgres_farm", "postgres_seed", "sqlite_farm", "sqlite_seed"]
