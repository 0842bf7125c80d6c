"""Publishing: the layout that tlog-tiles asks for at every size, in an order that a crash cannot spoil."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, Table, update

from suyuan.errors import Broken, Forked, NoteWrong, SuyuanError, Unavailable
from suyuan.ledger import schema
from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from suyuan.ledger.cosignature import MLDSA, Cosigner, read_time
from suyuan.ledger.engine import begin_write
from suyuan.ledger.hashing import ZERO
from suyuan.ledger.note import NoteSignature, Signer, open_note, split_note
from suyuan.publish import growth
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import HERE, RENEWAL, Publisher
from tests import keys
from tests.ledger import reference
from tests.ledger.forger import drop_guards
from tests.publish.presses import (
    KEY,
    LOG,
    OUT,
    POLICY,
    Failing,
    Press,
    check_list,
    check_published,
    content,
    recording,
    required,
)

SIZES = [1, 2, 100, 255, 256, 257, 300, 511, 512, 513, 700, 768, 769]


@pytest.fixture
def press(store_url: str) -> Iterator[Press]:
    press = Press(store_url).found()
    yield press
    press.engine.dispose()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Press]:
    """A press on SQLite, for what does not depend on the store."""
    press = Press(f"sqlite:///{tmp_path / 'suyuan.db'}").found()
    yield press
    press.engine.dispose()


def test_every_size_is_published_as_the_standard_says(press: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")
    publisher = press.publisher(target)
    for size in SIZES:
        press.grow(size)
        note = publisher.publish()
        assert target.read("checkpoint") == (note or "").encode()
        assert check_published(target, press.entries()) == size
        check_list(target, press.signed())
    assert target.read("policy") == POLICY.encode()


def test_an_empty_log_publishes_nothing(small: Press, tmp_path: Path) -> None:
    assert small.publisher(FolderTarget(tmp_path / "public")).publish() is None
    assert not (tmp_path / "public").exists()


def test_partial_tiles_of_signed_sizes_stay_until_the_tile_after_is_full(
    small: Press, tmp_path: Path
) -> None:
    target = FolderTarget(tmp_path / "public")
    publisher = small.publisher(target)
    small.publish_at(publisher, [7, 200, 300, 511])
    partial = ["tile/0/000.p/7", "tile/entries/000.p/200"]
    assert [path for path in partial if target.read(path) is None] == []
    small.publish_at(publisher, [512])
    assert [path for path in partial if target.read(path) is None] == []
    small.publish_at(publisher, [513])
    assert [path for path in partial if target.read(path) is not None] == []
    assert not (tmp_path / "public/tile/0/000.p").exists()
    assert target.read("tile/0/001.p/44") is not None
    small.publish_at(publisher, [1100, 1101])
    assert target.read("tile/0/001.p/44") is None
    assert target.read("tile/0/002.p/1") is None


def test_sizes_signed_while_the_target_was_away_are_served_too(small: Press, tmp_path: Path) -> None:
    publisher = small.publisher(FolderTarget(tmp_path / "public"))
    small.publish_at(publisher, [3])
    for size in (5, 260, 270, 300):
        small.grow(size)
        publisher.sign()
    publisher.publish()
    entries = small.entries()
    for size in (260, 270, 300):
        for path, data in required(entries, size).items():
            assert publisher.target.read(path) == data, path
    check_list(publisher.target, small.signed())


def test_a_log_published_at_once_equals_one_published_bit_by_bit(small: Press, tmp_path: Path) -> None:
    steps = FolderTarget(tmp_path / "steps")
    small.publish_at(small.publisher(steps), SIZES)
    once = FolderTarget(tmp_path / "once")
    small.publisher(once).publish()
    both = content(once.root)
    assert {path: digest for path, digest in content(steps.root).items() if path in both} == both


def test_entries_too_many_to_keep_are_read_again_and_published_alike(
    small: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, read_again = FolderTarget(tmp_path / "kept"), FolderTarget(tmp_path / "again")
    small.grow(4500)
    small.publisher(kept).publish()
    monkeypatch.setattr(growth, "_KEPT_BYTES", 1000)
    small.publisher(read_again).publish()
    assert content(read_again.root) == content(kept.root)


def test_the_list_holds_every_checkpoint_across_its_bundles(small: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")
    publisher = small.publisher(target)
    small.publish_at(publisher, range(1, 40))
    for size in range(40, 270):
        small.grow(size)
        publisher.sign()
    publisher.publish()
    check_list(target, small.signed())
    kept = sorted(int(path.name) for path in (tmp_path / "public/checkpoints/001.p").iterdir())
    assert kept == [13]
    small.publish_at(publisher, range(270, 290))
    kept = sorted(int(path.name) for path in (tmp_path / "public/checkpoints/001.p").iterdir())
    assert kept == list(range(18, 34))
    check_list(target, small.signed())


def test_a_checkpoint_signed_while_files_are_written_waits_for_the_next_turn(
    small: Press, tmp_path: Path
) -> None:
    class Overtaken(Failing):
        def read(self, path: str) -> bytes | None:
            if path == "checkpoint" and len(small.signed()) == 1:
                small.grow(9)
                small.publisher(self.target).sign()
            return super().read(path)

    target = Overtaken(FolderTarget(tmp_path / "public"), 0, done=True)
    publisher = small.publisher(target)
    small.grow(5)
    publisher.sign()
    publisher.spread()
    assert check_published(target, small.entries()) == 5
    check_list(target, small.signed()[:1])
    publisher.publish()
    check_list(target, small.signed())


def test_nothing_is_written_while_the_log_does_not_grow(small: Press, tmp_path: Path) -> None:
    target = recording(FolderTarget(tmp_path / "public"))
    publisher = small.publisher(target)
    small.publish_at(publisher, [300])
    written = len(target.written)
    publisher.publish()
    small.publisher(target).publish()
    assert target.written[written:] == []
    small.publish_at(publisher, [301])
    assert len(target.written) == written + 5  # a tile, a bundle, the list, its count, the checkpoint


def test_a_policy_that_changes_is_published_with_the_next_checkpoint(small: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")
    publisher = small.publisher(target)
    small.publish_at(publisher, [1])
    publisher.policy = "quorum none\n"
    small.publish_at(publisher, [2])
    assert target.read("policy") == b"quorum none\n"


def test_a_target_that_was_emptied_gets_everything_again(small: Press, tmp_path: Path) -> None:
    publisher = small.publisher(FolderTarget(tmp_path / "public"))
    small.publish_at(publisher, [300])
    (tmp_path / "public").rename(tmp_path / "away")
    small.publish_at(publisher, [301])
    assert check_published(publisher.target, small.entries()) == 301
    assert publisher.target.read("policy") == POLICY.encode()


def test_seventy_thousand_entries_have_the_widths_of_the_standard(small: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")
    small.publish_at(small.publisher(target), [70_000])
    root = tmp_path / "public/tile"

    def full(level: str) -> int:
        return sum(path.is_file() and path.parent.suffix != ".p" for path in (root / level).rglob("*"))

    def partial(level: str) -> list[str]:
        return [path.relative_to(root / level).as_posix() for path in (root / level).rglob("*.p/*")]

    assert (full("0"), partial("0")) == (273, ["273.p/112"])
    assert (full("1"), partial("1")) == (1, ["001.p/17"])
    assert (full("2"), partial("2")) == (0, ["000.p/1"])
    assert (full("entries"), partial("entries")) == (273, ["273.p/112"])
    assert check_published(target, small.entries()) == 70_000


def operations(press: Press, folder: Path, sizes: Sequence[int]) -> int:
    """Return how many writing operations it takes to publish *sizes*."""
    target = recording(FolderTarget(folder))
    press.publish_at(press.publisher(target), sizes)
    return -target.left


@pytest.mark.parametrize("done", [False, True], ids=["failed", "done but told as failed"])
def test_a_publisher_stopped_at_any_step_is_continued_by_the_next(
    small: Press, tmp_path: Path, done: bool
) -> None:
    sizes = [200, 255, 513, 800]
    count = operations(small, tmp_path / "whole", sizes)
    whole = content(tmp_path / "whole")
    entries = small.entries()
    published = FolderTarget(tmp_path / "whole").read("checkpoint")
    for number in range(1, count + 1):
        target = FolderTarget(tmp_path / f"stopped-{number}")
        fresh = Press(f"sqlite:///{tmp_path / f'{number}.db'}").found()
        failing = Failing(target, number, done=done)
        publisher = fresh.publisher(failing)
        for size in sizes:
            fresh.grow(size)
            try:
                publisher.publish()
            except Unavailable:
                check_published(target, entries)
                publisher = fresh.publisher(failing)  # the process is started anew
                publisher.publish()
        assert target.read("checkpoint") == published
        assert content(target.root) == whole, number
        fresh.engine.dispose()


def test_publishers_at_the_same_time_publish_one_log(press: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")
    publishers = [press.publisher(target) for _ in range(3)]
    failed: list[Exception] = []
    grown = threading.Event()

    def go_on(publisher: Publisher) -> None:
        while not grown.is_set():
            try:
                publisher.publish()
            except SuyuanError as error:
                failed.append(error)

    threads = [threading.Thread(target=go_on, args=[publisher]) for publisher in publishers]
    for thread in threads:
        thread.start()
    for size in range(20, 700, 45):
        press.grow(size)
    grown.set()
    for thread in threads:
        thread.join()
    for publisher in publishers:
        publisher.publish()
    assert failed == []
    assert check_published(target, press.entries()) == 695
    check_list(target, press.signed())


DAMAGE: dict[str, tuple[Table, dict[str, bytes], ColumnElement[bool]]] = {
    "an entry": (schema.entries, {"body": b"other bytes"}, schema.entries.c.idx == 301),
    "a leaf hash": (schema.entries, {"leaf": ZERO}, schema.entries.c.idx == 301),
    "an older entry": (schema.entries, {"body": b"other bytes"}, schema.entries.c.idx == 270),
    "an older leaf hash": (schema.entries, {"leaf": ZERO}, schema.entries.c.idx == 270),
    "the root of a tile": (schema.tiles, {"root": ZERO}, schema.tiles.c.idx == 0),
}


@pytest.mark.parametrize("what", DAMAGE)
@pytest.mark.parametrize("signed", [False, True], ids=["not signed", "signed"])
def test_what_the_database_damaged_is_not_published(
    small: Press, tmp_path: Path, what: str, signed: bool
) -> None:
    target = FolderTarget(tmp_path / "public")
    small.publish_at(small.publisher(target), [300])
    small.grow(310)
    if signed:
        small.publisher(target).sign()
    table, values, where = DAMAGE[what]
    before = content(tmp_path / "public")
    with begin_write(small.engine) as connection:
        drop_guards(connection)
        connection.execute(update(table).where(where).values(**values))
    with pytest.raises(Broken):
        small.publisher(target).publish()
    assert content(tmp_path / "public") == before
    assert len(small.signed()) == (2 if signed else 1)


def test_a_database_that_lost_published_entries_is_found_out(small: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")
    small.publish_at(small.publisher(target), [10])
    older = Press(f"sqlite:///{tmp_path / 'older.db'}").found()
    older.publish_at(older.publisher(FolderTarget(tmp_path / "other")), [9])
    with pytest.raises(Forked) as raised:
        older.publisher(target).publish()
    assert raised.value.problem.code == "log.behind"
    older.engine.dispose()


def test_a_database_that_falls_back_under_a_publisher_is_not_signed_any_more(
    small: Press, tmp_path: Path
) -> None:
    publisher = small.publisher(FolderTarget(tmp_path / "public"))
    small.grow(10)
    publisher.sign()
    older = Press(f"sqlite:///{tmp_path / 'older.db'}").found()
    older.grow(9)
    publisher.engine = older.engine
    with pytest.raises(Forked) as raised:
        publisher.sign()
    assert (raised.value.problem.code, raised.value.problem.values["where"]) == ("log.behind", HERE)
    assert older.signed() == []
    older.engine.dispose()


def test_a_target_of_another_log_is_left_alone(small: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")
    other = Signer("other.example/log", keys.seed("other"))
    target.replace("checkpoint", sign_checkpoint(Checkpoint("other.example/log", 5, ZERO), [other]).encode())
    small.grow(3)
    with pytest.raises(NoteWrong) as raised:
        small.publisher(target).publish()
    assert raised.value.problems[0].code == "publish.foreign"
    assert list(content(tmp_path / "public")) == ["checkpoint"]


# Witnesses


class Witness:
    """A cosigner that answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.key = Cosigner("witness.example", keys.seed("witness"))
        self.asked: list[int] = []
        self.refuses: Exception | None = None

    def ask(self, note: str, size: int) -> list[NoteSignature]:
        self.asked.append(size)
        if self.refuses is not None:
            raise self.refuses
        return [self.key.cosign(split_note(note)[0], 1_800_000_000 + len(self.asked))]


