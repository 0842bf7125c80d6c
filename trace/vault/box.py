"""What every part of the vault shares: the log's id, the derived keys, seals that are bound to their place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection, Engine

from ..ledger.engine import begin_read, begin_write
from . import seal
from .persons import Persons


class Box:
    """
    The keys and the database of one log's vault.

    Args:
        master: 32 bytes; keys for each purpose are derived from it.
        persons: folder of the persons' keys, outside the database.
        random: a source of bytes in the shape of ``os.urandom``.
    """

    def __init__(
        self, engine: Engine, log_id: str, master: bytes, persons: Path, random: Callable[[int], bytes]
    ) -> None:
        self._engine = engine
        self._log_id = log_id
        self._random = random
        self._keys = {
            purpose: seal.derive(master, purpose) for purpose in ("run", "key", "row", "name", "hash")
        }
        self.persons = Persons(persons, master, random)

    def __repr__(self) -> str:
        return f"Vault({self._log_id!r})"

    def read(self) -> AbstractContextManager[Connection]:
        """
        Open a reading transaction of the vault's own: it waits for no writer.

        Raises:
            Unavailable: database gone or busy.
        """
        return begin_read(self._engine)

    def begin(self) -> AbstractContextManager[Connection]:
        """
        Open a writing transaction of the vault's own, committed when the block ends well.

        Raises:
            Unavailable: database gone, busy, full or read-only.
        """
        return begin_write(self._engine)

    def _seal(self, key: bytes, plaintext: bytes, *place: str | bytes) -> bytes:
        return seal.seal(key, plaintext, self._context(*place), self._random(seal.NONCE_SIZE))

    def _open(self, key: bytes, sealed: bytes, *place: str | bytes) -> bytes:
        return seal.open_sealed(key, sealed, self._context(*place))

    def _context(self, *place: str | bytes) -> bytes:
        return seal.frame(self._log_id, *place)
