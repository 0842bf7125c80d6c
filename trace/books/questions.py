"""Questions asked of the tables: records by their ids, what belongs to a batch, the chains of many subjects at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from sqlalchemy import Connection, func, select

from ..ledger.hashing import Hash
from ..ledger.schema import chains, checkpoints
from ..ledger.store import StoredCheckpoint
from ..produce.records import R, Report, Run
from . import store
from .tables import TABLES, from_row

_IDS_A_READ: Final = 1000


def find_record(connection: Connection, log_id: str, kind: type[R], id: str) -> R | None:
    """Return the record of *kind* with this id, or None."""
    return cast("R | None", store.load_records(connection, log_id, [(kind, id)]).get((kind, id)))


def find_records(connection: Connection, log_id: str, kind: type[R], ids: Iterable[str]) -> dict[str, R]:
    """Return the records of *kind* with these ids that there are, by id."""
    found = store.load_records(connection, log_id, [(kind, id) for id in sorted(set(ids))])
    return {id: cast(R, record) for (_, id), record in found.items()}


def runs_of(connection: Connection, log_id: str, batch: str) -> list[Run]:
    """Return the label runs of *batch*, in order of their entries."""
    return sorted(
        store.find_records(connection, log_id, Run, batch=batch), key=lambda run: (run.entry, run.id)
    )


def reports_of(connection: Connection, log_id: str, batches: Iterable[str]) -> list[Report]:
    """Return the test reports on *batches*, in order of their entries."""
    table = TABLES[Report]
    found: list[Report] = []
    ids = sorted(set(batches))
    for first in range(0, len(ids), _IDS_A_READ):
        query = select(table).where(
            table.c.log_id == log_id, table.c.batch.in_(ids[first : first + _IDS_A_READ])
        )
        found += [cast(Report, from_row(Report, row)) for row in connection.execute(query)]
    return sorted(found, key=lambda report: report.entry)


def list_checkpoints(
    connection: Connection, log_id: str, before: int | None, limit: int
) -> list[StoredCheckpoint]:
    """Return at most *limit* checkpoints, largest first, of sizes below *before*."""
    query = select(checkpoints).where(checkpoints.c.log_id == log_id)
    if before is not None:
        query = query.where(checkpoints.c.size < before)
    rows = connection.execute(query.order_by(checkpoints.c.size.desc()).limit(limit))
    return [StoredCheckpoint(row.size, Hash(bytes(row.root)), row.note) for row in rows]


def read_chains(
    connection: Connection, log_id: str, subjects: Iterable[str], most: int
) -> dict[str, tuple[int, list[int]]]:
    """
    Return, for each of *subjects* that has a chain, its length and the entries at its ends.

    Of a chain longer than *most* only the first quarter of *most* and the newest rest are listed, in order.
    """
    ids = sorted(set(subjects))
    found: dict[str, tuple[int, list[int]]] = {}
    for first in range(0, len(ids), _IDS_A_READ):
        found.update(_read_chains(connection, log_id, ids[first : first + _IDS_A_READ], most))
    return found


def _read_chains(
    connection: Connection, log_id: str, subjects: list[str], most: int
) -> dict[str, tuple[int, list[int]]]:
    ends = select(chains.c.subject, func.max(chains.c.seq)).where(
        chains.c.log_id == log_id, chains.c.subject.in_(subjects)
    )
    lengths = {subject: last + 1 for subject, last in connection.execute(ends.group_by(chains.c.subject))}
    listed: dict[str, list[tuple[int, int]]] = {subject: [] for subject in lengths}
    links = select(chains.c.subject, chains.c.seq, chains.c.idx).where(chains.c.log_id == log_id)
    short = [subject for subject, length in lengths.items() if length <= most]
    queries = [links.where(chains.c.subject.in_(short))] if short else []
    early = most // 4
    for subject, length in lengths.items():
        if length > most:
            of_one = links.where(chains.c.subject == subject)
            queries += [
                of_one.where(chains.c.seq < early),
                of_one.where(chains.c.seq >= length - (most - early)),
            ]
    for query in queries:
        for subject, seq, idx in connection.execute(query):
            listed[subject].append((seq, idx))
    return {
        subject: (length, [idx for _, idx in sorted(listed[subject])]) for subject, length in lengths.items()
    }
