"""
One key per person, each in a file of its own outside the database.

``persons/7K/7K3MX9Q2WD.key`` holds the person's 32-byte key, sealed by the master key. Destroying that one file makes
all that was ever written about the person unreadable, also in the database's journal and in copies of the database.
A backup that carries the persons' folder carries the keys of its day: see ``backup``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ..durable import destroy_file, make_folder, reported, write_file
from ..errors import Broken, Reason, Unavailable
from . import seal

ID_PATTERN = re.compile(r"[0-9A-HJKMNP-TV-Z]{4,40}")
"""A minted random Crockford base32 string; never a name or a number of the person."""


NO_PERSONS = Reason(
    "vault.no-persons",
    "找不到个人密钥文件夹 {folder}：请检查挂载或恢复",
    "the folder of the persons' keys, {folder}, is not there: mount or restore it",
)


class Persons:
    """
    The folder of the persons' keys.

    Args:
        master: the vault's master key, 32 bytes.
        random: a source of bytes in the shape of ``os.urandom``.
    """

    def __init__(self, folder: Path, master: bytes, random: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._key = seal.derive(master, "person")
        self._random = random

    def __repr__(self) -> str:
        return f"Persons({str(self._folder)!r})"

    def path(self, person: str) -> Path:
        """
        Return where the key of *person* stands.

        Raises:
            ValueError: *person* is no minted id.
        """
        if not ID_PATTERN.fullmatch(person):
            raise ValueError("a person's id is 4 to 40 characters of Crockford base32")
        return self._folder / person[:2] / f"{person}.key"

    def create(self, person: str) -> bytes:
        """
        Return the key of *person*, making it if there is none; durable before it returns.

        A crash before the caller's commit leaves a key that seals nothing, which the next attempt uses.

        Raises:
            ValueError: *person* is no minted id.
            Unavailable: the file can't be written.
            Broken: the file is damaged.
        """
        path = self.path(person)
        if (known := self._read(person)) is not None:
            return known
        make_folder(path.parent)
        key = self._random(seal.KEY_SIZE)
        sealed = seal.seal(self._key, key, _context(person), self._random(seal.NONCE_SIZE))
        try:
            write_file(path, sealed, replace=False)
        except FileExistsError:  # another process was first: its key counts
            return self.create(person)
        return key

    def find(self, person: str) -> bytes | None:
        """
        Return the key of *person*, 32 bytes; None when it was destroyed or never made.

        Raises:
            ValueError: *person* is no minted id.
            Unavailable: the folder is not there (not mounted, not restored) or not readable: nobody was erased then.
            Broken: the file is damaged, belongs to someone else, or the master key is another one.
        """
        key = self._read(person)
        if key is None and not self._folder.is_dir():
            raise Unavailable(NO_PERSONS.at(folder=str(self._folder)))
        return key

    def _read(self, person: str) -> bytes | None:
        path = self.path(person)
        with reported(path):
            try:
                sealed = path.read_bytes()
            except FileNotFoundError:
                return None
        key = seal.open_sealed(self._key, sealed, _context(person))
        if len(key) != seal.KEY_SIZE:
            raise Broken("a person's key has another size", expected=seal.KEY_SIZE, found=len(key))
        return key

    def destroy(self, person: str) -> bool:
        """
        Overwrite and remove the key of *person*; returns whether there was one.

        Raises:
            ValueError: *person* is no minted id.
            Unavailable: the file can't be removed; nothing is erased then.
        """
        return destroy_file(self.path(person))


def _context(person: str) -> bytes:
    return seal.frame("person", person)
