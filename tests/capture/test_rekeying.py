"""The keys of the log's checkpoints: rotated, retired, joined by a cosigner, and followed by an audit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from suyuan.capture.logkeys import find_log_keys, make_custody_key
from suyuan.capture.office import Office
from suyuan.capture.rekeying import add_cosigner, find_due, name_key, read_log, retire_key, rotate_key
from suyuan.errors import Missing, Refused
from suyuan.ledger.cosignature import Cosigner, parse_key
from suyuan.ledger.jwk import SigningKey
from suyuan.ledger.note import split_note
from suyuan.produce.records import LogState
from suyuan.publish.checkpoints import publish_checkpoint
from suyuan.publish.examination import Subject, examine
from tests import keys
from tests.farm import Farm


def office(farm: Farm) -> Office:
    return Office(farm.engine, farm.vault, farm.capture, farm.pen)


def state(farm: Farm) -> LogState:
    return read_log(farm.engine, farm.log)


def sign(farm: Farm, *handed: SigningKey) -> list[str]:
    """Sign the log with the keys that sign now; return the vkeys whose lines the checkpoint bears."""
    found = find_log_keys(farm.vault, farm.log, handed)
    assert found is not None
    signed = publish_checkpoint(farm.engine, farm.log, found.checkpoints, lambda: farm.now)
    assert signed is not None
    ids = {parse_key(key.vkey).key_id: key.vkey for key in state(farm).checkpoint_keys}
    return [ids[line.key_id] for line in split_note(signed.note)[1]]


def retire(farm: Farm, vkey: str, *handed: SigningKey) -> None:
    found = find_log_keys(farm.vault, farm.log, handed)
    assert found is not None
    retire_key(office(farm), vkey, found.checkpoints)
    del farm.__dict__["keys"]  # which the farm keeps


def refused(farm: Farm, vkey: str) -> str:
    with pytest.raises(Refused) as caught:
        retire(farm, vkey)
    return caught.value.problems[0].code


def test_a_key_is_rotated_and_retired_and_the_audit_follows(farm: Farm) -> None:
    first = state(farm).checkpoint_key
    assert sign(farm) == [first]
    signer, accepted = rotate_key(office(farm))
    assert sign(farm) == [first, signer.vkey]
    assert state(farm).checkpoint_key == first
    retire(farm, first)
    farm.take(farm.harvest())
    assert sign(farm) == [signer.vkey]
    assert state(farm).signing(accepted.index + 1) == (first, signer.vkey)
    subject = Subject(farm.engine, farm.vault, farm.log, farm.keys.checkpoint.verifier)
    assert examine(subject).differences == ()


def test_the_examination_wants_a_key_that_signs_now(farm: Farm) -> None:
    old = farm.keys.checkpoint.verifier
    rotate_key(office(farm))
    sign(farm)
    retire(farm, old.vkey)
    sign(farm)
    found = examine(Subject(farm.engine, farm.vault, farm.log, old)).differences
    assert any(line.startswith("vault: checkpoint key") for line in found)
    assert any("note.untrusted" in line for line in found)


def test_a_checkpoint_by_a_key_that_was_retired_is_a_difference(sqlite_farm: Farm) -> None:
    farm = sqlite_farm
    old = farm.keys.checkpoints
    rotate_key(office(farm))
    sign(farm)
    retire(farm, old[0].vkey)
    publish_checkpoint(farm.engine, farm.log, old, lambda: farm.now)
    farm.take(farm.harvest())
    sign(farm)
    farm.spoiled = True
    [difference] = farm.audit().differences
    assert difference.where.startswith("checkpoint ")


def test_a_key_may_be_retired_only_once_its_successor_is_covered(farm: Farm) -> None:
    first = state(farm).checkpoint_key
    sign(farm)
    rotate_key(office(farm))
    assert refused(farm, first) == "log-key.uncovered"
    sign(farm)
    retire(farm, first)


def test_one_rotation_at_a_time(farm: Farm) -> None:
    rotate_key(office(farm))
    with pytest.raises(Refused) as caught:
        rotate_key(office(farm))
    assert caught.value.problems[0].code == "log-key.under-way"


def test_the_only_key_is_not_retired(farm: Farm) -> None:
    sign(farm)
    assert refused(farm, state(farm).checkpoint_key) == "log-key.last"


def test_an_end_is_announced_and_comes(farm: Farm) -> None:
    first = state(farm).checkpoint_key
    ends = farm.now + timedelta(days=30)
    rotate_key(office(farm), ends=ends)
    assert find_due(state(farm), farm.now) == []
    assert [key.vkey for key in find_due(state(farm), ends)] == [first]
    sign(farm)
    retire(farm, first)
    assert find_due(state(farm), ends) == []


def test_an_end_lies_ahead(farm: Farm) -> None:
    with pytest.raises(Refused) as caught:
        rotate_key(office(farm), ends=farm.now)
    assert caught.value.problems[0].code == "log-key.past"


def test_a_cosigner_of_the_logs_own_signs_beside_and_goes(farm: Farm) -> None:
    first = state(farm).checkpoint_key
    cosigner, _ = add_cosigner(office(farm))
    assert isinstance(cosigner, Cosigner)
    assert sign(farm) == [first, cosigner.vkey]
    with pytest.raises(Refused) as caught:
        add_cosigner(office(farm))
    assert caught.value.problems[0].code == "log-key.cosigns"
    retire(farm, cosigner.vkey)
    assert sign(farm) == [first]


def test_a_key_that_the_operator_keeps_is_handed_in(farm: Farm) -> None:
    first = state(farm).checkpoint_key
    own = SigningKey(keys.seed("operator's own"))
    signer, _ = rotate_key(office(farm), own)
    assert sign(farm) == [first]
    with pytest.raises(Missing):
        retire(farm, first)
    farm.take(farm.harvest())
    assert sign(farm, own) == [first, signer.vkey]
    retire(farm, first, own)
    with pytest.raises(Missing) as caught:
        find_log_keys(farm.vault, farm.log)
    assert caught.value.problem.code == "log-key.missing"
    found = find_log_keys(farm.vault, farm.log, (own,))
    assert found is not None
    farm.__dict__["keys"] = found


def test_a_key_that_no_entry_announces_signs_nothing(farm: Farm) -> None:
    make_custody_key(farm.vault, "log", "checkpoint", farm.mint)
    assert sign(farm) == [state(farm).checkpoint_key]


def test_a_key_is_named_by_its_vkey_or_its_id(farm: Farm) -> None:
    vkey = state(farm).checkpoint_key
    assert name_key(state(farm), vkey).vkey == vkey
    assert name_key(state(farm), parse_key(vkey).key_id.hex()).vkey == vkey
    with pytest.raises(Missing):
        name_key(state(farm), "00000000")


@pytest.mark.parametrize("wrong", ["no key", "other.example/log", "kind"])
def test_what_is_no_key_of_this_log_is_not_announced(sqlite_farm: Farm, wrong: str) -> None:
    farm = sqlite_farm
    name = farm.log if wrong == "kind" else wrong
    vkey = wrong if wrong == "no key" else Cosigner(name, keys.seed("x"), b"\x06").vkey
    fields = {"added": vkey, "replaces": state(farm).checkpoint_key}
    payload = farm.pen.payload("log.rekeyed", "log", "2026-09-21T08:00:00+08:00", fields)
    [outcome] = farm.submit(farm.pen.sign(payload, farm.keys.receipt))
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "log-key.form"


def test_a_log_that_is_not_open_has_no_keys_to_show(farm: Farm) -> None:
    with pytest.raises(Missing):
        read_log(farm.engine, "other.example/log")
