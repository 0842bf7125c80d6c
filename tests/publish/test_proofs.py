"""Proofs for the outside: they check, they stand under a checkpoint, and a question beyond the log is no damage."""

from __future__ import annotations

import pytest

from suyuan.capture.check import prove_possession
from suyuan.errors import Broken, Missing, Refused, SizeBeyondLog, Unavailable
from suyuan.ledger.checkpoint import open_checkpoint
from suyuan.ledger.hashing import leaf_hash
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.ledger.merkle import check_consistency, check_inclusion
from suyuan.ledger.policy import policy_of_keys
from suyuan.ledger.tlogproof import format_proof
from suyuan.qr.code import CodeMistyped
from suyuan.verify.bundle import Bundle, PackageBundle, format_bundle, parse_bundle
from suyuan.verify.package import check_bundle
from suyuan.verify.steps import Step
from suyuan.verify.tlog import parse_document
from tests.keys import seed
from tests.orchard import AT, LOG, SUPERVISOR, Orchard, name
from tests.publish.cosigned import WITNESSES, cosign, grow, wanting_two


def check(orchard: Orchard, bundle: Bundle) -> list[Step]:
    """Check *bundle* as a stranger does, after a trip through its document."""
    return check_bundle(
        parse_bundle(format_bundle(bundle)), policy_of_keys([orchard.house.keys.checkpoint.verifier])
    )


def test_a_package_is_proved_from_its_code_to_the_supervisor_in_entry_0(grown: Orchard) -> None:
    bundle = grown.window.package_bundle(grown.code("R1", 3).lower())
    codes = [step.code for step in check(grown, bundle) if step.done]
    assert codes == [
        "step.checkpoint",
        "step.inclusion",
        "step.entry",
        "step.event",
        "step.signer",
        "step.chain",
        "step.package",
        "step.batch",
    ]


def test_every_entry_is_proved_with_its_signer(grown: Orchard) -> None:
    for index in range(grown.window.checkpoint().size):
        steps = check(grown, grown.window.entry_bundle(index))
        assert "step.signer" in [step.code for step in steps if step.done]


def test_a_key_that_two_supervisors_recovered_is_proved_with_both(orchard: Orchard) -> None:
    word = "红星合作社"
    fresh = SigningKey(seed("recovered"))
    approver = orchard.keys["涟源市市场监督管理局"]
    fields = {
        "party": name(word),
        "jwk": format_jwk(fresh.public),
        "custody": "service",
        "approver": approver.kid,
    }
    pen = orchard.house.pen
    payload = {**pen.payload("key.added", orchard.id(SUPERVISOR), AT, {}), **fields}
    payload["proof"] = prove_possession(payload["id"], LOG, name(word), fresh)
    payload["approval"] = _approve(payload, fresh, approver)
    orchard.send(pen.sign(payload, orchard.keys[SUPERVISOR]))
    orchard.keys[word] = fresh
    entry = orchard.harvest("丙", "一号地", 1000)
    orchard.house.checkpoint()
    bundle = orchard.window.entry_bundle(entry.index)
    assert len(bundle.keys) == 3
    assert "step.signer" in [step.code for step in check(orchard, bundle) if step.done]


def test_a_key_that_was_revoked_since_is_proved_with_its_end(orchard: Orchard) -> None:
    word = "红星合作社"
    before = orchard.harvest("丙", "一号地", 1000)
    fields = {"party": orchard.id(word), "kid": orchard.keys[word].kid, "reason": "stolen"}
    end = orchard.tell("key.revoked", word, **fields)
    orchard.house.checkpoint()
    bundle = orchard.window.entry_bundle(before.index)
    assert bundle.keys[-1].index == end.index
    steps = {step.code: step for step in check(orchard, bundle) if step.done}
    assert steps["step.revoked"].values == {"until": end.index, "index": before.index}
    told = orchard.window.batch(orchard.id("丙")).history.lines[0]
    assert told.revoked == end.index
    own = orchard.window.entry_bundle(end.index)
    assert "step.revoked" not in [step.code for step in check(orchard, own)]


def _approve(payload: dict[str, object], fresh: SigningKey, approver: SigningKey) -> str:
    from suyuan.ledger.canonical import encode
    from suyuan.ledger.jws import sign_jws

    words = {"event": payload["id"], "jwk": format_jwk(fresh.public), "log": LOG, "party": payload["party"]}
    return sign_jws(encode(words), approver)


def test_a_proof_tells_nothing_of_the_neighbours(grown: Orchard) -> None:
    bundle = grown.window.package_bundle(grown.code("R1", 3))
    assert isinstance(bundle, PackageBundle)
    document = format_bundle(bundle).decode()
    assert grown.code("R1", 2) not in document
    assert seed("R1").hex() not in document


def test_an_entry_that_is_not_under_a_checkpoint_is_proved_a_second_later(orchard: Orchard) -> None:
    orchard.issue("R2", "精", 2)
    with pytest.raises(Unavailable) as caught:
        orchard.window.package_bundle(orchard.code("R2", 0))
    assert caught.value.retry_after_s == 1
    orchard.house.checkpoint()
    check(orchard, orchard.window.package_bundle(orchard.code("R2", 0)))


