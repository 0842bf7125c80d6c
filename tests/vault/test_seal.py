"""Seals open only with their key, in their place, whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Broken
from suyuan.vault import seal
from tests import keys

KEY = keys.seed("seal")
NONCE = bytes(range(12))
PLAIN = "户主 张三 13800000000".encode()
SEALED = seal.seal(KEY, PLAIN, b"here", NONCE)


def test_a_seal_opens_with_its_key_and_context() -> None:
    assert seal.open_sealed(KEY, SEALED, b"here") == PLAIN


def test_a_seal_shows_nothing_of_what_it_holds() -> None:
    assert PLAIN not in SEALED
    assert SEALED[:13] == b"\x01" + NONCE


def test_an_empty_text_can_be_sealed() -> None:
    assert seal.open_sealed(KEY, seal.seal(KEY, b"", b"", NONCE), b"") == b""


def test_every_flipped_bit_is_refused() -> None:
    for position in range(len(SEALED) * 8):
        damaged = bytearray(SEALED)
        damaged[position // 8] ^= 1 << (position % 8)
        with pytest.raises(Broken):
            seal.open_sealed(KEY, bytes(damaged), b"here")


def test_every_shorter_seal_is_refused() -> None:
    for size in range(len(SEALED)):
        with pytest.raises(Broken):
            seal.open_sealed(KEY, SEALED[:size], b"here")


def test_a_seal_moved_to_another_context_is_refused() -> None:
    with pytest.raises(Broken, match="misplaced"):
        seal.open_sealed(KEY, SEALED, b"there")


def test_another_key_is_refused() -> None:
    with pytest.raises(Broken, match="another master key"):
        seal.open_sealed(keys.seed("other"), SEALED, b"here")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="key has 32 bytes"):
        seal.seal(bytes(size), b"", b"", NONCE)
    with pytest.raises(ValueError, match="key has 32 bytes"):
        seal.open_sealed(bytes(size), SEALED, b"")
    with pytest.raises(ValueError, match="key has 32 bytes"):
        seal.derive(bytes(size), "run")


def test_a_nonce_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="nonce has 12 bytes"):
        seal.seal(KEY, b"", b"", bytes(11))


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert len({seal.derive(KEY, purpose) for purpose in ("run", "key", "row", "person")}) == 4


def test_derived_keys_never_change() -> None:
    # A change of the derivation would make each vault in the field unreadable.
    assert seal.derive(bytes(32), "run").hex() == (
        "9012947f6d790f68a1d02366ea64bf8fcdd76ddbce771672c64a6a5cd078d6ed"
    )


@given(st.lists(st.text()), st.lists(st.text()))
def test_only_equal_lists_have_equal_frames(one: list[str], other: list[str]) -> None:
    assert (seal.frame(*one) == seal.frame(*other)) == (one == other)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_whatever_was_sealed_comes_back(plain: bytes, context: bytes) -> None:
    assert seal.open_sealed(KEY, seal.seal(KEY, plain, context, NONCE), context) == plain
