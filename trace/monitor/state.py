"""
The file in which an audit keeps its memory, to go on from it another time.

``suyuan.audit-state/1`` and a line feed; then parts, each its length (8 bytes, big-endian) and its bytes: the head
(MessagePack), the roots of the lowest full tiles, the records of chains, those of event ids; then the SHA-256 of all.
Whoever can write the file can make the next audit pass over what it says: keep it as you keep the policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from ..durable import draft_file, reported
from ..errors import Reason, Refused
from ..ledger.checkpoint import Checkpoint
from ..ledger.hashing import Hash
from ..ledger.moment import format_moment, parse_moment
from ..verify.crown import Crown
from ..verify.listed import Signings
from ..verify.trail import Trail
from .memory import Memory

MAGIC: Final = b"suyuan.audit-state/1\n"
_LENGTH: Final = 8

DAMAGED = Reason(
    "audit.state",
    "审计状态文件 {name} 已损坏，或属于别的版本；没有它，审计就从头开始",
    "the state file {name} is damaged or of another version; without it an audit begins anew",
)


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    log: str
    size: int
    root: bytes
    leaf: bytes
    at: str
    edge: bytes
    seen_size: int
    seen_root: bytes
    note: bytes
    listed: int
    listed_size: int
    keys: tuple[tuple[int, bytes], ...]
    climbed: int
    sizes: dict[str, tuple[int, int]]
    unknown: tuple[bytes, ...]


def save_memory(path: Path, memory: Memory) -> None:
    """
    Write *memory* to *path*, whole and durable, in the place of an older one.

    Raises:
        Unavailable: disk full, no permission.
    """
    digest = sha256()
    with draft_file(path) as file:
        for piece in _pieces(memory):
            digest.update(piece)
            file.write(piece)
        file.write(digest.digest())


def load_memory(path: Path) -> Memory | None:
    """
    Return the memory in *path*, None where there is no such file.

    Raises:
        Refused: ``audit.state``.
        Unavailable: it may not be read.
    """
    with reported(path):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
    end = len(data) - sha256().digest_size
    body = memoryview(data)[: max(end, 0)]
    try:
        if not data.startswith(MAGIC) or sha256(body).digest() != data[end:]:
            raise ValueError
        return _restore(*_parts(body))
    except (Refused, msgspec.DecodeError, ValueError, TypeError):
        raise Refused(DAMAGED.at(name=path.name)) from None


def _pieces(memory: Memory) -> Iterator[bytes]:
    trail = memory.trail
    yield MAGIC
    for part in (_format_head(memory), trail.crown.roots()):
        yield len(part).to_bytes(_LENGTH, "big")
        yield part
    for shelf in (trail.chains, trail.ids):
        yield shelf.length.to_bytes(_LENGTH, "big")
        yield from shelf.dump()


def _format_head(memory: Memory) -> bytes:
    trail, seen = memory.trail, memory.seen
    head = _Head(
        log=trail.log,
        size=trail.size,
        root=trail.crown.root(),
        leaf=trail.leaf,
        at=format_moment(trail.at) if trail.at else "",
        edge=trail.crown.edge,
        seen_size=seen.size,
        seen_root=seen.root,
        note=memory.note,
        listed=memory.listed,
        listed_size=memory.listed_size,
        keys=tuple((index, entry) for index, entry in trail.signers.entries.items() if index < trail.size),
        climbed=memory.climbed,
        sizes=memory.signings.sizes,
        unknown=tuple(memory.signings.unknown),
    )
    return msgspec.msgpack.encode(head)


def _parts(body: memoryview) -> Iterator[memoryview]:
    at = len(MAGIC)
    while at < len(body):
        start = at + _LENGTH
        at = start + int.from_bytes(body[at:start], "big")
        if at > len(body):
            raise ValueError
        yield body[start:at]


def _restore(first: memoryview, roots: memoryview, chains: memoryview, ids: memoryview) -> Memory:
    head = msgspec.msgpack.decode(first, type=_Head)
    trail = Trail(head.log)
    trail.leaf = Hash(head.leaf)
    trail.at = parse_moment(head.at) if head.at else None
    trail.crown = Crown(bytes(roots), head.edge)
    trail.chains.load(bytes(chains))
    trail.ids.load(bytes(ids))
    told = [fault for index, entry in head.keys for fault in trail.signers.tell(index, entry)]
    if told or (trail.size, trail.crown.root()) != (head.size, head.root):
        raise ValueError
    seen = Checkpoint(head.log, head.seen_size, Hash(head.seen_root))
    signings = Signings(head.sizes, dict.fromkeys(head.unknown))
    return Memory(trail, seen, head.note, head.listed, head.listed_size, head.climbed, signings)
