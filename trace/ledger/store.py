"""
The store: one log's rows, read and written through SQLAlchemy Core on SQLite and PostgreSQL.

Every statement names ``log_id`` in every term. Differences between the engines stay in this module and ``engine``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, literal, select, update

from ..errors import Broken
from .bulk import LISTED, ask, insert_rows, list_values, look_up
from .hashing import ZERO, Hash
from .moment import format_moment, parse_moment
from .schema import chains, checkpoints, entries, logs, tiles
from .tiles import HEIGHT, WIDTH, Tile

_ROWS_A_READ = 1000

_HEAD = select(logs).where(logs.c.log_id == bindparam("log_id"))  # made once: every question begins with it
_LOCKED_HEAD = _HEAD.with_for_update()
_MOVED_HEAD = (
    update(logs)
    .where(logs.c.log_id == bindparam("of_log"), logs.c.size == bindparam("old_size"))
    .values(size=bindparam("new_size"), leaf=bindparam("new_leaf"), at=bindparam("new_at"))
)


@dataclass(frozen=True, slots=True)
class Head:
    """The right end of a log: its size, the leaf hash and the time of its last entry; checkpoints signed so far."""

    size: int
    leaf: Hash
    at: datetime | None
    checkpoints: int = 0


class StoredEntry(msgspec.Struct, frozen=True):
    """A stored entry: its index, its event's id, its leaf hash and its bytes."""

    index: int
    event_id: str
    leaf: Hash
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint: size, root and the note as it was signed."""

    size: int
    root: Hash
    note: str


def create_log(connection: Connection, log_id: str) -> None:
    """Make the row of an empty log."""
    connection.execute(insert(logs).values(log_id=log_id, size=0, leaf=ZERO, at="", checkpoints=0))


def find_head(connection: Connection, log_id: str, *, lock: bool = False) -> Head | None:
    """Return the right end of the log, None where there is no such log; with *lock*, keep other writers out."""
    row = connection.execute(_LOCKED_HEAD if lock else _HEAD, {"log_id": log_id}).first()
    if row is None:
        return None
    return Head(row.size, Hash(bytes(row.leaf)), parse_moment(row.at) if row.at else None, row.checkpoints)


def move_head(connection: Connection, log_id: str, old_size: int, head: Head) -> None:
    """
    Move the right end of the log from *old_size* to *head*; the number of checkpoints stays.

    Raises:
        Broken: the log's size was not *old_size*: somebody wrote without the lock.
    """
    assert head.at is not None
    fields = {"new_size": head.size, "new_leaf": head.leaf, "new_at": format_moment(head.at)}
    moved = connection.execute(_MOVED_HEAD, {"of_log": log_id, "old_size": old_size, **fields})
    if moved.rowcount != 1:
        raise Broken("the log moved under its lock", expected=old_size)


def find_events(connection: Connection, log_id: str, event_ids: Sequence[str]) -> dict[str, StoredEntry]:
    """Return the entries that hold *event_ids*, by event id."""
    query = look_up(entries, "event_id", connection.dialect.name)
    [rows] = ask(connection, [(query, (list_values(event_ids), log_id))])
    return {row[2]: _entry(row) for row in rows}


def find_entry(connection: Connection, log_id: str, index: int) -> StoredEntry | None:
    """Return entry *index*, None beyond the end."""
    row = connection.execute(
        select(entries).where(entries.c.log_id == log_id, entries.c.idx == index)
    ).first()
    return _entry(row) if row else None


def find_entries(connection: Connection, log_id: str, indexes: Sequence[int]) -> list[StoredEntry]:
    """Return the entries at *indexes* that there are, in rising order."""
    query = (
        select(entries).where(entries.c.log_id == log_id, entries.c.idx.in_(indexes)).order_by(entries.c.idx)
    )
    return [_entry(row) for row in connection.execute(query)]


def read_entries(
    connection: Connection, log_id: str, first: int = 0, end: int | None = None
) -> Iterator[StoredEntry]:
    """Yield entries [first, end) in order of index, a thousand a read."""
    one = "?" if connection.dialect.name == "sqlite" else "%s"
    columns = ", ".join(column.name for column in entries.columns)
    query = (
        f"SELECT {columns} FROM {entries.name} "  # noqa: S608
        f"WHERE log_id = {one} AND idx >= {one} AND idx < {one} ORDER BY idx"
    )
    while end is None or first < end:
        stop = first + _ROWS_A_READ if end is None else min(end, first + _ROWS_A_READ)
        [rows] = ask(connection, [(query, (log_id, first, stop))])
        yield from (_entry(row) for row in rows)
        first = stop
        if not rows:
            return


def _entry(row: object) -> StoredEntry:
    idx, event_id, leaf, body = row[1:5]  # type: ignore[index]
    return StoredEntry(idx, event_id, Hash(bytes(leaf)), bytes(body))


def read_leaves(connection: Connection, log_id: str, first: int, end: int) -> list[Hash]:
    """Return the leaf hashes of entries [first, end)."""
    query = (
        select(entries.c.leaf)
        .where(entries.c.log_id == log_id, entries.c.idx >= first, entries.c.idx < end)
        .order_by(entries.c.idx)
    )
    return [Hash(bytes(leaf)) for leaf in connection.scalars(query)]


def insert_entries(connection: Connection, log_id: str, rows: Sequence[StoredEntry]) -> None:
    """Insert entries in bulk."""
    values = [(log_id, row.index, row.event_id, row.leaf, row.body) for row in rows]
    insert_rows(connection, entries, values)


def insert_links(connection: Connection, log_id: str, links: Sequence[tuple[str, int, int]]) -> None:
    """Insert chain links, each a subject, its sequence number and the entry's index."""
    values = [(log_id, *link) for link in links]
    insert_rows(connection, chains, values)


