"""
The log's own keys: where they are kept, and which of them sign now.

Receipts and what the log says of itself are signed by one key, checkpoints by others that may come and go. All stand
in the vault, save keys of checkpoints that the operator hands in, from a file or as a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..books.questions import find_record
from ..errors import Missing, Reason
from ..ledger.cosignature import MLDSA, Cosigner
from ..ledger.jwk import SigningKey
from ..ledger.note import Signer
from ..produce.records import LogState
from ..produce.rights import LOG
from ..vault.vault import CustodyKey, Vault
from .mint import Mint

NO_KEY = Reason(
    "log-key.missing",
    "找不到检查点密钥 {vkey}：请在 SUYUAN_LOG_KEY 或 SUYUAN_LOG_KEY_FILE 中给出",
    "the checkpoint key {vkey} is not here: give it in SUYUAN_LOG_KEY or SUYUAN_LOG_KEY_FILE",
)

RECEIPT: Final = "receipt"
CHECKPOINT: Final = "checkpoint"
COSIGNER: Final = "checkpoint-mldsa"
"""Under these labels the vault keeps the keys of the party ``log``."""

SEED_BYTES: Final = 32

AnySigner = Signer | Cosigner


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The log's own keys: receipts by the one, checkpoints by the others, the first of which is the log's line."""

    receipt: SigningKey
    checkpoints: tuple[AnySigner, ...]

    @property
    def checkpoint(self) -> Signer:
        """The key that the log named in entry 0, or its successor."""
        return next(one for one in self.checkpoints if isinstance(one, Signer))


def find_log_keys(vault: Vault, log_id: str, handed: Sequence[SigningKey] = ()) -> LogKeys | None:
    """
    Return the log's keys as the log last announced them; None before they are made.

    Args:
        handed: keys of checkpoints that the vault does not keep.

    Raises:
        Missing: ``log-key.missing``: none of the keys that may sign checkpoints now is at hand.
        Broken: a sealed key is damaged.
    """
    with vault.read() as connection:
        state = find_record(connection, log_id, LogState, LOG)
        kept = [
            (key, vault.find_custody_key(connection, key.kid) or b"")
            for key in vault.keys_of(connection, LOG)
        ]
    receipts = [SigningKey(seed) for key, seed in kept if key.label == RECEIPT]
    signers: list[AnySigner] = [Signer(log_id, key.seed) for key in handed]
    signers += [Signer(log_id, seed) for key, seed in kept if key.label == CHECKPOINT]
    signers += [Cosigner(log_id, seed, MLDSA) for key, seed in kept if key.label == COSIGNER]
    if state is not None:
        return _announced(state, receipts, signers)
    if not receipts or not signers:
        return None
    return LogKeys(receipts[0], (signers[0],))


def _announced(
    state: LogState, receipts: Sequence[SigningKey], signers: Sequence[AnySigner]
) -> LogKeys | None:
    """Return those of the keys at hand that the log has announced: one that a crash left unannounced signs nothing."""
    receipt = next((key for key in receipts if key.kid == state.receipt_kid), None)
    if receipt is None:
        return None
    at_hand = {signer.vkey: signer for signer in signers}
    wanted = [key.vkey for key in state.checkpoint_keys if key.until < 0]
    found = tuple(at_hand[vkey] for vkey in wanted if vkey in at_hand)
    if not any(isinstance(one, Signer) for one in found):
        raise Missing(NO_KEY.at(vkey=state.checkpoint_key))
    return LogKeys(receipt, found)


def make_custody_key(vault: Vault, party: str, label: str, mint: Mint) -> SigningKey:
    """Make a key, put it into the vault for *party*, and return it."""
    key = SigningKey(mint.random(SEED_BYTES))
    with vault.begin() as connection:
        vault.put_custody_key(connection, CustodyKey(key.kid, party, label), key.seed)
    return key


def make_log_keys(vault: Vault, log_id: str, mint: Mint, handed: Sequence[SigningKey] = ()) -> LogKeys:
    """Make a receipt key and, where none is *handed* in, a key of checkpoints."""
    receipt = make_custody_key(vault, LOG, RECEIPT, mint)
    key = handed[0] if handed else make_custody_key(vault, LOG, CHECKPOINT, mint)
    return LogKeys(receipt, (Signer(log_id, key.seed),))


def make_cosigner(vault: Vault, log_id: str, mint: Mint) -> Cosigner:
    """Make an ML-DSA-44 cosigner of the log's own checkpoints and put it into the vault."""
    cosigner = Cosigner(log_id, mint.random(SEED_BYTES), MLDSA)
    kid = f"mldsa-{cosigner.key_id.hex()}"
    with vault.begin() as connection:
        vault.put_custody_key(connection, CustodyKey(kid, LOG, COSIGNER), cosigner.seed)
    return cosigner
