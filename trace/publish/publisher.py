"""
The publisher: a log as static files, in four steps, each of which may be done again.

1. The checkpoint is signed and committed: the commit point (``checkpoints``).
2. Tiles, entry bundles and the list of checkpoints are written as files that never change.
3. The witnesses are asked.
4. ``checkpoint`` takes the place of the one before.

A crash after 1 leaves files that nobody is pointed to yet. The next run starts from the published ``checkpoint``, which
is moved last, and does 2 to 4 again: what is there already stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from ..books.questions import find_record
from ..errors import Broken
from ..ledger import store
from ..ledger.checkpoint import Checkpoint
from ..ledger.cosignature import CosignerKey, parse_key
from ..ledger.engine import begin_read
from ..ledger.note import NoteSignature, Signer, Verifier, add_signatures
from ..ledger.store import StoredCheckpoint
from ..ledger.tiles import WIDTH
from ..produce.records import LogState
from ..verify.paths import CHECKPOINT, COUNT, POLICY, format_checkpoints_path, format_count
from .checkpoints import Signers, confirm, sign_growth
from .files import bundle_files, edge_files, read_shelves, replaced_paths, shelf_file, tile_files
from .growth import Growth, read_growth
from .guard import adopt_published, check_unforked, read_published, where_of
from .listed import read_count
from .target import Target

RENEWAL: Final = timedelta(minutes=10)
"""So often the witnesses are asked again while the log does not grow."""

HERE: Final = "本进程 (this process)"
"""Where a checkpoint was seen that this process remembers."""

_LISTS_KEPT: Final = 16
"""So many earlier states of the growing list of checkpoints stay, for whoever is reading it just now."""

Ask = Callable[[str, int], Sequence[NoteSignature]]
"""
Ask the witnesses for their cosignatures: a checkpoint as the log signed it, and its size.

