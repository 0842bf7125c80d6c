"""README.md: its commands work in the order in which they stand, its words are those of the pages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from suyuan.cli.main import app
from suyuan.ledger.engine import begin_read
from suyuan.publish.lookup import HEADINGS
from suyuan.publish.window import Window
from suyuan.qr.run import make_code
from suyuan.server.house import open_house
from suyuan.settings import load_settings
from suyuan.verify.bundle import format_bundle
from tests.docs.tables import DOCS

ROOT = DOCS.parent
TEXT = (ROOT / "README.md").read_text("utf-8")
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.M | re.S)
    for line in block.splitlines()
    if line.startswith("suyuan ") and " serve" not in line
]


def test_every_verdict_is_explained() -> None:
    for heading in HEADINGS.values():
        assert f"| {re.split('[：:]', heading.zh)[0]} | {re.split('[:]', heading.en)[0]} |" in TEXT


def save_proof(data: Path, run: str) -> None:
    """Save what a consumer downloads and knows: the proof of the run's first package, the log's key and a policy."""
    house = open_house(load_settings(data))
    try:
        house.checkpoint()
        with begin_read(house.engine) as connection:
            secret = house.vault.find_run_secret(connection, run)
        assert secret is not None
        code = make_code(secret, run, 0)
        window = Window(house.engine, house.log_id, house.vault)
        Path("proof.json").write_bytes(format_bundle(window.package_bundle(code)))
        Path("log.vkey").write_text(house.keys.checkpoint.vkey + "\n", "utf-8")
        Path("trusted.policy").write_text(f"log {house.keys.checkpoint.vkey}\nquorum none\n", "utf-8")
    finally:
        house.close()


@pytest.mark.slow
def test_the_commands_work_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SUYUAN_DATABASE_URL", "SUYUAN_DATA", "SUYUAN_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    run = ""
    for line in LINES:
        words = [run if word == "RUN" else word for word in shlex.split(line)[1:]]
        if words[0] == "verify":
            save_proof(tmp_path / "data", run)
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, (line, done.output)
        if "issue" in words:
            run = done.stdout.strip()
    assert (tmp_path / "labels.pdf").read_bytes().startswith(b"%PDF")
    assert len(LINES) > 12
