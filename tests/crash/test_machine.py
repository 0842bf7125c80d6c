"""
Any order of appending, publishing, faults, crashes, restarts and restored backups, against a model of what must hold.

- Whatever strangers could see, the checkpoint and those listed, is of one log for ever.
- What was acknowledged stays where the receipt says, unless a backup without it was restored and nothing published
  tells of it.
- Writing is refused exactly when the database is not what was published, or what the running process saw.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from suyuan.capture.append import Capture
from suyuan.capture.outcome import Accepted, Submission
from suyuan.errors import Broken, Forked, Unavailable
from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint
from suyuan.ledger.tiles import parse_bundle
from suyuan.publish.folder import FolderTarget
from suyuan.publish.guard import check_unforked, find_published
from suyuan.publish.publisher import Publisher
from tests.crash.published import check_published, content, read_bundles
from tests.crash.rewind import copy_database, pour
from tests.farm import Farm, settled
from tests.faults import WHENS, Faults, FaultyTarget, When, fail_commits
from tests.ledger import reference

STEPS = (
    "put *",
    "put checkpoints/*",
    "put tile/entries/*",
    "replace checkpoints/count",
    "ask",
    "replace checkpoint",
)
Leaves = tuple[bytes, ...]


class Crashes(RuleBasedStateMachine):
    """A farm, a process that writes and publishes, and the model."""

    backups: Bundle[Leaves] = Bundle("backups")

    @initialize()
    def start_anew(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="crashes-"))
        self.faults = Faults()
        self.target = FaultyTarget(FolderTarget(self.folder / "public"), self.faults)
        self.copies: dict[Leaves, Path] = {}
        self.acknowledged: dict[str, tuple[int, bytes]] = {}
        self.pending: list[Submission] = []
        self.shown: Leaves = ()
        self.starts = 0
        settled(Farm(self.url, self.folder)).close()
        self.start()

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'suyuan.db'}"

    @property
    def leaves(self) -> Leaves:
        """The leaves in the database."""
        return tuple(entry.leaf for entry in self.farm.entries())

    @property
    def is_fork(self) -> bool:
        """Whether the database is not the log that strangers saw."""
        return self.leaves[: len(self.shown)] != self.shown

    @property
    def is_stale(self) -> bool:
        """Whether the database is not the one that this process wrote to."""
        return self.leaves[: len(self.seen)] != self.seen

    @property
    def is_littered(self) -> bool:
        """
        Whether a crash left a checkpoint at the target that is not of the database and not listed yet.

        The guard can't find it by the list; publishing meets it when it comes to that file.
        """
        leaves = self.leaves
        return any(
            one.size > len(leaves) or one.root != root(leaves[: one.size])
            for path, data in self.files.items()
            if path.startswith("checkpoints/0")
            for one in map(self.open, parse_bundle(data))
        )

    @property
    def files(self) -> dict[str, bytes]:
        """What strangers could read."""
        return content(self.folder / "public") if (self.folder / "public").exists() else {}

    def open(self, note: bytes) -> Checkpoint:
        return open_checkpoint(note, [self.farm.keys.checkpoint.verifier], self.farm.log)

    # The process

    def start(self) -> None:
        """Begin a process: nothing is remembered but what is stored."""
        self.starts += 1
        self.farm = Farm(self.url, self.folder, f"start {self.starts}")
        self.farm.remember()
        fail_commits(self.farm.engine, self.faults)
        self.capture: Capture = self.farm.capture
        self.publisher = self.make_publisher()
        self.seen: Leaves = ()
        self.signed: Leaves = ()

    def make_publisher(self) -> Publisher:
        farm = self.farm
        keys = (farm.keys.checkpoint,)
        return Publisher(farm.engine, farm.log, keys, self.target, lambda: farm.now, self.ask)

    def ask(self, _note: str, _size: int) -> tuple[()]:
        with self.faults.around("ask"):
            return ()

    def end(self) -> None:
        self.farm.close()

    @rule()
    def crash_and_start(self) -> None:
        self.end()
        self.start()

    # Writing

    @rule(count=strategies.integers(1, 3))
    def append(self, count: int) -> None:
        self.submit(self.farm.harvests(count))

    @rule(count=strategies.integers(1, 3), when=strategies.sampled_from(WHENS))
    def append_with_a_fault(self, count: int, when: When) -> None:
        harvests = self.farm.harvests(count)
        self.faults.plan("commit", when)
        try:
            self.submit(harvests)
        except Unavailable:
            self.pending += harvests
        self.faults.forget()

    @rule()
    def send_again(self) -> None:
        pending, self.pending = self.pending, []
        self.submit(pending)

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Write as the server does: after the guard, and never once the writer is broken."""
        if not self.is_let_in():
            return
        before = self.leaves
        try:
            outcomes = self.capture.submit(submissions)
        except Broken:
            assert self.is_stale
            assert self.leaves == before
            return
        assert not submissions or not self.is_stale
        for outcome in outcomes:
            assert isinstance(outcome, Accepted)
            self.acknowledged[outcome.event_id] = (outcome.index, outcome.leaf)
        self.seen = self.leaves if submissions else self.seen

    def is_let_in(self) -> bool:
        """Ask the guard, which refuses exactly when it must."""
        try:
            keys = [self.farm.keys.checkpoint.verifier]
            found = find_published(self.target, self.farm.log, keys)
            check_unforked(self.farm.engine, self.farm.log, found)
        except Forked:
            assert self.is_fork
            return False
        assert not self.is_fork
        return True

    # Publishing

    @rule()
    def publish(self) -> None:
        self.try_to_publish()

    @rule(step=strategies.sampled_from(STEPS), when=strategies.sampled_from(WHENS))
    def publish_with_a_fault(self, step: str, when: When) -> None:
        self.faults.plan(step, when)
        self.try_to_publish()
        self.faults.forget()

    def try_to_publish(self) -> None:
        fork, littered = self.is_fork, self.is_littered
        try:
            self.publisher.publish()
        except Forked:
            assert fork or self.leaves[: len(self.signed)] != self.signed
            return
        except Broken:
            assert littered
            return
        except Unavailable:
            pass
        else:
            assert not fork
        self.signed = self.leaves  # the publisher remembers what it signed

    # Backups

    @rule(target=backups)
    def back_up(self) -> Leaves:
        return self.copy()

    def copy(self) -> Leaves:
        leaves = self.leaves
        path = self.folder / f"{len(self.copies)}.db"
        copy_database(self.farm.engine, path).dispose()
        self.copies[leaves] = path
        return leaves

    @rule(target=backups, backup=consumes(backups), running=strategies.booleans())
    def restore(self, backup: Leaves, running: bool) -> MultipleResults[Leaves]:
        """Put a backup in the place of the database, which is kept as a backup itself."""
        kept = self.copy()
        if not running:
            self.end()
        source, target = Farm(f"sqlite:///{self.copies[backup]}", self.folder), Farm(self.url, self.folder)
        pour(source.engine, target.engine)
        source.close()
        target.close()
        if not running:
            self.start()
        there = set(backup)
        gone = {id for id, (_, leaf) in self.acknowledged.items() if leaf not in there}
        self.acknowledged = {id: at for id, at in self.acknowledged.items() if id not in gone}
        return multiple(backup, kept)

    # What must hold

    @invariant()
    def acknowledged_entries_stand_where_they_were_said_to(self) -> None:
        stored = {entry.event_id: (entry.index, entry.leaf) for entry in self.farm.entries()}
        assert len(stored) == len(self.leaves)
        assert {id: stored.get(id) for id in self.acknowledged} == self.acknowledged

    @invariant()
    def all_that_was_shown_is_of_one_log(self) -> None:
        files = self.files
        count = int(files.get("checkpoints/count", b"0"))
        notes = [*read_bundles(files, "checkpoints", count), *self.target.pointed]
        self.target.pointed.clear()
        for note in notes:
            checkpoint = self.open(note)
            if checkpoint.size > len(self.shown):
                assert self.leaves[: len(self.shown)] == self.shown
                self.shown = self.leaves[: checkpoint.size]
            entries = self.shown[: checkpoint.size]
            assert checkpoint.root == root(entries)

    def teardown(self) -> None:
        if not hasattr(self, "farm"):
            return
        if not self.is_fork and not self.is_littered:
            self.end()
            self.start()
            self.publisher.publish()
            self.farm.check()
            check_published(self.farm, self.folder / "public")
        self.end()
        shutil.rmtree(self.folder)


def root(leaves: Leaves) -> bytes:
    """Return the root over *leaves*, which are hashes already."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return reference.node(root(leaves[:half]), root(leaves[half:]))


TestCrashes = pytest.mark.slow(Crashes.TestCase)
TestCrashes.settings = settings(
    max_examples=20,
    stateful_step_count=15,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
