"""ML-DSA-44: sizes of FIPS 204, an empty context, and damage."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from suyuan.errors import Refused, SignatureWrong
from suyuan.ledger import mldsa
from tests.keys import seed
from tests.ledger.damage import flip

SEED = seed("mldsa")
PUBLIC = mldsa.public_key_of(SEED)
MESSAGE = b"a checkpoint"
SIGNATURE = mldsa.sign_bytes(SEED, MESSAGE)


def test_sizes_are_those_of_the_standard() -> None:
    assert (len(PUBLIC), len(SIGNATURE)) == (mldsa.KEY_BYTES, mldsa.SIGNATURE_BYTES) == (1312, 2420)


def test_what_is_signed_is_checked() -> None:
    mldsa.check_bytes(PUBLIC, SIGNATURE, MESSAGE)
    mldsa.check_bytes(PUBLIC, mldsa.sign_bytes(SEED, MESSAGE), MESSAGE)
    mldsa.check_public(PUBLIC)


def test_any_flipped_bit_is_refused() -> None:
    for bit in range(0, len(SIGNATURE) * 8, 97):
        with pytest.raises(SignatureWrong):
            mldsa.check_bytes(PUBLIC, flip(SIGNATURE, bit), MESSAGE)
    for bit in range(len(MESSAGE) * 8):
        with pytest.raises(SignatureWrong):
            mldsa.check_bytes(PUBLIC, SIGNATURE, flip(MESSAGE, bit))
    for bit in range(0, len(PUBLIC) * 8, 97):
        with pytest.raises(SignatureWrong):
            mldsa.check_bytes(flip(PUBLIC, bit), SIGNATURE, MESSAGE)


@pytest.mark.parametrize("wrong", [b"", SIGNATURE[:-1], SIGNATURE + b"\x00"])
def test_a_signature_of_another_length_is_refused(wrong: bytes) -> None:
    with pytest.raises(SignatureWrong):
        mldsa.check_bytes(PUBLIC, wrong, MESSAGE)


def test_a_signature_under_a_context_is_refused() -> None:
    made = MLDSA44PrivateKey.from_seed_bytes(SEED).sign(MESSAGE, b"context")
    with pytest.raises(SignatureWrong):
        mldsa.check_bytes(PUBLIC, made, MESSAGE)


def test_keys_of_other_lengths_are_refused() -> None:
    for public in (b"", PUBLIC[:-1], PUBLIC + b"\x00"):
        with pytest.raises(Refused) as caught:
            mldsa.check_public(public)
        assert caught.value.problems[0].code == "key.mldsa"
    for short in (b"", SEED[:-1], SEED + b"\x00"):
        with pytest.raises(Refused) as caught:
            mldsa.sign_bytes(short, MESSAGE)
        assert caught.value.problems[0].code == "key.seed"
