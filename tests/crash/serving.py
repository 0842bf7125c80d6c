"""``suyuan serve`` as a real process that is killed and started again, and clients that do not give up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from suyuan.capture.outcome import Submission
from tests.crash.cluster import PATIENCE_S, wait_for

COMMAND = [sys.executable, "-m", "suyuan.cli", "--lang", "en"]
PAUSE_S = 0.02


def bare_environment(**more: str) -> dict[str, str]:
    """Return the environment without settings of Suyuan, and *more*."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SUYUAN_")} | more


class Server:
    """The service of one data folder, always on the same port."""

    def __init__(self, data: Path, environment: Mapping[str, str]) -> None:
        self.data = data
        self._environment = environment
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the service and wait until it answers."""
        words = [*COMMAND, "--data", str(self.data), "serve", "--port", str(self.port)]
        with (self.data.parent / "serve.log").open("ab") as log:
            env = bare_environment(**self._environment)
            self.process = subprocess.Popen(words, stdout=log, stderr=log, env=env)
        wait_for(self.is_up, "the service")

    def is_up(self) -> bool:
        """Tell whether it answers; fail if it ended."""
        assert self.process is not None
        assert self.process.poll() is None, (self.data.parent / "serve.log").read_text()
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Kill it at once."""
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Let it finish, as with Ctrl-C; return its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


@contextmanager
def serving(data: Path, **environment: str) -> Iterator[Server]:
    """Give a server of *data* that is running with the settings in *environment*, and end it afterwards."""
    server = Server(data, environment)
    try:
        server.start()
        yield server
    finally:
        if server.process is not None:
            server.process.kill()
            server.process.wait()


class Client:
    """Sends each statement until it has a receipt, in a thread of its own."""

    def __init__(self, url: str, submissions: Sequence[Submission]) -> None:
        self._url = url
        self._submissions = submissions
        self.receipts: list[dict[str, Any]] = []
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=PATIENCE_S) as http:
            for submission in self._submissions:
                answer = _until(lambda: _post(http, submission))  # noqa: B023
                self.receipts += answer.json()["receipts"]

    def finish(self) -> None:
        """Wait until everything is sent."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        assert len(self.receipts) == len(self._submissions)


def _post(http: httpx.Client, submission: Submission) -> httpx.Response | None:
    try:
        answer = http.post("/api/v1/statements", json={"statement": submission.token})
    except httpx.TransportError:
        return None
    if answer.status_code == 503:
        return None
    assert answer.status_code in (200, 201), answer.text
    return answer


def _until(ask: Callable[[], httpx.Response | None]) -> httpx.Response:
    end = time.monotonic() + PATIENCE_S
    while (answer := ask()) is None:
        assert time.monotonic() < end, "nobody takes the statement"
        time.sleep(PAUSE_S)
    return answer
