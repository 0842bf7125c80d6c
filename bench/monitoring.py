"""The audit from outside of a long published log against verifying its signatures alone, and the memory it takes."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from time import perf_counter, process_time

from suyuan.ledger.entry import parse_entry
from suyuan.ledger.policy import policy_of_keys
from suyuan.ledger.statement import parse_statement
from suyuan.ledger.tiles import WIDTH, format_entries_path, parse_bundle
from suyuan.monitor.crew import Crew, count_cores
from suyuan.monitor.lookout import Lookout
from suyuan.monitor.source import open_source

from .figure import Figure, Size, rate_of
from .longlog import LongLog, log_signer
from .stores import TMP, Stores
from .world import key

ENTRIES = 1_000_000
SAMPLE = 20_000
"""Signatures that one process verifies for the reference, each time."""

FORM = 1
"""Of the log that is kept in bench/tmp; another number makes it anew."""

MEMORY_MB = 500
"""What the issue allows all processes together."""


def measure_monitor(_stores: Stores, size: Size) -> Iterator[Figure]:
    """One audit of a folder, by all cores, between two rounds of pure verification by as many processes."""
    count = size.of(ENTRIES)
    folder = _published(count)
    cores = count_cores()
    one, before = _pure(folder, 1), _pure(folder, cores)
    with ProcessPoolExecutor(1, get_context("spawn")) as own:
        found = own.submit(_audit, str(folder), cores).result()
    after = _pure(folder, cores)
    entry_us, signature_us = found.cpu_s / count * 1e6, (before.us + after.us) / 2
    pure = (before.rate + after.rate) / 2
    goal = 1 / 1.6
    yield Figure("monitor.folder", count / found.seconds, "entries/s", _OF.format(cores=cores), pure, goal)
    second = "Ed25519 verifications in a second of processor time"
    yield Figure("monitor.processor", 1e6 / entry_us, "entries/s", second, 1e6 / signature_us, goal)
    yield Figure(
        "monitor.core", count / found.seconds, "entries/s", "Ed25519 verifications, one core", one.rate
    )
    allowed = "MB allowed, all processes; less is better"
    yield Figure("monitor.memory", found.peak / 1e6, "MB", allowed, MEMORY_MB)


_OF = "Ed25519 verifications, {cores} processes"


@dataclass(frozen=True)
class _Audited:
    """How long the audit took, the processor time and the peaks of memory of all its processes (bytes, added up)."""

    seconds: float
    cpu_s: float
    peak: float


def _audit(folder: str, cores: int) -> _Audited:
    start = perf_counter()
    with closing(open_source(folder)) as source, closing(Crew(cores)) as crew:
        sight = Lookout(source, policy_of_keys([log_signer().verifier]), crew).look()
        seconds = perf_counter() - start
        peak = sum(_peak(pid) for pid in ["self", *(str(child.pid) for child in active_children())])
    if sight.faults:
        raise SystemExit(f"the audit found: {sight.faults[0].line('en')}")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return _Audited(seconds, sum(one.ru_utime + one.ru_stime for one in used), peak)


def _peak(pid: str) -> float:
    """Return the most memory that a process has had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return float(lines["VmHWM"].split()[0]) * 1024


@dataclass(frozen=True)
class _Verified:
    """Signatures verified in a second, and the processor time of one in microseconds."""

    rate: float
    us: float


def _pure(folder: Path, processes: int) -> _Verified:
    """Let *processes* verify signatures side by side, and do nothing else."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(_verify, [str(folder)] * processes, [100] * processes))  # started, libraries loaded
        found = list(pool.map(_verify, [str(folder)] * processes, [SAMPLE] * processes))
    return _Verified(sum(one.rate for one in found), sum(one.us for one in found) / processes)


def _verify(folder: str, count: int) -> _Verified:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = Ed25519PublicKey.from_public_bytes(key("farm").public)
    pairs: list[tuple[bytes, bytes]] = []
    for index in range(1, 1 + -(-count // WIDTH)):
        for entry in parse_bundle((Path(folder) / format_entries_path(index)).read_bytes()):
            statement = parse_statement(parse_entry(entry).statement)
            pairs.append((statement.signature, statement.signing_input))

    def verify() -> None:
        for signature, signed in pairs:
            public.verify(signature, signed)

    start = process_time()
    rate = rate_of(len(pairs), verify)
    return _Verified(rate, (process_time() - start) / len(pairs) * 1e6)


def _published(count: int) -> Path:
    """Return the folder of a published log with *count* signed statements; made once, which takes a minute."""
    folder = TMP / f"monitor{FORM}-{count}"
    if not (folder / "checkpoint").exists():
        shutil.rmtree(folder, ignore_errors=True)
        LongLog(folder).write(count)
    return folder
