"""Data folders for the commands: founded and filled once, copied for each test."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from suyuan.cli.main import app
from suyuan.server.house import House, open_house
from suyuan.settings import load_settings

SEASON = Path(__file__).parents[2] / "examples" / "season"
PEARS = "JG-01"
"""A batch of the small season: graded pears that nothing speaks against."""


class Shell:
    """Runs commands on one data folder and gives back what they said."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *words: str, code: int = 0, language: str = "zh", stdin: str | None = None) -> Result:
        """Run a command, which must leave with *code*."""
        arguments = ["--data", str(self.data), "--lang", language, *words]
        result = CliRunner().invoke(app, arguments, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, (words, result.exit_code, result.stdout, result.stderr)
        return result

    def say(self, *words: str) -> str:
        """Run a command that must succeed; return its standard output without the last line feed."""
        return self.run(*words).stdout.removesuffix("\n")

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a command with ``--json``; return the one document on its standard output."""
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def fails(self, *words: str, code: int = 1, language: str = "zh", stdin: str | None = None) -> list[str]:
        """Run a command that must fail with *code*; return its lines on standard error."""
        result = self.run(*words, code=code, language=language, stdin=stdin)
        assert "Traceback" not in result.output
        return result.stderr.splitlines()

    def open(self) -> House:
        """Open the folder as the server does; the caller closes it."""
        return open_house(load_settings(self.data))


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SUYUAN_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SUYUAN_")]:
            patch.delenv(name)
        data = tmp_path_factory.mktemp("template") / "data"
        shell = Shell(data)
        shell.run("init", "--address", "https://farm.example")
        shell.run("import", str(SEASON))
    return data


@pytest.fixture
def shell(_template: Path, tmp_path: Path) -> Iterator[Shell]:
    """A demo log with the small season in it; it must audit without a difference after each test."""
    shell = Shell(tmp_path / "data")
    shutil.copytree(_template, shell.data)
    yield shell
    shell.run("audit")


@pytest.fixture
def spoiled(_template: Path, tmp_path: Path) -> Shell:
    """The same folder for tests that damage it."""
    shell = Shell(tmp_path / "data")
    shutil.copytree(_template, shell.data)
    return shell


@pytest.fixture
def empty(tmp_path: Path) -> Shell:
    """A data folder that is not there yet."""
    return Shell(tmp_path / "fresh")


@pytest.fixture
def issue(shell: Shell) -> Callable[..., str]:
    """Issue a run of labels; returns its id."""

    def issue(batch: str = PEARS, count: int = 5, net: str = "1kg", *more: str) -> str:
        words = ("labels", "issue", batch, "--count", str(count), "--net", net, *more)
        return shell.say(*words)

    return issue
