"""Offline proofs as text: one spelling, and nothing of them is believed by reading."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import NoteWrong
from suyuan.ledger.checkpoint import Checkpoint, sign_checkpoint
from suyuan.ledger.hashing import Hash, leaf_hash
from suyuan.ledger.merkle import MemoryTree, check_inclusion, prove_inclusion
from suyuan.ledger.note import Signer, sign_note
from suyuan.ledger.tlogproof import TlogProof, format_proof, parse_proof
from tests.keys import seed
from tests.ledger.damage import damaged_text

LOG = Signer("example.com/log", seed("log"))
ENTRIES = [f"entry {number}".encode() for number in range(7)]
TREE = MemoryTree(map(leaf_hash, ENTRIES))
NOTE = sign_checkpoint(Checkpoint(LOG.name, 7, TREE.root()), [LOG])
PROOF = TlogProof(5, prove_inclusion(5, 7, TREE.read), NOTE, ENTRIES[5])
TEXT = format_proof(PROOF)
LINE = base64.b64encode(bytes(32)).decode()
HASHES = st.lists(st.binary(min_size=32, max_size=32).map(Hash), max_size=63).map(tuple)


def code_of(text: str | bytes) -> str:
    with pytest.raises(NoteWrong) as caught:
        parse_proof(text)
    return caught.value.problems[0].code


def spelled(head: str, note: str = NOTE) -> str:
    return f"c2sp.org/tlog-proof@v1\n{head}\n\n{note}"


def test_a_proof_is_written_line_by_line() -> None:
    hashes = "".join(base64.b64encode(one).decode() + "\n" for one in PROOF.hashes)
    assert len(PROOF.hashes) == 3
    expected = f"c2sp.org/tlog-proof@v1\nextra ZW50cnkgNQ==\nindex 5\n{hashes}\n{NOTE}"
    assert format_proof(PROOF) == expected
    bare = replace(PROOF, extra=None)
    assert format_proof(bare) == f"c2sp.org/tlog-proof@v1\nindex 5\n{hashes}\n{NOTE}"


def test_what_is_read_leads_from_the_entry_to_the_checkpoint() -> None:
    for spelling in (TEXT, TEXT.encode()):
        found = parse_proof(spelling)
        assert found.extra is not None
        check_inclusion(found.hashes, found.index, 7, leaf_hash(found.extra), TREE.root())


@given(st.integers(0, 2**63 - 2), HASHES, st.none() | st.binary(min_size=1, max_size=60))
@settings(deadline=None, max_examples=50)
def test_any_proof_is_read_back(index: int, hashes: tuple[Hash, ...], extra: bytes | None) -> None:
    note = sign_checkpoint(Checkpoint(LOG.name, 2**63 - 1, TREE.root()), [LOG])
    proof = TlogProof(index, hashes, note, extra)
    assert parse_proof(format_proof(proof)) == proof


def test_a_log_of_one_entry_needs_no_hashes() -> None:
    note = sign_checkpoint(Checkpoint(LOG.name, 1, leaf_hash(ENTRIES[0])), [LOG])
    assert parse_proof(spelled("index 0", note)) == TlogProof(0, (), note)


def test_any_damaged_text_is_another_proof_in_its_one_spelling_or_refused() -> None:
    for bad in damaged_text(TEXT):
        try:
            found = parse_proof(bad)
        except NoteWrong:
            continue
        assert format_proof(found) == bad
        assert found != PROOF


@pytest.mark.parametrize(
    "head",
    [
        "", "index", "index ", "index 05", "index 00", "index +5", "index -1", "index 5 ", "index  5", "index\t5",
        "Index 5", "index 5\r", "index \u0665", f"index {2**63 - 1}", f"index {'9' * 5000}", "index 7", "extra aGk=",
        "extra\nindex 5", "extra \nindex 5", "extra  aGk=\nindex 5", "extra aGk=\r\nindex 5", "extra aGl=\nindex 5",
        "extra aGk\nindex 5", "extra aG-_\nindex 5", "extra aGk=\nextra aGk=\nindex 5", "index 5\nextra aGk=",
        "index 5\nindex 5", f"index 5\n{LINE} ", f"index 5\n {LINE}", f"index 5\n{LINE[:-1]}", "index 5\nAAAA",
        f"index 5\n{LINE[:-2]}B=", f"index 5\n{base64.b64encode(bytes(33)).decode()}", f"{LINE}\nindex 5",
        "index 5\n" + "\n".join([LINE] * 64), "index 5\n" + "\n".join([LINE] * 500), "note hello\nindex 5",
    ],
)  # fmt: skip
def test_another_head_is_refused(head: str) -> None:
    assert code_of(spelled(head)) in {"tlog-proof.form", "note.text"}


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, TEXT.replace("@v1", "@v2"),
        TEXT.replace("@v1", "@v1 "),
        TEXT.encode() + b"\xff", TEXT + "x" * 1_300_000, TEXT.split("\n\n")[0], TEXT.split("\n\n")[0] + "\n",
        "\n" + TEXT, f"c2sp.org/tlog-proof@v1\n\n{NOTE}",
    ],
)  # fmt: skip
def test_another_frame_is_refused(text: str | bytes) -> None:
    code_of(text)


def test_the_checkpoint_must_be_a_note_over_a_checkpoint_of_that_size() -> None:
    assert code_of(spelled("index 5", NOTE.partition("\n\n")[0])) == "note.text"
    assert code_of(spelled("index 5", NOTE[:-1])) == "note.text"
    assert code_of(spelled("index 5", NOTE + "\n")) == "note.text"
    assert code_of(spelled("index 5", sign_note("example.com/log\n7\n", [LOG]))) == "checkpoint.form"
    extended = sign_note(NOTE.partition("\n\n")[0] + "\nextension\n", [LOG])
    assert code_of(spelled("index 5", extended)) == "checkpoint.form"
    assert code_of(spelled("index 7")) == "tlog-proof.form"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PROOF, index=-1),
        replace(PROOF, index=7),
        replace(PROOF, extra=b""),
        replace(PROOF, hashes=(Hash(b"short"),)),
        replace(PROOF, hashes=(Hash(bytes(32)),) * 64),
        replace(PROOF, checkpoint=""),
        replace(PROOF, checkpoint="\ud800" + NOTE),
    ],
)
def test_a_proof_that_can_not_be_is_not_written(wrong: TlogProof) -> None:
    with pytest.raises(NoteWrong):
        format_proof(wrong)


@given(st.binary(max_size=80) | st.text(max_size=80))
@settings(deadline=None)
def test_junk_is_refused_and_nothing_worse(junk: str | bytes) -> None:
    code_of(junk)
    code_of(b"c2sp.org/tlog-proof@v1\n" + (junk if isinstance(junk, bytes) else junk.encode()))
