"""What tests of docs/ share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from suyuan.capture.mint import Mint
from tests.keys import stream


@pytest.fixture
def mint() -> Mint:
    """A mint with a fixed clock and fixed randomness."""
    return Mint(lambda: datetime(2026, 11, 23, 8, tzinfo=UTC), stream("docs"))
