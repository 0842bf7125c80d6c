"""An audit that goes on from an earlier one, and what it then notices."""

from __future__ import annotations

from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from suyuan.errors import Refused, Unavailable
from suyuan.ledger.policy import policy_of_keys
from suyuan.monitor.crew import Crew
from suyuan.monitor.lookout import Lookout, Sight, Told
from suyuan.monitor.memory import Memory
from suyuan.monitor.source import open_source
from suyuan.monitor.state import MAGIC, load_memory, save_memory
from tests.ledger.damage import flip
from tests.monitor.published import POLICY, Publication, codes, grow, grown, look
from tests.produce.world import name
from tests.verify.ledgers import Ledger, log_signer

OLD, NEW, STRANGE = log_signer(), log_signer("new"), log_signer("stranger")


def look_on(folder: Path, memory: Memory | None) -> tuple[Sight, Memory]:
    """Look at the log in *folder* with *memory*; return what was seen and the memory after it."""
    with closing(open_source(str(folder))) as source:
        lookout = Lookout(source, POLICY, Crew(0))
        lookout.memory = memory
        sight = lookout.look()
        assert lookout.memory is not None
        return sight, lookout.memory


def kept(folder: Path, tmp_path: Path) -> Memory:
    """Look, save what is known, and load it again."""
    sight, memory = look_on(folder, None)
    assert sight.faults == []
    save_memory(tmp_path / "state", memory)
    found = load_memory(tmp_path / "state")
    assert found is not None
    return found


def test_an_audit_goes_on_where_it_was_left(published: Publication, tmp_path: Path) -> None:
    memory = kept(published.folder, tmp_path)
    assert (memory.trail.size, memory.listed, memory.listed_size) == (270, 5, 270)
    (published.folder / "tile/entries/000").unlink()  # not read again
    for size in (270, 271, 512, 700):
        grow(published.ledger, size)
        if size > 270:
            published.publish()
        sight, memory = look_on(published.folder, memory)
        assert codes(sight) in ([], [("partial", "tile/entries/000.p/255")])
        save_memory(tmp_path / "state", memory)
        again = load_memory(tmp_path / "state")
        assert again is not None
        assert (again.trail.size, again.trail.crown.root()) == (size, published.ledger.tree.root())
        memory = again


def test_an_old_checkpoint_shown_as_new_is_found(published: Publication, tmp_path: Path) -> None:
    memory = kept(published.folder, tmp_path)
    published.write("checkpoint", published.notes[3].encode())
    sight, _ = look_on(published.folder, memory)
    assert codes(sight) == [("stale", "checkpoint")]
    assert sight.seen == published.notes[-1].encode()
    assert sight.shown == published.notes[3].encode()


def test_an_old_checkpoint_without_memory_is_just_an_old_one(published: Publication) -> None:
    published.write("checkpoint", published.notes[3].encode())
    sight, _ = look_on(published.folder, None)
    assert sight.faults == []  # a list that runs ahead is one that is being written


def test_a_fork_at_equal_size_is_found(published: Publication, tmp_path: Path) -> None:
    memory = kept(published.folder, tmp_path)
    fork = Publication(tmp_path / "fork", forked(269))
    for size in (1, 3, 255, 256, 270):
        fork.publish(size)
    sight, _ = look_on(fork.folder, None)
    assert sight.faults == []
    sight, _ = look_on(fork.folder, memory)
    assert codes(sight) == [("fork", "checkpoint")]
    assert sight.seen != sight.shown


def test_a_fork_that_is_longer_is_found(published: Publication, tmp_path: Path) -> None:
    memory = kept(published.folder, tmp_path)
    fork = Publication(tmp_path / "fork", forked(269))
    for size in (1, 3, 255, 256, 270):
        fork.publish(size)
    grow(fork.ledger, 300)
    fork.publish()
    found = codes(look_on(fork.folder, memory)[0])
    assert found[:2] == [("rewritten", "entry/269"), ("prev", "entry/270")]


def test_a_fork_where_a_tile_was_full_is_found(tmp_path: Path) -> None:
    trunk = Publication(tmp_path / "log", grown(256))
    trunk.publish()
    memory = kept(trunk.folder, tmp_path)
    fork = Publication(tmp_path / "fork", forked(255))
    fork.publish()
    grow(fork.ledger, 300)
    fork.publish()
    found = codes(look_on(fork.folder, memory)[0])
    assert {("prev", "entry/256"), ("root", "checkpoint/300")} <= set(found)


def test_a_list_that_disagrees_with_the_checkpoint_is_a_fork(published: Publication, tmp_path: Path) -> None:
    fork = Publication(tmp_path / "fork", forked(269))
    published.write("checkpoint", fork.publish().encode())
    assert ("fork", "checkpoint") in codes(look_on(published.folder, None)[0])


def test_a_list_that_became_shorter_is_found(published: Publication, tmp_path: Path) -> None:
    memory = kept(published.folder, tmp_path)
    published.write("checkpoints/count", b"4\n")
    assert codes(look_on(published.folder, memory)[0]) == [("shrunk", "checkpoints/count")]


def test_a_list_may_be_ahead_of_the_checkpoint(published: Publication, tmp_path: Path) -> None:
    before = published.notes[-1]
    grow(published.ledger, 300)
    published.publish()
    published.write("checkpoint", before.encode())
    memory = kept(published.folder, tmp_path)
    assert (memory.trail.size, memory.listed) == (270, 5)
    published.write("checkpoint", published.notes[-1].encode())
    sight, memory = look_on(published.folder, memory)
    assert (sight.faults, memory.listed, memory.listed_size) == ([], 6, 300)


