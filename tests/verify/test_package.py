"""A package proof holds, and every damage to it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import ProofWrong, Refused, SuyuanError
from suyuan.ledger.hashing import Hash
from suyuan.ledger.policy import Policy, policy_of_keys
from suyuan.ledger.statement import sign_statement
from suyuan.qr.run import RunTree, make_code
from suyuan.verify.bundle import PackageBundle, bundle_document, format_bundle, parse_bundle
from suyuan.verify.package import check_bundle, check_package_proof
from suyuan.verify.steps import StepFailed
from tests.keys import seed
from tests.produce.world import name
from tests.verify.ledgers import LOG, RUN, SECRET, Ledger, issued, key, log_signer

TRUSTED = policy_of_keys([log_signer().verifier])
LEDGER = issued()
for _extra in range(6):
    LEDGER.say("product.registered", "合作社", product=name(f"产品{_extra}"), name="梨", unit="g")
BUNDLE = LEDGER.package_bundle(3, 63, 300, 0, 1)


def failure(bundle: PackageBundle) -> str:
    """Return the code of the step at which *bundle* is found wrong."""
    with pytest.raises((ProofWrong, Refused)) as caught:
        check_package_proof(bundle, TRUSTED)
    error = caught.value
    return error.problem.code if isinstance(error, StepFailed) else error.code


def changed(**package: Any) -> PackageBundle:
    """Return the good bundle with fields of its package part changed."""
    return replace(BUNDLE, package=replace(BUNDLE.package, **package))


def flips(data: bytes, step: int = 1) -> Iterator[bytes]:
    """Yield *data* with each of its bits, or each *step*-th, flipped in turn."""
    for place in range(0, 8 * len(data), step):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        yield bytes(damaged)


def test_a_good_proof_names_each_step_and_what_it_left_open() -> None:
    steps = check_package_proof(BUNDLE, TRUSTED)
    assert [step.code for step in steps if step.done] == [
        "step.checkpoint",
        "step.inclusion",
        "step.entry",
        "step.event",
        "step.signer",
        "step.chain",
        "step.package",
        "step.batch",
    ]
    assert [step.code for step in steps if not step.done] == [
        "open.witnesses",
        "open.revocation",
        "open.goods",
        "open.later",
    ]


def test_without_the_entries_of_the_key_the_signer_is_left_open() -> None:
    steps = check_package_proof(replace(BUNDLE, keys=()), TRUSTED)
    assert "open.signer" in [step.code for step in steps if not step.done]
    assert "step.signer" not in [step.code for step in steps]


def test_steps_are_said_in_both_languages() -> None:
    step = check_package_proof(BUNDLE, TRUSTED)[6]
    assert "第 63 个（共 300 个）" in step.text("zh")
    assert "number 63 of the 300" in step.text("en")


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 600), st.data())
def test_every_package_of_a_run_of_any_size_is_proved(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    bundle = issued(count).package_bundle(3, index, count, 0, 1)
    check_bundle(parse_bundle(format_bundle(bundle)), TRUSTED)


@pytest.mark.parametrize("place", range(len(BUNDLE.package.hashes)))
def test_a_flipped_bit_in_a_hash_of_the_package_is_refused(place: int) -> None:
    hashes = BUNDLE.package.hashes
    for flipped in flips(hashes[place]):
        damaged = (*hashes[:place], Hash(flipped), *hashes[place + 1 :])
        assert failure(changed(hashes=damaged)) == "proof.package"


@pytest.mark.parametrize("place", range(len(BUNDLE.proof.inclusion)))
def test_a_flipped_bit_in_a_hash_of_the_entry_is_refused(place: int) -> None:
    hashes = BUNDLE.proof.inclusion
    for flipped in flips(hashes[place]):
        damaged = (*hashes[:place], Hash(flipped), *hashes[place + 1 :])
        assert failure(replace(BUNDLE, proof=replace(BUNDLE.proof, inclusion=damaged))) == "proof.inclusion"


def test_a_flipped_bit_in_the_blinding_is_refused() -> None:
    for flipped in flips(BUNDLE.package.blinding):
        assert failure(changed(blinding=flipped)) == "proof.package"


def test_a_flipped_bit_in_the_entry_is_refused() -> None:
    for flipped in flips(BUNDLE.proof.entry):
        assert failure(replace(BUNDLE, proof=replace(BUNDLE.proof, entry=flipped))) == "proof.inclusion"


@pytest.mark.parametrize("place", [0, 1])
def test_a_flipped_bit_in_an_entry_of_a_key_is_refused(place: int) -> None:
    proof = BUNDLE.keys[place]
    for flipped in flips(proof.entry, 11):
        keys = [*BUNDLE.keys]
        keys[place] = replace(proof, entry=flipped)
        assert failure(replace(BUNDLE, keys=tuple(keys))) == "proof.inclusion"


def test_a_changed_character_of_the_checkpoint_is_refused() -> None:
    note = BUNDLE.checkpoint
    for place in range(len(note)):
        other = "B" if note[place] == "A" else "A"
        damaged = note[:place] + other + note[place + 1 :]
        with pytest.raises((Refused, ProofWrong)):
            check_package_proof(replace(BUNDLE, checkpoint=damaged), TRUSTED)


def test_a_changed_character_of_the_document_is_refused() -> None:
    document = format_bundle(LEDGER.package_bundle(3, 63, 300))
    for place in range(len(document)):
        damaged = bytearray(document)
        damaged[place] = ord("7") if damaged[place] != ord("7") else ord("8")
        with pytest.raises(SuyuanError):
            check_bundle(parse_bundle(bytes(damaged)), TRUSTED)


@pytest.mark.parametrize(
    ("hashes", "code"),
    [
        ((), "proof.package"),
        (BUNDLE.package.hashes[:-1], "proof.package"),
        (BUNDLE.package.hashes[::-1], "proof.package"),
        ((*BUNDLE.package.hashes, BUNDLE.package.hashes[0]), "proof.package"),
    ],
)
def test_missing_swapped_or_surplus_hashes_are_refused(hashes: tuple[Hash, ...], code: str) -> None:
    assert failure(changed(hashes=hashes)) == code


@pytest.mark.parametrize(("index", "count"), [(62, 300), (63, 301), (300, 63), (64, 299)])
def test_another_place_than_the_entry_and_the_code_say_is_refused(index: int, count: int) -> None:
    assert failure(changed(index=index, count=count)) == "proof.place"


def test_another_code_of_the_same_run_is_refused() -> None:
    assert failure(replace(BUNDLE, code=make_code(SECRET, RUN, 64))) == "proof.place"


def test_a_neighbours_code_with_its_place_is_refused() -> None:
    assert failure(replace(changed(index=64), code=make_code(SECRET, RUN, 64))) == "proof.package"


def test_a_code_of_another_run_is_refused() -> None:
    assert failure(replace(BUNDLE, code=make_code(SECRET, "7K3MY", 63))) == "proof.run"


def test_a_code_made_with_another_secret_is_refused() -> None:
    assert failure(replace(BUNDLE, code=make_code(seed("other"), RUN, 63))) == "proof.package"


def test_a_mistyped_code_is_refused() -> None:
    assert failure(replace(BUNDLE, code=BUNDLE.code[:-1])) == "code.mistyped"


def test_a_code_in_another_spelling_is_refused() -> None:
    assert failure(replace(BUNDLE, code=BUNDLE.code.lower())) == "proof.package"


def test_a_package_beyond_the_count_is_refused() -> None:
    made = RunTree(SECRET, RUN, 301).prove(300)
    part = replace(BUNDLE.package, index=300, blinding=made.blinding, hashes=made.hashes)
    assert failure(replace(BUNDLE, code=made.code, package=part)) == "proof.package"


def test_the_proof_of_another_entry_is_refused() -> None:
    assert failure(replace(BUNDLE, proof=LEDGER.proof(2))) == "proof.event"


@pytest.mark.parametrize("index", [0, 2, 4, 99])
def test_an_entry_shown_under_another_index_is_refused(index: int) -> None:
    assert failure(replace(BUNDLE, proof=replace(BUNDLE.proof, index=index))) == "proof.inclusion"


def test_the_key_of_another_log_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        check_package_proof(BUNDLE, policy_of_keys([log_signer("stranger").verifier]))
    assert caught.value.problems[0].code == "note.untrusted"


def test_a_trusted_key_of_another_name_does_not_count() -> None:
    ledger = issued()
    bundle = replace(ledger.package_bundle(3, 0, 300), checkpoint=ledger.note(log_signer(origin="other/log")))
    with pytest.raises(Refused):
        check_package_proof(bundle, policy_of_keys([log_signer(origin="other/log").verifier]))


def test_without_any_key_nothing_is_checked() -> None:
    with pytest.raises(Refused) as caught:
        check_package_proof(BUNDLE, Policy())
    assert caught.value.problems[0].code == "key.none"


def test_a_bundle_that_names_another_log_is_refused() -> None:
    with pytest.raises(Refused):
        check_package_proof(replace(BUNDLE, log="other/log"), TRUSTED)


def test_a_checkpoint_from_before_the_entry_is_refused() -> None:
    early = Ledger()
    for entry in LEDGER.entries[:3]:
        early.entries.append(entry)
    early.tree.extend(LEDGER.tree.read([(0, place) for place in range(3)]))
    assert failure(replace(BUNDLE, checkpoint=early.note())) == "proof.inclusion"


def test_an_entry_that_hides_one_of_its_subjects_is_refused() -> None:
    ledger = issued()
    payload = ledger.payload("labels.issued", "合作社")
    root = RunTree(SECRET, RUN, 9).root().hex()
    payload |= {"run": RUN, "batch": name("批次"), "count": 9, "net": 1, "root": root}
    payload["packed_on"] = "2026-09-21"
    index = ledger.append(sign_statement(payload, key("合作社")), (f"run:{RUN}",))
    assert failure(ledger.package_bundle(index, 3, 9)) == "proof.subjects"


@pytest.mark.parametrize(("field", "code"), [({"index": 9}, "proof.index"), ({"log": "x/y"}, "proof.log")])
def test_an_entry_that_contradicts_its_place_is_refused(field: dict[str, Any], code: str) -> None:
    ledger = issued()
    payload = ledger.payload("product.registered", "合作社", product=name("p"), name="p", unit="g")
    index = ledger.append(sign_statement(payload, key("合作社")), **field)
    assert failure(replace(ledger.package_bundle(3, 0, 300), proof=ledger.proof(index))) == code


def test_an_event_written_for_another_log_is_refused() -> None:
    ledger = issued()
    payload = ledger.payload("product.registered", "合作社", product=name("p"), name="p", unit="g")
    index = ledger.append(sign_statement({**payload, "log": "other/log"}, key("合作社")))
    assert failure(replace(ledger.package_bundle(3, 0, 300), proof=ledger.proof(index))) == "proof.log"


def test_fields_swapped_with_those_of_another_proof_are_refused() -> None:
    mine = bundle_document(BUNDLE)
    other = bundle_document(issued(40).package_bundle(3, 20, 40, 0, 1))
    assert LOG == mine["log"] == other["log"]
    for field in ("code", "entry", "inclusion", "checkpoint", "package", "keys"):
        text = json.dumps({**mine, field: other[field]}, ensure_ascii=False, sort_keys=True)
        data = json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        with pytest.raises(SuyuanError):
            check_bundle(parse_bundle(data.encode()), TRUSTED)
