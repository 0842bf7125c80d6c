"""
Memory: what was told of a log, kept while the log has not grown.

Everything told follows from the entries alone, so that it stays true until the next entry; reading the size of the log
is one row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
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

    def recall(self, connection: Connection, log_id: str, key: Hashable, find: Callable[[], T]) -> T:
        """Return the answer to *key* as the log stands in the transaction of *connection*, asking *find* if need be."""
        head = store.find_head(connection, log_id)
        size = head.size if head else 0
        with self._lock:
            if size > self._size:
                self._answers.clear()
                self._size = size
            elif size == self._size and key in self._answers:
                self._answers.move_to_end(key)
                return cast(T, self._answers[key])
        answer = find()
        with self._lock:
            if size == self._size:
                self._answers[key] = answer
                while len(self._answers) > KEPT:
                    self._answers.popitem(last=False)
        return answer
