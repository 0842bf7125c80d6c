"""Stretches and the trail that joins them: every rule of an entry, a chain and a key is held to from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from suyuan.ledger.entry import Link
from suyuan.ledger.hashing import ZERO, Hash, leaf_hash
from suyuan.ledger.jwk import format_jwk
from suyuan.ledger.statement import sign_statement
from suyuan.ledger.tiles import WIDTH, format_bundle
from suyuan.verify.fault import Fault
from suyuan.verify.signers import skim
from suyuan.verify.stretch import MOST_FAULTS, Stretch, walk_stretch
from suyuan.verify.trail import Trail
from tests.monitor.published import grown
from tests.produce.world import event_id, name
from tests.verify.ledgers import CLOCK, LOG, Ledger, countersign, key


def walk(
    entries: Sequence[bytes], due: dict[int, Hash] | None = None, step: int = WIDTH
) -> tuple[Trail, list[Fault]]:
    """Check *entries* in stretches of *step*; return the trail and all faults."""
    trail, faults = Trail(LOG), []
    for first in range(0, len(entries), step):
        part = entries[first : first + step]
        headers, told = set(), set()
        for index, entry in enumerate(part, first):
            header, spoken = skim(entry)
            headers.add(header)
            if spoken:
                told.add(index)
                faults += trail.signers.tell(index, entry)
        bundles = [part[at : at + WIDTH] for at in range(0, len(part), WIDTH)]
        stretch = Stretch(
            log=LOG,
            first=first,
            bundles=tuple(map(format_bundle, bundles)),
            widths=tuple(map(len, bundles)),
            tiles=tuple(b"".join(map(leaf_hash, bundle)) for bundle in bundles),
            signers=trail.signers.table(headers),
            told=frozenset(told),
            due=tuple(due or ()),
        )
        faults += trail.take(walk_stretch(stretch), due)
    return trail, faults


def codes(entries: Sequence[bytes], **options: Any) -> list[tuple[str, str]]:
    """Return code and place of each fault."""
    faults = sorted(walk(entries, **options)[1], key=lambda fault: fault.index)
    return [(fault.problem.code.removeprefix("audit."), fault.place) for fault in faults]


def token(ledger: Ledger, amount: int = -1, **changes: Any) -> str:
    """Return the signed statement of the next adjustment by 合作社."""
    payload = ledger.payload("batch.adjusted", "合作社", batch=name("批"), amount=amount, reason="shrinkage")
    return sign_statement({**payload, **changes}, key("合作社"))


def said(ledger: Ledger, who: str = "合作社", signer: str = "", **fields: Any) -> int:
    """Append an adjustment."""
    shape = {"batch": name("批"), "amount": -500, "reason": "shrinkage"}
    return ledger.say("batch.adjusted", who, signer, **{**shape, **fields})


def test_a_sound_log_joins_whatever_its_stretches() -> None:
    ledger = grown(600)
    due = {size: ledger.tree.root(size) for size in (1, 255, 256, 257, 600)}
    for step in (WIDTH, 2 * WIDTH, 4 * WIDTH):
        trail, faults = walk(ledger.entries, due, step)
        assert faults == []
        assert (trail.size, trail.crown.root()) == (600, ledger.tree.root())
        assert (len(trail.ids), len(trail.chains)) == (600, 7 + 3)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"index": 7}, "index"),
        ({"log": "other.invalid/log"}, "log"),
        ({"prev": Hash(bytes(32))}, "prev"),
        ({"at": CLOCK - timedelta(seconds=1)}, "time"),
        ({"chains": ()}, "subjects"),
        ({"chains": (Link(f"batch:{name('批')}", 1, ZERO),)}, "chain"),
        ({"chains": (Link(f"batch:{name('批')}", 0, Hash(bytes([1]) * 32)),)}, "chain"),
        ({"statement": "no.statement.here"}, "entry"),
    ],
)
@pytest.mark.parametrize("at", [5, WIDTH])
def test_a_wrong_field_of_an_entry_is_named(at: int, changes: dict[str, Any], code: str) -> None:
    ledger = grown(at)
    ledger.append(token(ledger), **changes)
    assert codes(ledger.entries) == [(code, f"entry/{at}")]


def test_bytes_that_are_no_entry_are_named() -> None:
    ledger = grown(6)
    ledger.entries[5] = b"{}"
    assert codes(ledger.entries) == [("entry", "entry/5")]
    for wrong in (b"...", b"", b'"statement":"e.A.e"'):
        assert codes([*ledger.entries, wrong])[-1] == ("entry", "entry/6")


def test_a_chain_that_breaks_between_two_stretches_is_named() -> None:
    ledger = grown(4)
    said(ledger)
    while len(ledger.entries) < WIDTH:
        said(ledger, batch=name("other"))
    subject = f"batch:{name('批')}"
    ledger.append(token(ledger), chains=(Link(subject, 0, ZERO),))
    faults = walk(ledger.entries)[1]
    assert [(fault.place, fault.problem.values) for fault in faults] == [("entry/256", {"subject": subject})]
    assert faults[0].expected.startswith("1 ")
    assert faults[0].found.startswith("0 ")


def test_an_event_id_that_comes_twice_is_named() -> None:
    ledger = grown(WIDTH)
    ledger.append(token(ledger, id=event_id(9)))
    assert codes(ledger.entries) == [("event-id", "entry/256")]


def test_an_event_of_another_log_is_named() -> None:
    ledger = grown(5)
    ledger.append(token(ledger, log="other.invalid/log"))
    assert codes(ledger.entries) == [("log", "entry/5")]


def test_who_signs_must_be_registered_and_speak_for_itself() -> None:
    ledger = grown(5)
    said(ledger, signer="nobody")
    said(ledger, signer="农场")
    assert codes(ledger.entries) == [("key", "entry/5"), ("party", "entry/6")]


def test_a_signature_over_other_bytes_is_named() -> None:
    ledger = grown(5)
    ours, other = token(ledger, -1), token(ledger, -2)
    ledger.append(ours.rpartition(".")[0] + "." + other.rpartition(".")[2])
    assert codes(ledger.entries) == [("signature", "entry/5")]


def test_a_revoked_key_signs_no_more_and_its_own_end_is_its_last() -> None:
    ledger = grown(5)
    ledger.say("key.revoked", "合作社", party=name("合作社"), kid=key("合作社").kid, reason="lost")
    said(ledger)
    assert codes(ledger.entries) == [("key", "entry/6")]


def test_a_key_signs_only_after_it_was_added() -> None:
    ledger = grown(5)
    said(ledger, signer="second")
    ledger.admit("key.added", "合作社", "合作社", "second")
    said(ledger, signer="second")
    assert codes(ledger.entries) == [("key", "entry/5")]


def test_a_recovered_key_needs_a_second_supervisor() -> None:
    ledger = grown(5)
    ledger.admit("key.added", "合作社", "局", "second")
    said(ledger, signer="second")
    assert codes(ledger.entries) == [("rule", "entry/5"), ("key", "entry/6")]


@pytest.mark.parametrize("by", ["局", "合作社"])
def test_an_approval_is_checked_where_its_key_is_known(by: str) -> None:
    ledger = grown(5)
    fields = {"approval": "a.b.c", "approver": key("二局" if by == "局" else "nobody").kid}
    ledger.admit("key.added", "合作社", by, "second", **fields)
    assert codes(ledger.entries)[:1] in ([("rule", "entry/5")], [])


def test_a_registration_with_a_wrong_signature_or_proof_registers_nobody() -> None:
    ledger = grown(5)
    payload = ledger.payload(
        "party.registered", "局", party=name("new"), roles=["producer"], custody="party", name="new"
    )
    payload["jwk"] = format_jwk(key("new").public)
    payload["proof"] = countersign(payload, key("new"))
    right = sign_statement(payload, key("局"))
    wrong = right.rpartition(".")[0] + "." + sign_statement(payload, key("二局")).rpartition(".")[2]
    ledger.append(wrong)
    said(ledger, "new")
    ledger.admit(
        "party.registered",
        "newer",
        "局",
        roles=["producer"],
        name="newer",
        proof=countersign(payload, key("new")),
    )
    ledger.admit("party.registered", "newest", "nobody", roles=["producer"], name="newest")
    assert codes(ledger.entries) == [
        ("signature", "entry/5"),
        ("key", "entry/6"),
        ("rule", "entry/7"),
        ("rule", "entry/8"),
    ]


def test_words_like_those_of_a_key_event_in_another_event_do_no_harm() -> None:
    ledger = grown(5)
    unheard = sign_statement(ledger.payload("key.unheard", "合作社"), key("合作社"))
    ledger.append(unheard, subjects=())
    assert codes(ledger.entries) == [("entry", "entry/5")]


def test_keys_read_ahead_are_forgotten_where_reading_stops() -> None:
    ledger = grown(300)
    ledger.admit("key.added", "合作社", "合作社", "second")
    trail, faults = walk(ledger.entries[:WIDTH])
    assert faults == []
    assert trail.signers.tell(300, ledger.entries[300]) == []
    header, _ = skim_of(ledger, "second")
    assert trail.signers.table([header])
    trail.forget_ahead()
    assert not trail.signers.table([header])
    assert sorted(trail.signers.entries) == [0, 1, 2]


def skim_of(ledger: Ledger, who: str) -> tuple[bytes, bool]:
    """Return what a statement by *who* looks like when it is skimmed."""
    said(ledger, signer=who)
    return skim(ledger.entries.pop())


def test_a_wrong_root_is_told_once() -> None:
    ledger = grown(600)
    due = {10: ledger.tree.root(11), 300: ledger.tree.root(301), 600: ledger.tree.root()}
    assert codes(ledger.entries, due=due) == [("root", "checkpoint/10")]


def test_a_stretch_tells_so_many_faults_and_no_more() -> None:
    ledger = grown(5)
    for _ in range(MOST_FAULTS + 10):
        said(ledger, signer="nobody")
    assert len(codes(ledger.entries)) == MOST_FAULTS


def test_entries_known_from_before_are_compared_not_checked() -> None:
    ledger = grown(20)
    known = b"".join(map(leaf_hash, ledger.entries[:10]))
    parts = {
        "log": LOG,
        "first": 0,
        "bundles": (format_bundle(ledger.entries),),
        "widths": (20,),
        "tiles": (None,),
    }
    table = walk(ledger.entries)[0].signers.table([skim(entry)[0] for entry in ledger.entries])
    passage = walk_stretch(Stretch(**parts, signers=table, known=known))  # type: ignore[arg-type]
    assert (passage.faults, passage.first, passage.end) == ([], 10, 20)
    assert passage.prev == leaf_hash(ledger.entries[9])
    wrong = walk_stretch(Stretch(**parts, signers=table, known=bytes(32) + known[32:]))  # type: ignore[arg-type]
    assert [(fault.problem.code, fault.place) for fault in wrong.faults] == [("audit.rewritten", "entry/0")]


def test_an_event_that_says_nothing_of_keys_is_not_taken_in() -> None:
    ledger = grown(5)
    trail = Trail(LOG)
    assert trail.signers.tell(4, ledger.entries[4]) == []
    assert trail.signers.entries == {}
    assert trail.signers.state is None
