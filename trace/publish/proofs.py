"""
Proofs for the outside: of an entry, of growth, of a package. Each is checked before it is given out.

A proof stands under a checkpoint that was signed; what is not yet under one can be proved a second later. The newest
checkpoint may not be cosigned yet: of the last few the one that most witnesses cosigned is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from ..books.questions import list_checkpoints
from ..errors import Broken, Missing, ProofWrong, Reason, SizeBeyondLog, Unavailable
from ..ledger import log, store
from ..ledger.folded import FoldedTiles
from ..ledger.hashing import Hash, leaf_hash
from ..ledger.merkle import BEYOND, check_consistency, check_inclusion
from ..ledger.note import add_signatures
from ..ledger.store import StoredCheckpoint, StoredEntry
from ..ledger.tlogproof import TlogProof
from ..produce.records import Run
from ..qr.code import PackageCode, format_code
from ..qr.run import RunTree
from ..vault.cosignatures import count_cosignatures, read_cosignatures
from ..verify.bundle import EntryBundle, EntryProof, PackageBundle, PackagePart
from .key_entries import entries_of_key

NO_ENTRY = Reason("entry.missing", "没有第 {index} 条记录", "there is no entry {index}")
NO_CHECKPOINT = Reason(
    "checkpoint.missing", "没有大小为 {size} 的检查点", "there is no checkpoint of size {size}"
)
NOT_YET = Reason(
    "checkpoint.not-yet",
    "这条记录尚未列入检查点，请一秒后再试",
    "the entry is not under a checkpoint yet, try again in a second",
)

MOST_KEYS: Final = 64
"""Entries of keys that a bundle may hold."""

CHECKPOINTS_BACK: Final = 8
"""So many checkpoints a proof may go back for cosignatures: seconds, while the log grows."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Entry *index* with leaf hash *leaf* is among the first *size* entries, whose root is *root*."""

    index: int
    leaf: Hash
    size: int
    root: Hash
    hashes: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """The first *old* entries, under *old_root*, begin the first *new*, under *new_root*."""

    old: int
    old_root: Hash
    new: int
    new_root: Hash
    hashes: tuple[Hash, ...]


@contextmanager
def _checking() -> Iterator[None]:
    """Take a proof that fails before it is given out for what it is: tiles, entries and checkpoints that disagree."""
    try:
        yield
    except ProofWrong as wrong:
        raise Broken(wrong.what, expected=wrong.expected, found=wrong.found) from wrong


def find_entry(connection: Connection, log_id: str, index: int) -> StoredEntry:
    """
    Return entry *index*.

    Raises:
        Missing: ``entry.missing``.
    """
    stored = store.find_entry(connection, log_id, index)
    if stored is None:
        raise Missing(NO_ENTRY.at("/index", index=index))
    return stored


def find_checkpoint(connection: Connection, log_id: str, size: int | None = None) -> StoredCheckpoint:
    """
    Return the checkpoint of *size*, or the latest.

    Raises:
        Missing: ``checkpoint.missing``.
    """
    found = store.find_checkpoint(connection, log_id, size)
    if found is None:
        raise Missing(NO_CHECKPOINT.at("/size", size=size or 0))
    return found


def prove_inclusion(
    connection: Connection,
    log_id: str,
    index: int,
    size: int | None = None,
    kept: FoldedTiles | None = None,
) -> Inclusion:
    """
    Return the proof of entry *index* at *size*, or at the latest checkpoint; tiles that are *kept* are not read again.

    Raises:
        Missing: no such entry, no checkpoint yet.
        SizeBeyondLog: *size* is larger than the log, or does not hold the entry.
        Unavailable: ``checkpoint.not-yet``, without *size*.
        Broken: the tiles contradict the entry.
    """
    stored = find_entry(connection, log_id, index)
    if size is None:
        size = find_checkpoint(connection, log_id).size
        if index >= size:
            raise Unavailable(NOT_YET.at(), retry_after_s=1)
    _check_size(connection, log_id, size)
    hashes = log.prove_entry(connection, log_id, index, size, kept)
    root = log.find_root(connection, log_id, size, kept)
    with _checking():
        check_inclusion(hashes, index, size, stored.leaf, root)
    return Inclusion(index, stored.leaf, size, root, hashes)


def prove_growth(
    connection: Connection, log_id: str, old: int, new: int, kept: FoldedTiles | None = None
) -> Growth:
    """
    Return the proof that the log at *old* begins the log at *new*.

    Raises:
        Refused: not 1 <= *old* <= *new*.
        SizeBeyondLog: *new* is larger than the log.
        Broken: the tiles contradict themselves.
    """
    _check_size(connection, log_id, new)
    hashes = log.prove_growth(connection, log_id, old, new, kept)
    old_root, new_root = (log.find_root(connection, log_id, size, kept) for size in (old, new))
    with _checking():
        check_consistency(hashes, old, new, old_root, new_root)
    return Growth(old, old_root, new, new_root, hashes)


