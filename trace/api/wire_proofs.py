"""The models of entries, proofs and checkpoints."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from .wire import Base64, Hex, Moment


class LinkOut(BaseModel):
    """A place in the chain of one subject."""

    id: str
    seq: int
    prev: Hex


class EntryOut(BaseModel):
    """An entry: its bytes in ``body`` are what was hashed; the rest is read from them."""

    log: str
    index: int
    leaf: Hex
    prev: Hex
    at: Moment
    chains: list[LinkOut]
    statement: str
    event: dict[str, Any]
    body: Base64


class InclusionOut(BaseModel):
    """RFC 9162 section 2.1.3: entry *index* among the first *size*."""

    index: int
    leaf: Hex
    size: int
    root: Base64
    hashes: list[Base64]


class GrowthOut(BaseModel):
    """RFC 9162 section 2.1.4: the first *old* entries begin the first *new*."""

    old: int
    old_root: Base64
    new: int
    new_root: Base64
    hashes: list[Base64]


class CheckpointOut(BaseModel):
    """A signed checkpoint (C2SP tlog-checkpoint): ``note`` is what was signed."""

    size: int
    root: Base64
    note: str


class CheckpointsOut(BaseModel):
    """Checkpoints, largest first; ``next`` is the ``before`` of the next page."""

    checkpoints: list[CheckpointOut]
    next: int | None
