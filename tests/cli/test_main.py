"""The command as a whole: its documentation, its languages, its exit codes, its first second."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from suyuan.cli.frame import exit_code, lines_of
from suyuan.cli.main import app
from suyuan.errors import Broken, Missing, ProofWrong, Reason, Refused, SuyuanError, Unavailable
from suyuan.verify.steps import StepFailed
from tests.cli.conftest import Shell

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
REASON = Reason("x.y", "第 {n} 行", "row {n}")


def commands() -> dict[str, list[str]]:
    """Return each command with its options."""
    return dict(_below(typer.main.get_group(app)))


def _below(group: Any, *path: str) -> Iterator[tuple[str, list[str]]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _below(command, *path, name)
        else:
            options = [
                word for parameter in command.params for word in parameter.opts if word.startswith("--")
            ]
            yield " ".join((*path, name)), options


def test_every_command_is_documented() -> None:
    listed = re.findall(r"^\| `([a-z ]+)` \|", DOCS.read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_of_a_command_is_documented(name: str) -> None:
    text = DOCS.read_text("utf-8")
    lines = [line for line in text.splitlines() if re.search(rf"suyuan (--data \w+ )?{name}\b", line)]
    words = " ".join(lines) if lines else ""
    missing = [option for option in commands()[name] if option != "--help" and option not in words]
    assert lines
    assert missing == []


def test_exit_codes_are_documented() -> None:
    section = DOCS.read_text("utf-8").split("## Exit codes")[1].split("\n## ")[0]
    codes = re.findall(r"^\| ([0-9]+) \|", section, re.MULTILINE)
    assert codes == ["0", "1", "2", "130"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused(REASON.at(n=1)), 1),
        (ProofWrong("x"), 1),
        (Broken("x"), 1),
        (Missing(REASON.at(n=1)), 2),
        (Unavailable(REASON.at(n=1)), 2),
    ],
)
def test_errors_have_their_exit_codes(error: SuyuanError, code: int) -> None:
    assert exit_code(error) == code


def test_each_problem_is_one_line_with_code_pointer_and_sentence() -> None:
    error = Refused([REASON.at("/a", n=1), REASON.at("", n=2)])
    assert lines_of(error, "zh") == ["错误 x.y /a：第 1 行", "错误 x.y：第 2 行"]
    assert lines_of(error, "en") == ["error x.y /a: row 1", "error x.y: row 2"]


def test_a_failed_step_shows_its_evidence() -> None:
    error = StepFailed(REASON.at(n=3), expected="aa", found="bb")
    assert lines_of(error, "zh") == ["错误 x.y：第 3 行 (expected aa, found bb)"]
    assert lines_of(StepFailed(REASON.at(n=3)), "zh") == ["错误 x.y：第 3 行"]


def test_contradictions_and_wrong_proofs_are_named() -> None:
    assert lines_of(Broken("tile", expected=1, found=2), "zh") == [
        "错误 broken：数据自相矛盾: tile (expected 1, found 2)"
    ]
    assert lines_of(ProofWrong("root"), "en") == ["error proof-wrong: the proof does not hold: root"]


@pytest.mark.parametrize(
    "words",
    [
        ["audit"],
        ["key", "list"],
        ["labels", "issue", "X", "--count", "1", "--net", "1kg"],
        ["labels", "sheet", "7K3MX", "--out", "x.pdf"],
        ["trace", "X"],
        ["hold", "X", "--reason", "complaint"],
        ["release", "X"],
        ["checkpoint"],
        ["backup", "x"],
        ["rebuild"],
        ["serve"],
    ],
)
def test_a_folder_that_was_never_initialised_is_named(empty: Shell, words: list[str]) -> None:
    (line,) = empty.fails(*words, code=2)
    assert line.startswith("错误 settings.no-folder")
    assert "suyuan init" in line
    assert not empty.data.exists()


def test_a_missing_option_is_a_usage_error(empty: Shell) -> None:
    empty.run("labels", "issue", "X", code=2)
    empty.run("nonsense", code=2)
    empty.run("audit", language="fr", code=2)


def test_a_wrong_setting_is_named(empty: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", "mysql://x")
    (line,) = empty.fails("audit", code=1, language="en")
    assert "SUYUAN_DATABASE_URL" in line


def test_a_database_that_is_gone_is_one_line(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUYUAN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    (line,) = shell.fails("audit", code=2)
    assert line.startswith("错误 store.gone")
    monkeypatch.undo()


def test_help_loads_no_database_and_no_server() -> None:
    script = (
        "import sys; from suyuan.cli.main import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'fastapi', 'uvicorn', 'PIL', 'fpdf', 'pydantic', 'rich'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "LOADED []"