def insert_tiles(connection: Connection, log_id: str, rows: Sequence[tuple[int, int, bytes, Hash]]) -> None:
    """Insert full tiles, each a level, its index, 8,192 bytes and its root."""
    if rows:
        values = [
            dict(zip(("level", "idx", "data", "root"), row, strict=True), log_id=log_id) for row in rows
        ]
        connection.execute(insert(tiles), values)


def find_chain_heads(
    connection: Connection, log_id: str, subjects: Sequence[str]
) -> dict[str, tuple[int, Hash]]:
    """Return the last sequence number and its entry's leaf hash of each of *subjects* that has a chain."""
    dialect = connection.dialect.name
    one, listed = "?" if dialect == "sqlite" else "%s", LISTED[dialect]
    # Scalar subqueries, not joins: both engines run them as index look-ups, whatever their statistics say. From a join
    # SQLite once read every link of the log for each group.
    last = f"FROM {chains.name} c WHERE c.log_id = {one} AND c.subject = s.value ORDER BY c.seq DESC LIMIT 1"
    query = (
        "SELECT h.value, h.seq, "  # noqa: S608
        f"(SELECT e.leaf FROM {entries.name} e WHERE e.log_id = {one} AND e.idx = h.idx) FROM "
        f"(SELECT s.value, (SELECT c.seq {last}) AS seq, (SELECT c.idx {last}) AS idx FROM ({listed}) s) h "
        "WHERE h.seq IS NOT NULL"
    )
    [rows] = ask(connection, [(query, (log_id, log_id, log_id, list_values(subjects)))])
    return {subject: (seq, Hash(bytes(leaf))) for subject, seq, leaf in rows}


def read_chain(connection: Connection, log_id: str, subject: str) -> list[int]:
    """Return the indexes of the entries of a subject's chain, in order."""
    query = (
        select(chains.c.idx)
        .where(chains.c.log_id == log_id, chains.c.subject == subject)
        .order_by(chains.c.seq)
    )
    return list(connection.scalars(query))


def read_links(connection: Connection, log_id: str, first: int, end: int) -> list[tuple[str, int, int]]:
    """Return the chain links that lie in entries [first, end), sorted by entry and subject."""
    query = select(chains.c.subject, chains.c.seq, chains.c.idx).where(
        chains.c.log_id == log_id, chains.c.idx >= first, chains.c.idx < end
    )
    return sorted(
        ((row[0], row[1], row[2]) for row in connection.execute(query)), key=lambda link: (link[2], link[0])
    )


