"""``demo --once``, and what it finds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from suyuan.cli import demo as module
from suyuan.cli.main import app
from tests.cli.conftest import SEASON, Shell

KEY = json.loads((SEASON / "answer-key.json").read_text("utf-8"))
ONCE = ("demo", "--once", "--season", str(SEASON))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A demo run once without ``--data``: the folder that it made, and its summary."""
    place = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATA", "DATABASE_URL", "MASTER_KEY", "MASTER_KEY_FILE", "ADDRESS"):
            patch.delenv(f"SUYUAN_{name}", raising=False)
        patch.chdir(place)
        result = CliRunner().invoke(app, list(ONCE))
    assert result.exit_code == 0, result.stderr
    return place / "demo-data", json.loads(result.stdout)


def test_a_demo_says_on_standard_output_what_a_program_wants_to_know(
    shown: tuple[Path, dict[str, Any]],
) -> None:
    _, summary = shown
    assert summary["totals"] == KEY["totals"]
    assert summary["refused"] == len(KEY["refuse"])
    assert summary["differences"] == 0
    assert summary["package_url"].startswith("http://localhost:8000/p/")
    assert len(summary["root"]) == 64
    assert summary["seconds"].keys() == {"init", "import", "labels", "audit"}


def test_a_demo_leaves_a_sheet_and_a_checkpoint_in_demo_data(shown: tuple[Path, dict[str, Any]]) -> None:
    data, summary = shown
    assert (data / f"labels-{summary['run']}.pdf").read_bytes().startswith(b"%PDF")
    Shell(data).run("audit", "--against", str(data / "checkpoint.txt"))


def test_a_second_demo_goes_on_in_the_same_folder(shown: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    data, first = shown
    shutil.copytree(data, tmp_path / "again")
    second = json.loads(Shell(tmp_path / "again").say(*ONCE, "--port", "8123"))
    assert (first["root"], first["size"]) == (second["root"], second["size"])
    assert second["package_url"].startswith("http://localhost:8123/p/")


def test_the_season_is_found_from_anywhere_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert module.find_season().is_dir()


def test_a_demo_without_any_season_says_so(
    empty: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "c" / "demo.py"))
    monkeypatch.chdir(tmp_path)
    (line,) = empty.fails("demo", "--once", code=2)
    assert line.startswith("错误 demo.season")


def test_a_season_without_labels_says_so(empty: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "season"
    folder.mkdir()
    for path in SEASON.iterdir():
        if not path.name.startswith(("包装", "订单")):
            (folder / path.name).write_bytes(path.read_bytes())
    lines = empty.fails("demo", "--once", "--season", str(folder), code=2)
    assert lines[-1].startswith("错误 demo.run")


def test_a_demo_in_a_folder_of_another_kind_goes_on_there(shell: Shell) -> None:
    summary = json.loads(shell.say(*ONCE))
    assert summary["log"] == "farm.example/log"
    assert summary["differences"] == 0
