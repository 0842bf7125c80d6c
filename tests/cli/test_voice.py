"""Warnings: in the reader's language beside a command, in English with the time beside a service."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from suyuan.cli.voice import OURS, hear_service
from suyuan.errors import Reason
from tests.cli.conftest import Shell

AWAY = Reason("thing.away", "{name} 不在", "{name} is away")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    handlers = OURS.handlers[:]
    yield
    OURS.handlers[:] = handlers


@pytest.mark.parametrize(("language", "said"), [("zh", "问不到见证方"), ("en", "can't be asked")])
def test_a_command_warns_in_one_language(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    listed = tmp_path / "witnesses"
    shell.run("witness", "init", str(tmp_path / "w"), "--name", "gone.example/w", "--no-passphrase")
    key = shell.run("witness", "key", str(tmp_path / "w")).stdout.splitlines()[0]
    listed.write_text(f"witness gone {key} http://127.0.0.1:1\nquorum none\n")
    monkeypatch.setenv("SUYUAN_WITNESSES", str(listed))
    errors = shell.run("publish", language=language).stderr
    lines = [line for line in errors.splitlines() if "127.0.0.1:1" in line]
    assert lines
    assert all(said in line for line in lines)
    assert bool(re.search(r"[\u4e00-\u9fff]", errors)) == (language == "zh")


def test_a_service_warns_in_english_with_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    hear_service()
    logging.getLogger("suyuan.witnesses").warning("%s", AWAY.at(name="guild"))
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} guild is away\n", capsys.readouterr().err)