def published_time(target: FolderTarget, witness: Witness) -> int:
    """Return the time of the published cosignature."""
    opened = open_note(target.read("checkpoint") or b"", [witness.key.key])
    return read_time(opened.verified[0]) - 1_800_000_000


def test_the_witnesses_of_an_idle_log_are_asked_every_ten_minutes(small: Press, tmp_path: Path) -> None:
    target, witness = FolderTarget(tmp_path / "public"), Witness()
    publisher = small.publisher(target, witness.ask)
    small.publish_at(publisher, [5])
    small.wait(seconds=RENEWAL.total_seconds() - 1)
    publisher.publish()
    assert (witness.asked, published_time(target, witness)) == ([5], 1)
    small.wait(seconds=1)
    publisher.publish()
    assert (witness.asked, published_time(target, witness)) == ([5, 5], 2)
    assert len(small.signed()) == 1
    check_list(target, small.signed())  # as the log signed them


def test_a_checkpoint_that_lacks_its_quorum_waits(small: Press, tmp_path: Path) -> None:
    target, witness = FolderTarget(tmp_path / "public"), Witness()
    publisher = small.publisher(target, witness.ask)
    small.publish_at(publisher, [5])
    witness.refuses = Unavailable(OUT.at())
    small.grow(6)
    for _ in range(2):
        with pytest.raises(Unavailable):
            publisher.publish()
    assert check_published(target, small.entries()) == 5
    witness.refuses = None
    publisher.publish()
    assert check_published(target, small.entries()) == 6
    assert witness.asked == [5, 6, 6, 6]


