"""Several processes write to one log; one of them is killed in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

from suyuan.ledger.entry import parse_entry
from suyuan.ledger.hashing import ZERO
from tests.capture.writer import statements
from tests.farm import Farm, twin

ROOT = Path(__file__).parents[2]
COUNT = 250
SEATS = ("one", "two", "three", "four")
VICTIM = "victim"
KILLED_AFTER = 60

Said = list[tuple[int, str, str]]
"""Index, event id and leaf of what a writer was told is written."""


def start(farm: Farm, seat: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.capture.writer"]
    return subprocess.Popen(
        [*command, farm.url, str(farm.folder), farm.log, seat, str(COUNT)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def read(lines: list[str]) -> Said:
    """Return what whole lines say; a killed writer may leave half of one."""
    parts = [line.split() for line in lines if line.endswith("\n")]
    return [(int(index), event_id, leaf) for index, event_id, leaf in parts]


def run(farm: Farm) -> dict[str, Said]:
    """Let five writers go at the same time and kill one; return what each was told."""
    writers = {seat: start(farm, seat) for seat in (*SEATS, VICTIM)}
    try:
        for writer in writers.values():
            assert pipe(writer.stdout).readline() == "ready\n"
        for writer in writers.values():
            pipe(writer.stdin).write("go\n")
            pipe(writer.stdin).flush()
        victim = writers[VICTIM]
        told = [pipe(victim.stdout).readline() for _ in range(KILLED_AFTER)]
        victim.kill()
        said = {VICTIM: read(told + pipe(victim.stdout).readlines())}
        for seat in SEATS:
            said[seat] = read(pipe(writers[seat].stdout).readlines())
            assert writers[seat].wait(60) == 0
    finally:
        for writer in writers.values():
            writer.kill()
            writer.wait(60)
            pipe(writer.stdin).close()
            pipe(writer.stdout).close()
    return said


def test_five_processes_one_of_them_killed_leave_one_gapless_chain(farm: Farm) -> None:
    said = run(farm)
    entries = farm.entries()
    assert [entry.index for entry in entries] == list(range(len(entries)))
    links = [parse_entry(entry.body).prev for entry in entries]
    assert links == [ZERO, *(entry.leaf for entry in entries[:-1])]
    assert {seat: len(said[seat]) for seat in SEATS} == dict.fromkeys(SEATS, COUNT)

    # what was acknowledged stands where it was said to stand
    found = {(entry.index, entry.event_id, entry.leaf.hex()) for entry in entries}
    told = {one for told in said.values() for one in told}
    assert len(told) == sum(map(len, said.values()))
    assert told <= found

    # of the killed writer's requests each is there whole or not at all, in order
    known = {entry.event_id for entry in entries}
    again = twin(farm, VICTIM)
    requests = statements(again, COUNT)
    ids = [[again.capture.read(one).statement.event_id for one in request] for request in requests]  # type: ignore[union-attr]
    there = [[event_id in known for event_id in request] for request in ids]
    assert all(len(set(request)) == 1 for request in there)
    assert [request[0] for request in there] == sorted((request[0] for request in there), reverse=True)

    # sent again, the whole is there once
    replayed = [outcome.replayed for request in requests for outcome in again.take(*request)]
    assert replayed == [one for request in there for one in request]
    assert len(farm.entries()) == 5 + (len(SEATS) + 1) * COUNT
    again.close()
