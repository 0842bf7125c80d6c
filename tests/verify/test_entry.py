"""Reading the trusted keys; entry proofs."""

from __future__ import annotations

import pytest

from suyuan.errors import Refused
from suyuan.verify.entry import read_log_key, read_log_keys
from suyuan.verify.package import check_bundle
from suyuan.verify.proof import check_entry_proof
from tests.verify.ledgers import issued, log_signer

VKEY = log_signer().vkey


def test_a_log_key_is_read_from_its_text() -> None:
    assert read_log_key(VKEY + "\n") == log_signer().verifier


def test_several_log_keys_are_read_with_comments_between() -> None:
    second = log_signer("new")
    text = f"# before 2027\n{VKEY}\n\n# from 2027\n{second.vkey}\n"
    assert read_log_keys(text) == (log_signer().verifier, second.verifier)


@pytest.mark.parametrize(
    ("text", "code"), [("", "key.none"), ("# nothing\n", "key.none"), (VKEY + " x", "note.vkey")]
)
def test_what_is_no_log_key_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_log_key(text)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize("index", range(4))
def test_every_entry_of_a_log_is_proved(index: int) -> None:
    bundle = issued().entry_bundle(index)
    steps = check_entry_proof(bundle, [log_signer().verifier])
    assert steps == check_bundle(bundle, [log_signer().verifier])
    assert f"条目 {index} " in steps[1].zh


def test_either_of_two_trusted_keys_is_enough() -> None:
    check_bundle(issued().entry_bundle(1), [log_signer("new").verifier, log_signer().verifier])
