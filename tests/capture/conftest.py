"""A farm's log, audited after each test that writes to it, and the seasons."""

from __future__ import annotations

from tests.capture.seasons import season
from tests.farm import farm, farms_url, postgres_farm, sqlite_farm

__all__ = ["farm", "farms_url", "postgres_farm", "season", "sqlite_farm"]
