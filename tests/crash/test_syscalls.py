"""
A round of appending and publishing in which one system call fails, or is the last; then it goes on and is audited.

strace lists the calls of an undisturbed round that touch the farm's folder, then injects an error, or a kill, into one
of them at a time. There are some hundreds; a fixed sample of each kind is tried.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.cluster import PATIENCE_S
from tests.crash.published import check_published, content
from tests.crash.round import COUNT, MARK
from tests.crash.stage import BEFORE, open_stage
from tests.crash.test_publishing import check_kept
from tests.farm import Farm

ROOT = Path(__file__).parents[2]
CALLS = "openat,mkdir,write,pwrite64,fsync,fdatasync,link,linkat,rename,unlink,ftruncate"
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
SAMPLE = 2
"""Calls that are tried with each fault."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Call:
    """A system call of the round: its name, and the how manieth of this name it is in the process."""

    name: str
    number: int


@pytest.fixture(scope="module")
def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is absent: no system call is made to fail")
    tried = subprocess.run([found, "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
    return found


@pytest.fixture(scope="module")
def calls(strace: str, template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    """The calls of an undisturbed round that touch the farm's folder."""
    folder = tmp_path_factory.mktemp("undisturbed")
    home = folder
    for turn in ("first", "second"):  # the first may still write what Python compiles
        home = Path(shutil.copytree(template, folder / turn))
        done = run_round(strace, home, folder / "calls", "-y", "-e", f"trace={CALLS},newfstatat,stat")
        assert done.returncode == 0, done.stderr
    return read_calls((folder / "calls").read_text("utf-8", "replace"), str(home))


def run_round(strace: str, home: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "tests.crash.round", str(home), "round"]
    command = [strace, "-f", "-o", str(out), *options, *words]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # so that each round makes the same calls
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def read_calls(listing: str, home: str) -> list[Call]:
    """Return the calls between the two marks that name something below *home*."""
    counts: dict[str, int] = {}
    found: list[Call] = []
    marks = 0
    for line in listing.splitlines():
        match = re.match(r"\d+ +(\w+)\(", line)
        if match is None:
            continue
        name = match[1]
        counts[name] = counts.get(name, 0) + 1
        marks += MARK in line
        if marks == 1 and home in line and name in CALLS.split(","):
            found.append(Call(name, counts[name]))
    assert marks == 2
    return found


def sample(calls: list[Call], fault: str) -> list[Call]:
    """Return some of *calls*, no two of one kind while there are other kinds."""
    chance = random.Random(fault)
    kinds: dict[str, list[Call]] = {}
    for call in chance.sample(calls, len(calls)):
        kinds.setdefault(call.name, []).append(call)
    names = chance.sample(sorted(kinds), min(SAMPLE, len(kinds)))
    return [kinds[name][0] for name in names]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_call_that_fails_loses_nothing_and_forks_nothing(
    strace: str, calls: list[Call], template: Path, tmp_path: Path, fault: str
) -> None:
    for number, call in enumerate(sample(calls, fault)):
        home = Path(shutil.copytree(template, tmp_path / f"{number}" / "farm"))
        inject = f"inject={call.name}:{fault}:when={call.number}"
        done = run_round(strace, home, tmp_path / "calls", "-e", f"trace={CALLS}", "-e", inject)
        assert done.returncode in ((-9, 137) if "KILL" in fault else (0, 2)), (call, done.stderr)
        go_on(home, done.stdout)


def go_on(home: Path, said: str) -> None:
    """Append and publish once more; fail unless all that was *said* is there, and everything is sound."""
    farm = Farm(f"sqlite:///{home / 'suyuan.db'}", home, "going on")
    farm.remember()
    stage, left = open_stage(farm), content(home / "public")
    farm.take(*farm.harvests(COUNT))
    stage.publisher().publish()
    check_kept(left, content(home / "public"))
    check_published(farm, home / "public")
    stored = {(entry.index, entry.event_id, entry.leaf.hex()) for entry in farm.entries()}
    told = {tuple(line.split()) for line in said.splitlines() if line.count(" ") == 2}
    assert told <= {(str(index), event_id, leaf) for index, event_id, leaf in stored}
    assert len(stored) in (BEFORE + COUNT, BEFORE + 2 * COUNT)
    farm.check()
    farm.close()
