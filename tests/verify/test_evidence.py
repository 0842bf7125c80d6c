"""Evidence made of a real log, read and checked again; each kind of damage is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from suyuan.errors import Missing, NoteWrong, ProofWrong, Refused
from suyuan.ledger.canonical import decode, encode
from suyuan.ledger.engine import begin_read
from suyuan.ledger.note import Signer
from suyuan.ledger.policy import Policy, policy_of_keys
from suyuan.publish.evidence import Dossier, gather_evidence, gather_package_evidence
from suyuan.qr.run import make_code
from suyuan.verify.bundle import EntryBundle, PackageBundle, format_bundle
from suyuan.verify.evidence import (
    CHECKPOINT,
    MANIFEST,
    PACKAGE,
    PAGE,
    POLICY,
    Evidence,
    format_evidence,
    member_name,
    parse_evidence,
)
from suyuan.verify.findings import check_evidence
from tests.keys import seed
from tests.orchard import LOG, Orchard, grow_season, name, new_orchard

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Orchard:
    orchard = grow_season(new_orchard(tmp_path_factory.mktemp("evidence") / "data"))
    orchard.tell("batch.held", "涟源市农业农村局", batches=[name("精")], reason="suspicion")
    return orchard


@pytest.fixture(scope="module")
def dossier(season: Orchard) -> Dossier:
    with begin_read(season.house.engine) as connection:
        return gather_package_evidence(connection, season.house.vault, LOG, season.code("R1", 3))


@pytest.fixture
def members(dossier: Dossier) -> Members:
    return format_evidence(dossier.evidence)


@pytest.fixture(scope="module")
def policy(season: Orchard) -> Policy:
    return policy_of_keys([season.house.keys.checkpoint.verifier])


def test_evidence_of_a_package_is_checked_step_by_step(dossier: Dossier, policy: Policy) -> None:
    findings = check_evidence(dossier.evidence, policy)
    codes = [step.code for step in findings.steps]
    assert codes == [
        "step.checkpoint", "step.entries", "step.signers", "step.chains", "step.subject", "step.package",
        "step.batch", "open.witnesses", "open.goods", "open.last", "open.revocation",
    ]  # fmt: skip
    assert [proved.entry.index for proved in findings.entries] == [
        proof.index for proof in dossier.evidence.entries
    ]


def test_evidence_of_a_batch_needs_no_package(season: Orchard, policy: Policy) -> None:
    with begin_read(season.house.engine) as connection:
        evidence = gather_evidence(connection, LOG, name("甲")).evidence
    assert parse_evidence(format_evidence(evidence)) == evidence
    codes = [step.code for step in check_evidence(evidence, policy).steps]
    assert "step.package" not in codes
    assert f"batch:{name('甲')}" in evidence.chains


def test_forward_evidence_holds_what_was_made_of_a_batch(season: Orchard) -> None:
    with begin_read(season.house.engine) as connection:
        alone = gather_evidence(connection, LOG, name("甲")).evidence
        ahead = gather_evidence(connection, LOG, name("甲"), forward=True).evidence
    assert set(ahead.chains) - set(alone.chains) == {f"batch:{name('精')}", f"run:{name('R1', 5)}"}


def test_what_is_not_under_a_checkpoint_yet_is_left_out_and_told(dossier: Dossier) -> None:
    assert dossier.waiting == 1, "the hold came after the last checkpoint"
    assert "batch.held" not in {told.type for told in dossier.told}


def test_members_spell_the_evidence_and_nothing_else(dossier: Dossier, members: Members) -> None:
    assert parse_evidence({**members, PAGE: b"for readers", POLICY: b"any"}) == dossier.evidence
    indexes = [proof.index for proof in (*dossier.evidence.entries, *dossier.evidence.keys)]
    assert set(members) == {MANIFEST, CHECKPOINT, PACKAGE, *map(member_name, indexes)}


def _entry(members: Members) -> str:
    return next(name for name in members if name.startswith("entries/"))


def _manifest(members: Members, **fields: object) -> Members:
    return {**members, MANIFEST: encode({**decode(members[MANIFEST]), **fields})}


DAMAGES: dict[str, tuple[Callable[[Members], Members], str]] = {
    "no manifest": (lambda m: {n: d for n, d in m.items() if n != MANIFEST}, "evidence.member"),
    "no checkpoint": (lambda m: {n: d for n, d in m.items() if n != CHECKPOINT}, "evidence.member"),
    "an entry missing": (lambda m: {n: d for n, d in m.items() if n != _entry(m)}, "evidence.member"),
    "a stranger": (lambda m: {**m, "entries/9999.tlog-proof": b""}, "evidence.strange"),
    "another format": (lambda m: _manifest(m, format="suyuan.evidence/2"), "evidence.manifest"),
    "an unknown field": (lambda m: _manifest(m, more=1), "evidence.manifest"),
    "entries out of order": (
        lambda m: _manifest(m, entries=decode(m[MANIFEST])["entries"][::-1]),
        "evidence.manifest",
    ),
    "another checkpoint": (
        lambda m: {**m, CHECKPOINT: m[CHECKPOINT].replace(b"demo", b"dem0")},
        "evidence.proof",
    ),
    "a checkpoint that is no text": (lambda m: {**m, CHECKPOINT: b"\xff"}, "evidence.proof"),
    "two entries swapped": (
        lambda m: {**m, **dict(zip(list(m)[2:4], [m[list(m)[3]], m[list(m)[2]]], strict=True))},
        "evidence.proof",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_members_are_refused(members: Members, damage: str) -> None:
    change, code = DAMAGES[damage]
    with pytest.raises(Refused) as refused:
        parse_evidence(change(members))
    assert refused.value.problems[0].code == code


def test_a_package_proof_of_another_kind_or_checkpoint_is_refused(dossier: Dossier, members: Members) -> None:
    package = dossier.evidence.package
    assert isinstance(package, PackageBundle)
    entry = EntryBundle(package.log, package.proof, package.checkpoint)
    for other in (entry, replace(package, checkpoint=package.checkpoint + "— else AAAAAAAAAA==\n")):
        with pytest.raises(Refused, match=r"evidence\.proof"):
            parse_evidence({**members, PACKAGE: format_bundle(other)})


def test_every_flipped_bit_of_a_proof_is_found(members: Members, policy: Policy) -> None:
    target = _entry(members)
    for place in range(0, len(members[target]), 7):
        data = bytearray(members[target])
        data[place] ^= 1 << place % 8
        with pytest.raises((Refused, ProofWrong)):
            check_evidence(parse_evidence({**members, target: bytes(data)}), policy)


def _without(evidence: Evidence, index: int) -> Evidence:
    return replace(evidence, entries=tuple(one for one in evidence.entries if one.index != index))


def test_an_entry_left_out_of_a_history_is_a_gap(dossier: Dossier, policy: Policy) -> None:
    found = check_evidence(dossier.evidence, policy).entries
    subject = f"batch:{name('精')}"
    chain = [one.entry.index for one in found if subject in {link.id for link in one.entry.chains}]
    for index, after in pairwise(chain):
        with pytest.raises(ProofWrong, match=f"has a gap: entry {after} "):
            check_evidence(replace(_without(dossier.evidence, index), chains=(subject,)), policy)


def test_a_history_with_no_entry_is_refused(dossier: Dossier, policy: Policy) -> None:
    with pytest.raises(ProofWrong, match="no entry of batch:NONE"):
        check_evidence(replace(dossier.evidence, chains=("batch:NONE",)), policy)


def test_evidence_of_another_batch_or_package_is_refused(
    season: Orchard, dossier: Dossier, policy: Policy
) -> None:
    whole, run = dossier.evidence, next(one for one in dossier.evidence.chains if one.startswith("run:"))
    package = whole.package
    assert package is not None
    frauds = [
        replace(whole, subject=season.code("R1", 4)),
        replace(whole, package=None),
        replace(whole, package=None, subject=name("甲"), chains=()),
        replace(whole, chains=tuple(one for one in whole.chains if one != run)),
        replace(whole, chains=tuple(one for one in whole.chains if one != f"batch:{name('精')}")),
        replace(_without(whole, package.proof.index), chains=()),
    ]
    for fraud in frauds:
        with pytest.raises(ProofWrong, match="not about"):
            check_evidence(fraud, policy)


def test_keys_left_out_are_missed(dossier: Dossier, policy: Policy) -> None:
    with pytest.raises(ProofWrong, match="registers the signing key"):
        check_evidence(replace(dossier.evidence, keys=dossier.evidence.keys[:1]), policy)


def test_a_key_that_is_not_trusted_proves_nothing(dossier: Dossier) -> None:
    stranger = policy_of_keys([Signer(LOG, seed("stranger")).verifier])
    with pytest.raises(NoteWrong):
        check_evidence(dossier.evidence, stranger)


def test_a_batch_or_code_that_is_not_there_is_said_to_be_missing(season: Orchard) -> None:
    with begin_read(season.house.engine) as connection:
        with pytest.raises(Missing, match=r"batch\.missing"):
            gather_evidence(connection, LOG, "0000000000")
        with pytest.raises(Missing, match=r"code\.missing"):
            gather_package_evidence(connection, season.house.vault, LOG, make_code(seed("other"), "00000", 1))
