"""The seasons that lie beside the repository and in it, imported once for all tests that look at the outcome."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from suyuan.server.house import House
from tests import offices
from tests.farm import new_postgres

ROOT = Path(__file__).parents[2]
SEASONS = {"shared": ROOT.parent / "shared" / "season" / "2026", "example": ROOT / "examples" / "season"}

_numbers = count()


@dataclass(frozen=True)
class Imported:
    """A season imported three times: tried, done, and done again."""

    house: House
    folder: Path
    key: dict[str, Any]
    tried: dict[str, Any]
    done: dict[str, Any]
    again: dict[str, Any]


def _import(house: House, folder: Path) -> Imported:
    key = json.loads((folder / "answer-key.json").read_text("utf-8"))
    runs = [offices.run(house, folder, dry_run=dry_run) for dry_run in (True, False, False)]
    return Imported(house, folder, key, *runs)


@pytest.fixture(scope="session", params=["shared-sqlite", "example-sqlite", "example-postgresql"])
def season(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    """A season on a store; ledger and books are examined afterwards."""
    which, store = request.param.split("-")
    if not SEASONS[which].is_dir():
        pytest.skip("the folder ../shared is absent")
    with ExitStack() as stack:
        url = ""
        if store == "postgresql":
            name = f"suyuan_kept_season_{os.getpid()}_{next(_numbers)}"
            url = stack.enter_context(new_postgres(request.getfixturevalue("postgres_url"), name))
        house = stack.enter_context(offices.opened(tmp_path_factory.mktemp(which) / "data", url))
        yield _import(house, SEASONS[which])
