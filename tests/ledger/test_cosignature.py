"""Cosignatures of both kinds: to the byte of the standard, and every damage."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tlog_scales import signing as scales
from tlog_scales import tlog as scales_log

from suyuan.errors import NoteWrong, Refused, SignatureWrong
from suyuan.ledger import ed25519, mldsa
from suyuan.ledger.checkpoint import Checkpoint, format_checkpoint
from suyuan.ledger.cosignature import (
    COSIGNATURE,
    MLDSA,
    Cosigner,
    CosignerKey,
    cosign_checkpoint,
    parse_key,
    read_time,
)
from suyuan.ledger.hashing import EMPTY_ROOT, Hash, leaf_hash
from suyuan.ledger.note import (
    NoteSignature,
    Signer,
    add_signatures,
    format_signature,
    open_note,
    parse_signatures,
    sign_note,
)
from suyuan.ledger.vkey import format_vkey, key_id_of
from tests.keys import seed
from tests.ledger.damage import damaged_text, flip

LOG = Signer("example.com/log", seed("log"))
CLASSIC = Cosigner("witness.example/w1", seed("w1"))
QUANTUM = Cosigner("witness.example/w2", seed("w2"), MLDSA)
BOTH = [CLASSIC, QUANTUM]
CHECKPOINT = Checkpoint("example.com/log", 7, leaf_hash(b"root"))
TEXT = format_checkpoint(CHECKPOINT)
TIME = 1679315147


def wrong(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.problems[0].code


def relabelled(signature: NoteSignature, key: CosignerKey) -> NoteSignature:
    """Return *signature* under the name and ID of another key."""
    return NoteSignature(key.name, key.key_id, signature.signature)


def test_the_message_of_the_standard_is_what_an_ed25519_cosigner_signs(shared: Path) -> None:
    message = json.loads((shared / "vectors/tlog/c2sp-spec-examples.json").read_text())[
        "cosignature_v1_message"
    ]
    _, _, text = message.split("\n", 2)
    made = CLASSIC.cosign(text, TIME)
    assert len(made.signature) == 72
    assert made.signature[:8] == TIME.to_bytes(8, "big")
    ed25519.check_bytes(CLASSIC.key.public, made.signature[8:], message.encode())
    assert len(format_signature(made)) == len("\u2014 witness.example/w1 \n") + 104


def test_the_binary_message_is_what_an_mldsa_cosigner_signs() -> None:
    made = QUANTUM.cosign(TEXT, TIME)
    assert len(made.signature) == 2428
    message = struct.pack(
        ">12s B18s Q B15s QQ 32s",
        b"subtree/v1\n\0", 18, b"witness.example/w2", TIME, 15, b"example.com/log", 0, 7, CHECKPOINT.root,
    )  # fmt: skip
    mldsa.check_bytes(QUANTUM.key.public, made.signature[8:], message)


@pytest.mark.parametrize("cosigner", BOTH)
def test_an_independent_verifier_agrees(cosigner: Cosigner) -> None:
    note = cosign_checkpoint(CHECKPOINT, [LOG, cosigner], TIME)
    read = scales_log.Checkpoint.from_text(note)
    for vkey in (LOG.vkey, cosigner.vkey):
        found = scales.Vkey.from_string(vkey)
        assert str(found.serialize()) == vkey  # type: ignore[no-untyped-call]
        read.verify(found)


def test_another_independent_verifier_agrees_on_the_classic_kind() -> None:
    cosign = pytest.importorskip("aics_tlog.cosign", reason="aics-tlog is not installed")
    made = CLASSIC.cosign(TEXT, TIME)
    fields = CLASSIC.name, CLASSIC.key.public, CHECKPOINT.origin, CHECKPOINT.size, CHECKPOINT.root
    assert cosign.verify_cosignature(made.signature, *fields)
    assert cosign.cosignature_key_id(CLASSIC.name, CLASSIC.key.public) == made.key_id


def test_the_independent_signer_is_understood() -> None:
    made = scales.MLDSA44CosignatureSigner(QUANTUM.name, QUANTUM.seed).sign(
        scales_log.Checkpoint.from_text(sign_note(TEXT, [LOG]))
    )
    (line,) = parse_signatures(made.serialize() + "\n")
    QUANTUM.key.check_text(TEXT, line.signature)


@pytest.mark.parametrize("cosigner", BOTH)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
    st.integers(1, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.integers(1, 2**63 - 1),
)
@settings(deadline=None, max_examples=25)
def test_what_is_cosigned_is_opened(
    cosigner: Cosigner, origin: str, size: int, root: bytes, time: int
) -> None:
    text = format_checkpoint(Checkpoint(origin, size, Hash(root)))
    made = cosigner.cosign(text, time)
    assert read_time(made) == time
    assert parse_signatures(format_signature(made)) == [made]
    opened = open_note(add_signatures(sign_note(text, [LOG]), [made]), [LOG.verifier, cosigner.key])
    assert opened.verified[1:] == (made,)


@pytest.mark.parametrize("cosigner", BOTH)
def test_a_flipped_bit_is_refused(cosigner: Cosigner) -> None:
    made = cosigner.cosign(TEXT, TIME).signature
    for bit in range(0, len(made) * 8, 1 if cosigner is CLASSIC else 53):
        with pytest.raises(SignatureWrong):
            cosigner.key.check_text(TEXT, flip(made, bit))


@pytest.mark.parametrize("cosigner", BOTH)
def test_another_text_is_refused(cosigner: Cosigner) -> None:
    made = cosigner.cosign(TEXT, TIME).signature
    for text in (*damaged_text(TEXT), TEXT + "extension\n"):
        with pytest.raises(SignatureWrong):
            cosigner.key.check_text(text, made)


@pytest.mark.parametrize("cosigner", BOTH)
def test_extension_lines_are_not_cosigned(cosigner: Cosigner) -> None:
    assert wrong(cosigner.cosign, TEXT + "extension\n", TIME) == "checkpoint.form"


@pytest.mark.parametrize("cosigner", BOTH)
def test_a_signature_of_another_length_is_refused(cosigner: Cosigner) -> None:
    made = cosigner.cosign(TEXT, TIME)
    for blob in (b"", made.signature[:8], made.signature[:-1], made.signature + b"\x00"):
        with pytest.raises(SignatureWrong):
            cosigner.key.check_text(TEXT, blob)
        assert wrong(read_time, NoteSignature(made.name, made.key_id, blob)) == "cosignature.form"


@pytest.mark.parametrize("cosigner", BOTH)
@pytest.mark.parametrize("time", [0, -1, 2**63, 2**64 - 1])
def test_a_time_out_of_range_is_refused(cosigner: Cosigner, time: int) -> None:
    assert wrong(cosigner.cosign, TEXT, time) == "cosignature.time"
    if time >= 0:
        made = cosigner.cosign(TEXT, TIME)
        blob = time.to_bytes(8, "big") + made.signature[8:]
        assert wrong(read_time, replace(made, signature=blob)) == "cosignature.time"
        with pytest.raises(SignatureWrong):
            cosigner.key.check_text(TEXT, blob)


@pytest.mark.parametrize("cosigner", BOTH)
def test_the_first_and_the_last_second_are_times(cosigner: Cosigner) -> None:
    for time in (1, 2**63 - 1):
        made = cosigner.cosign(TEXT, time)
        cosigner.key.check_text(TEXT, made.signature)
        assert read_time(made) == time


@pytest.mark.parametrize("cosigner", BOTH)
def test_an_empty_log_is_cosigned_under_its_one_root_only(cosigner: Cosigner) -> None:
    empty = format_checkpoint(Checkpoint("example.com/log", 0, EMPTY_ROOT))
    cosigner.key.check_text(empty, cosigner.cosign(empty, TIME).signature)
    other = format_checkpoint(Checkpoint("example.com/log", 0, leaf_hash(b"")))
    assert wrong(cosigner.cosign, other, TIME) == "cosignature.empty"


def test_a_known_cosigner_with_a_wrong_signature_spoils_the_note() -> None:
    other = format_checkpoint(replace(CHECKPOINT, size=8))
    for cosigner in BOTH:
        note = add_signatures(sign_note(TEXT, [LOG]), [cosigner.cosign(other, TIME)])
        assert open_note(note, [LOG.verifier]).text == TEXT
        assert wrong(open_note, note, [LOG.verifier, cosigner.key]) == "note.signature"


def test_a_signature_of_the_text_itself_is_no_cosignature() -> None:
    signer = Signer(CLASSIC.name, CLASSIC.seed)
    assert signer.key_id != CLASSIC.key_id
    plain = NoteSignature(CLASSIC.name, CLASSIC.key_id, signer.sign(TEXT.encode()))
    assert (
        wrong(open_note, add_signatures(sign_note(TEXT, [LOG]), [plain]), [CLASSIC.key]) == "note.signature"
    )


def test_an_ed25519_cosignature_does_not_say_whose_it_is_an_mldsa_one_does() -> None:
    twins = [Cosigner("other.example/w", one.seed, one.kind) for one in BOTH]
    made = [one.cosign(TEXT, TIME) for one in BOTH]
    twins[0].key.check_text(TEXT, relabelled(made[0], twins[0].key).signature)
    with pytest.raises(SignatureWrong):
        twins[1].key.check_text(TEXT, relabelled(made[1], twins[1].key).signature)


@pytest.mark.parametrize("key", [LOG.verifier, CLASSIC.key, QUANTUM.key])
def test_every_kind_of_key_is_read(key: object) -> None:
    assert isinstance(key, CosignerKey | type(LOG.verifier))
    assert parse_key(key.vkey) == key


def test_a_key_is_named_by_name_kind_and_key() -> None:
    for one in BOTH:
        assert one.key_id == one.key.key_id == key_id_of(one.name, one.kind + one.key.public)
        assert one.vkey == one.key.vkey == format_vkey(one.name, one.kind + one.key.public)


def test_every_damage_to_a_key_is_refused() -> None:
    for bad in damaged_text(CLASSIC.vkey):
        with pytest.raises(NoteWrong):
            parse_key(bad)


@pytest.mark.parametrize(
    "material",
    [
        b"", b"\x00", b"\x02" + CLASSIC.key.public, b"\x03" + CLASSIC.key.public, b"\x05" + CLASSIC.key.public,
        b"\xff" + CLASSIC.key.public, COSIGNATURE, COSIGNATURE + CLASSIC.key.public[:-1],
        COSIGNATURE + CLASSIC.key.public + b"\x00", COSIGNATURE + bytes(32), COSIGNATURE + QUANTUM.key.public,
        MLDSA, MLDSA + CLASSIC.key.public, MLDSA + QUANTUM.key.public[:-1], b"\x01" + QUANTUM.key.public,
    ],
)  # fmt: skip
def test_a_key_of_another_kind_or_length_is_refused(material: bytes) -> None:
    with pytest.raises(NoteWrong):
        parse_key(format_vkey("a", material))


def test_names_and_kinds_that_no_cosigner_has_are_refused() -> None:
    assert wrong(Cosigner, "a b", seed("w1")) == "note.name"
    assert wrong(Cosigner, "中" * 86, seed("w1"), MLDSA) == "cosignature.name"
    assert wrong(Cosigner, "a", seed("w1"), b"\x01") == "cosignature.kind"
    assert wrong(Cosigner, "a", b"short") == "key.seed"
    Cosigner("中" * 85, seed("w1"), MLDSA)


def test_a_cosigner_shows_no_seed() -> None:
    for one in BOTH:
        assert one.seed.hex() not in repr(one)
        assert repr(one.seed) not in repr(one)


def test_a_checkpoint_is_signed_by_the_log_before_its_cosigners() -> None:
    note = cosign_checkpoint(CHECKPOINT, [QUANTUM, LOG], TIME)
    opened = open_note(note, [LOG.verifier, QUANTUM.key])
    assert [one.name for one in opened.verified] == [LOG.name, QUANTUM.name]
    assert wrong(cosign_checkpoint, CHECKPOINT, [QUANTUM], TIME) == "note.text"
