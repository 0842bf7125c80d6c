"""Witnesses of the made-up log, real ones on a real port; and servers that only claim to be witnesses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import sleep

import uvicorn

from suyuan.ledger.cosignature import MLDSA, Cosigner
from suyuan.server.witness import create_witness_app
from suyuan.witness.keys import read_keys
from suyuan.witness.logs import TrustedLogs
from suyuan.witness.memory import hash_origin
from suyuan.witness.witness import Options, Witness
from tests.keys import seed
from tests.tlogs import GrownLog
from tests.witness.running import Bench, Clock, make_bench, no_lock


@dataclass
class Bureau:
    """A witness that runs: where it is asked, its line in a policy, what it remembers."""

    name: str
    url: str
    bench: Bench

    def line(self, kind: int = 0) -> str:
        """Return its line of a policy, with its Ed25519 key or (1) its ML-DSA-44 key."""
        return f"witness {self.name}{kind or ''} {self.bench.vkeys[kind]} {self.url}\n"

    def size(self, origin: str) -> int:
        """Return the size that it cosigned last."""
        path = self.bench.folder / hash_origin(origin) / "checkpoint"
        return int(path.read_text().split("\n")[1]) if path.exists() else 0


@contextmanager
def bureau(path: Path, name: str, log_line: str, *, mldsa: bool = False) -> Iterator[Bureau]:
    """Run the witness *name* in this process."""
    path.mkdir(exist_ok=True)
    if not (path / "witness").exists():
        make_bench(path, GrownLog(), name=f"{name}.example/w")
    bench = Bench(path / "witness", path / "logs", Clock())
    bench.logs.write_text(log_line)
    witness = Witness(
        bench.folder, read_keys(bench.folder, no_lock), TrustedLogs(bench.logs), Options(bench.clock, mldsa)
    )
    config = uvicorn.Config(create_witness_app(witness), port=0, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        sleep(0.002)
    try:
        yield Bureau(name, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", bench)
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Impostor:
    """A server at a witness's address: *answer* gives status and body for each request's body."""

    answer: Callable[[bytes], tuple[int, bytes]]
    cosigner: Cosigner = field(default_factory=lambda: Cosigner("impostor.example/w", seed("impostor")))
    asked: list[bytes] = field(default_factory=list)
    shown: bytes | None = None
    release: Event = field(default_factory=Event)
    url: str = ""

    def line(self, name: str = "impostor") -> str:
        """Return its line of a policy."""
        return f"witness {name} {self.cosigner.vkey} {self.url}/\n"

    @property
    def mldsa(self) -> Cosigner:
        """Another key of it."""
        return Cosigner(self.cosigner.name, seed("impostor two"), MLDSA)


@contextmanager
def impostor(answer: Callable[[bytes], tuple[int, bytes]], **more: object) -> Iterator[Impostor]:
    """Run a server that answers as *answer* says."""
    one = Impostor(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            one.asked.append(body)
            self.say(*one.answer(body))

        def do_GET(self) -> None:
            self.say(404 if one.shown is None else 200, one.shown or b"")

        def say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    one.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield one
    finally:
        one.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
