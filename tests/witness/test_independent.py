"""A witness and a client that others wrote (aics-witness): ours work with theirs, both ways."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from suyuan.errors import Forked
from suyuan.ledger.policy import open_policed, parse_policy
from suyuan.publish.folder import FolderTarget
from suyuan.publish.witnesses import Witnesses
from tests.publish.presses import KEY, LOG, Press
from tests.tlogs import SIZE, GrownLog
from tests.witness.running import Bench, free_port, served, wait_until_listening


def _import(name: str) -> Any:
    if os.environ.get("CI"):
        return import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed: a witness by others is left out")


feeder = _import("aics_witness.feeder")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The key and the address of the other witness, which trusts the made-up log."""
    environment = {**os.environ, "AICS_WITNESS_CONFIG": str(tmp_path / "witness.json")}
    command = [sys.executable, "-m", "aics_witness"]

    def run(*words: str) -> str:
        done = subprocess.run([*command, *words], check=True, capture_output=True, text=True, env=environment)
        return done.stdout.strip()

    vkey = run("init", "--name", "other.example/w")
    run("add-log", "--origin", LOG, "--vkey", KEY.vkey)
    port = free_port()
    words = [*command, "serve", "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        wait_until_listening(port, process)
        yield vkey, f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def publisher_of(press: Press, folder: Path, policy: str) -> Any:
    """Return a publisher that waits for the witnesses of *policy*."""
    asked = Witnesses(press.engine, LOG, parse_policy(policy), press.signers, waits=True)
    asked.seconds = 30.0
    return press.publisher(FolderTarget(folder), asked.ask)


@pytest.mark.slow
def test_their_witness_cosigns_our_log_and_refuses_its_fork(tmp_path: Path, other: tuple[str, str]) -> None:
    policy = f"witness other {other[0]} {other[1]}\nquorum other\n"
    press = Press(f"sqlite:///{tmp_path / 'log.db'}").found()
    publishing = publisher_of(press, tmp_path / "public", policy)
    for size in (1, 2, 300):
        press.grow(size)
        note = publishing.publish()
        policed = open_policed(note, parse_policy(f"log {KEY.vkey}\n{policy}"), LOG)
        assert policed.checkpoint.size == size
    fork = Press(f"sqlite:///{tmp_path / 'fork.db'}").found()
    fork.wait(seconds=1)
    fork.grow(300)
    with pytest.raises(Forked) as caught:
        publisher_of(fork, tmp_path / "forked", policy).publish()
    assert caught.value.problem.code == "log.forked"
    press.engine.dispose()
    fork.engine.dispose()


@pytest.mark.slow
def test_our_witness_cosigns_for_their_client(bench: Bench, log: GrownLog) -> None:
    def submit(branch: GrownLog, size: int) -> str:
        with feeder.WitnessClient(witness.url, bench.vkeys[0], max_attempts=1) as client:
            lines = client.submit(branch.note(size), lambda old, new: list(branch.proof(old, new)))
        return str(lines)

    with served(bench, "--mldsa") as witness:
        for size in (1, 3, 21, SIZE, SIZE):
            assert submit(log, size).startswith("\u2014 bureau.example/w1 ")
        with pytest.raises(feeder.WitnessRejected):
            submit(GrownLog(branch="other"), SIZE)
