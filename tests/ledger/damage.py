"""Systematic damage: every way in which a proof or a text can be a little wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def flip(data: bytes, bit: int) -> bytes:
    """Return *data* with one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def damaged_hashes(steps: Sequence[bytes], *, every: int = 1) -> Iterator[tuple[bytes, ...]]:
    """Yield *steps* with one bit of one hash turned over; *every* takes each so-many-th bit only."""
    for place, step in enumerate(steps):
        for bit in range(place % every, len(step) * 8, every):
            yield (*steps[:place], flip(step, bit), *steps[place + 1 :])


def reshaped(steps: Sequence[bytes], others: Sequence[bytes]) -> Iterator[tuple[bytes, ...]]:
    """Yield *steps* with a hash missing, added, cut, lengthened, doubled or swapped with the next."""
    kept = tuple(steps)
    for place in range(len(kept) + 1):
        for other in (*others, b"", bytes(32)):
            yield (*kept[:place], other, *kept[place:])
    for place, step in enumerate(kept):
        head, tail = kept[:place], kept[place + 1 :]
        yield head + tail
        yield (*head, step, step, *tail)
        yield (*head, step[:-1], *tail)
        yield (*head, step + b"\x00", *tail)
        if tail and step != tail[0]:
            yield (*head, tail[0], step, *tail[1:])
    if len(kept) > 1:
        yield kept[::-1]
        yield ()


def damaged_text(text: str) -> Iterator[str]:
    """Yield *text* with each character changed, removed or doubled, and with things around it."""
    for place, character in enumerate(text):
        head, tail = text[:place], text[place + 1 :]
        for other in {chr(ord(character) ^ 1), chr(ord(character) ^ 0x20), "A", "\n", "=", "\u00e9"} - {
            character
        }:
            yield head + other + tail
        yield head + tail
        if not (tail and tail[0] == character) and not (head and head[-1] == character):
            yield head + character + character + tail
    for extra in ("\n", " ", "\x00", "\ufeff"):
        yield text + extra
        yield extra + text
