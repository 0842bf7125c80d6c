"""``suyuan init``: found a log in a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Missing, Reason, Refused
from .files import read_public_jwk
from .frame import Frame, frame_of, print_json

if TYPE_CHECKING:
    from ..capture.founding import Founder
    from ..server.house import House
    from ..settings import Folder, Settings

DEFAULT_ADDRESS = "http://localhost:8000"
DEMO_SUPERVISOR = "监管部门"

LOG_NAME = Reason(
    "init.log",
    "账本名“{log}”只能是可见的 ASCII 字符，不含加号",
    "the log {log!r} must be visible ASCII characters without a plus",
)
NAMES = Reason(
    "init.supervisors",
    "给了 {names} 个监管部门名称、{keys} 个公钥，个数须相同",
    "{names} supervisors and {keys} keys are given; there must be as many of each",
)
OTHER = Reason(
    "init.other",
    "文件夹 {data} 已用于账本 {log}（{address}）",
    "the folder {data} is in use for the log {log} ({address})",
)
EXISTS = Reason(
    "init.exists",
    "文件夹 {data} 中的账本 {log} 已经存在，没有改动",
    "the log {log} exists already in the folder {data}; nothing was changed",
)


def found(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    log: Annotated[
        str | None, typer.Option(help="账本名，即检查点的来源 / the log's id, its checkpoint origin")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="印在标签上的公开网址 / public address that labels carry")
    ] = None,
    supervisor: Annotated[
        list[str] | None, typer.Option(help="监管部门名称，可重复 / supervisor's name, repeatable")
    ] = None,
    supervisor_key: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE.jwk", help="监管部门的公钥，可重复 / supervisor's public key, repeatable"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """
    新建账本；未完成的新建会接着做完。 / Found a log; an init that was interrupted is finished.

    不给 --supervisor-key 时建立演示账本，监管部门的密钥由服务代管。 / Without --supervisor-key the log is a demo log.
    """
    frame = frame_of(context)
    founders = plan_founders(supervisor or [], supervisor_key or [])
    house = found_folder(frame.settings(), (log, address), founders)
    try:
        _tell(frame, house)
        if as_json:
            print_json(describe(house))
    finally:
        house.close()


def describe(house: House) -> dict[str, object]:
    """Return what a new log's operator must know, for programs. The master key's place, never the key."""
    return {
        "data": str(house.settings.data),
        "log": house.log_id,
        "address": house.address,
        "key": house.keys.checkpoint.vkey,
        "demo": house.folder.demo,
    }


def plan_founders(names: list[str], files: list[Path]) -> list[Founder]:
    """
    Return the founding supervisors: by their public keys, or one whose key the service makes and keeps.

    Raises:
        Refused: ``init.supervisors``, or a file that holds no key.
        Missing: no such file.
    """
    from ..capture.founding import Founder

    if not files:
        return [Founder(name) for name in names or [DEMO_SUPERVISOR]]
    if len(names) != len(files):
        raise Refused(NAMES.at(names=len(names), keys=len(files)))
    return [Founder(name, read_public_jwk(path)) for name, path in zip(names, files, strict=True)]


def is_begun(settings: Settings) -> bool:
    """Tell whether an init has left its file in the data folder."""
    from ..settings import read_folder

    try:
        read_folder(settings.data)
    except Missing:
        return False
    return True


def found_folder(settings: Settings, wish: tuple[str | None, str | None], founders: list[Founder]) -> House:
    """
    Found the log in the data folder, or finish founding it; *wish* is log and address, None where it does not matter.

    The folder's file comes first, so that a crash anywhere leaves what a second init goes on from.

    Raises:
        Refused: ``init.exists``, ``init.other``, ``init.log``, ``address.form``.
        Unavailable: the database or the disk.
    """
    import os

    from ..capture.mint import Mint
    from ..durable import make_folder
    from ..ledger.engine import translated
    from ..server.house import found_house, utc_now
    from ..settings import write_folder

    folder = _folder(settings, wish, demo=any(founder.jwk is None for founder in founders))
    make_folder(settings.data)
    with translated():
        if is_founded(settings, folder.log):
            raise Refused(EXISTS.at(data=str(settings.data), log=folder.log))
        write_folder(settings.data, folder)
        return found_house(settings, folder, founders, Mint(utc_now, os.urandom))


def is_founded(settings: Settings, log_id: str) -> bool:
    """Tell whether the log has its first entry; makes the tables where there are none."""
    from ..ledger import store
    from ..ledger.engine import begin_read, open_engine
    from ..server.migrate import upgrade

    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
        with begin_read(engine) as connection:
            head = store.find_head(connection, log_id)
        return head is not None and head.size > 0
    finally:
        engine.dispose()


def _folder(settings: Settings, wish: tuple[str | None, str | None], *, demo: bool) -> Folder:
    """Return what the folder is for: as its file says, where an earlier init left one, else as wished."""
    from ..ledger.vkey import is_key_name
    from ..qr.address import find_domain
    from ..settings import Folder, read_folder

    log, address = wish
    try:
        known = read_folder(settings.data)
    except Missing:
        address = (address or settings.address or DEFAULT_ADDRESS).rstrip("/")
        log = log or f"{find_domain(address)}/log"
        if not (is_key_name(log) and log.isascii()) or len(log) > 200:
            raise Refused(LOG_NAME.at(log=log[:60])) from None
        find_domain(address)
        return Folder(log, address, demo)
    if (log or known.log, (address or known.address).rstrip("/")) != (known.log, known.address):
        raise Refused(OTHER.at(data=str(settings.data), log=known.log, address=known.address))
    return Folder(known.log, known.address, demo)


def _tell(frame: Frame, house: House) -> None:
    settings = house.settings
    frame.tell(f"账本 {house.log_id} 已建立：{settings.data}", f"log {house.log_id} founded: {settings.data}")
    frame.tell(f"日志公钥：{house.keys.checkpoint.vkey}", f"log key: {house.keys.checkpoint.vkey}")
    if settings.master_key is None:
        frame.tell(
            f"主密钥在 {settings.master_key_file}：请另存一份，与备份分开放；丢失则备份无法打开。",
            f"master key: {settings.master_key_file}. Keep a copy apart from the backups; without it none opens.",
        )
    if house.folder.demo:
        frame.tell(
            "注意：这是演示账本。监管部门的密钥由本服务代管，任何人都不应据此作监管凭证。",
            "WARNING: this is a demo log. The service keeps the supervisor's key; nobody should rely on it.",
        )
