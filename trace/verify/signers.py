"""
Who may sign: parties and keys as the log's own entries say it, folded from entry 0 on by the rules of live capture.

Only the few entries that speak of keys are read here, all of them: their statements, countersignatures and rules.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import structs

from ..errors import Refused, SignatureWrong
from ..ledger.entry import parse_entry
from ..ledger.jwk import parse_jwk
from ..ledger.jws import format_header
from ..ledger.radix64 import parse_base64url
from ..ledger.statement import Statement, check_statement, parse_statement
from ..produce.book import Changes, Slice, find
from ..produce.event import Event
from ..produce.events import LogOpened
from ..produce.fold import fold
from ..produce.parse import parse_event
from ..produce.records import Key, LogState
from ..produce.rights import Signed
from .fault import RULE, SIGNATURE, Fault, entry_fault, refusal
from .possession import check_countersigned, check_log_key

KINDS: Final = ("key.", "log.", "party.")
"""Types of events that speak of keys begin so."""

_SPOKEN: Final = tuple(f'"type":"{kind}'.encode() for kind in KINDS)
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


class Signer(NamedTuple):
    """A key (32 bytes) of *party*, which may sign after entry *since* and, if it was revoked, up to entry *until*."""

    public: bytes
    party: str
    since: int
    until: int

    def may_sign(self, index: int) -> bool:
        """Tell whether the key was valid at entry *index*; the entry that revokes it may be its own last."""
        return self.since < index and (self.until < 0 or index <= self.until)


def skim(entry: bytes) -> tuple[bytes, bool]:
    """
    Return the header of the statement in the stored bytes *entry*, and whether its event may speak of keys.

    Cheap, since whoever reads a log in order must know this of each entry before the next is checked. An entry that
    ``parse_entry`` and ``parse_statement`` take is never told to be silent on keys where it speaks of them.
    """
    parts = entry.rsplit(b".", 2)
    if len(parts) < 3:
        return b"", False
    text = parts[1].translate(_STANDARD)
    try:
        payload = a2b_base64(text + b"=" * (-len(text) % 4))
    except ValueError:
        return b"", False
    spoken = _SPOKEN[0] in payload or _SPOKEN[1] in payload or _SPOKEN[2] in payload
    return parts[0].rpartition(b'"')[2], spoken


def is_of_keys(event: Event) -> bool:
    """Tell whether *event* speaks of keys."""
    return str(event.__struct_config__.tag).startswith(KINDS)


class Signers:
    """The keys known so far. *entries*, by index, are those that spoke of keys: from them it can all be made again."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._book = Slice(complete=True)
        self._by_header: dict[bytes, tuple[str, Signer]] = {}
        self.entries: dict[int, bytes] = {}

    @property
    def state(self) -> LogState | None:
        """What entry 0 and its successors say of the log itself; None before entry 0."""
        return find(self._book, LogState, "log")

    def table(self, headers: Iterable[bytes]) -> dict[str, Signer]:
        """Return the known keys, by their kid, that statements with *headers* name."""
        return dict(self._by_header[header] for header in headers if header in self._by_header)

    def tell(self, index: int, data: bytes) -> list[Fault]:
        """Take in entry *index*, which speaks of keys; where something is wrong with it, nothing is taken in."""
        try:
            entry = parse_entry(data)
            statement = parse_statement(entry.statement)
            event = parse_event(statement.payload)
        except Refused:
            return []  # whoever checks the entry's form says so
        if not is_of_keys(event):
            return []
        signed = Signed(event, statement.kid, index, entry.at)
        try:
            changes = self._fold(signed, statement)
        except SignatureWrong as wrong:
            return [entry_fault(index, SIGNATURE.at(), found=wrong.problems[0].code)]
        except Refused as refused:
            return [entry_fault(index, refusal(RULE, refused))]
        self._book.update(changes)
        for key in changes.values():
            if isinstance(key, Key):
                signer = Signer(parse_base64url(key.x), key.party, key.since, key.until)
                self._by_header[format_header(key.id).encode()] = key.id, signer
        self.entries[index] = data
        return []

    def _fold(self, signed: Signed, statement: Statement) -> Changes:
        """Check all signatures of an event on keys, then the rules; a key that is unknown the rules refuse."""
        event = signed.event
        if isinstance(event, LogOpened):
            check_statement(statement, parse_jwk(structs.asdict(event.receipt_key)))
        else:
            self._check_signed(statement)
        check_log_key(event)
        check_countersigned(event, self._book)
        return fold(signed, self._book)

    def _check_signed(self, statement: Statement) -> None:
        key = find(self._book, Key, statement.kid)
        if key is not None:
            check_statement(statement, parse_base64url(key.x))
