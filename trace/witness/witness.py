"""
A witness at work: request in, cosignatures out, never two that disagree.

Of each log requests are taken one after the other: look at what was cosigned last, decide, write, answer. A crash
before the write leaves the old checkpoint and no cosignature that anybody has seen; a crash after it leaves the new
one, and the log asks again and is told the size.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from ..errors import Unavailable
from ..ledger.checkpoint import Checkpoint
from ..ledger.cosignature import Cosigner
from ..ledger.note import NoteSignature, format_signature, split_note
from ..ledger.witnessing import WitnessRequest
from .decision import SignerUntrusted, check_continues, check_signed, read_request
from .keys import WitnessKeys
from .logs import TrustedLogs
from .memory import Memory, Witnessed, hash_origin

STUCK: Final = "nothing can be cosigned for %s: %s"
UNTRUSTED: Final = "asked for %s under no key of the list of logs; if the log has a new key, add its line: %s"

_log: Final = logging.getLogger("suyuan.witness")


def posix_now() -> int:
    """Return the time in whole seconds since 1970."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Options:
    """How a witness signs: by which clock (POSIX seconds), and with ML-DSA-44 beside Ed25519 or not."""

    clock: Callable[[], int] = posix_now
    mldsa: bool = False


class Witness:
    """
    The witness of *folder*, which the caller holds (``memory.hold_folder``); safe for many threads.

    Raises:
        Broken, Unavailable: as ``Memory``.
    """

    def __init__(self, folder: Path, keys: WitnessKeys, logs: TrustedLogs, options: Options) -> None:
        self._memory = Memory(folder, keys.ed25519.key)
        self._logs = logs
        self._clock = options.clock
        self._cosigners: Sequence[Cosigner] = (keys.ed25519, keys.mldsa)[: 1 + options.mldsa]
        self._locks: dict[str, Lock] = {}
        self._told: dict[str, str] = {}
        self._lock = Lock()

    def add_checkpoint(self, body: bytes) -> str:
        """
        Return the witness's signature lines for the checkpoint of the request *body*, once they are on disk.

        Raises:
            RequestWrong, LogUnknown, SignerUntrusted, SizeStale, LogForked: see ``decision``.
            Unavailable: the state can't be written; nothing was cosigned that counts.
        """
        request = read_request(body)
        origin = request.checkpoint.origin
        with self._telling(origin):
            return self._add(request, origin)

    def _add(self, request: WitnessRequest, origin: str) -> str:
        of_log = check_signed(request, self._logs.keys_of(origin))
        name = hash_origin(origin)
        with self._lock_of(name):
            known = self._memory.find(name)
            if known and _is_fork(known.checkpoint, request.checkpoint):
                self._memory.keep_fork(name, request.note)
            check_continues(request, known.checkpoint if known else None)
            moment = max(self._clock(), known.time if known else 1)
            return self._cosign(request, of_log, moment)

    def find_note(self, name: str) -> str | None:
        """Return the signed checkpoint that was cosigned last of the log kept as *name* (``memory.hash_origin``)."""
        known = self._memory.peek(name)
        return known.note if known else None

    @contextmanager
    def _telling(self, origin: str) -> Iterator[None]:
        """Warn of what only this witness's operator can mend, once for as long as it lasts."""
        try:
            yield
        except (SignerUntrusted, Unavailable) as error:
            if self._told.get(origin) != error.code:
                self._told[origin] = error.code
                _log.warning(STUCK if isinstance(error, Unavailable) else UNTRUSTED, origin, error)
            raise
        self._told.pop(origin, None)

    def _cosign(self, request: WitnessRequest, of_log: Sequence[NoteSignature], moment: int) -> str:
        text, _ = split_note(request.note)
        ours = [cosigner.cosign(text, moment) for cosigner in self._cosigners]
        note = f"{text}\n{_lines(of_log)}{_lines(ours)}"
        self._memory.keep(Witnessed(request.checkpoint, moment, note))
        return _lines(ours)

    def _lock_of(self, name: str) -> Lock:
        with self._lock:
            return self._locks.setdefault(name, Lock())


def _is_fork(known: Checkpoint, other: Checkpoint) -> bool:
    """Tell whether two signed checkpoints prove by themselves that the log forked; at other sizes nothing is proved."""
    return known.size == other.size and known.root != other.root


def _lines(signatures: Sequence[NoteSignature]) -> str:
    return "".join(map(format_signature, signatures))
