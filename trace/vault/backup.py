"""
One file that holds a whole data folder, whatever the engine; without the master key.

Each table is a line of column names and one line per row, in the order of the primary key, so that a backup of SQLite
can be restored into PostgreSQL and equal content gives an equal file (see ``archive``).

A backup holds the persons' keys of its day (sealed): after restoring, erase again whoever was erased since. Keep
backups no longer than erasure may take.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, insert, select

from ..durable import draft_file, fsync_folder, make_folder, reported, write_file
from ..errors import Broken, Conflict, Reason, Refused
from ..ledger.engine import begin_read, begin_write, translated
from . import archive, lines, tables

CONFIG = "suyuan.json"

THERE = Reason(
    "backup.there", "文件 {file} 已存在，不会覆盖", "the file {file} is already there and is not replaced"
)
NOT_EMPTY = Reason(
    "backup.not-empty", "恢复目标 {target} 不是空的", "the target of the restore, {target}, is not empty"
)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is backed up: a database, the tables that count (of every room), and the data folder."""

    engine: Engine
    metadata: tuple[MetaData, ...]
    data: Path

    def tables(self) -> list[Table]:
        """Return all tables, parents before children."""
        return [table for metadata in self.metadata for table in metadata.sorted_tables]


# Write


def write_backup(
    path: Path, holdings: Holdings, master: bytes, *, log: str, made_at: str
) -> archive.Manifest:
    """
    Write all of *holdings* to *path*, while the service may go on writing.

    The database is read as of one moment: SQLite through its backup API, PostgreSQL in one REPEATABLE READ transaction.
    The persons' keys are read after it, so that each disclosure of that moment has its key.

    Raises:
        Conflict: *path* is already there.
        Unavailable: the disk is full, the database is gone.
        Broken: the database is damaged.
    """
    if path.exists():
        raise Conflict(THERE.at(file=str(path)))
    with reported(path), tempfile.TemporaryDirectory(prefix=".suyuan-", dir=path.parent) as name:
        draft = Path(name)
        _dump_database(holdings, draft)
        _copy_folder(holdings.data, draft / "folder")
        files = sorted(p for p in draft.rglob("*") if p.is_file())
        members = tuple(archive.describe(draft, file) for file in files)
        manifest = archive.Manifest(archive.FORMAT, log, made_at, members)
        with draft_file(path, replace=False) as file:
            archive.write_archive(file, draft, manifest, master)
    return manifest


def _dump_database(holdings: Holdings, draft: Path) -> None:
    (draft / "tables").mkdir()
    if holdings.engine.dialect.name != "sqlite":
        with begin_read(holdings.engine) as connection:
            _dump_tables(connection, holdings.tables(), draft)
        return
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=draft.parent) as name:
        copy = _copied_sqlite(holdings.engine, Path(name) / "copy.db")
        try:
            with translated(), copy.connect() as connection:
                _dump_tables(connection, holdings.tables(), draft)
        finally:
            copy.dispose()


def _copied_sqlite(engine: Engine, path: Path) -> Engine:
    """Copy a live database by SQLite's backup API: copying its files would miss the journal."""
    module = engine.dialect.loaded_dbapi
    target = module.connect(str(path))
    raw = engine.raw_connection()
    try:
        raw.driver_connection.backup(target)  # type: ignore[union-attr]  # a sqlite3 or pysqlite3 connection
    finally:
        raw.close()
        target.close()
    return create_engine(f"sqlite:///{path}", module=module)


def _dump_tables(connection: Connection, wanted: Sequence[Table], draft: Path) -> None:
    for table in wanted:
        query = select(table).order_by(*table.primary_key).execution_options(yield_per=1000)
        with (draft / "tables" / f"{table.name}.jsonl").open("wb") as file:
            file.write(lines.format_row([column.name for column in table.columns]))
            file.writelines(lines.format_row(list(row)) for row in connection.execute(query))


