"""Checkpoints: three lines, one spelling."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import NoteWrong, Refused
from suyuan.ledger import checkpoint
from suyuan.ledger.checkpoint import Checkpoint
from suyuan.ledger.hashing import EMPTY_ROOT, Hash, leaf_hash
from suyuan.ledger.note import Signer, sign_note
from tests.keys import seed
from tests.ledger.damage import damaged_text

LOG = Signer("example.com/log", seed("log"))
ROOT = leaf_hash(b"root")
SEVEN = Checkpoint("example.com/log", 7, ROOT)


def test_the_example_of_the_standard_is_read(shared: Path) -> None:
    message = json.loads((shared / "vectors/tlog/c2sp-spec-examples.json").read_text())[
        "cosignature_v1_message"
    ]
    text = message.split("\n", 2)[2]
    found = checkpoint.parse_checkpoint(text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.format_checkpoint(found) == text


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)
@settings(deadline=None)
def test_a_checkpoint_is_read_back(origin: str, size: int, root: bytes) -> None:
    written = Checkpoint(origin, size, Hash(root))
    assert checkpoint.parse_checkpoint(checkpoint.format_checkpoint(written)) == written


def test_a_signed_checkpoint_opens_under_its_own_origin_only() -> None:
    signed = checkpoint.sign_checkpoint(SEVEN, [LOG])
    assert checkpoint.open_checkpoint(signed, [LOG.verifier], "example.com/log") == SEVEN
    with pytest.raises(NoteWrong) as caught:
        checkpoint.open_checkpoint(signed, [LOG.verifier], "example.com/other")
    assert caught.value.problems[0].code == "checkpoint.origin"


def test_every_damage_to_a_signed_checkpoint_is_refused() -> None:
    for bad in damaged_text(checkpoint.sign_checkpoint(SEVEN, [LOG])):
        with pytest.raises(NoteWrong):
            checkpoint.open_checkpoint(bad, [LOG.verifier], "example.com/log")


def test_any_damaged_text_is_a_checkpoint_in_its_one_spelling_or_refused() -> None:
    for bad in damaged_text(checkpoint.format_checkpoint(SEVEN)):
        try:
            found = checkpoint.parse_checkpoint(bad)
        except Refused:
            continue
        assert checkpoint.format_checkpoint(found) == bad
        assert found != SEVEN


B64 = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n", "a\n7\n", f"a\n7\n{B64}", f"\n7\n{B64}\n", f"a\n07\n{B64}\n", f"a\n00\n{B64}\n", f"a\n+7\n{B64}\n",
        f"a\n-7\n{B64}\n", f"a\n7 \n{B64}\n", f"a\n\n{B64}\n", f"a\n٧\n{B64}\n", f"a\n{2**63}\n{B64}\n",
        f"a\n{'9' * 5000}\n{B64}\n", f"a\n7\n{B64[:-1]}\n", f"a\n7\n{B64[:-2]}J=\n", "a\n7\nAAAA\n", "a\n7\n\n",
        f"a\n7\n{'A' * 42}==\n", f"a\n7\n{'A' * 48}\n", f"a\n7\n{B64}\nextension\n", f"a\n7\n{B64}\n\n",
        f"a\r\n7\n{B64}\n",
        f"{'a' * 256}\n7\n{B64}\n", f"{'中' * 86}\n7\n{B64}\n", f"\ud800\n7\n{B64}\n", f" \t\n7\n{B64}\n",
    ],
)  # fmt: skip
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        checkpoint.parse_checkpoint(text)


@pytest.mark.parametrize(
    "wrong",
    [
        Checkpoint("", 7, ROOT),
        Checkpoint("two\nlines", 7, ROOT),
        Checkpoint("a" * 256, 7, ROOT),
        Checkpoint("a", -1, ROOT),
        Checkpoint("a", 2**63, ROOT),
        Checkpoint("a", 7, Hash(ROOT[:-1])),
        Checkpoint("a", 7, Hash(ROOT + b"\x00")),
    ],
)
def test_a_checkpoint_out_of_range_is_not_written(wrong: Checkpoint) -> None:
    with pytest.raises(Refused):
        checkpoint.format_checkpoint(wrong)


def test_the_empty_log_has_a_checkpoint() -> None:
    empty = Checkpoint("example.com/log", 0, EMPTY_ROOT)
    assert (
        checkpoint.open_checkpoint(checkpoint.sign_checkpoint(empty, [LOG]), [LOG.verifier], LOG.name)
        == empty
    )


def test_extension_lines_are_refused_even_when_signed() -> None:
    signed = sign_note(checkpoint.format_checkpoint(SEVEN) + "extension\n", [LOG])
    with pytest.raises(Refused) as caught:
        checkpoint.open_checkpoint(signed, [LOG.verifier], LOG.name)
    assert caught.value.problems[0].code == "checkpoint.form"
