"""BYTES: an append-only, hash-chained log of opaque entries."""