def test_a_code_without_a_package_has_no_proof(grown: Orchard) -> None:
    with pytest.raises(Missing):
        grown.window.package_bundle(grown.code("R9", 0))
    with pytest.raises(CodeMistyped):
        grown.window.package_bundle("ABC")


def test_a_secret_that_does_not_lead_to_the_committed_root_is_damage(orchard: Orchard) -> None:
    with orchard.house.vault.begin() as connection:
        orchard.house.vault.put_run_secret(connection, name("R3", 5), seed("R3"))
    shape = {"run": name("R3", 5), "batch": name("精"), "count": 2, "net": 1000, "root": "0" * 64}
    orchard.tell("labels.issued", "红星合作社", **shape, packed_on="2026-10-08")
    orchard.house.checkpoint()
    with pytest.raises(Broken):
        orchard.window.package_bundle(orchard.code("R3", 0))


@pytest.mark.parametrize("size", [None, 12, 17])
def test_inclusion_leads_to_the_root(grown: Orchard, size: int | None) -> None:
    found = grown.window.inclusion(11, size)
    check_inclusion(found.hashes, 11, found.size, leaf_hash(grown.window.entry(11).body), found.root)


def test_growth_leads_from_one_root_to_the_other(grown: Orchard) -> None:
    found = grown.window.growth(5, 17)
    check_consistency(found.hashes, 5, 17, found.old_root, found.new_root)


@pytest.mark.parametrize("size", [18, 300, 2**53 - 1])
def test_a_size_beyond_the_log_is_the_askers_mistake(grown: Orchard, size: int) -> None:
    with pytest.raises(SizeBeyondLog):
        grown.window.inclusion(3, size)
    with pytest.raises(SizeBeyondLog):
        grown.window.growth(3, size)


def test_sizes_in_the_wrong_order_are_refused(grown: Orchard) -> None:
    with pytest.raises(Refused):
        grown.window.growth(9, 3)
    with pytest.raises(SizeBeyondLog):
        grown.window.inclusion(9, 3)


def test_what_is_not_there_is_missing(grown: Orchard) -> None:
    for ask in (
        lambda: grown.window.entry(99),
        lambda: grown.window.checkpoint(5),
        lambda: grown.window.place(99),
    ):
        with pytest.raises(Missing):
            ask()


def test_the_latest_checkpoint_is_signed_by_the_log(grown: Orchard) -> None:
    stored = grown.window.checkpoint()
    found = open_checkpoint(stored.note, [grown.house.keys.checkpoint.verifier], LOG)
    assert (found.size, found.root) == (stored.size, stored.root)


def test_a_large_run_is_hashed_once(grown: Orchard) -> None:
    window = grown.window
    window.package_bundle(grown.code("R1", 1))
    kept = window._blocks[name("R1", 5)]
    window.package_bundle(grown.code("R1", 2))
    assert window._blocks[name("R1", 5)] == kept


def test_proofs_carry_the_cosignatures_of_their_checkpoint(orchard: Orchard) -> None:
    cosign(orchard, orchard.window.checkpoint(), *WITNESSES[:2])
    policy = wanting_two(orchard)
    documents = [
        format_bundle(orchard.window.package_bundle(orchard.code("R1", 3))),
        format_bundle(orchard.window.entry_bundle(14)),
        format_proof(orchard.window.offline_proof(14)).encode(),
    ]
    for document in documents:
        steps = check_bundle(parse_document(document), policy)
        assert [step.values["count"] for step in steps if step.code == "step.witnesses"] == [2]


def test_a_proof_goes_back_a_little_for_more_cosignatures_but_not_far(orchard: Orchard) -> None:
    first = orchard.window.checkpoint()
    cosign(orchard, first, *WITNESSES)
    second = grow(orchard, "子")
    assert f"\n{first.size}\n" in orchard.window.offline_proof(14).checkpoint
    assert f"\n{second.size}\n" in orchard.window.offline_proof(second.size - 1).checkpoint
    cosign(orchard, second, WITNESSES[0])
    assert f"\n{first.size}\n" in orchard.window.offline_proof(14).checkpoint
    cosign(orchard, second, *WITNESSES[1:])
    assert f"\n{second.size}\n" in orchard.window.offline_proof(14).checkpoint
    for number in range(7):
        grow(orchard, f"丑{number}")
    assert f"\n{second.size}\n" in orchard.window.offline_proof(14).checkpoint
    last = grow(orchard, "寅")
    assert f"\n{last.size}\n" in orchard.window.offline_proof(14).checkpoint


def test_an_offline_proof_of_nothing_and_of_what_is_not_yet_under_a_checkpoint_waits(
    orchard: Orchard,
) -> None:
    with pytest.raises(Missing):
        orchard.window.offline_proof(orchard.window.checkpoint().size)
    entry = orchard.harvest("卯", "一号地", 1000)
    with pytest.raises(Unavailable):
        orchard.window.offline_proof(entry.index)
