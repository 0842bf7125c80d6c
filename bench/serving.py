"""The code endpoint against a bare FastAPI route on the same server, asked by the same client."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suyuan.qr.run import SECRET_BYTES, make_code, run_root

from .client import request_rate
from .figure import Figure, Size, in_turn
from .server import BARE
from .stores import Stores, kinds
from .world import World, check_accepted

RUNS = 10
PACKAGES = 100
ROOT = Path(__file__).parents[1]


def measure_codes(stores: Stores, size: Size) -> Iterator[Figure]:
    """Requests a second for the codes of activated packages."""
    for kind in kinds():
        url, data = getattr(stores, kind)(), stores.new_folder()
        world = World(data, url)
        codes = _label(world)
        world.close()
        count = size.of(3000, 200)
        asked = [f"/api/v1/codes/{codes[number * 7 % len(codes)]}" for number in range(count)]
        with serve(data, url) as port:
            yield _figure(kind, port, asked, size)


def _figure(kind: str, port: int, asked: list[str], size: Size) -> Figure:
    bare = [BARE] * len(asked)
    request_rate(port, asked[:100])
    rates = in_turn(
        size.rounds, codes=lambda: request_rate(port, asked), bare=lambda: request_rate(port, bare)
    )
    alone = "bare FastAPI route, same server and client"
    return Figure(f"codes.{kind}", rates["codes"], "requests/s", alone, rates["bare"])


def _label(world: World) -> list[str]:
    """Issue and activate label runs; return the codes of their packages."""
    harvests = world.harvests(RUNS)
    check_accepted(world.house.capture.submit(harvests))
    codes = []
    for number in range(RUNS):
        batch, run, secret = world.mint.id(), world.mint.id(5), world.mint.random(SECRET_BYTES)
        with world.house.vault.begin() as connection:
            world.house.vault.put_run_secret(connection, run, secret)
        shape = {"batch": batch, "product": world.product, "season": 2026, "amount": 1_000_000}
        issued = {"run": run, "batch": batch, "count": PACKAGES, "net": 5000, "packed_on": "2026-09-21"}
        said = [
            world.say("batch.harvested", plot=world.plots[number], **shape),
            world.say("labels.issued", root=run_root(secret, run, PACKAGES).hex(), **issued),
            world.say("labels.activated", run=run, first=0, end=PACKAGES),
        ]
        check_accepted(world.house.capture.submit(said))
        codes += [make_code(secret, run, index) for index in range(PACKAGES)]
    world.house.checkpoint()
    return codes


@contextmanager
def serve(data: Path, url: str, group: int | None = None) -> Iterator[int]:
    """Run the server in a process of its own, its access log into a file; give its port."""
    command = [sys.executable, "-m", "bench.server", str(data), url, *([str(group)] if group else [])]
    said = data / "server.log"
    with (
        said.open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        try:
            port = process.stdout.readline()
            if not port:
                raise SystemExit(f"the server did not start: {said.read_text()[-2000:]}")
            yield int(port)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
