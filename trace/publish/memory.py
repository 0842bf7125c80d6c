"""
Memory: what was told of a log, kept while the log has not grown.

Everything told follows from the entries alone, so that it stays true until the next entry; reading the size of the log
is one row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeVar, cast

from sqlalchemy import Connection

from ..ledger import store

T = TypeVar("T")

KEPT: Final = 512
"""Answers kept at a time; the one asked for longest ago goes first."""


class Memory:
    """Answers about one log, safe for several threads; it never holds what the vault keeps."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._size = -1
        self._answers: OrderedDict[Hashable, object] = OrderedDict()

    def at(self, connection: Connection, log_id: str) -> Told:
        """Return what is remembered of the log as it stands in the transaction of *connection*; reads one row."""
        head = store.find_head(connection, log_id)
        return Told(self, head.size if head else 0)

    def recall(self, connection: Connection, log_id: str, key: Hashable, find: Callable[[], T]) -> T:
        """Return the answer to *key* as the log stands in the transaction of *connection*, asking *find* if need be."""
        return self.at(connection, log_id).recall(key, find)

    def _find(self, size: int, key: Hashable) -> object | None:
        with self._lock:
            if size > self._size:
                self._answers.clear()
                self._size = size
            if size != self._size or key not in self._answers:
                return None
            self._answers.move_to_end(key)
            return self._answers[key]

    def _keep(self, size: int, key: Hashable, answer: object) -> None:
        with self._lock:
            if size == self._size:
                self._answers[key] = answer
                while len(self._answers) > KEPT:
                    self._answers.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a log of one *size*; without a *memory* everything is asked anew."""

    memory: Memory | None = None
    size: int = 0

    def recall(self, key: Hashable, find: Callable[[], T]) -> T:
        """
        Return the answer to *key*, asking *find* if need be.

        None is not kept, so that whoever tries codes that do not exist drives nothing out.
        """
        if self.memory is None:
            return find()
        known = self.memory._find(self.size, key)
        if known is not None:
            return cast(T, known)
        answer = find()
        if answer is not None:
            self.memory._keep(self.size, key, answer)
        return answer


NOTHING: Final = Told()
"""Told of nothing yet, and keeping nothing."""