def test_an_interrupted_audit_goes_on_and_still_holds_what_it_saw(tmp_path: Path) -> None:
    published = Publication(tmp_path / "log", grown(9 * 256))
    published.publish(700)
    published.publish()
    path = tmp_path / "log/tile/entries/008"
    held = path.read_bytes()
    path.write_bytes(b"\x1f\x8b\x08")  # can't be unpacked: neither there nor missing
    with closing(open_source(str(tmp_path / "log"))) as source:
        lookout = Lookout(source, POLICY, Crew(0))
        halts: list[int] = []
        with pytest.raises(Unavailable):
            lookout.look(Told(halt=lambda: halts.append(1)))
        memory = lookout.memory
    assert memory is not None
    assert (halts, memory.trail.size, memory.listed, memory.seen.size) == ([1], 8 * 256, 1, 9 * 256)
    save_memory(tmp_path / "state", memory)
    path.write_bytes(held)
    sight, memory = look_on(published.folder, load_memory(tmp_path / "state"))
    assert (sight.faults, memory.trail.size, memory.listed) == ([], 9 * 256, 2)
    published.write("checkpoint", published.notes[0].encode())
    assert codes(look_on(published.folder, load_memory(tmp_path / "state"))[0]) == [("stale", "checkpoint")]


def test_what_was_wrong_before_reading_failed_is_told(published: Publication) -> None:
    grow(published.ledger, 2500)
    published.publish()
    (published.folder / "tile/0/000").unlink()
    published.write("tile/entries/009.p/196", b"\x1f\x8b\x08")
    assert codes(look_on(published.folder, None)[0]) == [("absent", "tile/0/000")]


@pytest.mark.parametrize("every", [97])
def test_a_damaged_state_file_is_refused(sound: Path, tmp_path: Path, every: int) -> None:
    file = tmp_path / "state"
    save_memory(file, look_on(sound, None)[1])
    data = file.read_bytes()
    for bit in range(0, len(data) * 8, every * 8 + 1):
        file.write_bytes(flip(data, bit))
        with pytest.raises(Refused, match=r"audit\.state"):
            load_memory(file)
    for length in (0, 5, 40, len(data) - 1):
        file.write_bytes(data[:length])
        with pytest.raises(Refused, match=r"audit\.state"):
            load_memory(file)


def test_a_state_file_that_contradicts_itself_is_refused(sound: Path, tmp_path: Path) -> None:
    file = tmp_path / "state"
    save_memory(file, look_on(sound, None)[1])
    body = file.read_bytes()[:-32]
    at = len(MAGIC) + 8
    end = at + int.from_bytes(body[len(MAGIC) : at], "big")
    head = msgspec.msgpack.decode(body[at:end])
    assert head[1] == 270
    for place, value in ((1, 271), (2, bytes(32)), (11, [[0, b"{}"], *head[11][1:]]), (11, head[11][1:])):
        packed = msgspec.msgpack.encode([*head[:place], value, *head[place + 1 :]])
        changed = body[: len(MAGIC)] + len(packed).to_bytes(8, "big") + packed + body[end:]
        file.write_bytes(changed + sha256(changed).digest())
        with pytest.raises(Refused, match=r"audit\.state"):
            load_memory(file)
    longer = body[:-1]
    file.write_bytes(longer + sha256(longer).digest())
    with pytest.raises(Refused, match=r"audit\.state"):
        load_memory(file)


def test_no_state_file_is_no_memory(tmp_path: Path) -> None:
    assert load_memory(tmp_path / "none") is None
    with pytest.raises(Unavailable):
        load_memory(tmp_path)


def rotated(folder: Path) -> Publication:
    """Publish a log that changes its key: the old one signs 5, both 6, the new one 7 and 10."""
    ledger = grown(5)
    made = Publication(folder, ledger, [OLD])
    made.publish()
    ledger.say("log.rekeyed", "log", added=NEW.vkey, replaces=OLD.vkey)
    made.signers = (OLD, NEW)
    made.publish()
    ledger.say("log.rekeyed", "log", retired=OLD.vkey)
    made.signers = (NEW,)
    made.publish()
    grow(ledger, 10)
    made.publish()
    return made


def test_keys_that_the_log_announced_settle_old_checkpoints(tmp_path: Path) -> None:
    made = rotated(tmp_path / "log")
    assert look(made.folder, policy_of_keys([NEW.verifier])).faults == []
    assert look(made.folder, policy_of_keys([OLD.verifier, NEW.verifier])).faults == []
    assert codes(look(made.folder, policy_of_keys([STRANGE.verifier]))) == [("checkpoint", "checkpoint")]


def test_a_key_that_the_log_never_announced_signs_nothing(tmp_path: Path) -> None:
    made = rotated(tmp_path / "log")
    grow(made.ledger, 20)
    made.signers = (STRANGE,)
    made.publish()
    assert codes(look(made.folder, policy_of_keys([NEW.verifier, STRANGE.verifier]))) == [
        ("retired", "checkpoint/20")
    ]
    assert ("log-key", "entry/0") in codes(look(made.folder, policy_of_keys([STRANGE.verifier])))


def test_a_key_that_was_retired_signs_no_more(tmp_path: Path) -> None:
    made = rotated(tmp_path / "log")
    grow(made.ledger, 20)
    made.signers = (OLD,)
    made.publish(15)
    made.signers = (NEW,)
    made.publish()
    assert codes(look(made.folder, policy_of_keys([OLD.verifier, NEW.verifier]))) == [
        ("retired", "checkpoint/15")
    ]
    assert codes(look(made.folder, policy_of_keys([NEW.verifier]))) == [("checkpoint", "checkpoint/15")]


def forked(size: int) -> Ledger:
    """Return a log that says something else in its last entry."""
    ledger = grown(size)
    ledger.say("batch.adjusted", "农场", batch=name("another"), amount=-1, reason="shrinkage")
    return ledger
