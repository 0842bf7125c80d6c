"""A witness that trusts one log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tlogs import GrownLog
from tests.witness.running import Bench, make_bench


@pytest.fixture
def log() -> GrownLog:
    """A log of 40 leaves."""
    return GrownLog()


@pytest.fixture
def bench(tmp_path: Path, log: GrownLog) -> Bench:
    """A witness of that log."""
    return make_bench(tmp_path, log)
