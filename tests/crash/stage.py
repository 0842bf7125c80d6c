"""A farm whose log is published to a folder, and what can fail on the way; made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from tests.farm import Farm, settled
from tests.faults import Faults, FaultyTarget

BEFORE, GROUP = 250, 10
"""Entries when the fault is made ready, and in each group after that: a tile becomes full between the first two."""


@dataclass
class Stage:
    """A farm whose log is published to a folder, and what can fail on the way."""

    farm: Farm
    folder: Path
    faults: Faults
    target: FaultyTarget

    def publisher(self) -> Publisher:
        """Return a publisher as after a start."""
        farm = self.farm
        keys = (farm.keys.checkpoint,)
        return Publisher(farm.engine, farm.log, keys, self.target, lambda: farm.now, self._ask, "policy\n")

    def _ask(self, _note: str, _size: int) -> tuple[()]:
        with self.faults.around("ask"):
            return ()

    def open(self, note: bytes) -> Checkpoint:
        """Open a checkpoint of the farm's log."""
        return open_checkpoint(note, [self.farm.keys.checkpoint.verifier], self.farm.log)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a farm of BEFORE entries, published."""
    folder = tmp_path_factory.mktemp("template")
    farm = settled(Farm(f"sqlite:///{folder / 'suyuan.db'}", folder))
    farm.take(*farm.harvests(BEFORE - len(farm.entries())))
    open_stage(farm).publisher().publish()
    farm.close()
    return folder


def open_stage(farm: Farm) -> Stage:
    faults = Faults()
    folder = farm.folder / "public"
    return Stage(farm, folder, faults, FaultyTarget(FolderTarget(folder), faults))


@pytest.fixture
def stage(template: Path, tmp_path: Path) -> Iterator[Stage]:
    """The farm of the template, and its folder."""
    folder = Path(shutil.copytree(template, tmp_path / "farm"))
    farm = Farm(f"sqlite:///{folder / 'suyuan.db'}", folder, "on stage")
    farm.remember()
    yield open_stage(farm)
    farm.check()
    farm.close()
