"""A small log that asks witnesses: numbered leaves, a key from a fixed seed, any size at any time."""

from __future__ import annotations

from collections.abc import Sequence

from suyuan.ledger.checkpoint import Checkpoint, sign_checkpoint
from suyuan.ledger.cosignature import COSIGNATURE, CosignerKey, parse_key
from suyuan.ledger.hashing import EMPTY_ROOT, Hash, leaf_hash
from suyuan.ledger.merkle import MemoryTree, prove_consistency, root
from suyuan.ledger.note import NoteSignature, OpenedNote, Signer, add_signatures, open_note, parse_signatures
from suyuan.ledger.witnessing import format_request
from tests.keys import seed

ORIGIN = "grown.example/log"
SIZE = 40


class GrownLog:
    """A log of 40 leaves; those of another *branch* differ from leaf 20 on: a fork of the same log."""

    def __init__(self, origin: str = ORIGIN, branch: str = "main", key: str = "log") -> None:
        names = (f"{i} {branch if i >= SIZE // 2 else ''}" for i in range(SIZE))
        self._tree = MemoryTree(leaf_hash(name.encode()) for name in names)
        self.origin = origin
        self.signer = Signer(origin, seed(key))

    @property
    def line(self) -> str:
        """The line that makes a witness trust this log."""
        return f"log {self.signer.vkey}\n"

    def checkpoint(self, size: int) -> Checkpoint:
        """Return the log at *size*."""
        return Checkpoint(self.origin, size, root(size, self._tree.read) if size else EMPTY_ROOT)

    def note(self, size: int) -> str:
        """Return the signed checkpoint at *size*."""
        return sign_checkpoint(self.checkpoint(size), [self.signer])

    def proof(self, old: int, size: int) -> tuple[Hash, ...]:
        """Return the proof from *old* to *size*."""
        return prove_consistency(old, size, self._tree.read) if old else ()

    def ask(self, old: int, size: int) -> bytes:
        """Return the request to cosign *size* after *old*."""
        return format_request(old, self.proof(old, size), self.note(size))


def opened(note: str, answer: str, vkeys: Sequence[str]) -> OpenedNote:
    """Return *note* with the lines of *answer*, opened with the keys of a witness."""
    keys = [parse_key(vkey) for vkey in vkeys]
    return open_note(add_signatures(note, parse_signatures(answer)), keys)


def ed25519_of(vkeys: Sequence[str]) -> CosignerKey:
    """Return the Ed25519 key among *vkeys*."""
    keys = [parse_key(vkey) for vkey in vkeys]
    return next(key for key in keys if isinstance(key, CosignerKey) and key.kind == COSIGNATURE)


def lines_of(answer: str) -> list[NoteSignature]:
    """Return the signature lines of an answer."""
    return parse_signatures(answer)
