"""A commit that failed, or that happened and was reported as failed; then all goes on, at the same size or another."""

from __future__ import annotations

import pytest

from suyuan.capture.outcome import Accepted
from suyuan.errors import Unavailable
from suyuan.ledger.engine import begin_read
from suyuan.ledger.store import read_checkpoints
from tests.farm import Farm, twin
from tests.faults import WHENS, Faults, When, fail_commits

MEANWHILE = (0, 300)
"""Statements that others get in between the fault and the second try: none, or beyond a full tile."""


@pytest.fixture
def faults(farm: Farm) -> Faults:
    """Faults of the farm's own engine; a twin's works."""
    farm.keys  # noqa: B018  # read before anything fails
    faults = Faults()
    fail_commits(farm.engine, faults)
    return faults


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_what_was_not_acknowledged_is_sent_again_and_is_there_once(
    farm: Farm, faults: Faults, when: When, meanwhile: int
) -> None:
    capture, group = farm.capture, farm.harvests(5)
    before = len(farm.entries())
    faults.plan("commit", when)
    with pytest.raises(Unavailable):
        capture.append([capture.read(one) for one in group])
    assert not faults.is_planned
    assert len(farm.entries()) == before + (5 if when == "done" else 0)
    if meanwhile:
        other = twin(farm, "other")
        other.take(*other.harvests(meanwhile))
        other.close()
    outcomes = capture.submit([*group, farm.harvest()])
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    assert [one.replayed for one in accepted] == [when == "done"] * 5 + [False]
    assert len(farm.entries()) == before + 5 + meanwhile + 1
    stored = {entry.event_id: (entry.index, entry.leaf) for entry in farm.entries()}
    assert all(stored[one.event_id] == (one.index, one.leaf) for one in accepted)


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_checkpoint_whose_commit_failed_is_signed_once_or_never_heard_of(
    farm: Farm, faults: Faults, when: When, meanwhile: int
) -> None:
    farm.take(*farm.harvests(5))
    first = farm.checkpoint()
    farm.take(*farm.harvests(5))
    faults.plan("commit", when)
    with pytest.raises(Unavailable):
        farm.checkpoint()
    assert not faults.is_planned
    if meanwhile:
        farm.take(*farm.harvests(meanwhile))
    last = farm.checkpoint()
    with begin_read(farm.engine) as connection:
        signed = read_checkpoints(connection, farm.log)
    doubtful = [first.size + 5] if when == "done" or not meanwhile else []
    assert [one.size for one in signed] == sorted({first.size, *doubtful, last.size})
    assert last.size == first.size + 5 + meanwhile
    assert signed[-1] == last
