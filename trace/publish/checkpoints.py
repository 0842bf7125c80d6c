"""Signing checkpoints: one for each size that is published, sizes strictly rising, each kept for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from ..errors import Broken, Missing, ProofWrong, Reason
from ..ledger import store
from ..ledger.checkpoint import Checkpoint
from ..ledger.cosignature import Cosigner, cosign_checkpoint, read_time
from ..ledger.engine import begin_read, begin_write
from ..ledger.log import prove_growth
from ..ledger.merkle import check_consistency
from ..ledger.note import Signer, split_note
from ..ledger.store import StoredCheckpoint
from .growth import Growth, read_growth

NO_LOG = Reason("log.missing", "没有账本 {log}", "there is no log {log}")

Signers = Sequence[Signer | Cosigner]
"""The log's own keys: at least one of Ed25519, and cosigners (ML-DSA-44) where they are switched on."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The latest checkpoint, with what the log gained since the one before where it was signed just now."""

    checkpoint: StoredCheckpoint
    growth: Growth | None = None


def publish_checkpoint(
    engine: Engine, log_id: str, signers: Signers, clock: Callable[[], datetime]
) -> StoredCheckpoint | None:
    """Sign the log as it stands; return its latest checkpoint, None while it is empty. Errors as ``sign_growth``."""
    signed = sign_growth(engine, log_id, signers, clock)
    return signed.checkpoint if signed else None


def sign_growth(
    engine: Engine, log_id: str, signers: Signers, clock: Callable[[], datetime]
) -> Signed | None:
    """
    Sign the log as it stands, if it has grown; return its latest checkpoint, None while it is empty.

    Before signing, the new entries are hashed again and the new root is proved consistent with the last checkpoint, so
    that neither damage nor a fork is ever signed. The committed row is the commit point: a crash before it leaves
    nothing signed that anybody has seen. The writer is not kept waiting meanwhile: entries never change.

    Raises:
        Missing: no such log.
        Broken: the entries contradict their hashes, or the last checkpoint.
    """
    with begin_read(engine) as connection:
        head, last = store.find_head(connection, log_id), store.find_checkpoint(connection, log_id)
        if head is None:
            raise Missing(NO_LOG.at(log=log_id))
        _check_size(last, head.size)
        if last is None and not head.size:
            return None
        if last is not None and last.size == head.size:
            return Signed(last)
        growth = _read_growth(connection, log_id, last, head.size)
    time = _cosigning_time(last, signers, clock())
    note = cosign_checkpoint(Checkpoint(log_id, growth.new, growth.root), signers, time)
    stored = StoredCheckpoint(growth.new, growth.root, note)
    return _commit(engine, log_id, last, Signed(stored, growth)) or sign_growth(
        engine, log_id, signers, clock
    )


def _check_size(last: StoredCheckpoint | None, size: int) -> None:
    if last is not None and last.size > size:
        raise Broken(
            "a checkpoint was signed for more entries than there are", expected=last.size, found=size
        )


def _read_growth(connection: Connection, log_id: str, last: StoredCheckpoint | None, size: int) -> Growth:
    growth = read_growth(connection, log_id, last.size if last else 0, size)
    if last is not None:
        proof = prove_growth(connection, log_id, last.size, size)
        try:
            check_consistency(proof, last.size, size, last.root, growth.root)
        except ProofWrong as wrong:
            raise Broken("the entries contradict the last checkpoint", found=str(wrong)) from wrong
    return growth


def _cosigning_time(last: StoredCheckpoint | None, signers: Signers, now: datetime) -> int:
    """Return the time of our own cosignatures: *now*, but never before that in the *last* checkpoint."""
    own = {(one.name, one.key_id) for one in signers if isinstance(one, Cosigner)}
    before = split_note(last.note)[1] if last and own else []
    times = [read_time(line) for line in before if (line.name, line.key_id) in own]
    return max(int(now.timestamp()), *times, 1)


def _commit(engine: Engine, log_id: str, last: StoredCheckpoint | None, signed: Signed) -> Signed | None:
    """Keep *signed* as the checkpoint after *last*; None where another process signed one in between."""
    with begin_write(engine) as connection:
        head = store.find_head(connection, log_id, lock=True)
        found = store.find_checkpoint(connection, log_id)
        _check_size(signed.checkpoint, head.size if head else 0)
        if found == last:
            store.insert_checkpoint(connection, log_id, signed.checkpoint)
            return signed
    return None


def confirm(engine: Engine, log_id: str) -> None:
    """
    Return when all that could be read so far is committed for good, by quorum where one is asked for.

    After a crash PostgreSQL shows commits that were still waiting for a standby, and a standby that is promoted lacks
    them. A commit that follows them waits for them too.

    Raises:
        Unavailable: the database, or no standby answers.
    """
    with begin_write(engine) as connection:
        store.find_head(connection, log_id, lock=True)
