"""The guard: whoever saw more of the log than the database holds stops it from being written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suyuan.errors import Forked, NoteWrong
from suyuan.ledger.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from suyuan.ledger.hashing import EMPTY_ROOT, Hash
from suyuan.ledger.note import split_note
from suyuan.ledger.radix64 import format_base64
from suyuan.publish.folder import FolderTarget
from suyuan.publish.guard import check_unforked, read_published
from tests.ledger import reference
from tests.publish.presses import KEY, LOG, Press


@pytest.fixture
def press(store_url: str) -> Iterator[Press]:
    press = Press(store_url).found()
    press.grow(300)
    yield press
    press.engine.dispose()


def seen(press: Press, size: int) -> Checkpoint:
    return Checkpoint(LOG, size, Hash(reference.mth(press.entries()[:size])))


def test_what_is_of_this_database_passes(press: Press) -> None:
    check_unforked(press.engine, LOG, [])
    check_unforked(press.engine, LOG, [(str(size), seen(press, size)) for size in (0, 1, 256, 299, 300)])


def test_a_database_behind_a_checkpoint_is_told_by_size_root_and_place(press: Press) -> None:
    ahead = Checkpoint(LOG, 301, EMPTY_ROOT)
    with pytest.raises(Forked) as raised:
        check_unforked(press.engine, LOG, [("here", seen(press, 5)), ("witness.example", ahead)])
    problem = raised.value.problem
    assert problem.code == "log.behind"
    assert problem.values == {
        "where": "witness.example",
        "signed": 301,
        "root": format_base64(EMPTY_ROOT),
        "size": 300,
    }


@pytest.mark.parametrize("size", [7, 300])
def test_another_root_at_one_size_is_a_fork(press: Press, size: int) -> None:
    with pytest.raises(Forked) as raised:
        check_unforked(press.engine, LOG, [("there", Checkpoint(LOG, size, EMPTY_ROOT))])
    problem = raised.value.problem
    assert problem.code == "log.forked"
    assert problem.values["found"] == format_base64(seen(press, size).root)
    assert (problem.values["where"], problem.values["signed"]) == ("there", size)


def test_a_log_that_is_gone_is_behind(press: Press) -> None:
    other = Checkpoint("gone.example", 1, EMPTY_ROOT)
    with pytest.raises(Forked):
        check_unforked(press.engine, "gone.example", [("there", other)])


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda note: note[:-1],
    "a flipped bit in the size": lambda note: note.replace(b"\n30", b"\n31", 1),
    "a flipped bit in the signature": lambda note: note[:-9] + bytes([note[-9] ^ 1]) + note[-8:],
    "nothing": lambda note: b"",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_not_taken_for_the_logs(press: Press, tmp_path: Path, damage: str) -> None:
    target = FolderTarget(tmp_path / "public")
    note = sign_checkpoint(seen(press, 300), [KEY]).encode()
    target.replace("checkpoint", note)
    found = read_published(target, LOG, [KEY.verifier])
    assert found == parse_checkpoint(split_note(note)[0]) == seen(press, 300)
    target.replace("checkpoint", DAMAGE[damage](note))
    with pytest.raises(NoteWrong) as raised:
        read_published(target, LOG, [KEY.verifier])
    assert raised.value.problems[0].code == "publish.foreign"
    assert raised.value.problems[0].values["where"] == f"{tmp_path / 'public'}/checkpoint"


def test_a_target_without_a_checkpoint_proves_nothing(tmp_path: Path) -> None:
    assert read_published(FolderTarget(tmp_path / "public"), LOG, [KEY.verifier]) is None