def _check_size(connection: Connection, log_id: str, size: int) -> None:
    """Refuse a size beyond the log, which tiles could only answer as damage."""
    head = store.find_head(connection, log_id)
    if head is None or size > head.size:
        raise SizeBeyondLog(BEYOND.at("/size", asked=size, size=head.size if head else 0))


def prove_entry(connection: Connection, log_id: str, index: int) -> EntryBundle:
    """
    Return all that a stranger needs to check entry *index*, under a checkpoint with its cosignatures.

    Raises:
        Missing, Unavailable, Broken: as ``prove_inclusion``.
    """
    checkpoint = checkpoint_over(connection, log_id, find_entry(connection, log_id, index).index)
    proof = entry_proof(connection, log_id, index, checkpoint)
    note = checkpoint_note(connection, checkpoint)
    return EntryBundle(log_id, proof, note, key_proofs(connection, log_id, index, checkpoint))


def prove_offline(connection: Connection, log_id: str, index: int) -> TlogProof:
    """
    Return the C2SP proof of entry *index*, which is its extra data.

    Raises:
        Missing, Unavailable, Broken: as ``prove_inclusion``.
    """
    checkpoint = checkpoint_over(connection, log_id, find_entry(connection, log_id, index).index)
    proof = entry_proof(connection, log_id, index, checkpoint)
    return TlogProof(index, proof.inclusion, checkpoint_note(connection, checkpoint), proof.entry)


def prove_package(
    connection: Connection, log_id: str, tree: RunTree, run: Run, code: PackageCode
) -> PackageBundle:
    """
    Return all that a stranger needs to check one package, under a checkpoint with its cosignatures.

    Raises:
        Unavailable: ``checkpoint.not-yet``.
        Broken: the run's secret does not lead to the committed root, or the tiles contradict the entry.
    """
    if tree.root().hex() != run.root:
        raise Broken(f"secret of label run {run.id}", expected=run.root, found=tree.root().hex())
    checkpoint = checkpoint_over(connection, log_id, run.entry)
    package = tree.prove(code.index)
    return PackageBundle(
        log=log_id,
        code=format_code(code),
        proof=entry_proof(connection, log_id, run.entry, checkpoint),
        checkpoint=checkpoint_note(connection, checkpoint),
        package=PackagePart(code.index, run.count, package.blinding, package.hashes),
        keys=key_proofs(connection, log_id, run.entry, checkpoint),
    )


def checkpoint_note(connection: Connection, stored: StoredCheckpoint) -> str:
    """
    Return the note of the checkpoint *stored*, with the cosignatures that are known.

    Raises:
        Broken: a stored cosignature is damaged.
    """
    log_id = stored.note.partition("\n")[0]  # the origin is the log's id
    found = read_cosignatures(connection, log_id, stored.size)
    return add_signatures(stored.note, [one.line for one in found])


def checkpoint_over(connection: Connection, log_id: str, index: int) -> StoredCheckpoint:
    """
    Return the checkpoint under which entry *index* is proved: best cosigned of the last few, the newest of equals.

    Raises:
        Unavailable: ``checkpoint.not-yet``.
    """
    latest = list_checkpoints(connection, log_id, None, CHECKPOINTS_BACK)
    found = [one for one in latest if one.size > index]
    if not found:
        raise Unavailable(NOT_YET.at(), retry_after_s=1)
    counts = count_cosignatures(connection, log_id, [one.size for one in found])
    return max(found, key=lambda one: (counts.get(one.size, 0), one.size))


def entry_proof(connection: Connection, log_id: str, index: int, checkpoint: StoredCheckpoint) -> EntryProof:
    """
    Return the bytes of entry *index* with its proof under *checkpoint*, checked.

    Raises:
        Missing: ``entry.missing``.
        Broken: the tiles contradict the entry.
    """
    stored = find_entry(connection, log_id, index)
    hashes = log.prove_entry(connection, log_id, index, checkpoint.size)
    with _checking():
        check_inclusion(hashes, index, checkpoint.size, leaf_hash(stored.body), checkpoint.root)
    return EntryProof(stored.body, index, hashes)


def move_proof(connection: Connection, bundle: PackageBundle, stored: StoredCheckpoint) -> PackageBundle:
    """
    Return *bundle* with its entries proved under the checkpoint *stored* instead.

    Raises:
        SizeBeyondLog: *stored* does not hold them.
        Broken: the tiles contradict the entries.
    """

    def prove(index: int) -> EntryProof:
        return entry_proof(connection, bundle.log, index, stored)

    note, keys = checkpoint_note(connection, stored), tuple(prove(one.index) for one in bundle.keys)
    return replace(bundle, proof=prove(bundle.proof.index), checkpoint=note, keys=keys)


def key_proofs(
    connection: Connection, log_id: str, index: int, checkpoint: StoredCheckpoint
) -> tuple[EntryProof, ...]:
    """
    Return the entries that lead from entry 0 to the key of entry *index*; none where they are too many.

    Where the key was revoked since, the entry that says so is among them, with those that lead to its own key.
    """
    indexes = entries_of_key(connection, log_id, index, checkpoint.size)
    if len(indexes) > MOST_KEYS:
        return ()
    return tuple(entry_proof(connection, log_id, one, checkpoint) for one in indexes)
