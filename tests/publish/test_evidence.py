"""Evidence stands whole under one checkpoint: that which holds all of it, and of those the best cosigned."""

from __future__ import annotations

from suyuan.ledger.checkpoint import parse_checkpoint
from suyuan.ledger.engine import begin_read
from suyuan.ledger.note import split_note
from suyuan.publish.evidence import Dossier, gather_package_evidence
from suyuan.verify.evidence import format_evidence, parse_evidence
from suyuan.verify.findings import check_evidence
from tests.orchard import LOG, Orchard, name
from tests.publish.cosigned import WITNESSES, cosign, grow, wanting_two


def gather(orchard: Orchard) -> Dossier:
    with begin_read(orchard.house.engine) as connection:
        return gather_package_evidence(connection, orchard.house.vault, LOG, orchard.code("R1", 3))


def size_of(dossier: Dossier) -> int:
    return parse_checkpoint(split_note(dossier.evidence.checkpoint)[0]).size


def test_it_goes_back_to_the_best_cosigned_checkpoint_that_holds_all(orchard: Orchard) -> None:
    first = orchard.window.checkpoint()
    cosign(orchard, first, *WITNESSES)
    grow(orchard, "桃")  # which does not concern the batch
    dossier = gather(orchard)
    assert size_of(dossier) == first.size
    policy = wanting_two(orchard)
    found = check_evidence(parse_evidence(format_evidence(dossier.evidence)), policy)
    assert "step.package" in [step.code for step in found.steps]


def test_what_is_newer_is_never_left_out_for_cosignatures(orchard: Orchard) -> None:
    first = orchard.window.checkpoint()
    cosign(orchard, first, *WITNESSES)
    orchard.tell("labels.voided", "红星合作社", run=name("R1", 5), first=8, end=9, reason="spoilt")
    last = orchard.house.checkpoint()
    assert last is not None
    assert size_of(gather(orchard)) == last.size
