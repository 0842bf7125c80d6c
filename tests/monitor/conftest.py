"""A published log that is written once and copied for each test."""

from __future__ import annotations

import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from tests.monitor.published import Publication, grown

SIZES = (1, 3, 255, 256, 270)
"""The sizes of the checkpoints."""


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    made = Publication(tmp_path_factory.mktemp("template") / "log", grown(SIZES[-1]))
    for size in SIZES:
        made.publish(size)
    return made


@pytest.fixture
def sound(_template: Publication) -> Path:
    """The folder of a published log; for tests that change nothing."""
    return _template.folder


@pytest.fixture
def published(_template: Publication, tmp_path: Path) -> Publication:
    """A published log of 270 entries and five checkpoints, for tests that spoil it or let it grow."""
    made = Publication(tmp_path / "log", deepcopy(_template.ledger))
    shutil.copytree(_template.folder, made.folder)
    made.notes = list(_template.notes)
    return made
