"""
Sealed bytes: AES-256-GCM, bound to where they belong; keys wrapped and passphrases stretched. The door to the cipher.

A seal is ``0x01 || nonce (12) || ciphertext || tag (16)``. The context (table, log, row) is authenticated with it, so
that a sealed value moved to another row or another log does not open. Sources: NIST SP 800-38D, RFC 5116, RFC 5869;
for files also RFC 3394 and RFC 8018.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ..errors import Broken

KEY_SIZE = 32
NONCE_SIZE = 12
VERSION = b"\x01"
TAG_SIZE = 16


def derive(master: bytes, purpose: str) -> bytes:
    """
    Return the 32-byte key for one *purpose* of the master key: HKDF-SHA256 (RFC 5869) without salt.

    Raises:
        ValueError: *master* is not 32 bytes.
    """
    _check_size("key", master, KEY_SIZE)
    return HKDF(SHA256(), KEY_SIZE, salt=None, info=b"suyuan vault 1 " + purpose.encode()).derive(master)


def frame(*parts: str | bytes) -> bytes:
    """
    Return *parts* as one byte string that no other list of parts gives: each led by its length, 4 bytes big-endian.

    >>> frame("ab", b"c").hex()
    '0000000261620000000163'
    """
    encoded = (part.encode() if isinstance(part, str) else part for part in parts)
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def keyed_hash(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA256 (RFC 2104), 32 bytes: without *key* nobody can try names or phones against it."""
    return hmac.digest(key, message, hashlib.sha256)


def seal(key: bytes, plaintext: bytes, context: bytes, nonce: bytes) -> bytes:
    """
    Encrypt *plaintext* so that it opens only with the same *key* and *context*.

    Args:
        key: 32 bytes.
        nonce: 12 random bytes, never twice under one key.

    Raises:
        ValueError: key or nonce is of another size.
    """
    _check_size("key", key, KEY_SIZE)
    _check_size("nonce", nonce, NONCE_SIZE)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, VERSION + context)


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """
    Return what was sealed with *key* for *context*.

    Raises:
        Broken: damaged, sealed with another key (a wrong master key), or moved from where it belongs.
        ValueError: *key* is not 32 bytes.
    """
    _check_size("key", key, KEY_SIZE)
    if len(sealed) < 1 + NONCE_SIZE + TAG_SIZE or sealed[:1] != VERSION:
        raise Broken("a sealed value has another form", expected=VERSION.hex(), found=sealed[:1].hex())
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE_SIZE], sealed[1 + NONCE_SIZE :], VERSION + context)
    except InvalidTag:
        raise Broken("a sealed value does not open: damaged, misplaced, or another master key") from None


def stretch(passphrase: str, salt: bytes, rounds: int) -> bytes:
    """Return the 32-byte key of *passphrase*: PBKDF2 with HMAC-SHA512 (RFC 8018 section 5.2)."""
    return hashlib.pbkdf2_hmac("sha512", passphrase.encode(), salt, rounds, KEY_SIZE)


def wrap_key(outer: bytes, key: bytes) -> bytes:
    """Return *key* (32 bytes) wrapped by *outer* (32 bytes): AES key wrap, 40 bytes (RFC 3394)."""
    return aes_key_wrap(outer, key)


def unwrap_key(outer: bytes, wrapped: bytes) -> bytes | None:
    """Return the key that ``wrap_key`` wrapped by *outer*, or None: another outer key, or damage."""
    try:
        return aes_key_unwrap(outer, wrapped)
    except (InvalidUnwrap, ValueError):
        return None


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Return *plaintext* under AES-256-GCM without any frame: ciphertext || tag (16). Arguments as for ``seal``."""
    return AESGCM(key).encrypt(nonce, plaintext, context)


def decrypt(key: bytes, nonce: bytes, sealed: bytes, context: bytes) -> bytes | None:
    """Return what ``encrypt`` sealed, or None: another key or context, or damage."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, context)
    except (InvalidTag, ValueError):
        return None


def _check_size(what: str, value: bytes, size: int) -> None:
    if len(value) != size:
        raise ValueError(f"a {what} has {size} bytes, not {len(value)}")
