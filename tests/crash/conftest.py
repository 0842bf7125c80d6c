"""A farm's log, audited after each test, whatever failed in it."""

from __future__ import annotations

from tests.farm import farm, farms_url, postgres_farm, sqlite_farm

__all__ = ["farm", "farms_url", "postgres_farm", "sqlite_farm"]
