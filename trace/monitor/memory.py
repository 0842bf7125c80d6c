"""What an audit keeps of a log from one look to the next."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger.checkpoint import Checkpoint
from ..verify.trail import Trail


@dataclass(slots=True)
class Memory:
    """
    The trail of entries read, the latest signed checkpoint seen, and the list of checkpoints as far as it was checked.

    *seen* may be ahead of the trail, where an audit was interrupted: the entries must still lead to it. *listed* counts
    the listed checkpoints whose sizes the trail has reached, *listed_size* is the last of those (-1: none).
    """

    trail: Trail
    seen: Checkpoint
    note: bytes
    listed: int = 0
    listed_size: int = -1
