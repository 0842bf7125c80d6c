"""Names and spelling of keys: one spelling each, split at the first two pluses."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from suyuan.errors import NoteWrong
from suyuan.ledger import vkey

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=30)


@given(NAMES, st.binary(min_size=1, max_size=50))
def test_any_key_is_read_back(name: str, material: bytes) -> None:
    assume(vkey.is_key_name(name))
    assert vkey.split_vkey(vkey.format_vkey(name, material)) == (name, material)


def test_the_id_is_the_head_of_the_hash_of_name_and_key() -> None:
    name, material = "log.example/陈", b"\x01key"
    key_id = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    assert vkey.format_vkey(name, material) == f"{name}+{key_id}+{base64.b64encode(material).decode()}"


def test_pluses_in_the_base64_belong_to_the_key() -> None:
    material = b"\x04ab" + b"\xfb\xef\xbe" * 8
    spelled = vkey.format_vkey("a", material)
    assert spelled.count("+") > 2
    assert vkey.split_vkey(spelled) == ("a", material)


@pytest.mark.parametrize(
    ("spelled", "code"),
    [
        ("", "note.vkey"), ("a+00000000", "note.vkey"), ("a+00000000+", "note.vkey"), ("+00000000+AAAA", "note.name"),
        ("a b+00000000+AAAA", "note.name"), ("a+0000000g+AAAA", "note.vkey"), ("a+00000000+AAA", "note.vkey"),
        ("a+00000000+AAB=", "note.vkey"), ("a+00000000+AAAA", "note.vkey"), ("a+b+00000000+AAAA", "note.vkey"),
    ],
)  # fmt: skip
def test_any_other_text_is_refused(spelled: str, code: str) -> None:
    with pytest.raises(NoteWrong) as caught:
        vkey.split_vkey(spelled)
    assert caught.value.problems[0].code == code
