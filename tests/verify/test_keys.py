"""The signer's key leads back to entry 0, or the proof says where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suyuan.errors import ProofWrong, Refused
from suyuan.ledger.policy import policy_of_keys
from suyuan.ledger.statement import sign_statement
from suyuan.verify.bundle import EntryBundle
from suyuan.verify.package import check_bundle
from suyuan.verify.steps import StepFailed
from tests.produce.world import name
from tests.verify.ledgers import Ledger, countersign, issued, key, log_signer, opened

TRUSTED = policy_of_keys([log_signer().verifier])


def failure(bundle: EntryBundle) -> str:
    """Return the code of what is wrong with *bundle*."""
    with pytest.raises((ProofWrong, Refused)) as caught:
        check_bundle(bundle, TRUSTED)
    error = caught.value
    if isinstance(error, StepFailed):
        return error.problem.code
    assert isinstance(error, Refused)
    return error.problems[0].code


def said(bundle: EntryBundle) -> str:
    """Return what a good bundle says of the signer."""
    return next(step.zh for step in check_bundle(bundle, TRUSTED) if step.code == "step.signer")


def grow(ledger: Ledger, signer: str, by: str = "合作社") -> int:
    """Append an event of *by* signed by the key called *signer*."""
    product = name(f"{signer}{len(ledger.entries)}")
    return ledger.say("product.registered", by, signer=signer, product=product, name="梨", unit="g")


def test_the_first_key_of_a_party_leads_back_to_its_supervisor() -> None:
    assert "合作社" in said(issued().entry_bundle(3, 0, 1))


def test_a_supervisors_own_statement_needs_entry_0_only() -> None:
    assert "局" in said(issued().entry_bundle(1, 0))


def test_entry_0_proves_itself() -> None:
    assert "step.signer" in [step.code for step in check_bundle(issued().entry_bundle(0, 0), TRUSTED)]


def test_a_later_key_of_a_party_leads_back_through_its_first() -> None:
    ledger = issued()
    added = ledger.admit("key.added", "合作社", "合作社", new="second")
    last = grow(ledger, "second")
    assert "本人保管" in said(ledger.entry_bundle(last, 0, 1, added))


def revocation(bundle: EntryBundle) -> list[str]:
    """Return what a good bundle says of the key's end."""
    return [step.en for step in check_bundle(bundle, TRUSTED) if step.code == "step.revoked"]


def revoke(ledger: Ledger, word: str, by: str, signer: str = "") -> int:
    fields = {"party": name("合作社"), "kid": key(word).kid, "reason": "stolen"}
    return ledger.say("key.revoked", by, signer=signer, **fields)


def test_a_key_that_was_revoked_since_is_said_to_be_and_the_statement_stays_valid() -> None:
    ledger = issued()
    said_at = grow(ledger, "合作社")
    end = revoke(ledger, "合作社", "局")
    assert revocation(ledger.entry_bundle(said_at, 0, 1, end)) == [
        f"the key is revoked since entry {end}; this statement, entry {said_at}, came before and stays valid"
    ]
    assert revocation(ledger.entry_bundle(said_at, 0, 1)) == []


def test_the_end_of_another_key_says_nothing() -> None:
    ledger = issued()
    said_at = grow(ledger, "合作社")
    added = ledger.admit("key.added", "合作社", "合作社", new="second")
    end = revoke(ledger, "second", "合作社")
    assert revocation(ledger.entry_bundle(said_at, 0, 1, added, end)) == []


def test_a_later_revocation_is_checked_like_any_entry() -> None:
    ledger = issued()
    said_at = grow(ledger, "合作社")
    end = revoke(ledger, "合作社", "局", signer="stranger")
    assert failure(ledger.entry_bundle(said_at, 0, 1, end)) == "keys.unknown"
    assert failure(ledger.entry_bundle(said_at, 0, 1, said_at)) == "keys.order"


def test_a_key_recovered_by_two_supervisors_counts_with_the_approval_of_the_second() -> None:
    ledger = opened("局", "市监局")
    first = ledger.register("合作社", ["producer"], "局")
    payload = ledger.payload("key.added", "局", party=name("合作社"), custody="party")
    payload["jwk"] = {"crv": "Ed25519", "kty": "OKP", "x": _x("recovered")}
    payload["proof"] = countersign(payload, key("recovered"))
    payload["approval"] = countersign(payload, key("市监局"))
    payload["approver"] = key("市监局").kid
    added = ledger.append(sign_statement(payload, key("局")))
    last = grow(ledger, "recovered")
    assert "合作社" in said(ledger.entry_bundle(last, 0, first, added))


