"""Minted identifiers, from a given clock and a given source of random bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..produce.crockford import encode_crockford

Random = Callable[[int], bytes]
"""A source of bytes in the shape of ``os.urandom``."""

Clock = Callable[[], datetime]
"""A source of aware times."""

ID_LENGTH = 10
"""Characters of the ids of parties, sites, products, batches and orders: 50 random bits, fits GS1 AI (10)."""

RUN_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes ids."""

    clock: Clock
    random: Random

    def event_id(self) -> str:
        """Return a UUIDv7 in its text form (RFC 9562 section 5.7)."""
        millis = int(self.clock().timestamp() * 1000).to_bytes(6)
        raw = bytearray(millis + self.random(10))
        raw[6] = 0x70 | raw[6] & 0x0F
        raw[8] = 0x80 | raw[8] & 0x3F
        text = raw.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def id(self, length: int = ID_LENGTH) -> str:
        """Return *length* random Crockford characters."""
        bits = 5 * length
        return encode_crockford(int.from_bytes(self.random((bits + 7) // 8)) % (1 << bits), length)
