"""
Each step of publishing failed, or done and reported as failed; then everything goes on and nothing contradicts itself.

The publisher goes on by itself, or as after a start; at the same size, or when the log has grown meanwhile.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from suyuan.errors import Unavailable
from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from tests.crash.published import check_published, content
from tests.farm import Farm, settled
from tests.faults import WHENS, Faults, FaultyTarget, When, fail_commits

BEFORE, GROUP = 250, 10
"""Entries when the fault is made ready, and in each group after that: a tile becomes full between the first two."""

STEPS = (
    "commit",
    "put checkpoints/*",
    "put tile/0/000",
    "put tile/1/*",
    "put tile/entries/000",
    "put tile/entries/001.p/*",
    "put tile/0/001.p/*",
    "replace checkpoints/count",
    "remove",
    "read checkpoint",
    "ask",
    "replace checkpoint",
)


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


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("goes_on", ["by itself, at the same size", "after a start, when the log has grown"])
def test_a_fault_leaves_nothing_that_contradicts_what_follows(
    stage: Stage, step: str, when: When, goes_on: str
) -> None:
    farm, publisher = stage.farm, stage.publisher()
    farm.take(*farm.harvests(GROUP))
    fail_commits(farm.engine, stage.faults)
    stage.faults.plan(step, when)
    with pytest.raises(Unavailable):
        publisher.publish()
    assert not stage.faults.is_planned
    left = content(stage.folder)
    if goes_on.endswith("grown"):
        farm.take(*farm.harvests(GROUP))
        publisher = stage.publisher()
    note = publisher.publish()
    assert note is not None
    assert stage.open(note.encode()).size == len(farm.entries())
    check_published(farm, stage.folder)
    check_kept(left, content(stage.folder))
    sizes = [stage.open(pointed).size for pointed in stage.target.pointed]
    assert sizes == sorted(sizes)


def check_kept(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Fail if a file that never changes was replaced, or one is gone that a signed checkpoint needs."""
    changing = {"checkpoint", "checkpoints/count"}
    lost = {path for path in before if path not in after and not path.endswith(".tmp")}
    assert all(".p/" in path for path in lost), lost
    kept = before.keys() & after.keys() - changing
    assert [path for path in kept if before[path] != after[path]] == []


@pytest.mark.parametrize("when", WHENS)
def test_faults_one_after_the_other_at_every_step_leave_one_log(stage: Stage, when: When) -> None:
    farm = stage.farm
    fail_commits(farm.engine, stage.faults)
    publisher = stage.publisher()
    for step in STEPS:
        farm.take(*farm.harvests(1))
        stage.faults.plan(step, when)
        with suppress(Unavailable):
            publisher.publish()
    publisher.publish()
    check_published(farm, stage.folder)
    assert stage.open((stage.folder / "checkpoint").read_bytes()).size == BEFORE + len(STEPS)
