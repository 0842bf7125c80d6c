"""An audit that stopped and went on, or that was shown odd lists, has still checked everything once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from suyuan.errors import Unavailable
from suyuan.ledger.checkpoint import Checkpoint, format_checkpoint
from suyuan.ledger.hashing import ZERO, Hash
from suyuan.ledger.note import Signer, sign_note
from suyuan.monitor.crew import Crew
from suyuan.monitor.lookout import Lookout
from suyuan.monitor.memory import Memory
from suyuan.monitor.source import open_source
from suyuan.monitor.state import load_memory, save_memory
from suyuan.verify.trail import Trail
from tests.monitor.published import POLICY, Publication, codes, grow, grown, look
from tests.monitor.test_memory import look_on
from tests.verify.ledgers import LOG, log_signer

UNREADABLE = b"\x1f\x8b\x08"
"""No gzip and no bundle: the file is neither there nor missing."""


def signed(size: int, root: Hash, signer: Signer | None = None) -> str:
    """Return a checkpoint that nothing but its signature speaks for."""
    return sign_note(format_checkpoint(Checkpoint(LOG, size, root)), [signer or log_signer()])


def interrupted(made: Publication, tmp_path: Path) -> Memory:
    """Audit the log up to its ninth bundle, which can't be read; save what is known, mend the bundle, load again."""
    path = made.folder / "tile/entries/008"
    held = path.read_bytes()
    path.write_bytes(UNREADABLE)
    with closing(open_source(str(made.folder))) as source:
        lookout = Lookout(source, POLICY, Crew(0))
        with pytest.raises(Unavailable):
            lookout.look()
        assert lookout.memory is not None
        save_memory(tmp_path / "state", lookout.memory)
    path.write_bytes(held)
    memory = load_memory(tmp_path / "state")
    assert memory is not None
    assert memory.trail.size == 8 * 256
    return memory


@pytest.fixture
def made(tmp_path: Path) -> Publication:
    """A log of nine bundles, not published yet."""
    return Publication(tmp_path / "log", grown(9 * 256))


def test_who_signed_is_settled_after_an_interruption(made: Publication, tmp_path: Path) -> None:
    made.publish(500)
    made.signers = (log_signer("stranger"),)
    made.publish(700)
    made.signers = (log_signer(),)
    made.publish()
    memory = interrupted(made, tmp_path)
    assert memory.listed == 2
    assert codes(look_on(made.folder, memory)[0]) == [("checkpoint", "checkpoint/700")]


def test_tiles_above_are_compared_after_an_interruption(made: Publication, tmp_path: Path) -> None:
    made.publish()
    memory = interrupted(made, tmp_path)
    assert memory.climbed == 0
    sight, memory = look_on(made.folder, memory)
    assert (sight.faults, memory.climbed) == ([], 9 * 256)


def test_no_checkpoint_is_slipped_in_behind_what_was_read(made: Publication, tmp_path: Path) -> None:
    made.publish(500)
    made.publish()
    memory = interrupted(made, tmp_path)
    made.notes.insert(1, signed(700, ZERO))
    made.write_list()
    assert codes(look_on(made.folder, memory)[0]) == [("order", "checkpoint/700")]


def test_a_listed_checkpoint_that_contradicts_a_known_one_is_a_fork(published: Publication) -> None:
    published.notes[2] = signed(255, ZERO)
    published.write_list()
    known = Checkpoint(LOG, 255, published.ledger.tree.root(255))
    sight, _ = look_on(published.folder, Memory(Trail(LOG), known, b""))
    assert codes(sight) == [("fork", "checkpoint/255")]


@pytest.mark.parametrize("shown", [0, 3])
def test_the_root_of_no_entries_is_checked_too(tmp_path: Path, shown: int) -> None:
    made = Publication(tmp_path / "log", grown(3))
    made.notes = [signed(0, ZERO)]
    if shown:
        made.publish()
    else:
        made.write_list()
        made.write("checkpoint", made.notes[0].encode())
    assert codes(look(made.folder)) == [("root", "checkpoint/0")]


def test_an_empty_log_is_sound(tmp_path: Path) -> None:
    made = Publication(tmp_path / "log", grown(1))
    made.publish(0)
    assert codes(look(made.folder)) == []
    grow(made.ledger, 5)
    made.publish()
    assert codes(look(made.folder)) == []


@pytest.mark.parametrize("count", [b"999999999999999999\n", b"5" * 17 + b"\n"])
def test_a_list_that_claims_to_be_endless_is_found_at_once(published: Publication, count: bytes) -> None:
    published.write("checkpoints/count", count)
    assert codes(look(published.folder)) == [("absent", "checkpoints/000"), ("unlisted", "checkpoint")]


def test_a_log_that_claims_to_be_endless_is_found_at_once(published: Publication) -> None:
    published.notes.append(signed(2**62, ZERO))
    published.write_list()
    published.write("checkpoint", published.notes[-1].encode())
    assert ("absent", "tile/entries/001") in codes(look(published.folder))
