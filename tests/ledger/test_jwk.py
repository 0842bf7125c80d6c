"""Keys as JSON and their thumbprints: RFC 8037's own."""

from __future__ import annotations

import pytest

from suyuan.errors import Refused
from suyuan.ledger.jwk import SigningKey, format_jwk, parse_jwk, thumbprint
from tests.keys import seed

RFC_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_JWK = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def test_jwk_and_thumbprint_equal_those_of_rfc_8037() -> None:
    key = SigningKey(RFC_SEED)
    assert format_jwk(key.public) == RFC_JWK
    assert parse_jwk(RFC_JWK) == key.public
    assert key.kid == thumbprint(key.public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {"x": RFC_JWK["x"]},
        RFC_JWK | {"x": 1},
        RFC_JWK | {"x": ""},
        RFC_JWK | {"x": RFC_JWK["x"] + "="},
        RFC_JWK | {"x": RFC_JWK["x"][:-1] + "p"},
        RFC_JWK | {"x": RFC_JWK["x"][:-1]},
        RFC_JWK | {"x": "A" * 43},
        RFC_JWK | {"crv": "X25519"},
        RFC_JWK | {"kty": "EC"},
        RFC_JWK | {"alg": "Ed25519"},
        RFC_JWK | {"d": "A" * 43},
    ],
)
def test_any_other_jwk_is_refused(jwk: dict[str, object]) -> None:
    with pytest.raises(Refused):
        parse_jwk(jwk)


def test_a_signing_key_shows_no_seed_and_needs_32_bytes() -> None:
    key = SigningKey(seed("party"))
    assert repr(key) == "SigningKey()"
    with pytest.raises(Refused):
        SigningKey(b"short")
