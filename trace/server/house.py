"""The house: settings made into the objects that every command and the server work with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine

from ..capture.append import Capture
from ..capture.founding import Founder, Plan, found_log
from ..capture.logkeys import LogKeys, find_log_keys
from ..capture.mint import Mint
from ..capture.pen import Pen
from ..errors import Missing, Reason, SuyuanError
from ..ledger.engine import open_engine
from ..ledger.store import StoredCheckpoint
from ..ledger.watermark import Watermark
from ..publish.checkpoints import publish_checkpoint
from ..settings import Folder, Settings, create_master_key, find_master_key, read_folder, write_folder
from ..vault.vault import Vault
from .migrate import METADATA, check_revision, upgrade

NOT_FOUNDED = Reason(
    "folder.not-founded",
    "{data} 的初始化没有完成，请重新运行 suyuan init",
    "the initialisation of {data} did not finish, run suyuan init again",
)

__all__ = ["METADATA", "House", "create_tables", "found_house", "open_house", "open_vault", "utc_now"]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """One log, opened; the watermark remembers how far this process saw it committed."""

    settings: Settings
    folder: Folder
    engine: Engine
    vault: Vault
    keys: LogKeys
    mint: Mint
    watermark: Watermark = field(default_factory=Watermark)

    @property
    def log_id(self) -> str:
        """The log's id, which is its checkpoint origin."""
        return self.folder.log

    @property
    def address(self) -> str:
        """The public address that labels carry."""
        return self.settings.address or self.folder.address

    @property
    def capture(self) -> Capture:
        """The writer."""
        return Capture(
            self.engine, self.log_id, self.vault, self.keys.receipt, self.mint.clock, self.watermark
        )

    @property
    def pen(self) -> Pen:
        """What writes statements for parties whose keys the service keeps."""
        return Pen(self.log_id, self.mint)

    def checkpoint(self) -> StoredCheckpoint | None:
        """Sign the log as it stands; return its latest checkpoint."""
        return publish_checkpoint(self.engine, self.log_id, self.keys.checkpoints, self.mint.clock)

    def close(self) -> None:
        """Give the database back."""
        self.engine.dispose()


def create_tables(engine: Engine) -> None:
    """Make every table that is not there yet, or bring those that are to this version's form."""
    upgrade(engine)


def open_vault(settings: Settings, engine: Engine, log_id: str, mint: Mint) -> Vault:
    """Open the vault of the log with the master key from file or environment."""
    return Vault(engine, log_id, find_master_key(settings), settings.persons, mint.random)


def found_house(settings: Settings, folder: Folder, founders: Sequence[Founder], mint: Mint) -> House:
    """
    Initialise a data folder: master key, tables, the log and its first entry; finish one that was interrupted.

    Raises:
        Refused: the log exists already.
    """
    create_master_key(settings, mint.random)
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
        vault = open_vault(settings, engine, folder.log, mint)
        found_log(engine, vault, Plan(folder.log, folder.address), founders, mint)
    finally:
        engine.dispose()
    write_folder(settings.data, folder)
    return open_house(settings, mint)


def open_house(settings: Settings, mint: Mint | None = None) -> House:
    """
    Open an initialised data folder.

    Raises:
        Missing: the folder was never initialised, the database is empty, or the master key is not there.
        Unavailable: the tables are of another version of Suyuan, or the database is gone.
        Broken: the log's keys do not open.
    """
    folder = read_folder(settings.data)
    mint = mint or Mint(utc_now, os.urandom)
    engine = open_engine(settings.database_url)
    try:
        check_revision(engine)
        vault = open_vault(settings, engine, folder.log, mint)
        keys = find_log_keys(vault, folder.log)
        if keys is None:
            raise Missing(NOT_FOUNDED.at(data=str(settings.data)))
    except SuyuanError:
        engine.dispose()
        raise
    return House(settings, folder, engine, vault, keys, mint)