def count_links(connection: Connection, log_id: str) -> int:
    """Return how many chain links the log has."""
    return connection.scalar(select(func.count(literal(1))).where(chains.c.log_id == log_id)) or 0


def count_entries(connection: Connection, log_id: str) -> int:
    """Return how many entries are stored, whatever the log's row says."""
    return connection.scalar(select(func.count(literal(1))).where(entries.c.log_id == log_id)) or 0


def read_tile(connection: Connection, log_id: str, tile: Tile) -> bytes:
    """
    Return the hashes of *tile*: full ones as stored, partial ones from the leaf hashes or the roots below.

    Raises:
        Broken: the tile, or what it follows from, is not there.
    """
    first = tile.index * WIDTH
    if tile.width == WIDTH:
        query = select(tiles.c.data).where(
            tiles.c.log_id == log_id, tiles.c.level == tile.level, tiles.c.idx == tile.index
        )
        data = bytes(connection.scalar(query) or b"")
    elif tile.level == 0:
        data = b"".join(read_leaves(connection, log_id, first, first + tile.width))
    else:
        data = b"".join(read_roots(connection, log_id, tile.level - 1, (first, first + tile.width)))
    if len(data) != tile.width * len(ZERO):
        raise Broken("a tile is missing or short", expected=tile, found=len(data))
    return data


def read_roots(connection: Connection, log_id: str, level: int, span: tuple[int, int]) -> list[Hash]:
    """Return the roots of full tiles [first, end) of *level*."""
    query = (
        select(tiles.c.root)
        .where(
            tiles.c.log_id == log_id, tiles.c.level == level, tiles.c.idx >= span[0], tiles.c.idx < span[1]
        )
        .order_by(tiles.c.idx)
    )
    return [Hash(bytes(root)) for root in connection.scalars(query)]


def read_full_tiles(connection: Connection, log_id: str) -> Iterator[tuple[int, int, bytes, Hash]]:
    """Yield every stored tile: level, index, data, root; in order."""
    query = select(tiles).where(tiles.c.log_id == log_id).order_by(tiles.c.level, tiles.c.idx)
    for row in connection.execute(query.execution_options(yield_per=64)):
        yield row.level, row.idx, bytes(row.data), Hash(bytes(row.root))


def insert_checkpoint(connection: Connection, log_id: str, checkpoint: StoredCheckpoint) -> None:
    """Insert a signed checkpoint and count it in the log's row, which the caller has locked; its size is unique."""
    values = {"size": checkpoint.size, "root": checkpoint.root, "note": checkpoint.note}
    connection.execute(insert(checkpoints).values(log_id=log_id, **values))
    connection.execute(update(logs).where(logs.c.log_id == log_id).values(checkpoints=logs.c.checkpoints + 1))


def find_checkpoint(connection: Connection, log_id: str, size: int | None = None) -> StoredCheckpoint | None:
    """Return the checkpoint of *size*, or the latest."""
    query = (
        select(checkpoints).where(checkpoints.c.log_id == log_id).order_by(checkpoints.c.size.desc()).limit(1)
    )
    row = connection.execute(query if size is None else query.where(checkpoints.c.size == size)).first()
    return StoredCheckpoint(row.size, Hash(bytes(row.root)), row.note) if row else None


def read_checkpoints(connection: Connection, log_id: str) -> list[StoredCheckpoint]:
    """Return every checkpoint, smallest first."""
    query = select(checkpoints).where(checkpoints.c.log_id == log_id).order_by(checkpoints.c.size)
    return [StoredCheckpoint(row.size, Hash(bytes(row.root)), row.note) for row in connection.execute(query)]


def read_checkpoint_notes(connection: Connection, log_id: str, first: int, end: int) -> list[str]:
    """Return the notes of checkpoints [first, end) in the order in which they were signed."""
    query = select(checkpoints.c.note).where(checkpoints.c.log_id == log_id).order_by(checkpoints.c.size)
    return list(connection.scalars(query.offset(first).limit(end - first)))


def full_tile_span(old_size: int, new_size: int, level: int) -> range:
    """Return the indexes of the tiles of *level* that become full between two sizes."""
    shift = HEIGHT * (level + 1)
    return range(old_size >> shift, new_size >> shift)