def test_a_recovery_with_a_forged_approval_is_refused() -> None:
    ledger = opened("局", "市监局")
    first = ledger.register("合作社", ["producer"], "局")
    payload = ledger.payload("key.added", "局", party=name("合作社"), custody="party")
    payload["jwk"] = {"crv": "Ed25519", "kty": "OKP", "x": _x("recovered")}
    payload["proof"] = countersign(payload, key("recovered"))
    payload["approval"] = countersign(payload, key("recovered"))
    payload["approver"] = key("市监局").kid
    added = ledger.append(sign_statement(payload, key("局")))
    last = grow(ledger, "recovered")
    assert failure(ledger.entry_bundle(last, 0, first, added)) == "proof.wrong"


def test_a_recovery_approved_by_a_key_that_no_entry_registers_is_refused() -> None:
    ledger = opened("局")
    first = ledger.register("合作社", ["producer"], "局")
    approval = {"approval": "x", "approver": key("stranger").kid}
    added = ledger.admit("key.added", "合作社", "局", new="recovered", **approval)
    last = grow(ledger, "recovered")
    assert failure(ledger.entry_bundle(last, 0, first, added)) == "key.needs-approval"


def test_a_registration_whose_key_did_not_countersign_is_refused() -> None:
    ledger = opened("局")
    first = ledger.register("合作社", ["producer"], "局", proof=countersign_other())
    last = grow(ledger, "合作社")
    assert failure(ledger.entry_bundle(last, 0, first)) == "proof.wrong"


def test_a_statement_signed_by_a_stranger_is_refused() -> None:
    ledger = issued()
    last = grow(ledger, "stranger")
    assert failure(ledger.entry_bundle(last, 0, 1)) == "keys.unknown"


def test_a_statement_in_the_name_of_another_party_is_refused() -> None:
    ledger = issued()
    other = ledger.register("别家", ["producer"], "局")
    last = grow(ledger, "别家", by="合作社")
    assert failure(ledger.entry_bundle(last, 0, 1, other)) == "key.foreign"


def test_a_statement_after_the_revocation_shown_is_refused() -> None:
    ledger = issued()
    revoked = ledger.say(
        "key.revoked", "合作社", party=name("合作社"), kid=key("合作社").kid, reason="stolen"
    )
    last = grow(ledger, "合作社")
    assert failure(ledger.entry_bundle(last, 0, 1, revoked)) == "key.revoked"


def test_a_party_that_registers_another_without_being_a_supervisor_is_refused() -> None:
    ledger = issued()
    friend = ledger.register("朋友", ["producer"], "合作社")
    last = grow(ledger, "朋友", by="朋友")
    assert failure(ledger.entry_bundle(last, 0, 1, friend)) == "role.supervisor"


def test_a_bad_signature_under_a_good_entry_is_refused() -> None:
    ledger = issued()
    payload = ledger.payload("product.registered", "合作社", product=name("x"), name="x", unit="g")
    head, body, _ = sign_statement(payload, key("合作社")).split(".")
    forged = sign_statement({**payload, "name": "y"}, key("合作社")).split(".")[2]
    last = ledger.append(f"{head}.{body}.{forged}")
    assert failure(ledger.entry_bundle(last, 0, 1)) == "statement.signature"


@pytest.mark.parametrize("keys", [(1,), (1, 0), (0, 1, 1), (0, 3), (0, 1, 3)])
def test_key_entries_out_of_order_or_not_from_entry_0_are_refused(keys: tuple[int, ...]) -> None:
    assert failure(issued().entry_bundle(3, *keys)) == "keys.order"


def test_another_event_among_the_key_entries_is_refused() -> None:
    assert failure(issued().entry_bundle(3, 0, 1, 2)) == "keys.kind"


def test_a_second_opening_of_the_log_is_refused() -> None:
    ledger = opened("局")
    ledger.append(ledger_again(ledger))
    last = grow(ledger, "局", by="局")
    assert failure(ledger.entry_bundle(last, 0, 1)) == "log.opened-already"


def test_key_entries_of_another_log_are_refused() -> None:
    mine, other = issued(), opened("别的局")
    other.register("合作社", ["producer"], "别的局")
    bundle = mine.entry_bundle(3, 0, 1)
    swapped = replace(bundle, keys=(other.proof(0), other.proof(1)))
    assert failure(swapped) == "proof.inclusion"


def _x(word: str) -> str:
    from suyuan.ledger.jwk import format_jwk

    return format_jwk(key(word).public)["x"]


def countersign_other() -> str:
    """Return a proof of possession made for another event."""
    ledger = issued()
    payload = ledger.payload("key.added", "局", party=name("合作社"))
    payload["jwk"] = {"crv": "Ed25519", "kty": "OKP", "x": _x("合作社")}
    return countersign(payload, key("合作社"))


def ledger_again(ledger: Ledger) -> str:
    """Return a second ``log.opened``, as the log's key would sign it."""
    from suyuan.ledger.entry import parse_entry
    from suyuan.ledger.statement import parse_statement

    payload = parse_statement(parse_entry(ledger.entries[0]).statement).payload
    return sign_statement({**payload, "id": ledger.payload("log.opened", "log")["id"]}, key("log"))
