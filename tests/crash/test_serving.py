"""The service killed at random moments under load, started again, and asked to go on."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from suyuan.capture.outcome import Submission
from suyuan.ledger.engine import begin_read
from suyuan.ledger.receipt import open_receipt
from suyuan.ledger.store import read_entries
from tests.crash.cluster import PATIENCE_S, wait_for
from tests.crash.serving import COMMAND, Client, bare_environment, serving
from tests.orchard import LOG, Orchard, name, new_orchard

CLIENTS, EACH = 4, 50
KILLS = 3

pytestmark = pytest.mark.slow


def purchases(orchard: Orchard, count: int) -> list[Submission]:
    """Return *count* purchases of new batches."""
    fields = {"product": name("金秋梨"), "amount": 1000}
    return [
        orchard.sign("batch.bought", "红星合作社", batch=orchard.mint.id(), **fields) for _ in range(count)
    ]


def finish(*words: str) -> str:
    """Run a command that must succeed."""
    done = subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=bare_environment(),
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_receipts(orchard: Orchard, receipts: Sequence[dict[str, Any]]) -> None:
    """Fail unless each receipt is signed and says what the log holds, every event once."""
    with begin_read(orchard.house.engine) as connection:
        stored = {entry.event_id: entry for entry in read_entries(connection, LOG)}
    for said in receipts:
        receipt = open_receipt(said["receipt"], orchard.house.keys.receipt.public)
        entry = stored[said["event_id"]]
        assert (receipt.log, receipt.index, receipt.leaf) == (LOG, entry.index, entry.leaf)
    assert len({said["index"] for said in receipts}) == len(receipts)


def test_every_receipt_is_honoured_however_often_the_service_is_killed(tmp_path: Path) -> None:
    orchard = new_orchard(tmp_path / "data")
    folder = orchard.house.settings.publish_to
    moments = random.Random(7)
    with serving(tmp_path / "data") as server:
        clients = [Client(server.url, purchases(orchard, EACH)) for _ in range(CLIENTS)]
        for kill in range(1, KILLS + 1):
            enough = kill * CLIENTS * EACH // (KILLS + 1)
            wait_for(lambda: sum(len(client.receipts) for client in clients) >= enough, "receipts")  # noqa: B023
            time.sleep(moments.uniform(0, 0.1))  # any moment will do
            server.kill()
            server.start()
        for client in clients:
            client.finish()
        assert server.end() == 0
    receipts = [receipt for client in clients for receipt in client.receipts]
    assert len(receipts) == CLIENTS * EACH
    check_receipts(orchard, receipts)
    size = max(receipt["index"] for receipt in receipts) + 1
    orchard.audit()
    key = orchard.house.keys.checkpoint.vkey
    found = json.loads(finish("audit", folder, "--key", key, "--json"))
    assert found["size"] == size
    finish("--data", str(tmp_path / "data"), "audit")
    orchard.house.close()
