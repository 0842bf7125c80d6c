"""Passphrases at the command line: asked at a terminal or taken from the environment, never among the arguments."""

from __future__ import annotations

import warnings
from getpass import GetPassWarning
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Missing, Reason, Refused
from .frame import Frame

if TYPE_CHECKING:
    from ..settings import Settings
    from ..vault.locked import FindLock, Lock

BOTH = Reason(
    "lock.both",
    "--no-passphrase 与 --master-key 不能同时给出",
    "--no-passphrase and --master-key exclude each other",
)


NoPassphrase = Annotated[
    bool, typer.Option("--no-passphrase", help="不加密，明文保存 / leave the file in clear")
]
MasterKey = Annotated[
    bool, typer.Option("--master-key", help="改用主密钥加密 / lock it with the master key instead")
]


def find_lock_for(frame: Frame | None) -> FindLock:
    """Return what finds the lock of a file for a command: in the environment, else it asks."""
    from ..server.locks import lock_finder

    return lock_finder(_settings(frame), lambda: _ask(frame or Frame(None, "zh"), new=False))


def choose_lock(frame: Frame, *, plain: bool = False, master: bool = False) -> Lock | None:
    """
    Return the lock of a new file: none where *plain*, the master key, or a passphrase that is asked twice.

    Raises:
        Refused: ``lock.both``, ``lock.short``.
        Missing: ``lock.no-passphrase``: none in the environment and nobody to ask; or there is no master key.
    """
    from ..server.locks import find_new_passphrase, find_passphrase
    from ..settings import find_master_key
    from ..vault.locked import Lock, check_passphrase

    if plain and master:
        raise Refused(BOTH.at())
    if plain:
        return None
    settings = frame.settings()
    if master:
        return Lock(master=find_master_key(settings))
    given = find_new_passphrase(settings.secrets) or find_passphrase(settings.secrets)
    passphrase = given or _ask(frame, new=True)
    check_passphrase(passphrase)
    return Lock(passphrase=passphrase)


def tell_locked(frame: Frame, file: Path, lock: Lock | None) -> None:
    """Say where a private key is now and what opens it."""
    if lock is None:
        frame.tell(
            f"私钥在 {file}，请妥善保管，没有口令保护", f"the private key is in {file}, without a passphrase"
        )
    elif lock.master:
        frame.tell(
            f"私钥在 {file}，用主密钥加密", f"the private key is in {file}, locked with the master key"
        )
    else:
        frame.tell(f"私钥在 {file}，用口令加密", f"the private key is in {file}, locked with the passphrase")


def _settings(frame: Frame | None) -> Settings:
    return (frame or Frame(None, "zh")).settings()


def _ask(frame: Frame, *, new: bool) -> str:
    """Return what a person types unseen; with *new*, twice the same."""
    from ..server.locks import NO_PASSPHRASE

    word, again = frame.pick("口令", "Passphrase"), frame.pick("再输一次", "Once more")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # never read where it would be seen
            answer: str = typer.prompt(
                word, hide_input=True, confirmation_prompt=again if new else False, err=True
            )
    except (typer.Abort, GetPassWarning):
        raise Missing(NO_PASSPHRASE.at()) from None
    return answer
