"""``.tlog-proof`` files: what entry proofs say, in the form that others read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suyuan.errors import NoteWrong, ProofWrong, Refused, SuyuanError
from suyuan.ledger.hashing import Hash
from suyuan.ledger.note import Signer, sign_note
from suyuan.ledger.policy import policy_of_keys
from suyuan.ledger.tlogproof import format_proof, parse_proof
from suyuan.verify.bundle import format_bundle
from suyuan.verify.package import check_bundle
from suyuan.verify.steps import StepFailed
from suyuan.verify.tlog import entry_bundle, parse_document, tlog_proof
from tests.keys import seed
from tests.ledger.damage import damaged_text, reshaped
from tests.verify.ledgers import LOG, issued, log_signer

TRUSTED = policy_of_keys([log_signer().verifier])
LEDGER = issued()
BUNDLE = LEDGER.entry_bundle(1)
PROOF = tlog_proof(BUNDLE)
TEXT = format_proof(PROOF)


def test_an_entry_proof_goes_to_a_tlog_proof_and_back() -> None:
    assert entry_bundle(parse_proof(TEXT)) == BUNDLE
    assert parse_document(TEXT.encode()) == BUNDLE
    assert parse_document(format_bundle(BUNDLE) + b"\r\n") == BUNDLE


def test_the_steps_are_those_of_the_entry_proof() -> None:
    steps = check_bundle(parse_document(TEXT.encode()), TRUSTED)
    assert steps == check_bundle(BUNDLE, TRUSTED)
    assert "open.signer" in [step.code for step in steps if not step.done]


def test_with_the_entries_of_the_key_the_signer_is_checked() -> None:
    bundle = replace(entry_bundle(parse_proof(TEXT)), keys=(LEDGER.proof(0),))
    assert "step.signer" in [step.code for step in check_bundle(bundle, TRUSTED)]


def test_a_proof_without_its_entry_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        entry_bundle(replace(PROOF, extra=None))
    assert caught.value.problems[0].code == "tlog-proof.extra"


def test_every_damage_to_a_tlog_proof_is_refused() -> None:
    for bad in damaged_text(TEXT):
        with pytest.raises(SuyuanError):
            check_bundle(parse_document(bad.encode()), TRUSTED)


def test_a_proof_of_another_shape_is_refused() -> None:
    for hashes in reshaped(PROOF.hashes, [Hash(LEDGER.tree.root())]):
        bundle = replace(BUNDLE, proof=replace(BUNDLE.proof, inclusion=tuple(map(Hash, hashes))))
        if bundle != BUNDLE:
            with pytest.raises(StepFailed):
                check_bundle(bundle, TRUSTED)


@pytest.mark.parametrize("index", [0, 2, 3])
def test_an_entry_under_another_index_is_refused(index: int) -> None:
    with pytest.raises(ProofWrong):
        check_bundle(entry_bundle(replace(PROOF, index=index)), TRUSTED)


def test_the_log_is_the_one_that_signed_not_the_one_that_the_checkpoint_names() -> None:
    other = Signer("other.example/log", seed("other"))
    text = BUNDLE.checkpoint.partition("\n\n")[0] + "\n"
    posing = replace(PROOF, checkpoint=sign_note(text, [other]))
    with pytest.raises(NoteWrong) as caught:
        check_bundle(entry_bundle(posing), policy_of_keys([other.verifier]))
    assert caught.value.problems[0].code == "note.untrusted"
    renamed = replace(PROOF, checkpoint=sign_note(text.replace(LOG, other.name), [other]))
    with pytest.raises(StepFailed) as failed:
        check_bundle(entry_bundle(renamed), policy_of_keys([other.verifier]))
    assert failed.value.problem.code == "proof.log"
