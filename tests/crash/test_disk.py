"""A disk that is full, for real: nothing is half-written, the error says so, and all goes on when there is space."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suyuan.capture.outcome import Accepted
from suyuan.errors import Unavailable
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from tests.crash.published import check_published
from tests.farm import Farm, settled

GROUP = 20
MOST_GROUPS = 400


class Disk:
    """A file system in memory, of a size that can be changed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mount(self, size: str) -> str:
        """Mount it; return what mount says when it may not."""
        return _run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.path))

    def resize(self, size: str) -> None:
        """Make more space."""
        assert _run("mount", "-o", f"remount,size={size}", str(self.path)) == ""

    def unmount(self) -> None:
        """Take it away."""
        assert _run("umount", str(self.path)) == ""


def _run(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return str(error)
    return done.stderr.strip() if done.returncode else ""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    disk = Disk(path)
    problem = disk.mount("2m")
    if problem:
        pytest.skip(f"no small disk may be mounted here: {problem}")
    yield disk
    disk.unmount()


def fill(write: Callable[[], object]) -> Unavailable:
    """Call *write* until the disk is full; return what it says then."""
    for _ in range(MOST_GROUPS):
        try:
            write()
        except Unavailable as error:
            return error
    raise AssertionError("the disk is too large")


def test_a_full_disk_under_the_database_loses_nothing(disk: Disk) -> None:
    farm = settled(Farm(f"sqlite:///{disk.path / 'suyuan.db'}", disk.path))
    capture, acknowledged = farm.capture, 0

    def write() -> None:
        nonlocal acknowledged
        outcomes = capture.submit(group)
        acknowledged += len(outcomes)
        group[:] = farm.harvests(GROUP)

    group, before = farm.harvests(GROUP), len(farm.entries())
    error = fill(write)
    assert error.problem.code == "store.full"
    assert "磁盘已满，未写入任何内容" in error.problem.zh
    assert len(farm.entries()) == before + acknowledged
    farm.check()
    disk.resize("16m")
    outcomes = capture.submit(group)
    assert [isinstance(one, Accepted) and not one.replayed for one in outcomes] == [True] * GROUP
    farm.check()
    farm.close()


def test_a_full_disk_under_what_is_published_stops_publishing_alone(disk: Disk, tmp_path: Path) -> None:
    farm = settled(Farm(f"sqlite:///{tmp_path / 'suyuan.db'}", tmp_path))
    keys, target = (farm.keys.checkpoint,), FolderTarget(disk.path / "public")
    publisher = Publisher(farm.engine, farm.log, keys, target, lambda: farm.now)
    publisher.publish()
    (disk.path / "other.bin").write_bytes(bytes(1_900_000))

    def publish() -> None:
        farm.take(*farm.harvests(GROUP))
        publisher.publish()

    error = fill(publish)
    assert error.problem.code == "publish.full"
    published = check_published(farm, target.root)
    assert published.size < len(farm.entries())
    farm.take(*farm.harvests(GROUP))  # the log goes on
    (disk.path / "other.bin").unlink()
    publisher.publish()
    assert check_published(farm, target.root).size == len(farm.entries())
    farm.check()
    farm.close()