def _copy_folder(data: Path, target: Path) -> None:
    for source in [data / CONFIG, *sorted((data / "persons").glob("*/*.key"))]:
        copy = target / source.relative_to(data)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy.write_bytes(source.read_bytes())
        except FileNotFoundError:  # a person erased just now, or a folder without a configuration
            continue


def read_backup(
    path: Path, master: bytes, data: Path, metadata: Sequence[MetaData], prepare: Callable[[Path], Engine]
) -> archive.Manifest:
    """
    Restore the backup at *path* into the new data folder *data*; whole, or nothing is left.

    Everything is written into a folder beside *data*, which takes its name at the end. A database outside the folder
    is filled in one transaction that commits after that.

    Args:
        data: absent or empty.
        metadata: the tables of every room, as when the backup was written.
        prepare: given the folder in the making, creates an empty database with all tables there (or elsewhere) and
            returns an engine for it, which is disposed of here.

    Raises:
        Missing, Refused: see ``archive.check_archive``.
        Refused: *data* or the database is not empty; the tables are of another version.
        Unavailable: the disk is full.
    """
    manifest = archive.check_archive(path, master)
    if data.exists() and any(data.iterdir()):
        raise Refused(NOT_EMPTY.at(target=str(data)))
    make_folder(data.parent)
    with reported(data):
        draft = Path(tempfile.mkdtemp(prefix=f".{data.name}-", dir=data.parent))
    try:
        _restore_files(path, manifest, draft)
        engine = prepare(draft)
        try:
            _restore_database(path, engine, metadata, lambda: _take_place(draft, data))
        finally:
            engine.dispose()
        if engine.dialect.name == "sqlite":  # its file moves with the folder, so it must be closed first
            _take_place(draft, data)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _restore_files(path: Path, manifest: archive.Manifest, draft: Path) -> None:
    make_folder(draft / "persons")  # even if empty: an absent one means that it is not mounted
    with tarfile.open(path, mode="r:") as tar:
        for member in manifest.members:
            if member.name.startswith("folder/"):
                target = draft / member.name.removeprefix("folder/")
                make_folder(target.parent)
                write_file(target, archive.read_member(tar, tar.getmember(member.name)), replace=False)


def _restore_database(
    path: Path, engine: Engine, metadata: Sequence[MetaData], take_place: Callable[[], None]
) -> None:
    with tarfile.open(path, mode="r:") as tar, begin_write(engine) as connection:
        members = {info.name: info for info in tar.getmembers()}
        for table in (table for part in metadata for table in part.sorted_tables):
            if connection.execute(select(table).limit(1)).first() is not None:
                raise Refused(NOT_EMPTY.at(target=table.name))
            info = members.pop(f"tables/{table.name}.jsonl", None)
            if info is None:
                raise Refused(archive.OTHER_SHAPE.at(table=table.name))
            with archive.open_member(tar, info) as stream:
                for chunk in tables.chunks(_rows(table, stream), 1000):
                    connection.execute(insert(table), chunk)
        for name in members:
            if name.startswith("tables/"):
                raise Refused(archive.OTHER_SHAPE.at(table=Path(name).stem))
        if engine.dialect.name != "sqlite":
            take_place()


def _rows(table: Table, stream: IO[bytes]) -> Iterator[Mapping[str, object]]:
    header = lines.parse_row(stream.readline())
    names = [column.name for column in table.columns]
    if header != names:
        raise Refused(archive.OTHER_SHAPE.at(table=table.name))
    for line in stream:
        values = lines.parse_row(line)
        if len(values) != len(names):
            raise Broken(f"a row of {table.name} has another length", expected=len(names), found=len(values))
        yield dict(zip(names, values, strict=True))


def _take_place(draft: Path, data: Path) -> None:
    with reported(data):
        draft.replace(data)  # takes the place of an empty folder, fails on any other
        fsync_folder(data.parent)
