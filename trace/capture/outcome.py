"""What becomes of a submission: a receipt, or the problems that refused it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..errors import SuyuanError
from ..ledger.disclosure import Disclosure
from ..ledger.hashing import Hash
from ..ledger.jwk import SigningKey
from ..ledger.receipt import Receipt, sign_receipt
from ..ledger.statement import Statement
from ..produce.events import Event


@dataclass(frozen=True, slots=True)
class Private:
    """A disclosure and the person (or ``party:<id>``) whose key seals it in the vault."""

    disclosure: Disclosure = field(repr=False)
    person: str
    foreign: bool = False
    """*person* was named by a caller: it means a person of the signing party only, whoever else has that id."""


@dataclass(frozen=True, slots=True)
class RowMark:
    """A clerk's row by its keyed hash, so that importing it again finds it entered."""

    row: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Submission:
    """
    A statement as it was sent, with the disclosures of its private fields and the clerk's rows that it enters.

    Neighbours of one *bundle* (any word) that can be read are accepted together or not at all; empty stands alone.
    """

    token: str
    private: tuple[Private, ...] = ()
    marks: tuple[RowMark, ...] = ()
    bundle: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement whose form is right and whose event is read; its signature may still be unverified."""

    statement: Statement
    event: Event
    subjects: tuple[str, ...]
    private: tuple[Private, ...]
    marks: tuple[RowMark, ...] = ()
    bundle: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry made, or found where the same statement came before."""

    event_id: str
    index: int
    leaf: Hash
    at: datetime
    log: str
    key: SigningKey = field(repr=False)
    """The log's receipt key."""
    replayed: bool = False

    @property
    def receipt(self) -> str:
        """
        The receipt, a compact JWS by the log's receipt key; the same each time.

        Signed when it is asked for: after the commit, never under the log's lock, and not for whoever needs none.
        """
        return sign_receipt(Receipt(self.log, self.index, self.leaf, self.at), self.key)


Outcome = Accepted | SuyuanError
"""An accepted entry, or the error that the caller is answered with."""
