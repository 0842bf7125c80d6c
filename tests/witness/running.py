"""Witnesses at work: in this process, and as real processes started by the command."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from suyuan.vault.locked import Lock
from suyuan.witness.keys import create_keys, read_keys
from suyuan.witness.logs import TrustedLogs
from suyuan.witness.memory import hash_origin
from suyuan.witness.witness import Options, Witness
from tests.keys import stream
from tests.tlogs import GrownLog

COMMAND = [sys.executable, "-m", "suyuan.cli", "witness"]
PATIENCE_S = 60.0
NAME = "bureau.example/w1"


def no_lock(kind: str) -> Lock:
    """Find no lock: the file is plain."""
    raise AssertionError(kind)


class Clock:
    """A clock that is set by hand, in POSIX seconds."""

    def __init__(self, now: int = 1_800_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class Bench:
    """A folder with the keys of a witness and a list of logs; ``open`` starts it as after a restart."""

    folder: Path
    logs: Path
    clock: Clock

    def open(self, *, mldsa: bool = False) -> Witness:
        """Return the witness with what its folder holds."""
        return Witness(
            self.folder, read_keys(self.folder, no_lock), TrustedLogs(self.logs), Options(self.clock, mldsa)
        )

    @property
    def vkeys(self) -> tuple[str, str]:
        """The public keys: Ed25519, ML-DSA-44."""
        keys = read_keys(self.folder, no_lock)
        return keys.ed25519.vkey, keys.mldsa.vkey

    def file_of(self, log: GrownLog) -> Path:
        """Return the path of what is remembered of *log*."""
        return self.folder / hash_origin(log.origin) / "checkpoint"


def make_bench(path: Path, *logs: GrownLog, name: str = NAME) -> Bench:
    """Make a witness that trusts *logs*."""
    create_keys(path / "witness", name, stream(f"witness {name}"))
    (path / "logs").write_text("".join(log.line for log in logs))
    return Bench(path / "witness", path / "logs", Clock())


def free_port() -> int:
    """Return a port on which nothing listens just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@dataclass
class Served:
    """A witness as a process of its own."""

    process: subprocess.Popen[str]
    url: str
    http: httpx.Client

    def ask(self, body: bytes) -> httpx.Response:
        """Send a request to cosign."""
        return self.http.post("/add-checkpoint", content=body)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.communicate()

    def hang_up(self) -> None:
        """Send SIGHUP."""
        self.process.send_signal(signal.SIGHUP)


def start(folder: Path, logs: Path, *more: str) -> subprocess.Popen[str]:
    """Start ``suyuan witness serve``."""
    words = [*COMMAND, "serve", str(folder), "--logs", str(logs), *more]
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


@contextmanager
def served(bench: Bench, *more: str, port: int = 0) -> Iterator[Served]:
    """Run the witness of *bench* on *port*, or a free one of this machine, until the block ends."""
    port = port or free_port()
    process = start(bench.folder, bench.logs, "--port", str(port), *more)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=PATIENCE_S) as http:
            wait_until_listening(port, process)
            yield Served(process, url, http)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def wait_until_listening(port: int, process: subprocess.Popen[str]) -> None:
    """Wait until something answers on *port*."""
    end = time.monotonic() + PATIENCE_S
    while True:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the witness to its end."""
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, encoding="utf-8", check=False)


def sizes(answers: Sequence[httpx.Response]) -> list[int]:
    """Return the statuses of *answers*."""
    return [answer.status_code for answer in answers]
