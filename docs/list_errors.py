"""
Write the table of problem codes into errors.md: ``python docs/list_errors.py``; with ``--check`` only compare.

Every module of the package is imported and its ``Reason`` constants are collected.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import suyuan
from suyuan.errors import Reason, SuyuanError

PAGE = Path(__file__).with_name("errors.md")


def find_reasons() -> dict[str, set[tuple[str, str]]]:
    """Return every code with its sentences in Chinese and English; a few codes word one thing in two places."""
    found: dict[str, set[tuple[str, str]]] = {}
    for name in [suyuan.__name__, *_modules()]:
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Reason):
                found.setdefault(value.code, set()).add((value.zh, value.en))
    return found


def _modules() -> Iterator[str]:
    return (
        module.name
        for module in pkgutil.walk_packages(suyuan.__path__, "suyuan.")
        if not re.search(r"__main__|migrations", module.name)
    )


STEPS = ("step.", "open.")
"""Codes of what a verification showed and did not show; no problems."""


def list_reasons(*, steps: bool) -> str:
    """Return one row for each code and sentence: of problems, or of the steps of a verification."""
    rows = ["| code | 中文 | English |", "| --- | --- | --- |"]
    for code, sentences in sorted(find_reasons().items()):
        if code.startswith(STEPS) == steps:
            rows += [f"| `{code}` | {_cell(zh)} | {_cell(en)} |" for zh, en in sorted(sentences)]
    return "\n".join(rows)


def list_classes() -> str:
    """Return one row for each class of errors."""
    rows = ["| class | code | meaning |", "| --- | --- | --- |"]
    for kind in sorted(_classes(SuyuanError), key=lambda kind: kind.__qualname__):
        first = (kind.__doc__ or "").strip().splitlines()[0]
        rows.append(f"| `{kind.__name__}` | `{kind.code}` | {_cell(first)} |")
    return "\n".join(rows)


def _classes(kind: type[SuyuanError]) -> set[type[SuyuanError]]:
    return {one for child in kind.__subclasses__() for one in {child, *_classes(child)}}


def _cell(text: str) -> str:
    """Return *text* as a table shows it: figures in single braces, code in single backticks, no bars, no tags."""
    plain = re.sub(r"\{(\w+)!r\}", r"{\1}", text).replace("{{", "{").replace("}}", "}").replace("``", "`")
    return plain.replace("|", "\\|").replace("<", "&lt;")


def replace_table(page: Path, name: str, table: str) -> str | None:
    """Put *table* between its markers in *page*; with ``--check`` return what is wrong instead."""
    text = page.read_text("utf-8")
    start, end = f"<!-- table: {name} -->\n", "\n<!-- end of table -->"
    before, marker, rest = text.partition(start)
    old, found, after = rest.partition(end)
    if not marker or not found:
        return f"{page.name} has no table {name}"
    if "--check" in sys.argv:
        return None if old == table else f"{page.name}: run python docs/{Path(sys.argv[0]).name}"
    page.write_text(f"{before}{start}{table}{end}{after}", "utf-8")
    return None


if __name__ == "__main__":
    tables = {"reasons": list_reasons(steps=False), "steps": list_reasons(steps=True)}
    tables["classes"] = list_classes()  # after the others, which import every module
    wrong = [replace_table(PAGE, name, table) for name, table in tables.items()]
    sys.exit("\n".join(line for line in wrong if line) or None)