Returns those to publish it with, new or remembered. Raises Unavailable where it must not be published without more of
them (it is asked again later), and Broken where a witness holds another history: then nothing is written any more.
"""


def ask_nobody(_note: str, _size: int) -> Sequence[NoteSignature]:
    """Return no cosignatures."""
    return ()


def known_keys(engine: Engine, log_id: str, signers: Signers) -> tuple[Verifier | CosignerKey, ...]:
    """Return the keys that checkpoints of the log may bear: every one that it announced, and those that sign now."""
    with begin_read(engine) as connection:
        state = find_record(connection, log_id, LogState, "log")
    announced = [parse_key(key.vkey) for key in state.checkpoint_keys] if state else []
    own = [one.verifier if isinstance(one, Signer) else one.key for one in signers]
    return tuple({key.vkey: key for key in (*announced, *own)}.values())


@dataclass(slots=True)
class Publisher:
    """
    What publishes one log to one target; used by one thread at a time, ``sign`` also beside ``spread``.

    *policy* is the text of the file ``policy``, none where it is empty.
    """

    engine: Engine
    log_id: str
    signers: Signers
    target: Target
    clock: Callable[[], datetime]
    ask: Ask = ask_nobody
    policy: str = ""
    _grown: Growth | None = field(default=None, init=False)
    _committed: StoredCheckpoint | None = field(default=None, init=False)
    _written: int = field(default=0, init=False)
    _named: str = field(default="", init=False)
    _published: str = field(default="", init=False)
    _of: StoredCheckpoint | None = field(default=None, init=False)
    _asked: datetime | None = field(default=None, init=False)

    @property
    def size(self) -> int:
        """The size up to which this process saw the log published; 0 before the first time."""
        return self._of.size if self._of else 0

    def publish(self) -> str | None:
        """
        Sign the log as it stands and publish it; return the published checkpoint, None while the log is empty.

        Raises:
            As ``sign`` and ``spread``.
        """
        self.sign()
        return self.spread()

    def sign(self) -> StoredCheckpoint | None:
        """
        Take step 1, if the log has grown; return its latest checkpoint, None while it is empty.

        Raises:
            Unavailable: the database; the first time also the target, which is compared before anything is signed.
            Refused: ``publish.foreign``.
            Forked: the database fell behind what this process saw signed, or at first what is published.
            Broken: the entries contradict their hashes, or the last checkpoint.
        """
        self._check_signed()
        signed = sign_growth(self.engine, self.log_id, self.signers, self.clock)
        if signed and signed.growth:
            self._grown, self._committed = signed.growth, signed.checkpoint
        return signed.checkpoint if signed else None

    def _check_signed(self) -> None:
        """Compare the database with what was signed before: as this process remembers, or else as is published."""
        if self._committed is None:
            adopt_published(self.engine, self.target, self.log_id, self._keys())
            return
        seen = Checkpoint(self.log_id, self._committed.size, self._committed.root)
        check_unforked(self.engine, self.log_id, [(HERE, seen)])

    def spread(self) -> str | None:
        """
        Take steps 2 to 4 for the latest checkpoint, if it is not published or its cosignatures are to be renewed.

        Raises:
            Unavailable: the target or the database, or witnesses are wanted and missing; try again later.
            Refused: ``publish.foreign``: the target holds what this log did not sign.
            Forked: the published checkpoint is not of this database.
            Broken: other bytes were published, the entries contradict the checkpoint, or a witness holds another
                history.
        """
        with begin_read(self.engine) as connection:
            head = store.find_head(connection, self.log_id)
            latest = store.find_checkpoint(connection, self.log_id)
        if head is None or latest is None:
            return None
        now = self.clock()
        if self._of != latest or self._asked is None or abs(now - self._asked) >= RENEWAL:
            self._confirm(latest)
            published = self._check_published()
            if published is None or published.size <= latest.size:
                self._write(published.size if published else 0, latest, head.checkpoints)
                self._point(latest)
            self._of, self._asked = latest, now
        return self._published

    def _confirm(self, latest: StoredCheckpoint) -> None:
        """Make sure that a checkpoint which somebody else committed, or an earlier run, is one that stays."""
        if latest != self._committed:
            confirm(self.engine, self.log_id)
            self._committed = latest

    def _check_published(self) -> Checkpoint | None:
        published = read_published(self.target, self.log_id, self._keys())
        if published is not None:
            check_unforked(self.engine, self.log_id, [(where_of(self.target), published)])
        return published

    def _keys(self) -> tuple[Verifier | CosignerKey, ...]:
        return known_keys(self.engine, self.log_id, self.signers)

    def _write(self, old: int, latest: StoredCheckpoint, count: int) -> None:
        """Take step 2 from size *old* on; *count* checkpoints were signed up to *latest*."""
        if old >= max(self.size, 1):  # a target that was emptied or set back gets again what it lost
            old = max(old, self._written)
        sizes: set[int] = set()
        if old < latest.size:
            growth = self._growth(old, latest)
            sizes = self._write_notes(count, (old, latest.size))
            for path, data in tile_files(growth):
                self.target.put(path, data)
            for path, data in bundle_files(self.engine, self.log_id, growth, sizes):
                self.target.put(path, data)
            for path, data in edge_files(growth, sizes):
                self.target.put(path, data)
        self._count(count - len(sizes), count)
        if 0 < old < latest.size:
            self.target.remove(*replaced_paths(self.engine, self.log_id, old))
        self._write_policy(anew=not old)
        self._written, self._grown = latest.size, None

    def _write_policy(self, *, anew: bool) -> None:
        if self.policy and (anew or self._named != self.policy):
            if self.target.read(POLICY) != self.policy.encode():
                self.target.replace(POLICY, self.policy.encode())
            self._named = self.policy

    def _growth(self, old: int, latest: StoredCheckpoint) -> Growth:
        """Return what is to be written, checked against the root that was signed."""
        growth = self._grown
        if growth is None or (growth.old, growth.new) != (old, latest.size):
            with begin_read(self.engine) as connection:
                growth = read_growth(connection, self.log_id, old, latest.size)
        if growth.root != latest.root:
            raise Broken(
                f"the entries contradict the checkpoint of size {latest.size}",
                expected=latest.root.hex(),
                found=growth.root.hex(),
            )
        return growth

    def _write_notes(self, count: int, span: tuple[int, int]) -> set[int]:
        """Write the checkpoints of sizes in *span* (above, up to) into the list of all *count*; return these sizes."""
        sizes: set[int] = set()
        for shelf in read_shelves(self.engine, self.log_id, count, span):
            self.target.put(*shelf_file(shelf))
            sizes.update(one.size for one in shelf[1] if one.size > span[0])
        return sizes

    def _count(self, before: int, count: int) -> None:
        """
        Say that *count* checkpoints are listed, unless another process listed more meanwhile.

        Where that one counted between our look and our word, the next turn puts it right, since it sees a newer
        checkpoint. Those states of the list go that are long out of date.
        """
        if read_count(self.target) < count:
            self.target.replace(COUNT, format_count(count))
        outdated = range(max(before - _LISTS_KEPT, 0) + 1, min(before, count - _LISTS_KEPT) + 1)
        self.target.remove(*(format_checkpoints_path(*divmod(one, WIDTH)) for one in outdated if one % WIDTH))

    def _point(self, latest: StoredCheckpoint) -> None:
        """Take steps 3 and 4; while the witnesses answered, another process may have published a larger checkpoint."""
        note = add_signatures(latest.note, self.ask(latest.note, latest.size))
        published = read_published(self.target, self.log_id, self._keys())
        if published is not None and published.size > latest.size:
            return
        if self.target.read(CHECKPOINT) != note.encode():
            self.target.replace(CHECKPOINT, note.encode())
        self._published = note