def test_a_publisher_that_was_overtaken_moves_nothing_back(small: Press, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "public")

    def overtaken(_note: str, _size: int) -> Sequence[NoteSignature]:
        small.publish_at(small.publisher(target), [9])
        return ()

    small.publish_at(small.publisher(target, overtaken), [5])
    assert check_published(target, small.entries()) == 9


@dataclass(frozen=True, slots=True)
class Overtaken(FolderTarget):
    """A folder to which somebody else publishes more as soon as the first tile is there."""

    others: list[Callable[[], object]] = field(default_factory=list)

    def put(self, path: str, data: bytes) -> None:
        """Write as a folder does, then let the others write."""
        FolderTarget.put(self, path, data)
        while path.startswith("tile/") and self.others:
            self.others.pop()()


def test_a_list_that_others_made_longer_meanwhile_is_not_cut(small: Press, tmp_path: Path) -> None:
    quick, target = small.publisher(FolderTarget(tmp_path / "public")), Overtaken(tmp_path / "public")
    target.others.append(lambda: small.publish_at(quick, [9]))
    small.publish_at(small.publisher(target), [5])
    assert check_published(target, small.entries()) == 9
    check_list(target, small.signed())


def test_a_target_that_was_set_back_gets_what_it_lost(small: Press, tmp_path: Path) -> None:
    publisher = small.publisher(FolderTarget(tmp_path / "public"))
    small.publish_at(publisher, [300])
    shutil.copytree(tmp_path / "public", tmp_path / "backup")
    small.publish_at(publisher, [700, 900])
    shutil.rmtree(tmp_path / "public")
    (tmp_path / "backup").rename(tmp_path / "public")
    small.publish_at(publisher, [1000])
    assert check_published(publisher.target, small.entries()) == 1000
    check_list(publisher.target, small.signed())


