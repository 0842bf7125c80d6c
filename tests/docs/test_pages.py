"""docs/: what is there is named, what is named is there."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.cli.main import app
from suyuan.server.app import create_app
from suyuan.server.house import found_house
from suyuan.settings import Folder, Settings, load_settings
from tests.docs.tables import DOCS, run_script

ROOT = DOCS.parent
FOLDER = Folder("pear.example/log", "https://pear.example", demo=True)
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8") for page in PAGES}


@pytest.mark.parametrize("script", ["list_errors.py", "list_events.py", "list_routes.py"])
def test_the_tables_are_those_of_the_code(script: str) -> None:
    done = run_script(script, "--check")
    assert done.returncode == 0, done.stderr


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command below *group*: its words and itself."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_table_of_commands(command: str) -> None:
    assert f"| `{command}` |" in TEXTS["docs/cli.md"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_in_its_page(command: str) -> None:
    options = {one for param in COMMANDS[command].params for one in param.opts if one.startswith("--")}
    assert {one for one in options - {"--help"} if one not in TEXTS["docs/cli.md"]} == set()


def shown_commands() -> list[tuple[str, str]]:
    """Return every line of a shell block that calls suyuan, with its page; lines that go on are joined."""
    found = []
    for page, text in TEXTS.items():
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S):
            lines = block.replace("\\\n", " ").splitlines()
            found += [(page, line) for line in lines if re.match(r"(\S*/)?suyuan\b", line)]
    return found


@pytest.mark.parametrize(("page", "line"), shown_commands())
def test_a_command_that_is_shown_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    before = {"--data": 1, "--lang": 1, "--help": 0}
    while words and words[0] in before:
        words = words[1 + before[words[0]] :]
    if not words:
        return
    name = next(" ".join(words[:count]) for count in (1, 2, 3) if " ".join(words[:count]) in COMMANDS)
    command = COMMANDS[name]
    known = {one for param in command.params for one in param.opts}
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert given <= known


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {target for text in TEXTS.values() for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.M)}
    assert {target for target in named if not re.search(rf"^{target}:", makefile, re.M)} == set()


def test_every_route_is_in_the_page_of_the_api(tmp_path: Path, mint: Mint) -> None:
    settings = replace(load_settings(tmp_path), database_url=f"sqlite:///{tmp_path / 'suyuan.db'}")
    house = found_house(settings, FOLDER, [Founder("农业农村局")], mint)
    try:
        routes = {getattr(route, "path", "") for route in create_app(house).routes}
    finally:
        house.close()
    missing = {path for path in routes if path.lower() not in TEXTS["docs/api.md"].lower()}
    assert missing == set()


def test_every_variable_is_in_the_page_of_operations() -> None:
    from suyuan.settings import _Environment

    names = {f"SUYUAN_{name.upper()}" for name in _Environment.model_fields}
    assert {name for name in names if f"`{name}`" not in TEXTS["docs/operations.md"]} == set()
    assert Settings.__slots__


def test_every_point_of_readiness_is_in_the_page_of_operations() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "trace").rglob("*.py")]
    points = {name for text in sources for name in re.findall(r"\bPoint\(\s*\"(\w+)\"", text)}
    assert points
    assert {name for name in points if f"| `{name}` |" not in TEXTS["docs/operations.md"]} == set()


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_to_files_and_headings_that_are_there(page: str) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        path, _, anchor = unquote(link).partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (ROOT / page).parent / path if path else ROOT / page
        name = target.resolve().relative_to(ROOT.resolve()).as_posix()
        if not target.exists() or (anchor and anchor not in anchors(TEXTS[name])):
            broken.append(link)
    assert broken == []


def symbols(text: str) -> set[str]:
    """Return every dotted path into the package that stands in backticks."""
    return set(re.findall(r"`(suyuan\.[a-z]\w*(?:\.\w+)*)`", text)) - {"suyuan.json", "suyuan.db"}


@pytest.mark.parametrize("page", TEXTS)
def test_symbols_that_are_named_can_be_imported(page: str) -> None:
    for symbol in symbols(TEXTS[page]):
        find(symbol)


def find(symbol: str) -> Any:
    """Return the module, or what stands in a module, at *symbol*."""
    parts = symbol.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            found = getattr(found, name)
        return found
    raise AssertionError(symbol)


@pytest.mark.parametrize("page", TEXTS)
def test_pages_have_no_line_numbers_of_code(page: str) -> None:
    assert re.findall(r"\.py:\d+|\.py#L\d+", TEXTS[page]) == []
