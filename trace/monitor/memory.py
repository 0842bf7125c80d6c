"""What an audit keeps of a log from one look to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..ledger.checkpoint import Checkpoint
from ..verify.listed import Signings
from ..verify.trail import Trail


@dataclass(slots=True)
class Memory:
    """
    The trail of entries read, the latest signed checkpoint seen, and the list of checkpoints as far as it was checked.

    *seen* may be ahead of the trail, where an audit was interrupted: the entries must still lead to it. *listed* counts
    the listed checkpoints whose sizes the trail has reached, *listed_size* is the last of those (-1: none); *signings*
    are who signed them, settled once all entries are read. Tiles above level 0 were compared up to the size *climbed*.
    """

    trail: Trail
    seen: Checkpoint
    note: bytes
    listed: int = 0
    listed_size: int = -1
    climbed: int = 0
    signings: Signings = field(default_factory=Signings)
