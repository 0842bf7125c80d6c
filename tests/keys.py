"""Keys and randomness from fixed seeds, so that every run signs the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable


def seed(name: str) -> bytes:
    """Return the 32-byte Ed25519 seed of the party or log called *name*."""
    return hashlib.sha256(b"suyuan test seed " + name.encode()).digest()


def master() -> bytes:
    """Return the master key of every test vault, 32 bytes."""
    return seed("master")


def stream(name: str = "random") -> Callable[[int], bytes]:
    """Return a source of bytes in the shape of ``os.urandom`` that gives the same bytes in every run."""
    count = 0

    def read(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"suyuan test stream {name} {count}".encode()).digest(size)

    return read
