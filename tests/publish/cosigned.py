"""Three witnesses that cosign an orchard's checkpoints, and the policy that wants two of them."""

from __future__ import annotations

from suyuan.ledger.cosignature import Cosigner
from suyuan.ledger.engine import begin_write
from suyuan.ledger.note import split_note
from suyuan.ledger.policy import Policy, PolicyGroup, PolicyLog, PolicyWitness
from suyuan.ledger.store import StoredCheckpoint
from suyuan.vault.cosignatures import Cosignature, put_cosignatures
from tests.keys import seed
from tests.orchard import LOG, Orchard, name

WITNESSES = [Cosigner(f"w{number}.example/w", seed(f"w{number}")) for number in range(3)]


def cosign(orchard: Orchard, stored: StoredCheckpoint, *cosigners: Cosigner) -> None:
    """Let *cosigners* cosign a checkpoint, as the publisher keeps it."""
    text = split_note(stored.note)[0]
    lines = [Cosignature(stored.size, one.cosign(text, 1_790_000_000)) for one in cosigners]
    with begin_write(orchard.house.engine) as connection:
        put_cosignatures(connection, LOG, lines)


def grow(orchard: Orchard, word: str) -> StoredCheckpoint:
    """Append an entry, the product called *word*, and return the new checkpoint."""
    orchard.tell("product.registered", "红星合作社", product=name(word), name=word, unit="g")
    stored = orchard.house.checkpoint()
    assert stored is not None
    return stored


def wanting_two(orchard: Orchard) -> Policy:
    """Return the policy that wants two of WITNESSES under the checkpoints of *orchard*."""
    known = tuple(PolicyWitness(f"w{number}", one.key) for number, one in enumerate(WITNESSES))
    log = PolicyLog(orchard.house.keys.checkpoint.verifier)
    return Policy((log,), known, (PolicyGroup("two", 2, ("w0", "w1", "w2")),), "two")
