"""The books replayed as an outsider can: every rule that needs only what the entries say."""

from __future__ import annotations

from ..books.replay import Replay
from ..errors import Refused
from ..ledger.entry import parse_entry
from ..ledger.hashing import Hash, leaf_hash
from ..ledger.statement import parse_statement
from ..produce.parse import parse_event
from ..verify.fault import REWRITTEN, RULE, Fault, entry_fault, refusal
from ..verify.signers import is_of_keys


class Bookkeeper:
    """The whole books in memory, entry by entry; what rules on keys refuse is left to ``Signers`` to name."""

    def __init__(self) -> None:
        self._replay = Replay()
        self._leaves: dict[int, Hash] = {}

    def tell(self, index: int, data: bytes, begin: int) -> list[Fault]:
        """
        Fold entry *index*; one that was told before, because reading was interrupted, must be the same.

        Args:
            begin: entries before it were checked, and are not told again.
        """
        leaf = leaf_hash(data)
        before = self._leaves.get(index)
        if before is not None:
            return [] if before == leaf else [entry_fault(index, REWRITTEN.at(), before, leaf)]
        for old in [old for old in self._leaves if old < begin]:
            del self._leaves[old]
        self._leaves[index] = leaf
        try:
            entry = parse_entry(data)
            statement = parse_statement(entry.statement)
            event = parse_event(statement.payload)
        except Refused:
            return []  # named where the entry's form is checked
        try:
            self._replay.tell(entry, statement)
        except Refused as refused:
            return [] if is_of_keys(event) else [entry_fault(index, refusal(RULE, refused))]
        return []
