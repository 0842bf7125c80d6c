"""How locked files are opened without a person at hand, and the keys of checkpoints that an operator hands in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import Missing, Reason, Refused
from ..ledger.jwk import SigningKey
from ..settings import Secrets, Settings, find_master_key
from ..vault.keyfile import parse_key_file, read_tight
from ..vault.locked import MASTER, FindLock, Lock

NO_PASSPHRASE = Reason(
    "lock.no-passphrase",
    "缺少口令：请在终端输入，或设置 SUYUAN_PASSPHRASE 或 SUYUAN_PASSPHRASE_FILE",
    "no passphrase: type it at a terminal, or set SUYUAN_PASSPHRASE or SUYUAN_PASSPHRASE_FILE",
)
NOT_TEXT = Reason(
    "lock.passphrase-file", "口令文件 {name} 不是 UTF-8 文本", "the passphrase file {name} is no UTF-8 text"
)


def find_passphrase(secrets: Secrets) -> str:
    """
    Return the passphrase that opens key files: ``SUYUAN_PASSPHRASE``, else the first line of its file, else nothing.

    Raises:
        Missing, Refused, Unavailable: the file is not there, others may read it, it can't be read.
    """
    return secrets.passphrase or _first_line(secrets.passphrase_file)


def find_new_passphrase(secrets: Secrets) -> str:
    """Return the passphrase with which a file is to be locked anew, from ``SUYUAN_NEW_PASSPHRASE``; as above."""
    return secrets.new_passphrase or _first_line(secrets.new_passphrase_file)


def _first_line(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return read_tight(path).decode().partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise Refused(NOT_TEXT.at(name=str(path))) from None


def no_passphrase() -> str:
    """
    Stand in for a person who is not there.

    Raises:
        Missing: ``lock.no-passphrase``.
    """
    raise Missing(NO_PASSPHRASE.at())


def lock_finder(settings: Settings, ask: Callable[[], str] = no_passphrase) -> FindLock:
    """Return what finds the lock of a file: in the environment, else by *ask* where it is a passphrase."""

    def find_lock(kind: str) -> Lock:
        if kind == MASTER:
            return Lock(master=find_master_key(settings))
        return Lock(passphrase=find_passphrase(settings.secrets) or ask())

    return find_lock


def handed_keys(settings: Settings) -> tuple[SigningKey, ...]:
    """
    Return the keys of checkpoints from ``SUYUAN_LOG_KEY`` and the files of ``SUYUAN_LOG_KEY_FILE``.

    Raises:
        Refused: ``file.mode``, ``file.key``, ``lock.closed``.
        Missing, Unavailable: a file, or what opens it.
    """
    secrets, find_lock = settings.secrets, lock_finder(settings)
    texts = [("SUYUAN_LOG_KEY", secrets.log_key.encode())] if secrets.log_key else []
    texts += [(str(path), read_tight(path)) for path in secrets.log_key_files]
    return tuple(parse_key_file(data, name, find_lock) for name, data in texts)
