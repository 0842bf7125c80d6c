"""The house: settings made into the objects that every command and the server work with."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine

from ..capture.append import Capture
from ..capture.founding import Founder, Plan, found_log
from ..capture.logkeys import AnySigner, LogKeys, find_log_keys
from ..capture.mint import Mint
from ..capture.office import Office
from ..capture.pen import Pen
from ..capture.rekeying import find_due, read_log, retire_key
from ..errors import Missing, Reason, Refused, SuyuanError, Unavailable
from ..ledger.engine import open_engine
from ..ledger.jwk import SigningKey
from ..ledger.note import Signer
from ..ledger.policy import Policy
from ..ledger.store import StoredCheckpoint
from ..ledger.watermark import Watermark
from ..publish.checkpoints import publish_checkpoint
from ..publish.guard import check_unforked, find_published
from ..publish.publisher import Publisher, known_keys
from ..publish.target import Target, open_target
from ..publish.witnesses import Witnesses
from ..settings import Folder, Settings, create_master_key, find_master_key, read_folder, write_folder
from ..vault.vault import Vault
from .locks import handed_keys
from .migrate import METADATA, check_revision, upgrade
from .witnesses import Seen, format_own_policy, read_witness_policy

NOT_FOUNDED = Reason(
    "folder.not-founded",
    "{data} 的初始化没有完成，请重新运行 suyuan init",
    "the initialisation of {data} did not finish, run suyuan init again",
)

DUE = Reason(
    "log-key.due",
    "一把检查点密钥已到停用日，但还不能停用：{zh}（{code}）",
    "a key of the checkpoints is due and signs on: {en} ({code})",
)
UNCOMPARED = Reason(
    "publish.uncompared", "没有与已发布的检查点核对：{zh}", "not compared with what is published: {en}"
)

_log: Final = logging.getLogger(__name__)

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
    handed: tuple[SigningKey, ...] = field(default=(), repr=False)
    """Keys of checkpoints that the operator hands in."""
    policy: Policy = field(default_factory=Policy)
    """The witnesses and their quorum."""
    seen: Seen = field(default_factory=Seen)
    told: set[str] = field(default_factory=set)
    """What was complained of, so that it is not said every second."""

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
        """
        The writer; nobody gets one while a published checkpoint proves that the database is not the log it was.

        Raises:
            As ``check_unforked``.
        """
        self.check_unforked()
        return Capture(
            self.engine, self.log_id, self.vault, self.keys.receipt, self.mint.clock, self.watermark
        )

    @property
    def pen(self) -> Pen:
        """What writes statements for parties whose keys the service keeps."""
        return Pen(self.log_id, self.mint)

    @property
    def target(self) -> Target:
        """Where the log is published."""
        return open_target(self.settings.publish_to, self.settings.bucket)

    @property
    def witnesses(self) -> Witnesses:
        """Those who are asked to cosign; may be nobody."""
        waits = self.settings.witness_wait == "quorum"
        return Witnesses(self.engine, self.log_id, self.policy, self.keys.checkpoints, waits=waits)

    def publisher(self, target: Target | None = None, witnesses: Witnesses | None = None) -> Publisher:
        """Return what publishes the log to *target*, or to where the settings say, and asks *witnesses*."""
        ask = (witnesses or self.witnesses).ask
        publisher = Publisher(self.engine, self.log_id, (), target or self.target, self.mint.clock, ask)
        self.refresh(publisher)
        return publisher

    def refresh(self, publisher: Publisher) -> None:
        """
        Give *publisher* the keys that sign now, and the policy that names them; a key whose end has come goes.

        Raises:
            As ``signers``.
        """
        try:
            self.retire_due()
        except (Missing, Refused) as error:
            first = error.problem if isinstance(error, Missing) else error.problems[0]
            if first.code not in self.told:
                _log.warning("%s", DUE.at(zh=first.zh, en=first.en, code=first.code))
            self.told.add(first.code)
        publisher.signers = self.signers()
        publisher.policy = self.policy_text()

    def policy_text(self) -> str:
        """Return keys and witnesses of the log as a tlog-policy, for whoever checks it; errors as for ``signers``."""
        keys = [one.verifier if isinstance(one, Signer) else one.key for one in self.signers()]
        return format_own_policy(keys, self.policy)

    def check_unforked(self) -> None:
        """
        Compare the database with what is published and what the witnesses hold; who can't be asked proves nothing.

        Raises:
            Forked: ``log.behind``, ``log.forked``: a checkpoint of this log is not of this database.
            Refused: ``publish.foreign``: what is published there was not signed by this log.
            Unavailable: the database.
        """
        check_unforked(self.engine, self.log_id, self.seen.find(self.witnesses))
        target = self.target
        keys = known_keys(self.engine, self.log_id, self.keys.checkpoints)
        try:
            found = find_published(target, self.log_id, keys)
        except Unavailable as error:
            _log.warning("%s", UNCOMPARED.at(zh=error.problem.zh, en=error.problem.en))
            return
        check_unforked(self.engine, self.log_id, found)

    def checkpoint(self) -> StoredCheckpoint | None:
        """
        Sign the log as it stands; return its latest checkpoint.

        Raises:
            As ``check_unforked`` and ``publish_checkpoint``.
        """
        self.check_unforked()
        return publish_checkpoint(self.engine, self.log_id, self.signers(), self.mint.clock)

    def signers(self) -> tuple[AnySigner, ...]:
        """
        Return the keys that sign checkpoints now: another process may have announced one, or retired one, since.

        Raises:
            Missing: ``log-key.missing``: none of them is at hand.
            Unavailable: the database.
        """
        keys = find_log_keys(self.vault, self.log_id, self.handed)
        return keys.checkpoints if keys else self.keys.checkpoints

    def retire_due(self) -> None:
        """
        Retire the keys of checkpoints whose announced end has come, after both have signed a checkpoint.

        Raises:
            Missing, Refused: as ``retire_key``; Unavailable: the database.
        """
        for key in find_due(read_log(self.engine, self.log_id), self.mint.clock()):
            self.checkpoint()
            office = Office(self.engine, self.vault, self.capture, self.pen)
            retire_key(office, key.vkey, self.signers())

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
        found_log(engine, vault, Plan(folder.log, folder.address, handed_keys(settings)), founders, mint)
    finally:
        engine.dispose()
    write_folder(settings.data, folder)
    return open_house(settings, mint)


def open_house(settings: Settings, mint: Mint | None = None) -> House:
    """
    Open an initialised data folder.

    Raises:
        Missing: the folder was never initialised, the database is empty, a key is not there.
        Refused: others may read a key file that is handed in, or it does not open; the list of witnesses is wrong.
        Unavailable: the tables are of another version of Suyuan, or the database is gone.
        Broken: the log's keys do not open.
    """
    folder = read_folder(settings.data)
    policy = read_witness_policy(settings.witnesses)
    mint = mint or Mint(utc_now, os.urandom)
    engine = open_engine(settings.database_url)
    try:
        check_revision(engine)
        vault = open_vault(settings, engine, folder.log, mint)
        handed = handed_keys(settings)
        keys = find_log_keys(vault, folder.log, handed)
        if keys is None:
            raise Missing(NOT_FOUNDED.at(data=str(settings.data)))
    except SuyuanError:
        engine.dispose()
        raise
    return House(settings, folder, engine, vault, keys, mint, handed=handed, policy=policy)
