"""The package as it is built, written and explained."""

from __future__ import annotations

import ast
import re
import tomllib

from tests.house.sources import PACKAGE, ROOT, modules, tracked

MODULE_LINES = 300
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "service", "misc"}


def test_every_folder_of_the_package_is_listed_for_the_build() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    folders = {path.parent.relative_to(PACKAGE).parts for path in PACKAGE.rglob("*.py")}
    assert sorted(listed) == sorted(".".join(("suyuan", *parts)) for parts in folders)


def test_every_folder_with_modules_is_a_package() -> None:
    assert [p for p in {q.parent for q in PACKAGE.rglob("*.py")} if not (p / "__init__.py").exists()] == []


def test_a_rooms_init_is_a_docstring_only() -> None:
    more = [
        name for name, (path, tree) in modules().items() if path.name == "__init__.py" and len(tree.body) > 1
    ]
    assert [name for name in more if name] == []


def test_every_module_and_public_function_has_a_docstring() -> None:
    missing = []
    for name, (_, tree) in modules().items():
        if not ast.get_docstring(tree):
            missing.append(name)
        missing += [f"{name}.{what}" for what in _undocumented(tree, "")]
    assert missing == []


def _undocumented(node: ast.Module | ast.ClassDef, prefix: str) -> list[str]:
    found = []
    for child in node.body:
        if not isinstance(
            child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) or child.name.startswith("_"):
            continue
        overload = any(getattr(d, "id", "") == "overload" for d in child.decorator_list)
        if not ast.get_docstring(child) and not overload:
            found.append(prefix + child.name)
        if isinstance(child, ast.ClassDef):
            found += _undocumented(child, f"{prefix}{child.name}.")
    return found


def test_modules_stay_short() -> None:
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, (path, _) in modules().items()}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_modules_are_named_for_what_they_are() -> None:
    assert [name for name in modules() if name.split(".")[-1] in FORBIDDEN_NAMES] == []


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    # Spelled in pieces, so that this file is clean itself.
    machine = re.compile(
        rb"/(?:home|Users|root|work)"
        rb"/[a-z]|--(?:extra-)?index"
        rb"-url +\S|pypi"
        rb"\.org|https?://[^/\s]*/simple\b"
    )
    allowed = {"uv.lock"}
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode()}"
        for path in tracked()
        if path.name not in allowed and (match := machine.search(path.read_bytes()))
    ]
    assert found == []


def test_requirements_are_pinned_with_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        assert lines
        assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []
