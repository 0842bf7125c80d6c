"""The office: what every writing use case works with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from ..ledger.jwk import SigningKey
from ..vault.vault import Vault
from .append import Capture
from .pen import Pen


@dataclass(frozen=True, slots=True)
class Office:
    """The database, the vault, the writer, the pen, and keys lent for this act, such as a supervisor's."""

    engine: Engine
    vault: Vault
    capture: Capture
    pen: Pen
    keys: tuple[SigningKey, ...] = ()
