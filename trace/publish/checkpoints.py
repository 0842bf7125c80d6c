"""Signing checkpoints: one for each size that is published, sizes strictly rising, each kept for good."""

from __future__ import annotations

from sqlalchemy import Engine

from ..errors import Broken, Missing, ProofWrong, Reason
from ..ledger import store
from ..ledger.checkpoint import Checkpoint, sign_checkpoint
from ..ledger.engine import begin_read, begin_write
from ..ledger.log import find_root, prove_growth
from ..ledger.merkle import check_consistency
from ..ledger.note import Signer
from ..ledger.store import StoredCheckpoint

NO_LOG = Reason("log.missing", "没有账本 {log}", "there is no log {log}")


def publish_checkpoint(engine: Engine, log_id: str, signer: Signer) -> StoredCheckpoint | None:
    """
    Sign the log as it stands, if it has grown; return its latest checkpoint, None while it is empty.

    Before signing, the new root is proved consistent with the last checkpoint, so that no fork is ever signed. The
    committed row is the commit point: a crash before it leaves nothing signed that anybody has seen.

    Raises:
        Missing: no such log.
        Broken: the entries contradict the last checkpoint.
    """
    with begin_read(engine) as connection:
        head, last = store.find_head(connection, log_id), store.find_checkpoint(connection, log_id)
    if head is None:
        raise Missing(NO_LOG.at(log=log_id))
    if head.size == (last.size if last else 0):
        return last
    with begin_write(engine) as connection:
        head = store.find_head(connection, log_id, lock=True)
        last = store.find_checkpoint(connection, log_id)
        assert head is not None
        if last is not None and last.size > head.size:
            raise Broken(
                "a checkpoint was signed for more entries than there are", expected=last.size, found=head.size
            )
        if last is not None and last.size == head.size:
            return last
        root = find_root(connection, log_id, head.size)
        if last is not None:
            proof = prove_growth(connection, log_id, last.size, head.size)
            try:
                check_consistency(proof, last.size, head.size, last.root, root)
            except ProofWrong as wrong:
                raise Broken("the entries contradict the last checkpoint", found=str(wrong)) from wrong
        note = sign_checkpoint(Checkpoint(log_id, head.size, root), [signer])
        stored = StoredCheckpoint(head.size, root, note)
        store.insert_checkpoint(connection, log_id, stored)
    return stored
