"""
ML-DSA-44: signatures that a quantum computer does not forge; a door to ``cryptography``.

A signature is made with fresh randomness inside the library, so that signing the same message twice gives two
signatures; both are right. FIPS 204, with an empty context.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ..errors import Reason, Refused, SignatureWrong

SEED_BYTES = 32
KEY_BYTES = 1312
SIGNATURE_BYTES = 2420
"""FIPS 204 table 2, ML-DSA-44."""

KEY = Reason("key.mldsa", "不是有效的 ML-DSA-44 公钥", "not a valid ML-DSA-44 public key")
SEED = Reason("key.seed", "私钥种子必须是 32 字节", "the seed of a private key must be 32 bytes")
SIGNATURE = Reason(
    "statement.signature", "签名与内容或公钥不符", "the signature does not fit the content and key"
)


def public_key_of(seed: bytes) -> bytes:
    """
    Return the public key (1312 bytes) of the private key with this *seed* (32 bytes).

    Raises:
        Refused: *seed* is not 32 bytes.
    """
    return _private(seed).public_key().public_bytes_raw()


def sign_bytes(seed: bytes, message: bytes) -> bytes:
    """
    Return a signature (2420 bytes) of *message* under the key with this *seed* (32 bytes).

    Raises:
        Refused: *seed* is not 32 bytes.
    """
    return _private(seed).sign(message)


def check_bytes(public: bytes, signature: bytes, message: bytes) -> None:
    """
    Check *signature* (2420 bytes) over *message* under the key *public* (1312 bytes).

    Raises:
        Refused: *public* is not a key.
        SignatureWrong: the signature does not fit.
    """
    key = _public(public)
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise SignatureWrong(SIGNATURE.at()) from None


def check_public(public: bytes) -> None:
    """
    Check that *public* has the length of a key; any 1312 bytes are one.

    Raises:
        Refused: it has another length.
    """
    _public(public)


@lru_cache(maxsize=64)
def _private(seed: bytes) -> MLDSA44PrivateKey:
    if len(seed) != SEED_BYTES:
        raise Refused(SEED.at())
    return MLDSA44PrivateKey.from_seed_bytes(seed)


@lru_cache(maxsize=256)
def _public(public: bytes) -> MLDSA44PublicKey:
    if len(public) != KEY_BYTES:
        raise Refused(KEY.at())
    return MLDSA44PublicKey.from_public_bytes(public)
