"""
Ed25519: a door to ``cryptography``, beside ``mldsa``.

OpenSSL refuses a signature whose second half is not reduced, but it loads any 32 bytes as a public key, also points of
small order (under which one signature fits many messages) and second spellings of a point. Those are refused here
before a key is used. RFC 8032 sections 5.1.3, 5.1.6 and 5.1.7.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..errors import Reason, Refused, SignatureWrong

KEY_BYTES = 32
SIGNATURE_BYTES = 64

KEY = Reason("key.public", "不是有效的 Ed25519 公钥", "not a valid Ed25519 public key")
SEED = Reason("key.seed", "私钥种子必须是 32 字节", "the seed of a private key must be 32 bytes")
SIGNATURE = Reason(
    "statement.signature", "签名与内容或公钥不符", "the signature does not fit the content and key"
)

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P

# The y coordinates of the eight points of small order: 1 and -1 (orders 1 and 2), 0 (order 4), and the two of
# order 8, which solve d*y^4 + 2*y^2 = 1.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _P - 1, _ORDER_8, _P - _ORDER_8})


def public_key_of(seed: bytes) -> bytes:
    """
    Return the public key (32 bytes) of the private key with this *seed* (32 bytes).

    Raises:
        Refused: *seed* is not 32 bytes.
    """
    return _private(seed).public_key().public_bytes_raw()


def sign_bytes(seed: bytes, message: bytes) -> bytes:
    """
    Return the signature (64 bytes) of *message* under the key with this *seed* (32 bytes).

    Raises:
        Refused: *seed* is not 32 bytes.
    """
    return _private(seed).sign(message)


def check_bytes(public: bytes, signature: bytes, message: bytes) -> None:
    """
    Check *signature* (64 bytes) over *message* under the key *public* (32 bytes).

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
    Check that *public* is the one spelling of a point on the curve, and not one of small order.

    Raises:
        Refused: it is not.

    RFC 8032 section 5.1.3.
    """
    _public(public)


@lru_cache(maxsize=1024)
def _private(seed: bytes) -> Ed25519PrivateKey:
    if len(seed) != KEY_BYTES:
        raise Refused(SEED.at())
    return Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=4096)
def _public(public: bytes) -> Ed25519PublicKey:
    if len(public) != KEY_BYTES or not _is_point(int.from_bytes(public, "little")):
        raise Refused(KEY.at())
    return Ed25519PublicKey.from_public_bytes(public)


def _is_point(number: int) -> bool:
    """Tell whether the 256-bit *number* spells a usable point: y below p, x on the curve, order not small."""
    y = number & (1 << 255) - 1
    if y >= _P or y in _SMALL_ORDER:
        return False
    numerator, denominator = y * y - 1, _D * y * y + 1
    return pow(numerator * denominator, (_P - 1) // 2, _P) == 1  # Euler: x^2 = n/d has a root
