"""Signed notes: the standard's example, strict keys, and every damage."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import NoteWrong, Refused
from suyuan.ledger import note
from suyuan.ledger.note import Signer, Verifier
from tests.keys import seed
from tests.ledger.damage import damaged_text, flip

LOG = Signer("example.com/log", seed("log"))
WITNESS = Signer("witness.example/w1", seed("witness"))
TEXT = "example.com/log\n7\ntext\n"


def code_of(text: str | bytes, *verifiers: Verifier) -> str:
    with pytest.raises(NoteWrong) as caught:
        note.open_note(text, verifiers or [LOG.verifier])
    return caught.value.problems[0].code


def test_the_example_of_the_standard_opens(shared: Path) -> None:
    example = json.loads((shared / "vectors/tlog/c2sp-spec-examples.json").read_text())["signed_note"]
    verifier = note.parse_verifier(example["vkey"])
    assert verifier.vkey == example["vkey"]
    assert verifier.key_id.hex() == "530d903a"
    opened = note.open_note(example["note"], [verifier])
    assert opened.text == "This is an example message.\n"
    assert [signature.name for signature in opened.verified] == ["example.com/foo"]


def test_a_note_opens_to_the_text_that_was_signed() -> None:
    signed = note.sign_note(TEXT, [LOG, WITNESS])
    assert signed.startswith(TEXT + "\n\u2014 example.com/log ")
    for spelled in (signed, signed.encode()):
        opened = note.open_note(spelled, [LOG.verifier])
        assert opened.text == TEXT
        assert [signature.name for signature in opened.verified] == [LOG.name]
        assert [signature.name for signature in opened.unknown] == [WITNESS.name]
    both = note.open_note(signed, [WITNESS.verifier, LOG.verifier])
    assert [signature.key_id for signature in both.verified] == [LOG.key_id, WITNESS.key_id]
    assert both.unknown == ()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40))
@settings(deadline=None)
def test_any_text_without_control_characters_is_signed_and_opened(text: str) -> None:
    assert note.open_note(note.sign_note(text + "\n", [LOG]), [LOG.verifier]).text == text + "\n"


def test_a_text_with_empty_lines_is_split_at_the_last_one() -> None:
    text = "first\n\n\u2014 not a signature\n\nlast\n\n"
    assert note.open_note(note.sign_note(text, [LOG]), [LOG.verifier]).text == text


def test_every_damage_to_a_note_is_refused() -> None:
    signed = note.sign_note(TEXT, [LOG])
    for bad in damaged_text(signed):
        code_of(bad)


def test_every_bit_of_a_note_matters() -> None:
    signed = note.sign_note(TEXT, [LOG]).encode()
    for bit in range(len(signed) * 8):
        code_of(flip(signed, bit))


def test_damage_to_an_unknown_line_never_changes_what_is_verified() -> None:
    signed = note.sign_note(TEXT, [LOG])
    line = note.sign_note(TEXT, [WITNESS]).removeprefix(TEXT + "\n")
    for bad in damaged_text(line):
        try:
            opened = note.open_note(signed + bad, [LOG.verifier])
        except NoteWrong:
            continue
        assert opened.text == TEXT
        assert {signature.name for signature in opened.verified} == {LOG.name}


def test_a_known_key_that_fails_spoils_a_note_that_another_signed() -> None:
    other = note.sign_note("another\n", [WITNESS]).split("\n")[2]
    spoiled = note.sign_note(TEXT, [LOG]) + other + "\n"
    assert note.open_note(spoiled, [LOG.verifier]).text == TEXT
    assert code_of(spoiled, LOG.verifier, WITNESS.verifier) == "note.signature"


def line_of(name: str, data: bytes) -> str:
    return f"\u2014 {name} {base64.b64encode(data).decode()}\n"


def test_a_known_key_with_a_signature_of_another_length_is_refused() -> None:
    good = LOG.sign(TEXT.encode())
    for signature in (good[:-1], good + b"\x00", b"x"):
        assert code_of(f"{TEXT}\n{line_of(LOG.name, LOG.key_id + signature)}") == "note.signature"


def test_a_line_with_the_name_or_the_id_of_a_known_key_but_not_both_is_unknown() -> None:
    signed = note.sign_note(TEXT, [LOG])
    signed += line_of(LOG.name, b"\x00\x01\x02\x03" + bytes(64)) + line_of(
        "other.example", LOG.key_id + bytes(64)
    )
    assert len(note.open_note(signed, [LOG.verifier]).unknown) == 2


def test_a_line_that_stands_twice_counts_once() -> None:
    signed = note.sign_note(TEXT, [LOG, LOG, WITNESS, WITNESS])
    opened = note.open_note(signed, [LOG.verifier])
    assert (len(opened.verified), len(opened.unknown)) == (1, 1)


def test_a_note_that_no_trusted_key_signed_is_refused() -> None:
    signed = note.sign_note(TEXT, [LOG])
    assert code_of(signed, WITNESS.verifier) == "note.untrusted"
    with pytest.raises(NoteWrong):
        note.open_note(signed, [])


def test_a_hundred_signatures_are_read_and_no_more() -> None:
    signers = [Signer(f"witness{number}", seed(f"witness{number}")) for number in range(99)]
    signed = note.sign_note(TEXT, [*signers, LOG])
    assert len(note.open_note(signed, [LOG.verifier]).unknown) == 99
    assert code_of(signed + line_of("one.more", bytes(68))) == "note.many"


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "\n\n", "text\n", "text\n\n", "text\n\n\n", f"text{line_of('a', bytes(68))}", line_of("a", bytes(68)),
        "text\n" + line_of("a", bytes(68)), "\n" + line_of("a", bytes(68)),
        "te\txt\n\n" + line_of("a", bytes(68)), "te\rxt\n\n" + line_of("a", bytes(68)),
        "text\x00\n\n" + line_of("a", bytes(68)), "text\n\n" + line_of("a", bytes(68))[:-1],
        "text\ud800\n\n" + line_of("a", bytes(68)), "x" * 1_000_001,
    ],
)  # fmt: skip
def test_a_note_that_is_malformed_is_refused(text: str) -> None:
    assert code_of(text) == "note.text"


def test_a_note_that_is_not_utf_8_is_refused() -> None:
    assert code_of(b"\xff\n\n" + line_of("a", bytes(68)).encode()) == "note.text"


@pytest.mark.parametrize(
    "line",
    [
        "", "\u2014", "\u2014 ", "\u2014 a", "\u2014 a ", "\u2014  AAAAAAAA", "- a AAAAAAAA", "\u2014 a+b AAAAAAAA",
        "\u2014\u00a0a AAAAAAAA", "\u2014 a\u3000b AAAAAAAA", "\u2014 a AAAA", "\u2014 a AAAAAA==", "\u2014 a AAAAAAB=",
        "\u2014 a AAAAAAAA ", "\u2014 a  AAAAAAAA", " \u2014 a AAAAAAAA", "\u2014 a AAAAAAA", "\u2014 a AAAA-_AA",
        "\u2014 a b AAAAAAAA",
    ],
)  # fmt: skip
def test_a_signature_line_that_is_malformed_is_refused(line: str) -> None:
    assert code_of(note.sign_note(TEXT, [LOG]) + line + "\n") in {"note.line", "note.text"}


@pytest.mark.parametrize("text", ["", "no line feed", "tab\t\n", "cr\r\n", "nul\x00\n", "\x1f\n", "\ud800\n"])
def test_a_text_that_no_note_can_carry_is_not_signed(text: str) -> None:
    with pytest.raises(NoteWrong):
        note.sign_note(text, [LOG])


def test_a_note_needs_a_signer() -> None:
    with pytest.raises(NoteWrong):
        note.sign_note(TEXT, [])


def spelled(name: str, data: bytes, key_id: str | None = None) -> str:
    found = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8]
    return f"{name}+{key_id or found}+{base64.b64encode(data).decode()}"


def test_a_key_whose_base64_holds_a_plus_is_read() -> None:
    for number in range(1000):
        verifier = Signer("example.com/plus", seed(f"plus {number}")).verifier
        if verifier.vkey.count("+") > 2:
            assert note.parse_verifier(verifier.vkey) == verifier
            return
    pytest.fail("no such key among a thousand")


def test_every_damage_to_a_key_is_refused() -> None:
    for bad in damaged_text(LOG.vkey):
        with pytest.raises(NoteWrong):
            note.parse_verifier(bad)


@pytest.mark.parametrize(
    "vkey",
    [
        "", "+", "++", "name", "name+00000000", "name+00000000+", spelled("", b"\x01" + bytes([2]) * 32),
        spelled("na me", b"\x01" + LOG.verifier.public), spelled("n\u2003", b"\x01" + LOG.verifier.public),
        spelled("a", b"\x02" + LOG.verifier.public), spelled("a", b"\x04" + LOG.verifier.public),
        spelled("a", b"\x01" + LOG.verifier.public[:-1]), spelled("a", b"\x01" + LOG.verifier.public + b"\x00"),
        spelled("a", b"\x01" + bytes(32)), spelled("a", b"\x01" + LOG.verifier.public, "00000000"),
        spelled("a", b"\x01" + LOG.verifier.public).upper(), spelled("a", b"\x01" + LOG.verifier.public) + "\n",
    ],
)  # fmt: skip
def test_a_key_that_is_malformed_is_refused(vkey: str) -> None:
    with pytest.raises(NoteWrong):
        note.parse_verifier(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0", "\u3000", "a\n", "a\x00", "\ud800"])
def test_a_name_that_no_key_can_have_is_refused(name: str) -> None:
    with pytest.raises(NoteWrong) as caught:
        Signer(name, seed("log"))
    assert caught.value.problems[0].code == "note.name"


def test_a_signer_shows_no_seed_and_needs_32_bytes() -> None:
    assert seed("log").hex() not in repr(LOG)
    assert repr(seed("log")) not in repr(LOG)
    with pytest.raises(Refused):
        Signer("a", b"short")


def test_lines_alone_are_read_and_written_as_a_witness_answers() -> None:
    _, lines = note.split_note(note.sign_note(TEXT, [LOG, WITNESS]))
    spelled = "".join(map(note.format_signature, lines))
    assert spelled == note.sign_note(TEXT, [LOG, WITNESS]).removeprefix(TEXT + "\n")
    assert note.parse_signatures(spelled) == lines


@pytest.mark.parametrize(
    "text", ["", "\n", "\u2014 a AAAAAAAA", "\u2014 a AAAAAAAA\n\n", "\u2014 a AAAAAAAA\r\n"]
)
def test_lines_in_another_form_are_refused(text: str) -> None:
    with pytest.raises(NoteWrong):
        note.parse_signatures(text)


def test_signatures_are_added_behind_those_that_are_there() -> None:
    signed = note.sign_note(TEXT, [LOG])
    _, (line,) = note.split_note(note.sign_note(TEXT, [WITNESS]))
    both = note.add_signatures(signed, [line])
    assert both == note.sign_note(TEXT, [LOG, WITNESS])
    assert note.add_signatures(both, [line, line]) == both
    assert note.add_signatures(signed, []) == signed


def test_a_note_takes_no_more_lines_than_can_be_read() -> None:
    lines = [note.NoteSignature(f"w{number}", bytes(4), bytes(64)) for number in range(100)]
    full = note.add_signatures(note.sign_note(TEXT, [LOG]), lines[:99])
    assert len(note.split_note(full)[1]) == 100
    with pytest.raises(NoteWrong) as caught:
        note.add_signatures(full, lines)
    assert caught.value.problems[0].code == "note.many"
