"""
What the primary wrote and no standby confirmed counts for nothing, even when the primary comes up again and shows it.

After a crash PostgreSQL shows commits that were still waiting for their standby. Whoever hands them out promises what
the standby does not have; so they are confirmed first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from suyuan.errors import Unavailable
from suyuan.ledger.engine import begin_read
from suyuan.ledger.store import find_checkpoint
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from tests.crash.cluster import Server, ask_for_quorum, cut_off, wait_for
from tests.crash.published import check_published
from tests.farm import Farm

pytestmark = pytest.mark.slow


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


def leave_in_doubt(first: Server, thread: ThreadPoolExecutor, write: Callable[[], object]) -> None:
    """Let *write* commit on *first*, where no standby confirms it; kill the server and start it again."""
    writing = thread.submit(write)
    wait_for(first.waits_for_standby, "a commit that nobody confirms")
    first.kill()
    with pytest.raises(Unavailable):
        writing.result()
    first.start()


def finish_elsewhere(first: Server, second: Server, waiting: Future[object]) -> None:
    """Kill the primary while somebody waits for a confirmation, and promote the standby."""
    wait_for(first.waits_for_standby, "a confirmation")
    assert not waiting.done()
    first.kill()
    second.promote()
    with pytest.raises(Unavailable):
        waiting.result()


def test_a_checkpoint_that_no_standby_has_is_not_published(
    cluster: tuple[Server, Server], cluster_farm: Farm, thread: ThreadPoolExecutor, tmp_path: Path
) -> None:
    first, second = cluster
    farm, target = cluster_farm, FolderTarget(tmp_path / "public")

    def publisher() -> Publisher:
        return Publisher(farm.engine, farm.log, (farm.keys.checkpoint,), target, lambda: farm.now)

    publisher().publish()
    published = check_published(farm, target.root)
    farm.take(*farm.harvests(3))
    ask_for_quorum(first, second)
    cut_off(second)
    leave_in_doubt(first, thread, publisher().sign)
    with begin_read(farm.engine) as connection:
        doubtful = find_checkpoint(connection, farm.log)
    assert doubtful is not None
    assert doubtful.size > published.size
    finish_elsewhere(first, second, thread.submit(publisher().publish))
    assert check_published(farm, target.root) == published
    farm.take(*farm.harvests(1))
    publisher().publish()
    assert check_published(farm, target.root).size == len(farm.entries())
    farm.check()


def test_a_statement_that_no_standby_has_gets_no_receipt_when_it_is_sent_again(
    cluster: tuple[Server, Server], cluster_farm: Farm, thread: ThreadPoolExecutor
) -> None:
    first, second = cluster
    farm, harvest = cluster_farm, cluster_farm.harvest()
    ask_for_quorum(first, second)
    cut_off(second)
    leave_in_doubt(first, thread, lambda: farm.take(harvest))
    size = len(farm.entries())
    finish_elsewhere(first, second, thread.submit(lambda: farm.take(harvest)))
    assert len(farm.entries()) == size - 1
    assert not farm.take(harvest)[0].replayed
    farm.check()
