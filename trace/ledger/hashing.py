"""
The hashes of the Merkle tree, and nothing else.

RFC 9162 section 2.1.1 (unchanged from RFC 6962 section 2.1).
"""

from __future__ import annotations

import hashlib
from typing import NewType

Hash = NewType("Hash", bytes)

HASH_BYTES = 32

EMPTY_ROOT = Hash(hashlib.sha256(b"").digest())
"""The root of the tree without leaves: SHA-256 of nothing."""

ZERO = Hash(bytes(HASH_BYTES))
"""What the first link of any chain names as the one before it."""


def leaf_hash(entry: bytes) -> Hash:
    """Return SHA-256(0x00 || *entry*), the leaf hash of an entry's stored bytes."""
    return Hash(hashlib.sha256(b"\x00" + entry).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """Return SHA-256(0x01 || *left* || *right*), the hash above two subtrees."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())
