"""The whole data folder examined: ledger, books and vault against the entries, every difference as one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ..books.rebuild import compare_books
from ..books.replay import Replay
from ..errors import SuyuanError
from ..ledger.audit import Auditor, Trust
from ..ledger.checkpoint import Checkpoint
from ..ledger.engine import begin_read, translated
from ..ledger.entry import Entry
from ..ledger.hashing import Hash
from ..ledger.note import Verifier
from ..ledger.radix64 import parse_base64url
from ..ledger.statement import Statement
from ..produce.book import find
from ..produce.events import KeyAdded, PartyRegistered
from ..produce.parse import parse_event
from ..produce.records import Key, LogState, Run
from ..qr.run import run_root
from ..vault.vault import Vault
from ..verify.possession import check_approval, check_log_key, check_possession

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Examination:
    """Size and root as recomputed from the entries, and one line for each difference; none when all is well."""

    size: int
    root: Hash
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined, and what is trusted: the log's checkpoint key, and a checkpoint saved earlier."""

    engine: Engine
    vault: Vault
    log_id: str
    verifier: Verifier
    against: Checkpoint | None = None


class Inspector(Replay):
    """A replay that also checks what a new key's holder and an approving supervisor signed beside the statement."""

    def tell(self, entry: Entry, statement: Statement) -> None:
        """
        Check the countersignatures of the next entry, then fold it.

        Raises:
            Refused: ``proof.wrong``, or the rules refuse it.
        """
        event = parse_event(statement.payload)
        check_log_key(event)
        if isinstance(event, PartyRegistered | KeyAdded):
            check_possession(event)
        if isinstance(event, KeyAdded) and event.approver:
            approver = find(self.book, Key, event.approver)
            if approver is not None:
                check_approval(event, parse_base64url(approver.x), approver.id)
        super().tell(entry, statement)


def examine(subject: Subject, progress: Callable[[int], None] = lambda done: None) -> Examination:
    """
    Recompute everything from the entries in one reading transaction; *progress* is told the number of entries done.

    Books are compared with the replay of the entries, each digest in ``_sd`` with its disclosure or the
    ``personal.erased`` that names it, each label run with its secret.

    Raises:
        Unavailable: the database.
    """
    replay = Inspector()
    trust = Trust(subject.log_id, (subject.verifier,), subject.against)
    with begin_read(subject.engine) as connection:
        report = Auditor(connection, trust, replay).run(progress)
        lines = [str(difference) for difference in report.differences]
        records = replay.records().values()
        lines += compare_books(connection, subject.log_id, records)
        lines += _key_differences(subject, [one for one in records if isinstance(one, LogState)])
        lines += _disclosure_differences(connection, subject.vault, replay)
        lines += _run_differences(connection, subject.vault, [one for one in records if isinstance(one, Run)])
    return Examination(report.size, report.root, tuple(lines))


def _key_differences(subject: Subject, opened: Iterable[LogState]) -> list[str]:
    own = subject.verifier.vkey
    return [
        f"vault: checkpoint key: expected {log.checkpoint_key}, found {own}"
        for log in opened
        if own not in [key.vkey for key in log.checkpoint_keys if key.until < 0]
    ]


def _disclosure_differences(connection: Connection, vault: Vault, replay: Replay) -> list[str]:
    lines: list[str] = []
    digests = sorted(replay.private)
    found: dict[str, str | None] = {}
    for first in range(0, len(digests), _CHUNK):
        found |= _find_disclosures(connection, vault, digests[first : first + _CHUNK], lines)
    for digest in digests:
        readable = found.get(digest) is not None
        if not readable and digest not in replay.erased:
            lines.append(f"vault: disclosure {digest}: missing, and no personal.erased names it")
        if readable and digest in replay.erased:
            lines.append(f"vault: disclosure {digest}: still readable although it was stated to be erased")
    return lines


def _find_disclosures(
    connection: Connection, vault: Vault, digests: Sequence[str], lines: list[str]
) -> dict[str, str | None]:
    """Return what the vault has of *digests*; where one of them is damaged, ask one by one and name it in *lines*."""
    try:
        with translated():
            return vault.find_disclosures(connection, digests)
    except SuyuanError as error:
        if len(digests) == 1:
            lines.append(f"vault: disclosure {digests[0]}: {error}")
            return {}
    found: dict[str, str | None] = {}
    for digest in digests:
        found |= _find_disclosures(connection, vault, [digest], lines)
    return found


def _run_differences(connection: Connection, vault: Vault, runs: Iterable[Run]) -> list[str]:
    lines = []
    for run in sorted(runs, key=lambda one: one.id):
        try:
            secret = vault.find_run_secret(connection, run.id)
        except SuyuanError as error:
            lines.append(f"vault: label run {run.id}: {error}")
            continue
        if secret is None:
            lines.append(f"vault: label run {run.id}: its secret is missing, its labels cannot be checked")
        elif run_root(secret, run.id, run.count).hex() != run.root:
            lines.append(f"vault: label run {run.id}: its secret does not give the root that was committed")
    return lines
