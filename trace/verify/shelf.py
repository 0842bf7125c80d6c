"""
Records of one width under 16-byte keys, packed: a million event ids in some 20 MB instead of 150.

What an audit remembers of a long log is mostly such records, and in memory they look as they do in its state file.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from ..errors import Reason, Refused

KEY_BYTES: Final = 16
"""128 bits of SHA-256: two texts with one key are not found by chance, nor by less than 2^64 tries."""

_BOX: Final = 2
"""Bytes of the key that choose one of 65,536 boxes; each stays short enough to be searched."""

LENGTH = Reason("shelf.length", "记录长度不对", "the records do not have their length")


def key_of(text: str) -> bytes:
    """Return the key of *text*."""
    return sha256(text.encode()).digest()[:KEY_BYTES]


class Shelf:
    """Records of *width* bytes (0 for a set of keys)."""

    def __init__(self, width: int = 0) -> None:
        self._stride = KEY_BYTES + width
        self._boxes: dict[bytes, bytearray] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def length(self) -> int:
        """Bytes of all records with their keys."""
        return self._count * self._stride

    def find(self, key: bytes) -> bytes | None:
        """Return the record under *key*, or None where there is none."""
        box = self._boxes.get(key[:_BOX])
        at = self._place(box, key) if box else -1
        return None if box is None or at < 0 else bytes(box[at + KEY_BYTES : at + self._stride])

    def put(self, key: bytes, record: bytes = b"") -> None:
        """Set the record under *key*."""
        box = self._boxes.setdefault(key[:_BOX], bytearray())
        at = self._place(box, key)
        if at < 0:
            box += key + record
            self._count += 1
        else:
            box[at + KEY_BYTES : at + self._stride] = record

    def add(self, key: bytes) -> bool:
        """Add *key* to a set; tell whether it is new."""
        box = self._boxes.get(key[:_BOX])
        if box is None:
            box = self._boxes[key[:_BOX]] = bytearray()
        elif self._place(box, key) >= 0:
            return False
        box += key
        self._count += 1
        return True

    def dump(self) -> Iterator[bytes]:
        """Yield all records with their keys, in parts."""
        for box in self._boxes.values():
            yield bytes(box)

    def load(self, data: bytes) -> None:
        """
        Take in records that ``dump`` gave.

        Raises:
            Refused: ``shelf.length``: not whole records, or a key twice.
        """
        if len(data) % self._stride:
            raise Refused(LENGTH.at())
        before = self._count
        for at in range(0, len(data), self._stride):
            self.put(data[at : at + KEY_BYTES], data[at + KEY_BYTES : at + self._stride])
        if (self._count - before) * self._stride != len(data):
            raise Refused(LENGTH.at())

    def _place(self, box: bytearray, key: bytes) -> int:
        """Return where the record of *key* begins in *box*, -1 where it has none."""
        at = box.find(key)
        while at > 0 and at % self._stride:  # the same bytes across two records
            at = box.find(key, at + 1)
        return at
