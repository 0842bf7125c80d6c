"""Keys and signatures: RFC 8032's own, and the keys that a verifier must not take."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused, SignatureWrong
from suyuan.ledger import ed25519
from tests.keys import seed
from tests.ledger.damage import flip

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493

RFC_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
RFC_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)

SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


def refuses_key(public: bytes) -> bool:
    try:
        ed25519.check_public(public)
    except Refused as refused:
        return refused.problems[0].code == "key.public"
    return False


def test_key_and_signature_equal_those_of_rfc_8032() -> None:
    assert ed25519.public_key_of(RFC_SEED) == RFC_PUBLIC
    assert ed25519.sign_bytes(RFC_SEED, b"") == RFC_SIGNATURE
    ed25519.check_bytes(RFC_PUBLIC, RFC_SIGNATURE, b"")


def test_a_signature_with_any_bit_turned_over_is_refused() -> None:
    for bit in range(512):
        with pytest.raises(SignatureWrong) as caught:
            ed25519.check_bytes(RFC_PUBLIC, flip(RFC_SIGNATURE, bit), b"")
        assert caught.value.problems[0].code == "statement.signature"


def test_a_signature_over_other_bytes_or_of_another_length_is_refused() -> None:
    for signature, message in (
        (RFC_SIGNATURE, b"x"),
        (b"", b""),
        (RFC_SIGNATURE[:-1], b""),
        (RFC_SIGNATURE + b"\x00", b""),
    ):
        with pytest.raises(SignatureWrong):
            ed25519.check_bytes(RFC_PUBLIC, signature, message)


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    unreduced = int.from_bytes(RFC_SIGNATURE[32:], "little") + L
    with pytest.raises(SignatureWrong):
        ed25519.check_bytes(RFC_PUBLIC, RFC_SIGNATURE[:32] + unreduced.to_bytes(32, "little"), b"")


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_a_key_of_small_order_is_refused(public: str) -> None:
    assert refuses_key(bytes.fromhex(public))


def test_a_key_of_small_order_would_take_one_signature_for_many_messages() -> None:
    # Why the list above matters: R is the neutral point and S is 0, which fits any message under such a key.
    forged = bytes.fromhex(SMALL_ORDER[0]) + bytes(32)
    with pytest.raises(Refused) as caught:
        ed25519.check_bytes(bytes.fromhex(SMALL_ORDER[0]), forged, b"any message")
    assert not isinstance(caught.value, SignatureWrong)


@pytest.mark.parametrize("y", range(P, 2**255))
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_in_a_second_spelling_is_refused(y: int, sign: int) -> None:
    assert refuses_key((y | sign << 255).to_bytes(32, "little"))


def has_root(y: int) -> bool:
    """RFC 8032 section 5.1.3 steps 2 and 3, as written there."""
    d = -121665 * pow(121666, P - 2, P) % P
    u, v = (y * y - 1) % P, (d * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    return v * x * x % P in (u, -u % P)


@given(st.integers(2, 1000) | st.integers(2, P - 2))
@settings(deadline=None)
def test_a_key_is_a_point_exactly_where_rfc_8032_finds_one(y: int) -> None:
    assert refuses_key(y.to_bytes(32, "little")) != has_root(y)


@given(st.binary(min_size=32, max_size=32))
@settings(deadline=None, max_examples=50)
def test_the_key_of_any_seed_is_usable(any_seed: bytes) -> None:
    public = ed25519.public_key_of(any_seed)
    ed25519.check_public(public)
    ed25519.check_bytes(public, ed25519.sign_bytes(any_seed, b"m"), b"m")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_or_seed_of_another_length_is_refused(length: int) -> None:
    assert refuses_key(bytes(length))
    with pytest.raises(Refused) as caught:
        ed25519.public_key_of(bytes(length))
    assert caught.value.problems[0].code == "key.seed"
    with pytest.raises(Refused):
        ed25519.sign_bytes(bytes(length), b"m")


def test_another_key_does_not_verify() -> None:
    with pytest.raises(SignatureWrong):
        ed25519.check_bytes(ed25519.public_key_of(seed("other")), RFC_SIGNATURE, b"")
