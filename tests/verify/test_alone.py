"""The whole of ``verify`` loads without database, server, HTTP or the rooms that open them."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys
before = set(sys.modules)  # a process that is measured has the measurer's own
import suyuan.verify
for module in pkgutil.iter_modules(suyuan.verify.__path__, "suyuan.verify."):
    importlib.import_module(module.name)
print(*sorted(set(sys.modules) - before))
"""
BARRED = {
    "sqlalchemy",
    "psycopg",
    "sqlite3",
    "pysqlite3",
    "alembic",
    "fastapi",
    "starlette",
    "uvicorn",
    "urllib3",
    "obstore",
}
ROOMS = {
    f"suyuan.{room}"
    for room in (
        "api",
        "books",
        "capture",
        "monitor",
        "publish",
        "server",
        "settings",
        "vault",
        "web",
        "witness",
    )
}


def test_verify_loads_neither_database_nor_server() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "suyuan.verify.package" in loaded
    assert {name for name in loaded if name.split(".")[0] in BARRED} == set()
    assert {name for name in loaded if ".".join(name.split(".")[:2]) in ROOMS} == set()
