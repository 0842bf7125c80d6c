"""Whoever knows a key of the log that was retired is led to the one that signs now, and by nobody else."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from suyuan.ledger.note import Signer, split_note
from suyuan.ledger.policy import Policy, policy_of_keys
from suyuan.monitor.crew import Crew
from suyuan.monitor.lookout import Lookout
from suyuan.monitor.source import open_source
from tests.ledger.damage import flip
from tests.monitor.published import Publication, codes, grow, grown, look
from tests.verify.ledgers import log_signer

OLD, NEW, THIRD, STRANGE = (log_signer(word) for word in ("checkpoint", "new", "third", "stranger"))
TRUSTED = policy_of_keys([OLD.verifier])


def rotate(made: Publication, old: Signer, new: Signer, *, quietly: bool = False) -> None:
    """Change the key as the log does: announce, sign with both, retire; *quietly* leaves the signing out."""
    made.ledger.say("log.rekeyed", "log", added=new.vkey, replaces=old.vkey)
    if not quietly:
        made.signers = (old, new)
        made.publish()
    made.ledger.say("log.rekeyed", "log", retired=old.vkey)
    made.signers = (new,)
    grow(made.ledger, len(made.ledger.entries) + 3)
    made.publish()


@pytest.fixture
def made(tmp_path: Path) -> Publication:
    """A log whose first checkpoint the old key signed."""
    made = Publication(tmp_path / "log", grown(5), [OLD])
    made.publish()
    return made


def test_the_first_key_leads_to_the_one_that_signs_now(made: Publication) -> None:
    rotate(made, OLD, NEW)
    rotate(made, NEW, THIRD)
    sight = look(made.folder, TRUSTED)
    assert sight.faults == []
    assert sight.checkpoint is not None
    assert sight.checkpoint.size == len(made.ledger.entries)


def test_a_watcher_goes_along_with_a_rotation(made: Publication) -> None:
    with closing(open_source(str(made.folder))) as source:
        lookout = Lookout(source, TRUSTED, Crew(0))
        assert lookout.look().faults == []
        rotate(made, OLD, NEW)
        assert lookout.look().faults == []
        rotate(made, NEW, THIRD)
        assert lookout.look().faults == []


def test_a_key_that_no_trusted_one_signed_for_leads_nowhere(made: Publication) -> None:
    rotate(made, OLD, NEW, quietly=True)
    assert codes(look(made.folder, TRUSTED)) == [("checkpoint", "checkpoint")]


def test_an_impostor_that_names_our_key_leads_nowhere(tmp_path: Path) -> None:
    made = Publication(tmp_path / "log", grown(5), [STRANGE])
    made.publish()
    rotate(made, OLD, STRANGE)
    made.notes = [note for note in made.notes if OLD.key_id not in _ids(note)]
    made.write_list()
    assert codes(look(made.folder, TRUSTED)) == [("checkpoint", "checkpoint")]


def _ids(note: str) -> set[bytes]:
    return {line.key_id for line in split_note(note)[1]}


def test_what_is_wrong_on_the_way_is_named(made: Publication) -> None:
    rotate(made, OLD, NEW)
    for path in made.folder.glob("tile/entries/000.p/*"):
        path.write_bytes(flip(path.read_bytes(), 300))
    assert look(made.folder, TRUSTED).faults


def test_a_list_that_is_damaged_leads_nowhere(made: Publication) -> None:
    rotate(made, OLD, NEW)
    [path] = [one for one in made.folder.glob("checkpoints/000.p/*") if one.name == str(len(made.notes))]
    path.write_bytes(b"no bundle")
    assert codes(look(made.folder, TRUSTED)) == [("checkpoint", "checkpoint")]
    made.write("checkpoint", b"no checkpoint")
    assert codes(look(made.folder, TRUSTED)) == [("checkpoint", "checkpoint")]


def test_a_policy_of_another_log_leads_nowhere(made: Publication) -> None:
    other = Policy(policy_of_keys([Signer("other.example/log", OLD.seed).verifier]).logs)
    rotate(made, OLD, NEW)
    assert codes(look(made.folder, other)) == [("checkpoint", "checkpoint")]
