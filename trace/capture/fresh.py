"""What an import has made and the vault does not have yet: ids of names, keys of new parties, secrets of label runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..ledger.jwk import SigningKey
from ..vault.vault import CustodyKey, Vault

NameKey = tuple[str, str]
"""The kind of a name (party, plot, batch ...) and the name."""


@dataclass(frozen=True, slots=True)
class Name:
    """The id that a name means, and the person whose name it is, or empty."""

    id: str
    person: str = ""


class _Lost(Exception):  # no error: another import was first
    """A name has got another id meanwhile."""


class Fresh:
    """
    Collects until ``keep``; ``stand`` and ``go_back`` forget what a refused row made.

    What was kept stays known here.
    """

    def __init__(self) -> None:
        self.names: dict[NameKey, Name] = {}
        self.keys: dict[str, SigningKey] = {}
        self._runs: dict[str, bytes] = {}
        self._new_names: list[NameKey] = []
        self._new_keys: list[str] = []
        self._undo: list[Callable[[], object]] = []

    def add_name(self, kind: str, name: str, id: str, person: str = "") -> None:
        """Let *name* mean *id*; a *person*'s name is sealed by that person's key."""
        key = (kind, name)
        self.names[key] = Name(id, person)
        self._new_names.append(key)
        self._undo.append(lambda: (self.names.pop(key), self._new_names.pop()))

    def entrust(self, kind: str, name: str, person: str) -> None:
        """Let a name that was added just now be sealed by *person*'s key, and be erased with it."""
        key = (kind, name)
        if key in self._new_names:
            self.names[key] = Name(self.names[key].id, person)

    def add_key(self, party: str, key: SigningKey) -> None:
        """Let *key* be in custody for *party*."""
        self.keys[party] = key
        self._new_keys.append(party)
        self._undo.append(lambda: (self.keys.pop(party), self._new_keys.pop()))

    def add_run(self, run: str, secret: bytes) -> None:
        """Remember the secret of a label run."""
        self._runs[run] = secret
        self._undo.append(lambda: self._runs.pop(run))

    def stand(self) -> int:
        """Return where the import stands, for ``go_back``; it is void after ``keep``."""
        return len(self._undo)

    def go_back(self, stand: int) -> None:
        """Forget what was made since *stand*."""
        while len(self._undo) > stand:
            self._undo.pop()()

    def keep(self, vault: Vault) -> bool:
        """
        Put all into the vault, before the entries that rely on it; False where another import was first with a name.

        Then nothing is kept, and what waits must be planned anew with the ids that stand. A crash after this leaves
        names, keys and secrets that the next try uses or that mean nothing.
        """
        try:
            self._put(vault)
        except _Lost:
            return False
        self._new_names.clear()
        self._new_keys.clear()
        self._runs.clear()
        self._undo.clear()
        return True

    def _put(self, vault: Vault) -> None:
        if not (self._new_names or self._new_keys or self._runs):
            return
        with vault.begin() as connection:
            for kind, name in sorted(
                self._new_names
            ):  # in one order, so that two imports can't lock each other out
                mine = self.names[kind, name]
                if vault.put_name(connection, kind, name, mine.id, mine.person) != mine.id:
                    raise _Lost
            for party in self._new_keys:
                key = self.keys[party]
                vault.put_custody_key(connection, CustodyKey(key.kid, party, "custody"), key.seed)
            for run, secret in self._runs.items():
                vault.put_run_secret(connection, run, secret)
