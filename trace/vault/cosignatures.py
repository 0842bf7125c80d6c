"""
Which witness cosigned which checkpoint, and when: the latest line of each key at each size.

They belong to the vault since no entry holds them: after a restore they say how far each witness had come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ..errors import Broken, NoteWrong
from ..ledger.cosignature import read_time
from ..ledger.note import NoteSignature, format_signature, parse_signatures
from .tables import cosignatures


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness cosigned the checkpoint of *size* leaves; the line says who, when and how."""

    size: int
    line: NoteSignature

    @property
    def key(self) -> str:
        """Name and key ID of the witness's key, ``bureau.example/w1+5d3c8f01``."""
        return key_of(self.line.name, self.line.key_id)


def key_of(name: str, key_id: bytes) -> str:
    """Return the name and ID of a key as one word, the beginning of its vkey."""
    return f"{name}+{key_id.hex()}"


def put_cosignatures(connection: Connection, log_id: str, found: Sequence[Cosignature]) -> None:
    """Keep each of *found*, unless a later one of the same key and size is there."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(cosignatures)
    newer = statement.excluded.time >= cosignatures.c.time
    statement = statement.on_conflict_do_update(
        index_elements=list(cosignatures.primary_key),
        set_={"time": statement.excluded.time, "line": statement.excluded.line},
        where=newer,
    )
    for one in found:
        row = {
            "size": one.size,
            "key": one.key,
            "time": read_time(one.line),
            "line": format_signature(one.line),
        }
        connection.execute(statement, {"log_id": log_id, **row})


def read_cosignatures(connection: Connection, log_id: str, size: int) -> list[Cosignature]:
    """
    Return the cosignatures of the checkpoint of *size*, by key.

    Raises:
        Broken: a stored line is no signature line.
    """
    query = (
        select(cosignatures.c.line)
        .where(cosignatures.c.log_id == log_id, cosignatures.c.size == size)
        .order_by(cosignatures.c.key)
    )
    try:
        lines = [parse_signatures(line)[0] for line in connection.scalars(query)]
    except NoteWrong as wrong:
        raise Broken("a stored cosignature is damaged", found=f"size {size}") from wrong
    return [Cosignature(size, line) for line in lines]


def count_cosignatures(connection: Connection, log_id: str, sizes: Sequence[int]) -> dict[int, int]:
    """Return how many keys cosigned the checkpoints of *sizes*, for those that any did."""
    query = (
        select(cosignatures.c.size, func.count().label("keys_there"))
        .where(cosignatures.c.log_id == log_id, cosignatures.c.size.in_(sizes))
        .group_by(cosignatures.c.size)
    )
    return {row.size: row.keys_there for row in connection.execute(query)}


def find_size(connection: Connection, log_id: str, key: str) -> int:
    """Return the largest size that the key with this name and ID (``key_of``) cosigned, 0 if none."""
    query = select(func.max(cosignatures.c.size)).where(
        cosignatures.c.log_id == log_id, cosignatures.c.key == key
    )
    return connection.scalar(query) or 0
