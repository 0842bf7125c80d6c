"""A farm's log, audited after each test that writes to it."""

from __future__ import annotations

from tests.farm import farm, farms_url, postgres_farm, sqlite_farm
from tests.orchard import grown, orchard

__all__ = ["farm", "farms_url", "grown", "orchard", "postgres_farm", "sqlite_farm"]
