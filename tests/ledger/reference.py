"""
RFC 9162 section 2.1, transcribed word for word: slow, recursive, and written without a look at the fast code.

Lists of entries stand for trees. Proofs are consumed from the root's end, so that a check follows the definition of
the proof instead of the RFC's loop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def split(n: int) -> int:
    """Return the largest power of two smaller than *n*."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def mth(entries: Sequence[bytes]) -> bytes:
    """Section 2.1.1: the Merkle tree hash."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return leaf(entries[0])
    k = split(len(entries))
    return node(mth(entries[:k]), mth(entries[k:]))


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.3.1: the inclusion proof of leaf *m*."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.4.1: the consistency proof from size *m*."""
    return subproof(m, entries, known=True)


def subproof(m: int, entries: Sequence[bytes], *, known: bool) -> list[bytes]:
    if m == len(entries):
        return [] if known else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], known=known), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], known=False), mth(entries[:k])]


def accepts_inclusion(steps: Sequence[bytes], index: int, size: int, leaf_hash: bytes, root: bytes) -> bool:
    """Tell whether *steps* lead from the leaf to *root*, by the definition of the path."""
    rest = list(steps)
    if not 0 <= index < size:
        return False
    try:
        return climb(index, size, leaf_hash, rest) == root and not rest
    except IndexError:
        return False


def climb(index: int, size: int, found: bytes, rest: list[bytes]) -> bytes:
    if size == 1:
        return found
    k = split(size)
    last = rest.pop()
    if index < k:
        return node(climb(index, k, found, rest), last)
    return node(last, climb(index - k, size - k, found, rest))


def accepts_consistency(steps: Sequence[bytes], old: int, new: int, old_root: bytes, new_root: bytes) -> bool:
    """Tell whether *steps* lead to both roots, by the definition of the proof."""
    rest = list(steps)
    if not 1 <= old <= new:
        return False
    try:
        return rebuild(old, new, old_root, rest, known=True) == (old_root, new_root) and not rest
    except IndexError:
        return False


def rebuild(m: int, n: int, old_root: bytes, rest: list[bytes], *, known: bool) -> tuple[bytes, bytes]:
    if m == n:
        found = old_root if known else rest.pop()
        return found, found
    k = split(n)
    last = rest.pop()
    if m <= k:
        old, new = rebuild(m, k, old_root, rest, known=known)
        return old, node(new, last)
    old, new = rebuild(m - k, n - k, old_root, rest, known=False)
    return node(last, old), node(last, new)
