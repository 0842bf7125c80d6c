"""A key of the log's checkpoints, as the log announced it."""

from __future__ import annotations

import msgspec


class CheckpointKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key (vkey) that signs checkpoints of sizes ``since < size``, and once ended ``size <= until``."""

    vkey: str
    since: int
    """Index of the entry that announced it: the smallest checkpoint with its line holds that entry."""
    until: int = -1
    """Index of the entry that retired it; -1 while it signs."""
    ends: str = ""
    """When it is to be retired at the latest, RFC 3339; empty where nothing was announced."""
    extra: bool = False
    """Signs beside the log's own line of keys, such as an ML-DSA-44 cosigner, and may end without a successor."""

    def signs(self, size: int) -> bool:
        """Tell whether a checkpoint of *size* bears this key's line."""
        return self.since < size and (self.until < 0 or size <= self.until)
