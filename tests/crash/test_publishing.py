"""
Each step of publishing failed, or done and reported as failed; then everything goes on and nothing contradicts itself.

The publisher goes on by itself, or as after a start; at the same size, or when the log has grown meanwhile.
"""

from __future__ import annotations

from contextlib import suppress

import pytest

from suyuan.errors import Unavailable
from tests.crash.published import check_published, content
from tests.crash.stage import BEFORE, GROUP, Stage
from tests.faults import WHENS, When, fail_commits

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
