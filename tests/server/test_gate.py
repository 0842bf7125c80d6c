"""The gate before the writer."""

from __future__ import annotations

import asyncio

import pytest

from suyuan.capture.batcher import Batcher
from suyuan.errors import Unavailable
from suyuan.server.gate import Gate
from tests.orchard import Orchard, name


def refused(gate: Gate) -> str:
    with pytest.raises(Unavailable) as caught:
        asyncio.run(gate.submit([]))
    return caught.value.problem.code


def test_nothing_passes_before_the_server_runs() -> None:
    gate = Gate(10)
    assert refused(gate) == "log.not-serving"
    assert gate.look().ok is False


def test_nothing_passes_once_the_gate_is_shut() -> None:
    gate = Gate(10)
    gate.shut()
    assert refused(gate) == "log.stopped"


def test_an_open_gate_lets_statements_through_and_counts_who_waits(orchard: Orchard) -> None:
    async def run() -> tuple[bool, int, bool]:
        gate = Gate(10)
        gate.open(Batcher(orchard.house.capture))
        fields = {"batch": name("丙"), "product": name("金秋梨"), "amount": 5}
        sending = asyncio.create_task(gate.submit([orchard.sign("batch.bought", "红星合作社", **fields)]))
        await asyncio.sleep(0)
        waiting = gate.look()
        outcomes = await sending
        assert waiting.detail == "1 of 10 waiting"
        ok = gate.look().ok
        await gate.close()
        return ok, len(outcomes), gate.look().ok

    assert asyncio.run(run()) == (True, 1, False)
