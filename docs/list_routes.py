"""
Write the tables of routes and of problem kinds into api.md: ``python docs/list_routes.py``; ``--check`` only compares.

The tables follow from the OpenAPI document of an application over a new, empty log.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from list_errors import replace_table

from suyuan.api.problems import KINDS
from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.server.app import create_app
from suyuan.server.house import found_house, utc_now
from suyuan.settings import Folder, load_settings
from suyuan.web.verdicts import LOOKS

PAGE = Path(__file__).with_name("api.md")


@contextmanager
def open_app() -> Iterator[FastAPI]:
    """Open the application over a new log in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        settings = replace(load_settings(data), database_url=f"sqlite:///{data / 'suyuan.db'}")
        folder = Folder("pear.example/log", "https://pear.example", demo=True)
        house = found_house(settings, folder, [Founder("监管部门")], Mint(utc_now, os.urandom))
        try:
            yield create_app(house)
        finally:
            house.close()


def list_routes(document: dict[str, Any]) -> str:
    """Return one row for each operation: method, path, parameters, what it does, statuses."""
    rows = ["| route | query | what it does | answers |", "| --- | --- | --- | --- |"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            query = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
            statuses = [status for status in sorted(operation["responses"]) if status != "default"]
            first = operation["description"].strip().split("\n")[0].replace("``", "`").replace("|", "\\|")
            cells = (f"`{method.upper()} {path}`", _code(query), first, " ".join(statuses))
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def list_kinds() -> str:
    """Return one row for each kind of problem document."""
    rows = ["| type | status | 中文 | English |", "| --- | --- | --- | --- |"]
    rows += [f"| `/problems/{kind}` | {one.status} | {one.zh} | {one.en} |" for kind, one in KINDS.items()]
    return "\n".join(rows)


def list_verdicts() -> str:
    """Return one row for each verdict of the page of a package."""
    rows = ["| state | status of the page | meaning |", "| --- | --- | --- |"]
    rows += [
        f"| `{state}` | {look.status} | {look.meaning.zh} {look.meaning.en} |"
        for state, look in LOOKS.items()
    ]
    return "\n".join(rows)


def _code(words: list[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    with open_app() as app:
        tables = {"routes": list_routes(app.openapi()), "kinds": list_kinds(), "verdicts": list_verdicts()}
    wrong = [replace_table(PAGE, name, table) for name, table in tables.items()]
    sys.exit("\n".join(line for line in wrong if line) or None)
