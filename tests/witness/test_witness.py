"""What a witness cosigns, and what it never does."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Broken, NoteWrong, Refused, SuyuanError, Unavailable
from suyuan.ledger.checkpoint import parse_checkpoint, sign_checkpoint
from suyuan.ledger.cosignature import Cosigner, cosign_checkpoint, parse_key, read_time
from suyuan.ledger.hashing import ZERO
from suyuan.ledger.note import open_note, parse_signatures
from suyuan.ledger.witnessing import format_request
from suyuan.witness.decision import LogForked, LogUnknown, RequestWrong, SignerUntrusted, SizeStale
from suyuan.witness.memory import hash_origin
from suyuan.witness.witness import Witness
from tests.keys import seed
from tests.tlogs import SIZE, GrownLog, opened
from tests.witness.running import Bench, make_bench


def remembered(bench: Bench, log: GrownLog) -> int:
    """Return the size in the file of *log*; its note holds the log's signature and the witness's."""
    note = bench.file_of(log).read_bytes()
    keys = [log.signer.verifier, parse_key(bench.vkeys[0])]
    found = open_note(note, keys)
    assert {one.name for one in found.verified} == {log.origin, "bureau.example/w1"}
    return parse_checkpoint(found.text).size


def test_a_log_is_cosigned_from_its_first_checkpoint_on(bench: Bench, log: GrownLog) -> None:
    witness = bench.open()
    for old, size in [(0, 0), (0, 1), (1, 3), (3, 3), (3, SIZE)]:
        answer = witness.add_checkpoint(log.ask(old, size))
        verified = opened(log.note(size), answer, bench.vkeys).verified
        assert [read_time(one) for one in verified] == [bench.clock.now]
        assert remembered(bench, log) == size
        assert witness.find_note(hash_origin(log.origin)) == bench.file_of(log).read_text()


def test_with_mldsa_there_are_two_cosignatures(bench: Bench, log: GrownLog) -> None:
    answer = bench.open(mldsa=True).add_checkpoint(log.ask(0, 5))
    assert [len(one.signature) for one in parse_signatures(answer)] == [8 + 64, 8 + 2420]
    assert len(opened(log.note(5), answer, bench.vkeys).verified) == 2
    again = bench.open().add_checkpoint(log.ask(5, 6))
    assert len(opened(log.note(6), again, bench.vkeys).verified) == 1


def test_a_log_that_signs_with_mldsa_only_is_known_by_that_key(bench: Bench, log: GrownLog) -> None:
    cosigner = Cosigner(log.origin, seed("post-quantum"), b"\x06")
    bench.logs.write_text(f"log {cosigner.vkey}\n")
    note = cosign_checkpoint(log.checkpoint(4), [log.signer, cosigner], 1_800_000_000)
    bench.open().add_checkpoint(format_request(0, (), note))
    kept = open_note(
        bench.file_of(log).read_bytes(), [parse_key(one) for one in (cosigner.vkey, *bench.vkeys)]
    )
    assert len(kept.verified) == 2
    assert kept.unknown == ()


def test_lines_of_strangers_are_neither_believed_nor_kept(bench: Bench, log: GrownLog) -> None:
    stranger = GrownLog(log.origin, key="stranger").signer
    note = sign_checkpoint(log.checkpoint(4), [stranger, log.signer])
    bench.open().add_checkpoint(format_request(0, (), note))
    kept = open_note(bench.file_of(log).read_bytes(), [log.signer.verifier, parse_key(bench.vkeys[0])])
    assert kept.unknown == ()


def bad_signature(log: GrownLog) -> bytes:
    first, tail = log.note(7).rsplit(" ", 1)
    middle = tail[:20] + ("A" if tail[20] != "A" else "B") + tail[21:]
    return format_request(5, log.proof(5, 7), f"{first} {middle}")


def unsigned(log: GrownLog) -> bytes:
    return format_request(5, log.proof(5, 7), GrownLog(key="stranger").note(7))


def proof_of(old: int, size: int) -> Callable[[GrownLog], bytes]:
    return lambda log: format_request(old, log.proof(3, size), log.note(size))


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda log: b"old 5\n", RequestWrong),
        (lambda log: log.ask(5, 7).replace(b"old 5", b"old 05"), RequestWrong),
        (lambda log: format_request(8, (), log.note(7)), RequestWrong),
        (lambda log: GrownLog("other.example/log").ask(5, 7), LogUnknown),
        (bad_signature, SignerUntrusted),
        (unsigned, SignerUntrusted),
        (lambda log: log.ask(0, 7), SizeStale),
        (lambda log: log.ask(4, 7), SizeStale),
        (lambda log: log.ask(4, 4), SizeStale),
        (lambda log: log.ask(6, 7), SizeStale),
        (lambda log: log.ask(0, 0), SizeStale),
        (lambda log: format_request(5, (), log.note(7)), LogForked),
        (proof_of(5, 7), LogForked),
        (lambda log: format_request(5, (ZERO, *log.proof(5, 7)), log.note(7)), LogForked),
        (lambda log: format_request(5, (ZERO,), log.note(5)), LogForked),
    ],
)
def test_what_is_not_as_it_should_be_gets_its_answer_and_changes_nothing(
    bench: Bench, log: GrownLog, ask: Callable[[GrownLog], bytes], error: type[SuyuanError]
) -> None:
    witness = bench.open()
    witness.add_checkpoint(log.ask(0, 5))
    before = bench.file_of(log).read_bytes()
    with pytest.raises(error):
        witness.add_checkpoint(ask(log))
    assert bench.file_of(log).read_bytes() == before


def test_a_stale_request_is_told_the_size(bench: Bench, log: GrownLog) -> None:
    witness = bench.open()
    for known in (5, 9):
        witness.add_checkpoint(log.ask(0 if known == 5 else 5, known))
        with pytest.raises(SizeStale) as caught:
            witness.add_checkpoint(log.ask(0, 10))
        assert caught.value.known == known


def test_a_fork_is_never_cosigned(bench: Bench, log: GrownLog) -> None:
    fork = GrownLog(branch="other")
    witness = bench.open()
    witness.add_checkpoint(log.ask(0, 30))
    for old, size in [(30, 30), (30, 31), (30, SIZE)]:
        with pytest.raises(LogForked):
            witness.add_checkpoint(fork.ask(old, size))
    witness.add_checkpoint(log.ask(30, 31))


def test_two_roots_of_one_size_are_kept_as_proof(bench: Bench, log: GrownLog) -> None:
    fork, witness = GrownLog(branch="other"), bench.open()
    proof = bench.file_of(log).with_name("fork")
    witness.add_checkpoint(log.ask(0, 30))
    with pytest.raises(LogForked):
        witness.add_checkpoint(fork.ask(30, 31))
    assert not proof.exists()
    with pytest.raises(SizeStale):
        witness.add_checkpoint(fork.ask(0, 30))
    assert proof.read_text() == fork.note(30)
    witness.add_checkpoint(log.ask(30, 31))
    with pytest.raises(LogForked):
        witness.add_checkpoint(fork.ask(31, 31))
    assert proof.read_text() == fork.note(30)
    assert bench.open().find_note(hash_origin(log.origin)) == bench.file_of(log).read_text()


@pytest.mark.parametrize("old", [0, 1])
def test_no_leaves_have_the_empty_root(bench: Bench, log: GrownLog, old: int) -> None:
    note = sign_checkpoint(replace(log.checkpoint(0), root=ZERO), [log.signer])
    error = RequestWrong if old else LogForked
    with pytest.raises(error):
        bench.open().add_checkpoint(format_request(old, (), note))
    assert not bench.file_of(log).exists()


def test_the_same_size_again_has_a_new_time(bench: Bench, log: GrownLog) -> None:
    witness = bench.open()
    witness.add_checkpoint(log.ask(0, 5))
    bench.clock.now += 600
    answer = witness.add_checkpoint(log.ask(5, 5))
    assert [read_time(one) for one in parse_signatures(answer)] == [bench.clock.now]


def test_a_time_is_never_before_the_last_one_also_after_a_restart(bench: Bench, log: GrownLog) -> None:
    bench.open().add_checkpoint(log.ask(0, 5))
    latest, bench.clock.now = bench.clock.now, 1
    answer = bench.open().add_checkpoint(log.ask(5, 6))
    assert [read_time(one) for one in parse_signatures(answer)] == [latest]


def test_a_clock_before_1970_signs_the_first_second(bench: Bench, log: GrownLog) -> None:
    bench.clock.now = -5
    answer = bench.open().add_checkpoint(log.ask(0, 5))
    assert [read_time(one) for one in parse_signatures(answer)] == [1]


def test_logs_do_not_mix(tmp_path: Path) -> None:
    logs = [GrownLog(f"log{i}.example/log", key=f"log {i}") for i in range(3)]
    bench = make_bench(tmp_path, *logs)
    witness = bench.open()
    for place, log in enumerate(logs):
        witness.add_checkpoint(log.ask(0, 10 + place))
    reopened = bench.open()
    for place, log in enumerate(logs):
        reopened.add_checkpoint(log.ask(10 + place, 20))
    renamed = sign_checkpoint(logs[1].checkpoint(20), [GrownLog(logs[1].origin, key="log 0").signer])
    with pytest.raises(SignerUntrusted):
        reopened.add_checkpoint(format_request(20, (), renamed))


@given(st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE), st.booleans()), max_size=12))
def test_whatever_is_asked_what_is_cosigned_is_one_growing_log(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[int, int, bool]]
) -> None:
    log, fork = GrownLog(), GrownLog(branch="other")
    bench = make_bench(tmp_path_factory.mktemp("witness"), log)
    witness, cosigned = bench.open(), [log.checkpoint(0)]
    for old, size, forked in asked:
        branch = fork if forked else log
        if old > size:
            witness = bench.open()
            continue
        try:
            witness.add_checkpoint(branch.ask(old, size))
        except SuyuanError:
            continue
        cosigned.append(branch.checkpoint(size))
    assert [one.size for one in cosigned] == sorted(one.size for one in cosigned)
    assert any(all(one == branch.checkpoint(one.size) for one in cosigned) for branch in (log, fork))


def test_of_requests_at_once_each_answer_was_the_largest_of_its_moment(bench: Bench, log: GrownLog) -> None:
    witness = bench.open()

    def grow(size: int) -> int:
        old = 0
        while True:
            try:
                witness.add_checkpoint(log.ask(old, size))
            except SizeStale as stale:
                if stale.known > size:
                    return 0
                old = stale.known
            else:
                return size

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(grow, [*range(1, SIZE + 1)] * 2))
    assert max(done) == SIZE
    assert remembered(bench, log) == SIZE


def test_of_two_forks_at_once_one_is_cosigned(tmp_path: Path) -> None:
    log, fork = GrownLog(), GrownLog(branch="other")
    for turn in range(20):
        (tmp_path / str(turn)).mkdir()
        witness = make_bench(tmp_path / str(turn), log).open()

        def won(branch: GrownLog, witness: Witness = witness) -> bool:
            try:
                witness.add_checkpoint(branch.ask(0, 30))
            except SizeStale:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(won, (log, fork))) == [False, True]


# Files that are not as they were written


@pytest.mark.parametrize("damage", ["empty", "short", "bit", "foreign", "elsewhere"])
def test_a_damaged_memory_is_not_believed(bench: Bench, log: GrownLog, damage: str, tmp_path: Path) -> None:
    bench.open().add_checkpoint(log.ask(0, 5))
    path = bench.file_of(log)
    note = path.read_bytes()
    if damage == "elsewhere":
        other = GrownLog("other.example/log")
        path.parent.rename(bench.file_of(other).parent)
    else:
        wrong = {
            "empty": b"",
            "short": note[:-40],
            "bit": note.replace(b"\n5\n", b"\n4\n"),
            "foreign": log.note(5).encode(),
        }
        path.write_bytes(wrong[damage])
    with pytest.raises(Broken):
        bench.open()


def test_a_draft_that_a_crash_left_is_nothing(bench: Bench, log: GrownLog) -> None:
    bench.open().add_checkpoint(log.ask(0, 5))
    bench.file_of(log).with_name(".checkpoint.1.tmp").write_bytes(b"old")
    fresh = bench.file_of(GrownLog("other.example/log"))
    fresh.parent.mkdir()
    bench.open().add_checkpoint(log.ask(5, 6))
    assert [path.name for path in bench.file_of(log).parent.iterdir()] == ["checkpoint"]


def refuse(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["replace", "fsync_folder"])
@pytest.mark.parametrize("first", [True, False])
def test_a_write_that_failed_counts_as_the_file_says(
    bench: Bench, log: GrownLog, monkeypatch: pytest.MonkeyPatch, step: str, first: bool
) -> None:
    witness = bench.open()
    known = 0
    if not first:
        witness.add_checkpoint(log.ask(0, 5))
        known = 5
    bench.file_of(log).parent.mkdir(exist_ok=True)
    with monkeypatch.context() as patch:
        if step == "replace":
            patch.setattr(Path, "replace", refuse)
        else:
            patch.setattr("suyuan.durable.fsync_folder", refuse)
        with pytest.raises(Unavailable):
            witness.add_checkpoint(log.ask(known, 30))
    shown = witness.find_note(hash_origin(log.origin))
    assert shown is None if first else shown
    reached = known if step == "replace" else 30
    with pytest.raises((SizeStale, LogForked)):
        witness.add_checkpoint(GrownLog(branch="other").ask(30, 31))
    witness.add_checkpoint(log.ask(reached, 31))
    assert remembered(bench, log) == 31


def test_a_memory_that_cannot_be_read_again_cosigns_nothing(
    bench: Bench, log: GrownLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = bench.open()
    witness.add_checkpoint(log.ask(0, 5))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        for old, size in [(5, 6), (0, 6), (5, 6)]:
            with pytest.raises(Unavailable):
                witness.add_checkpoint(log.ask(old, size))
    witness.add_checkpoint(log.ask(5, 6))


# The list of logs


def test_a_changed_list_counts_at_once(bench: Bench, log: GrownLog) -> None:
    other = GrownLog("other.example/log", key="other")
    witness = bench.open()
    with pytest.raises(LogUnknown):
        witness.add_checkpoint(other.ask(0, 5))
    bench.logs.write_text(
        f"# both\n\n  {log.line}log\t{other.signer.vkey}  https://other.example/\nquorum none\n"
    )
    witness.add_checkpoint(other.ask(0, 5))
    witness.add_checkpoint(log.ask(0, 5))
    bench.logs.write_text(log.line)
    with pytest.raises(LogUnknown):
        witness.add_checkpoint(other.ask(5, 6))


@pytest.mark.parametrize("text", ["log grown.example/log\n", "\n\n", "nonsense\n", "log", "\xff"])
def test_a_list_with_a_mistake_changes_nothing(
    bench: Bench, log: GrownLog, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    witness = bench.open()
    bench.logs.write_bytes(text.encode("latin-1"))
    if text.strip():
        witness.add_checkpoint(log.ask(0, 5))
        witness.add_checkpoint(log.ask(5, 6))
        assert [record.levelname for record in caplog.records] == ["ERROR"]
    else:
        with pytest.raises(LogUnknown):
            witness.add_checkpoint(log.ask(0, 5))


def test_a_list_with_a_mistake_is_named_at_the_start(bench: Bench) -> None:
    bench.logs.write_text("log nobody\n")
    with pytest.raises(Refused) as caught:
        bench.open()
    [problem] = caught.value.problems
    assert (problem.code, str(bench.logs) in problem.zh, str(bench.logs) in problem.en) == (
        "witness.logs",
        True,
        True,
    )


def test_a_list_that_is_gone_changes_nothing(bench: Bench, log: GrownLog) -> None:
    witness = bench.open()
    bench.logs.unlink()
    witness.add_checkpoint(log.ask(0, 5))
    bench.logs.write_text("# none\n")
    with pytest.raises(LogUnknown):
        witness.add_checkpoint(log.ask(5, 6))


def test_two_keys_of_one_log_are_both_trusted(bench: Bench, log: GrownLog) -> None:
    fresh = GrownLog(key="successor")
    bench.logs.write_text(log.line + fresh.line)
    witness = bench.open()
    witness.add_checkpoint(log.ask(0, 5))
    witness.add_checkpoint(fresh.ask(5, 6))
    both = sign_checkpoint(log.checkpoint(7), [log.signer, fresh.signer])
    witness.add_checkpoint(format_request(6, log.proof(6, 7), both))
    assert (
        len(open_note(bench.file_of(log).read_bytes(), [log.signer.verifier, fresh.signer.verifier]).verified)
        == 2
    )


def test_the_operator_hears_once_of_a_key_that_the_list_lacks(
    bench: Bench, log: GrownLog, caplog: pytest.LogCaptureFixture
) -> None:
    witness = bench.open()
    fresh = GrownLog(key="successor")
    for _ in range(2):
        with pytest.raises(SignerUntrusted):
            witness.add_checkpoint(fresh.ask(0, 5))
    with pytest.raises(LogUnknown):
        witness.add_checkpoint(GrownLog(origin="stranger.example/log").ask(0, 5))
    [said] = [record.getMessage() for record in caplog.records]
    assert said.startswith(f"asked for {log.origin} under no key of the list")
    witness.add_checkpoint(log.ask(0, 5))
    with pytest.raises(SignerUntrusted):
        witness.add_checkpoint(fresh.ask(5, 6))
    assert len(caplog.records) == 2


def test_a_name_that_names_no_key_makes_no_witness(tmp_path: Path) -> None:
    with pytest.raises(NoteWrong):
        make_bench(tmp_path, name="two words")
