"""Reading the trusted keys; entry proofs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suyuan.errors import NoteWrong, Refused
from suyuan.ledger.cosignature import COSIGNATURE, MLDSA, Cosigner
from suyuan.ledger.note import add_signatures, split_note
from suyuan.ledger.policy import NONE, Policy, PolicyGroup, PolicyLog, PolicyWitness, policy_of_keys
from suyuan.verify.bundle import EntryBundle
from suyuan.verify.entry import read_log_keys
from suyuan.verify.package import check_bundle
from suyuan.verify.proof import check_entry_proof
from tests.keys import seed
from tests.verify.ledgers import LOG, issued, log_signer

VKEY = log_signer().vkey
TRUSTED = policy_of_keys([log_signer().verifier])
BUREAU = Cosigner("bureau.example/w1", seed("bureau"))
GUILD = Cosigner("guild.example/w2", seed("guild"), MLDSA)
TIME = 1790000000
LATE = 2**63 - 1


def wanting(quorum: str) -> Policy:
    """Return the policy that knows both witnesses and asks for *quorum*."""
    return Policy(
        (PolicyLog(log_signer().verifier),),
        (PolicyWitness("bureau", BUREAU.key), PolicyWitness("guild", GUILD.key)),
        (PolicyGroup("both", 2, ("bureau", "guild")),),
        quorum,
    )


def cosigned(*cosigners: Cosigner, time: int = TIME) -> EntryBundle:
    """Return a good proof whose checkpoint *cosigners* cosigned."""
    bundle = issued().entry_bundle(1)
    text, _ = split_note(bundle.checkpoint)
    note = add_signatures(bundle.checkpoint, [one.cosign(text, time) for one in cosigners])
    return replace(bundle, checkpoint=note)


@pytest.mark.parametrize("text", [VKEY, VKEY + "\n", f"# our log\n\n {VKEY} \n"])
def test_a_log_key_is_read_from_its_text(text: str) -> None:
    assert read_log_keys(text) == (log_signer().verifier,)


def test_several_log_keys_of_both_kinds_are_read_with_comments_between() -> None:
    second = Cosigner(LOG, seed("new"), MLDSA)
    text = f"# before 2027\n{VKEY}\n\n# from 2027\n{second.vkey}\n"
    assert read_log_keys(text) == (log_signer().verifier, second.key)


@pytest.mark.parametrize(
    ("text", "code"), [("", "key.none"), ("# nothing\n", "key.none"), (VKEY + " x", "note.vkey")]
)
def test_what_is_no_log_key_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_log_keys(text)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize("index", range(4))
def test_every_entry_of_a_log_is_proved(index: int) -> None:
    bundle = issued().entry_bundle(index)
    steps = check_entry_proof(bundle, TRUSTED)
    assert steps == check_bundle(bundle, TRUSTED)
    assert f"条目 {index} " in steps[1].zh


def test_either_of_two_trusted_keys_is_enough() -> None:
    both = policy_of_keys([log_signer("new").verifier, log_signer().verifier])
    check_bundle(issued().entry_bundle(1), both)


def test_witnesses_that_cosigned_are_named_with_their_times() -> None:
    steps = check_entry_proof(cosigned(BUREAU, GUILD), wanting("both"))
    (step,) = [one for one in steps if one.code == "step.witnesses"]
    named = "bureau (2026-09-21 14:13:20 UTC), guild (2026-09-21 14:13:20 UTC)"
    assert step.text("zh") == f"2 个见证方看过同一检查点并已会签：{named}"
    assert step.text("en") == f"witnesses that saw the same checkpoint and cosigned it, 2: {named}"
    assert "open.witnesses" not in [one.code for one in steps]


def test_a_witness_that_is_known_is_named_even_where_none_is_asked_for() -> None:
    steps = check_entry_proof(cosigned(BUREAU), wanting(NONE))
    assert [one.values["count"] for one in steps if one.code == "step.witnesses"] == [1]


def test_a_time_beyond_all_dates_is_said_in_seconds() -> None:
    (step,) = (
        one
        for one in check_entry_proof(cosigned(BUREAU, time=LATE), wanting("bureau"))
        if one.code == "step.witnesses"
    )
    assert f"bureau ({LATE} s)" in step.zh


def test_cosignatures_of_strangers_leave_the_witnesses_open() -> None:
    steps = check_entry_proof(cosigned(BUREAU, GUILD), TRUSTED)
    assert next(one.code for one in steps if not one.done) == "open.witnesses"


@pytest.mark.parametrize(
    ("cosigners", "quorum"), [((), "bureau"), ((GUILD,), "bureau"), ((BUREAU,), "both"), ((), "both")]
)
def test_a_proof_that_lacks_the_quorum_fails(cosigners: tuple[Cosigner, ...], quorum: str) -> None:
    with pytest.raises(NoteWrong) as caught:
        check_entry_proof(cosigned(*cosigners), wanting(quorum))
    assert caught.value.problems[0].code == "policy.quorum"


def test_a_cosignature_of_another_checkpoint_fails() -> None:
    older = issued(4).note()
    line = BUREAU.cosign(split_note(older)[0], TIME)
    bundle = issued().entry_bundle(1)
    moved = replace(bundle, checkpoint=add_signatures(bundle.checkpoint, [line]))
    assert BUREAU.kind == COSIGNATURE
    with pytest.raises(NoteWrong) as caught:
        check_entry_proof(moved, wanting("bureau"))
    assert caught.value.problems[0].code == "note.signature"