def test_a_witness_that_holds_another_history_stops_the_publisher(small: Press, tmp_path: Path) -> None:
    target, witness = FolderTarget(tmp_path / "public"), Witness()
    witness.refuses = Broken("a witness holds another history")
    small.grow(6)
    with pytest.raises(Broken, match="another history"):
        small.publisher(target, witness.ask).publish()
    assert target.read("checkpoint") is None


def test_a_clock_set_back_gives_no_older_cosignature_of_our_own(small: Press, tmp_path: Path) -> None:
    cosigner = Cosigner(LOG, keys.seed("mldsa"), MLDSA)
    small.signers = (KEY, cosigner)
    publisher = small.publisher(FolderTarget(tmp_path / "public"))
    times = []
    for size, wait in ((1, 0), (2, 60), (3, -3), (4, 4)):
        small.wait(seconds=wait)
        small.grow(size)
        note = publisher.publish() or ""
        assert open_checkpoint(note, [cosigner.key], LOG).size == size
        times += [read_time(one) for one in open_note(note, [cosigner.key]).verified]
    start = int((small.now - timedelta(seconds=61)).timestamp())
    assert times == [start, start + 60, start + 60, start + 61]


def test_a_log_without_an_ml_dsa_key_signs_with_one_line(small: Press, tmp_path: Path) -> None:
    small.grow(2)
    note = small.publisher(FolderTarget(tmp_path / "public")).publish() or ""
    assert [one.name for one in split_note(note)[1]] == [LOG]
    assert open_checkpoint(note, [KEY.verifier], LOG).root == reference.mth(small.entries())
