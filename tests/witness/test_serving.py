"""The witness over real HTTP, as its command starts it."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from suyuan.ledger.cosignature import parse_key
from suyuan.ledger.note import open_note, sign_note
from suyuan.ledger.witnessing import format_request
from suyuan.witness.memory import hash_origin
from tests.tlogs import SIZE, GrownLog, opened
from tests.witness.running import Bench, Clock, Served, make_bench, run, served, start

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Step:
    """One request of an ordered run, and the statuses that are right."""

    body: bytes
    statuses: set[int]
    answer: str | None = None


def walk(witness: Served, steps: list[Step]) -> None:
    """Send each step in order."""
    for number, step in enumerate(steps):
        response = witness.ask(step.body)
        assert response.status_code in step.statuses, (number, response.text)
        if response.status_code == 409:
            assert response.headers["content-type"] == "text/x.tlog.size"
            assert response.text == step.answer, number
        if response.status_code == 200:
            assert response.text.startswith("\u2014 bureau.example/w1 "), number


def foreign_steps(vectors: dict[str, Any]) -> list[Step]:
    """Return the cases that another witness is tested with, judged by the standard."""
    steps = []
    for case in vectors["cases"]:
        told = case["upstream_assert"].removeprefix('body == "').removesuffix('\\n"') + "\n"
        statuses = {case["spec_status"], *case.get("also_acceptable_status", [])}
        steps.append(Step(case["request_body"].encode(), statuses, told))
    return steps


def test_the_cases_of_another_witness_pass_in_order(shared: Path, tmp_path: Path) -> None:
    vectors = json.loads((shared / "vectors" / "tlog" / "litewitness-add-checkpoint.json").read_text("utf-8"))
    bench = make_bench(tmp_path)
    bench.logs.write_text(f"log {vectors['log_vkey']}\n")
    with served(bench) as witness:
        walk(witness, foreign_steps(vectors))


def own_steps(log: GrownLog) -> list[Step]:
    """Return a run over the life of a log, in which every answer of the standard comes up."""
    fork, stranger = GrownLog(branch="other"), GrownLog(key="stranger")
    flipped = (
        log.ask(1, 3)[:-9] + (b"AAAA" if log.ask(1, 3)[-9:-5] != b"AAAA" else b"BBBB") + log.ask(1, 3)[-5:]
    )
    later = sign_note(log.note(5).partition("\n\n")[0] + "\n", [stranger.signer, log.signer])
    return [
        Step(log.ask(0, 0), {200}),
        Step(log.ask(0, 1), {200}),
        Step(flipped, {403}),
        Step(GrownLog("other.example/log").ask(1, 3), {404}),
        Step(format_request(1, (), log.note(3)), {422}),
        Step(format_request(1, log.proof(2, 3), log.note(3)), {422}),
        Step(stranger.ask(1, 3), {403}),
        Step(log.ask(1, 3), {200}),
        Step(log.ask(1, 5), {409}, "3\n"),
        Step(log.ask(1, 3), {409}, "3\n"),
        Step(format_request(5, (), log.note(3)), {400}),
        Step(b"old 3\n" + later.encode(), {400}),
        Step(format_request(3, log.proof(3, 5), later), {200}),
        Step(log.ask(0, 5), {409}, "5\n"),
        Step(log.ask(5, 5), {200}),
        Step(log.ask(5, 21), {200}),
        Step(fork.ask(21, 21), {422}),
        Step(fork.ask(21, 30), {422}),
        Step(log.ask(21, SIZE), {200}),
        Step(log.ask(21, SIZE), {409}, f"{SIZE}\n"),
        Step(log.ask(SIZE, SIZE), {200}),
    ]


@pytest.fixture
def both(bench: Bench) -> Iterator[Served]:
    """The witness as a process, with both kinds of cosignature."""
    with served(bench, "--mldsa") as witness:
        yield witness


def test_the_life_of_a_log(bench: Bench, log: GrownLog, both: Served) -> None:
    path = f"/{hash_origin(log.origin)}/checkpoint"
    assert both.http.get(path).status_code == 404
    walk(both, own_steps(log))
    answer = both.ask(log.ask(SIZE, SIZE))
    assert len(opened(log.note(SIZE), answer.text, bench.vkeys).verified) == 2
    shown = both.http.get(path)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    keys = [log.signer.verifier, *map(parse_key, bench.vkeys)]
    assert len(open_note(shown.content, keys).verified) == 3
    assert shown.content == bench.file_of(log).read_bytes()
    assert answer.text in shown.text


def test_what_is_no_request_is_answered_too(both: Served, log: GrownLog) -> None:
    assert both.ask(b"").status_code == 400
    assert both.ask(b"\xff\x00").status_code == 400
    assert both.ask(b"old 0\n\n" + b"x" * (1 << 20)).status_code == 413
    assert both.http.get("/add-checkpoint").status_code == 405
    for path in (
        "/",
        "/checkpoint",
        f"/{'0' * 64}/checkpoint",
        f"/{'A' * 64}/checkpoint",
        "/..%2F/checkpoint",
    ):
        assert both.http.get(path).status_code == 404
    assert both.http.head(f"/{'0' * 64}/checkpoint").status_code == 404


def test_one_log_from_many_sides_at_once(bench: Bench, log: GrownLog, both: Served) -> None:
    def grow(size: int) -> int:
        old = 0
        while True:
            response = both.ask(log.ask(old, size))
            if response.status_code == 200:
                return size
            assert response.status_code == 409
            old = int(response.text)
            if old > size:
                return 0

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(grow, range(1, SIZE + 1))) == SIZE
    assert f"\n{SIZE}\n" in bench.file_of(log).read_text()


def test_a_disk_that_fails_is_told_and_nothing_is_cosigned(bench: Bench, log: GrownLog, both: Served) -> None:
    blocked = bench.file_of(log).parent
    blocked.write_text("a file where the folder should be")
    answer = both.ask(log.ask(0, 5))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert "\u2014" not in answer.text
    blocked.unlink()
    assert both.ask(log.ask(0, 5)).status_code == 200


@pytest.mark.slow
def test_a_kill_at_any_moment_never_takes_the_size_back(bench: Bench, log: GrownLog) -> None:
    chance = random.Random(7)
    size, fork = 0, GrownLog(branch="other")
    for _ in range(3):
        with served(bench) as witness, ThreadPoolExecutor(1) as pool:
            stop = size + chance.randrange(1, 12)

            def grow(size: int = size, witness: Served = witness, stop: int = stop) -> int:
                while size < SIZE:
                    if size == stop:
                        pool.submit(witness.process.kill)  # in the midst of what follows
                    try:
                        answer = witness.ask(log.ask(size, size + 1))
                    except httpx.HTTPError:
                        return size
                    size = int(answer.text) if answer.status_code == 409 else size + 1
                return size

            size = grow()
        text = bench.file_of(log).read_text()
        assert int(text.split("\n")[1]) in (size, size + 1)
    with served(bench) as witness:
        known = int(witness.ask(log.ask(0, 1)).text)
        assert known >= size
        assert witness.ask(log.ask(known - 1, known)).status_code == 409
        if known > SIZE // 2:
            assert witness.ask(fork.ask(known, SIZE)).status_code == 422
        assert witness.ask(log.ask(known, SIZE)).status_code == 200


@pytest.mark.slow
def test_a_second_process_is_refused_and_the_first_reads_its_list_on_sighup(
    bench: Bench, log: GrownLog
) -> None:
    with served(bench) as witness:
        second = start(bench.folder, bench.logs)
        _, err = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 2
        assert err.splitlines()[-1].startswith("错误 witness.held")
        other = GrownLog("other.example/log", key="other")
        assert witness.ask(other.ask(0, 5)).status_code == 404
        bench.logs.write_text(log.line + other.line)
        witness.hang_up()
        assert witness.ask(other.ask(0, 5)).status_code == 200
        witness.process.send_signal(signal.SIGINT)
        _, err = witness.process.communicate(timeout=PATIENCE_S)
        assert witness.process.returncode == 0
        assert err.splitlines()[-1] == "服务已停止"
        assert log.origin not in err


@pytest.mark.slow
def test_the_commands_make_and_show_the_keys(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "witness"
    made = run("init", str(folder), "--name", "guild.example/w", "--no-passphrase")
    assert made.returncode == 0
    assert [parse_key(vkey).name for vkey in made.stdout.splitlines()] == ["guild.example/w"] * 2
    assert (folder / "witness.key").stat().st_mode & 0o777 == 0o600
    assert run("key", str(folder)).stdout == made.stdout
    again = run("init", str(folder), "--name", "guild.example/w", "--no-passphrase")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.splitlines()[-1].startswith("错误 witness.there")
    secret = (folder / "witness.key").read_text().split("+")[4][:20]
    assert secret not in made.stdout + made.stderr + again.stderr
    missing = run("serve", str(folder), "--logs", str(tmp_path / "none"))
    assert (missing.returncode, missing.stderr.split("：")[0]) == (2, "错误 witness.no-logs")


@pytest.mark.slow
def test_locked_keys_serve_with_the_passphrase_from_the_environment(
    tmp_path: Path, log: GrownLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "witness"
    assert run("init", str(folder), "--name", "guild.example/w").returncode == 2
    monkeypatch.setenv("SUYUAN_PASSPHRASE", "eight pears")
    assert run("init", str(folder), "--name", "guild.example/w").returncode == 0
    (tmp_path / "logs").write_text(log.line)
    with served(Bench(folder, tmp_path / "logs", Clock())) as witness:
        assert witness.ask(log.ask(0, 5)).status_code == 200
    monkeypatch.setenv("SUYUAN_PASSPHRASE", "nine pears")
    assert run("key", str(folder)).stderr.startswith("错误 lock.closed")
