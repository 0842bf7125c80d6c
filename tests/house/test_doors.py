"""One door per dependency; pure rooms open nothing."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.sources import imports, modules

DOORS = {
    "alembic": r"server\.migrat(e|ions\..*)",
    "cryptography": r"ledger\.(note|statement|ed25519|mldsa)|vault\.seal",
    "fastapi": r"(api|web|server)(\..*)?",
    "fpdf": r"qr\.sheet",
    "jinja2": r"web(\..*)?",
    "obstore": r"publish\.bucket",
    "pil": r"qr\..*",
    "psycopg": r"ledger\.(store|engine|bulk)",
    "pydantic": r"api\.wire(_[a-z]+)?|settings",
    "pydantic_settings": r"settings",
    "pylopdf_fonts_zh_cn": r"qr\.(sheet|fonts?)",
    "pysqlite3": r"ledger\.engine",
    "python_calamine": r"intake\..*",
    "qrcode": r"qr\.symbol",
    "rich": r"cli(\..*)?",
    "sqlalchemy": r"ledger\.(store|schema|engine|bulk)|books(\..*)?|vault(\..*)?"
    r"|server\.migrat(e|ions\..*)",
    "sqlite3": r"ledger\.engine",
    "starlette": r"(api|web|server)(\..*)?",
    "typer": r"cli(\..*)?",
    "urllib3": r"remote",
    "uvicorn": r"server(\..*)?|cli(\..*)?",
}
"""Dependency -> the modules that may import it."""

PASSED_ON = {"sqlalchemy.Connection", "sqlalchemy.Engine", "sqlalchemy.MetaData"}
"""Types of what callers hand through: to name them in a signature is not to use the dependency."""

PURE = r"(produce|qr|verify)(\..*)?|ledger\.(?!store|engine|bulk).*"
IMPURE = (
    r"(os|socket|ssl|subprocess|shutil|tempfile|sqlite3|secrets|random|time|threading|asyncio"
    r"|urllib\.request)(\..*)?"
)
OPENING = {
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "urandom",
    "uuid4",
    "getenv",
    "now",
    "utcnow",
    "today",
}


@pytest.mark.parametrize("dependency", sorted(DOORS))
def test_a_dependency_is_imported_behind_its_door_only(dependency: str) -> None:
    strangers = [
        name
        for name, (_, tree) in modules().items()
        if any(found.split(".")[0].lower() == dependency for found in imports(tree) if found not in PASSED_ON)
        and not re.fullmatch(DOORS[dependency], name)
    ]
    assert strangers == []


def test_only_settings_reads_the_environment() -> None:
    readers = [
        name
        for name, (_, tree) in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "environb", "getenv"})
    ]
    assert [name for name in readers if name != "settings"] == []


def test_pure_rooms_import_nothing_that_opens() -> None:
    found = {
        f"{name}: {what}"
        for name, (_, tree) in modules().items()
        if re.fullmatch(PURE, name)
        for what in imports(tree)
        if re.fullmatch(IMPURE, what)
    }
    assert found == set()


def test_pure_rooms_call_nothing_that_opens() -> None:
    found = set()
    for name, (_, tree) in modules().items():
        if not re.fullmatch(PURE, name):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called in OPENING:
                    found.add(f"{name}:{node.lineno} {called}")
    assert found == set()


def test_imports_inside_the_package_are_relative() -> None:
    absolute = [
        name
        for name, (_, tree) in modules().items()
        if any(i.split(".")[0] in {"suyuan", "trace"} for i in imports(tree))
    ]
    assert absolute == []


def test_no_handler_catches_everything() -> None:
    broad = {"Exception", "BaseException"}
    found = [
        f"{name}:{node.lineno}"
        for name, (_, tree) in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in broad)
    ]
    assert found == []
