"""Evidence: the entries about a batch or a package gathered with their proofs, for a court or another office."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ..books import lineage
from ..books.questions import find_record, runs_of
from ..errors import Missing, Reason, Refused
from ..ledger import store
from ..produce.reasons import NO_BATCH
from ..produce.records import Batch
from ..qr.code import parse_code
from ..qr.run import RunTree
from ..vault.vault import Vault
from ..verify.bundle import PackageBundle
from ..verify.evidence import MOST_ENTRIES, Evidence
from .history import Told, hear, tell
from .key_entries import key_indexes
from .lookup import find_run
from .proofs import (
    checkpoint_note,
    checkpoint_over,
    entry_proof,
    find_checkpoint,
    move_proof,
    prove_package,
)
from .window import NO_CODE

MANY = Reason(
    "evidence.many",
    "相关记录有 {count} 条，超过 {most} 条；请从下游批次或单件查起",
    "{count} entries are concerned, more than {most}; ask for a batch further down, or for a package",
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Evidence, its entries in plain words, and how many entries are not under a checkpoint yet."""

    evidence: Evidence
    told: tuple[Told, ...]
    waiting: int


def gather_evidence(
    connection: Connection,
    log_id: str,
    batch: str,
    package: PackageBundle | None = None,
    *,
    forward: bool = False,
) -> Dossier:
    """
    Return all entries about *batch* and what it came from; with *forward* also about what was made of it.

    These are the whole chains of the batches, of the label runs of *batch* and of the plots harvested, as far as the
    latest checkpoint reaches.

    Args:
        batch: the batch's id.
        package: the proof of one package of it, to be put in.

    Raises:
        Missing: ``batch.missing``, ``checkpoint.missing``.
        Refused: ``evidence.many``.
        Broken: tiles, entries and checkpoint contradict each other.
    """
    if find_record(connection, log_id, Batch, batch) is None:
        raise Missing(NO_BATCH.at("/batch", id=batch))
    latest = find_checkpoint(connection, log_id)
    chains = {
        subject: store.read_chain(connection, log_id, subject)
        for subject in _subjects(connection, log_id, batch, forward=forward)
    }
    concerned = sorted({index for indexes in chains.values() for index in indexes})
    if len(concerned) > MOST_ENTRIES:
        raise Refused(MANY.at(count=len(concerned), most=MOST_ENTRIES))
    entries = [index for index in concerned if index < latest.size]
    checkpoint = checkpoint_over(connection, log_id, max(entries, default=0))
    keys = key_indexes(connection, log_id, entries)
    evidence = Evidence(
        log=log_id,
        subject=package.code if package is not None else batch,
        checkpoint=checkpoint_note(connection, checkpoint),
        entries=tuple(entry_proof(connection, log_id, index, checkpoint) for index in entries),
        keys=tuple(entry_proof(connection, log_id, index, checkpoint) for index in keys),
        chains=tuple(sorted(subject for subject, indexes in chains.items() if indexes[0] < checkpoint.size)),
        package=package and move_proof(connection, package, checkpoint),
    )
    told = tell(connection, log_id, hear(connection, log_id, entries))
    return Dossier(evidence, told, len(concerned) - len(entries))


def gather_package_evidence(
    connection: Connection, vault: Vault, log_id: str, text: str, *, forward: bool = False
) -> Dossier:
    """
    Return what ``gather_evidence`` returns for the batch of the package code *text*, with the proof of the package.

    Raises:
        CodeMistyped: *text* is no code.
        Missing: ``code.missing``.
        Unavailable: ``checkpoint.not-yet``.
    """
    code = parse_code(text)
    run, secret = find_run(connection, vault, log_id, code), vault.find_run_secret(connection, code.run)
    if run is None or secret is None:
        raise Missing(NO_CODE.at("/code"))
    package = prove_package(connection, log_id, RunTree(secret, run.id, run.count), run, code)
    return gather_evidence(connection, log_id, run.batch, package, forward=forward)


def _subjects(connection: Connection, log_id: str, batch: str, *, forward: bool) -> list[str]:
    """Return the subjects whose chains concern *batch*, each once."""
    back = lineage.trace(connection, log_id, batch, "back").nodes
    ahead = lineage.trace(connection, log_id, batch, "forward").nodes if forward else ()
    labelled = [batch, *(node.batch.id for node in ahead[1:])]
    found = {f"batch:{node.batch.id}" for node in (*back, *ahead)}
    found |= {f"plot:{node.batch.plot}" for node in back if node.batch.plot}
    found |= {f"run:{run.id}" for one in labelled for run in runs_of(connection, log_id, one)}
    return sorted(found)
