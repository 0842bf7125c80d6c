"""
The primary is killed under load and its standby promoted.

With quorum commit nothing acknowledged is lost. With asynchronous replication it is, which shows that the test can
fail; then everybody who remembers more refuses to write.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from suyuan.errors import Forked
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from tests.crash.cluster import Server, ask_for_quorum, cut_off, url, wait_for
from tests.crash.writers import Told, all_told, write
from tests.farm import Farm

SEATS = ("one", "two", "three")
BEFORE = 20
"""Statements that each writer gets acknowledged before the primary dies."""
AFTER = 20
"""Statements that each writer gets acknowledged by the promoted server."""

pytestmark = pytest.mark.slow


def stored(farm: Farm) -> Told:
    return {(entry.index, entry.event_id, entry.leaf.hex()) for entry in farm.entries()}


def test_nothing_acknowledged_is_lost_with_quorum_commit(
    cluster: tuple[Server, Server], cluster_farm: Farm, tmp_path: Path
) -> None:
    farm = cluster_farm
    first, second = cluster
    ask_for_quorum(first, second)
    with write(farm, SEATS) as writers:
        wait_for(lambda: all(len(writer.told) >= BEFORE for writer in writers), "load from every writer")
        first.kill()
        before = {writer: len(writer.told) for writer in writers}
        second.promote()
        second.set("synchronous_standby_names", "")  # nobody follows it yet
        wait_for(
            lambda: all(len(writer.told) >= before[writer] + AFTER for writer in writers), "writing again"
        )
        for writer in writers:
            writer.finish()
        assert [writer for writer in writers if writer.said("broken")] == []
        told = all_told(writers)
    assert told <= stored(farm)
    assert len({event_id for _, event_id, _ in stored(farm)}) == len(stored(farm))
    farm.check()

    # the old primary gives up what nobody was told, and follows
    first.rewind(second)
    ask_for_quorum(second, first)
    farm.take(*farm.harvests(3))
    wait_for(lambda: second.is_followed("quorum"), "the last harvests")
    follower = Farm(url(first), tmp_path)
    assert stored(follower) == stored(farm)
    follower.close()


def test_asynchronous_replication_loses_and_who_remembers_refuses(
    cluster: tuple[Server, Server], cluster_farm: Farm, tmp_path: Path
) -> None:
    farm = cluster_farm
    first, second = cluster
    target = FolderTarget(tmp_path / "public")
    with write(farm, SEATS) as writers:
        wait_for(lambda: all(writer.told for writer in writers), "load")
        cut_off(second)
        before = {writer: len(writer.told) for writer in writers}
        wait_for(lambda: all(len(writer.told) >= before[writer] + AFTER for writer in writers), "more load")
        publisher(farm, target).publish()
        first.kill()
        second.promote()
        for writer in writers:
            wait_for(lambda: bool(writer.said("broken")), "a writer that notices")  # noqa: B023
            assert "lost entries that were committed" in writer.said("broken")
        told = all_told(writers)
    lost = told - stored(farm)
    assert len(lost) >= AFTER * len(SEATS)
    farm.check()  # consistent in itself: only who remembers can tell

    # a process that has just started remembers nothing; what is published does
    published = target.read("checkpoint")
    assert published is not None
    size, root = published.decode().splitlines()[1:3]
    with pytest.raises(Forked, match=f"signed for {size} ") as caught:
        publisher(farm, target).publish()
    assert caught.value.problem.code == "log.behind"
    assert caught.value.problem.values["where"] == str(target.root / "checkpoint")
    assert caught.value.problem.values["root"] == root
    assert target.read("checkpoint") == published

    # nor is it published when it has grown past what was published: then it is a fork
    farm.take(*farm.harvests(int(size)))
    with pytest.raises(Forked, match="the log is forked"):
        publisher(farm, target).publish()
    assert target.read("checkpoint") == published


def publisher(farm: Farm, target: FolderTarget) -> Publisher:
    """Return a publisher as after a start."""
    return Publisher(farm.engine, farm.log, (farm.keys.checkpoint,), target, lambda: farm.now)
