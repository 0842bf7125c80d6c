"""``suyuan backup``, ``restore`` and ``upgrade``: a whole data folder in one file, the master key apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .files import read_file, write_new
from .frame import Frame, frame_of, open_data

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ..settings import Settings


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="新备份文件 / new backup file")],
) -> None:
    """备份数据库、保险库与个人密钥；不含主密钥。 / Back up database, vault and keys, without the master key."""
    from ..server.migrate import METADATA
    from ..settings import find_master_key
    from ..vault.backup import Holdings, write_backup

    frame = frame_of(context)
    with open_data(frame) as house:
        holdings = Holdings(house.engine, METADATA, house.settings.data)
        master = find_master_key(house.settings)
        made_at = house.mint.clock().isoformat(timespec="seconds")
        manifest = write_backup(file.absolute(), holdings, master, log=house.log_id, made_at=made_at)
    frame.tell(
        f"已备份账本 {manifest.log} 到 {file}（{len(manifest.members)} 个文件）；主密钥请另存",
        f"log {manifest.log} backed up to {file} ({len(manifest.members)} files); keep the master key apart",
    )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 / backup file")],
    master_key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="主密钥文件，会放入新文件夹 / master key, copied into the new folder"
        ),
    ] = None,
) -> None:
    """把备份恢复到新的数据文件夹。 / Restore a backup into a new data folder."""
    from dataclasses import replace

    from ..ledger.engine import open_engine, translated
    from ..server.migrate import METADATA
    from ..server.migrate import upgrade as make_tables
    from ..settings import find_master_key
    from ..vault.backup import read_backup

    frame = frame_of(context)
    settings = frame.settings()
    own = settings.data / "suyuan.db"
    if master_key_file is not None:
        settings = replace(settings, master_key=None, master_key_file=master_key_file)

    def prepare(draft: Path) -> Engine:
        inside = settings.database_url == f"sqlite:///{own}"
        engine = open_engine(f"sqlite:///{draft / own.name}" if inside else settings.database_url)
        make_tables(engine)
        return engine

    with translated():
        manifest = read_backup(file, find_master_key(settings), settings.data, METADATA, prepare)
    _keep_master_key(settings, master_key_file)
    _tell(frame, settings, manifest.log, manifest.made_at)


def upgrade(context: typer.Context) -> None:
    """升级程序后更新数据库结构；请先备份。 / Bring the tables to this version's form; make a backup first."""
    from ..ledger.engine import open_engine, translated
    from ..server.migrate import HEAD
    from ..server.migrate import upgrade as make_tables
    from ..settings import read_folder

    frame = frame_of(context)
    settings = frame.settings()
    read_folder(settings.data)
    engine = open_engine(settings.database_url)
    try:
        with translated():
            make_tables(engine)
    finally:
        engine.dispose()
    frame.tell(f"数据库结构为 {HEAD} 版", f"the tables are of revision {HEAD}")


def _keep_master_key(settings: Settings, given: Path | None) -> None:
    target = settings.data / "master.key"
    if given is not None and not target.exists():
        write_new(target, read_file(given), mode=0o600)


def _tell(frame: Frame, settings: Settings, log: str, made_at: str) -> None:
    frame.tell(
        f"已恢复账本 {log}（备份于 {made_at}）到 {settings.data}；此后抹除过的个人请再抹除一次，并运行 audit",
        f"log {log} of {made_at} restored to {settings.data}; erase again whoever was erased since, and run audit",
    )
