"""The log and its witnesses: who is asked for what, whose word counts, and what stops the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from suyuan import remote
from suyuan.errors import Forked, Refused, Unavailable
from suyuan.ledger.checkpoint import open_checkpoint
from suyuan.ledger.cosignature import read_time
from suyuan.ledger.engine import begin_read
from suyuan.ledger.note import NoteSignature, format_signature, split_note
from suyuan.ledger.policy import open_policed, parse_policy
from suyuan.publish.checkpoints import publish_checkpoint
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from suyuan.publish.witnesses import Witnesses
from suyuan.vault.cosignatures import read_cosignatures
from tests.publish.bureaus import Bureau, Impostor, bureau, impostor
from tests.publish.presses import KEY, LOG, Press

LOG_LINE = f"log {KEY.vkey}\n"
PATIENCE_S = 30.0


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    """An empty log on SQLite."""
    press = Press(f"sqlite:///{tmp_path / 'log.db'}").found()
    yield press
    press.engine.dispose()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def one(tmp_path: Path, stack: ExitStack) -> Bureau:
    """A witness that signs with Ed25519."""
    return stack.enter_context(bureau(tmp_path / "one", "one", LOG_LINE))


@pytest.fixture
def two(tmp_path: Path, stack: ExitStack) -> Bureau:
    """A witness that signs with both."""
    return stack.enter_context(bureau(tmp_path / "two", "two", LOG_LINE, mldsa=True))


def witnesses(press: Press, policy: str, *, waits: bool = False, seconds: float = PATIENCE_S) -> Witnesses:
    """Return the witnesses of a policy, as after a start."""
    found = Witnesses(press.engine, LOG, parse_policy(policy), press.signers, waits=waits)
    found.seconds = seconds
    return found


def publisher(press: Press, tmp_path: Path, asked: Witnesses) -> Publisher:
    """Return a publisher that asks *asked*."""
    return press.publisher(FolderTarget(tmp_path / "public"), asked.ask)


def who(note: str | None) -> list[str]:
    """Return who signed *note*, but for the log."""
    assert note is not None
    return [line.name for line in split_note(note)[1] if line.name != LOG]


def grown(press: Press, size: int) -> tuple[str, int]:
    """Let the log grow; return its checkpoint and size."""
    press.grow(size)
    checkpoint = publish_checkpoint(press.engine, LOG, press.signers, lambda: press.now)
    assert checkpoint is not None
    return checkpoint.note, checkpoint.size


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was said of witnesses."""
    return [record.getMessage() for record in caplog.records if record.name == "suyuan.witnesses"]


def test_a_published_checkpoint_carries_all_cosignatures(
    press: Press, tmp_path: Path, one: Bureau, two: Bureau
) -> None:
    policy = one.line() + two.line() + two.line(1) + "group both all one two two1\nquorum both\n"
    publishing = publisher(press, tmp_path, witnesses(press, policy, waits=True))
    for size in (1, 2, 300):
        press.grow(size)
        note = publishing.publish()
        assert note is not None
        policed = open_policed(note, parse_policy(LOG_LINE + policy), LOG)
        assert (policed.checkpoint.size, len(policed.cosignatures)) == (size, 3)
        assert (one.size(LOG), two.size(LOG)) == (size, size)
        assert (tmp_path / "public" / "checkpoint").read_text() == note


def test_what_is_asked_starts_where_the_witness_is(press: Press, stack: ExitStack) -> None:
    honest = stack.enter_context(impostor(lambda body: (200, b"")))

    def cosign(body: bytes) -> tuple[int, bytes]:
        text = body.decode().partition("\n\n")[2].partition("\n\n")[0] + "\n"
        return 200, format_signature(honest.cosigner.cosign(text, 5)).encode()

    honest.answer = cosign
    policy = honest.line() + "quorum none\n"
    for size in (3, 9, 9):
        assert len(witnesses(press, policy).ask(*grown(press, size))) == 1
    firsts = [body.split(b"\n")[0] for body in honest.asked]
    assert firsts == [b"old 0", b"old 3", b"old 9"]
    assert honest.asked[2].startswith(b"old 9\n\n")


def test_a_witness_that_is_behind_or_further_on_is_asked_from_there(
    press: Press, tmp_path: Path, one: Bureau
) -> None:
    policy = one.line() + "quorum one\n"
    witnesses(press, policy).ask(*grown(press, 5))
    fresh = Press(f"sqlite:///{tmp_path / 'twin.db'}").found()  # the same entries, and no memory of witnesses
    fresh.now = press.now
    assert len(witnesses(fresh, policy).ask(*grown(fresh, 9))) == 1
    assert one.size(LOG) == 9
    assert len(witnesses(press, policy).ask(*grown(press, 9))) == 1
    fresh.engine.dispose()


def test_a_later_asking_renews_the_time(press: Press, tmp_path: Path, one: Bureau) -> None:
    publishing = publisher(press, tmp_path, witnesses(press, one.line() + "quorum one\n"))
    times = []
    press.grow(4)
    for _ in range(3):
        note = publishing.publish()
        assert note is not None
        times.append([read_time(line) for line in split_note(note)[1] if line.name == "one.example/w"])
        press.wait(minutes=9)
        assert publishing.publish() == note
        press.wait(minutes=1)
        one.bench.clock.now += 600
    assert times[1:] == [[times[0][0] + 600], [times[0][0] + 1200]]


def test_a_cosignature_whose_answer_was_lost_is_had_again(
    press: Press, stack: ExitStack, one: Bureau
) -> None:
    line = stack.enter_context(impostor(lambda body: (200, b"")))

    def lose(body: bytes) -> tuple[int, bytes]:
        assert remote.post(f"{one.url}/add-checkpoint", body).status == 200
        return 500, b"lost"

    def carry(body: bytes) -> tuple[int, bytes]:
        answer = remote.post(f"{one.url}/add-checkpoint", body)
        return answer.status, answer.body

    policy = f"witness one {one.bench.vkeys[0]} {line.url}\nquorum none\n"
    line.answer = lose
    assert witnesses(press, policy).ask(*grown(press, 5)) == []
    line.answer = carry
    assert len(witnesses(press, policy).ask(*grown(press, 5))) == 1
    assert [body.split(b"\n")[0] for body in line.asked] == [b"old 0", b"old 0", b"old 5"]


def test_a_witness_that_forgot_is_complained_of(
    press: Press, tmp_path: Path, one: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    witnesses(press, one.line() + "quorum one\n").ask(*grown(press, 9))
    next(one.bench.folder.glob("*/checkpoint")).unlink()
    with bureau(tmp_path / "one", "one", LOG_LINE) as forgetful:
        assert len(witnesses(press, forgetful.line() + "quorum one\n").ask(*grown(press, 12))) == 1
    assert "remembers 0 only" in complaints(caplog)[0]


# Those who don't answer, or not well


def test_a_missing_witness_keeps_nobody_from_publishing(
    press: Press, tmp_path: Path, one: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    other = Impostor(lambda body: (200, b"")).cosigner.vkey
    policy = one.line() + f"witness gone {other} http://127.0.0.1:1\ngroup any1 1 one gone\nquorum any1\n"
    asked = witnesses(press, policy, waits=True)
    assert asked.look().detail == "witnessed 0 of 2"
    press.grow(4)
    assert who(publisher(press, tmp_path, asked).publish()) == ["one.example/w"]
    assert (asked.look().ok, asked.look().detail) == (True, "witnessed 1 of 2")
    assert len(complaints(caplog)) == 1


def test_with_a_quorum_the_old_checkpoint_stays_until_it_is_met(
    press: Press, tmp_path: Path, stack: ExitStack
) -> None:
    with (
        bureau(tmp_path / "one", "one", LOG_LINE) as first,
        bureau(tmp_path / "two", "two", LOG_LINE) as second,
    ):
        policy = first.line() + second.line() + "group both all one two\nquorum both\n"
        publishing = publisher(press, tmp_path, witnesses(press, policy, waits=True))
        press.grow(4)
        before = publishing.publish()
        second.bench.logs.write_text("# none\n")
        press.grow(300)
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                publishing.publish()
            assert caught.value.problem.code == "witness.few"
            assert (tmp_path / "public" / "checkpoint").read_text() == before
        second.bench.logs.write_text(LOG_LINE)
        after = publishing.publish()
        assert after is not None
        assert open_policed(after, parse_policy(LOG_LINE + policy)).checkpoint.size == 300


def test_a_witness_that_hangs_is_left_after_its_time(press: Press, one: Bureau, stack: ExitStack) -> None:
    hanging = stack.enter_context(impostor(lambda body: (200, b"")))
    hanging.answer = lambda body: (hanging.release.wait(30), (200, b""))[1]
    policy = one.line() + hanging.line() + "quorum none\n"
    asked = witnesses(press, policy, seconds=0.5)
    lines = asked.ask(*grown(press, 4))
    assert [line.name for line in lines] == ["one.example/w"]


def test_whoever_keeps_us_hanging_is_asked_no_second_time_meanwhile(press: Press, stack: ExitStack) -> None:
    hanging = stack.enter_context(impostor(lambda body: (200, b"")))
    hanging.answer = lambda body: (hanging.release.wait(30), (200, b""))[1]
    asked = witnesses(press, hanging.line() + "quorum none\n", seconds=PATIENCE_S)
    task = asked._parallel
    assert task.run({"a": lambda: hanging.release.wait(30)}, 0) == {}
    assert task.run({"a": lambda: True, "b": lambda: True}, PATIENCE_S) == {"b": True}
    hanging.release.set()


def lie(body: bytes, honest: Impostor, *, time: int = 5) -> str:
    text = body.decode().partition("\n\n")[2].partition("\n\n")[0] + "\n"
    return format_signature(honest.cosigner.cosign(text, time))


@pytest.mark.parametrize(
    "kind",
    [
        "signature",
        "text",
        "stranger",
        "nothing",
        "words",
        "bytes",
        "both",
        "500",
        "403",
        "404",
        "409",
        "409 0",
        "422",
    ],
)
def test_a_wrong_answer_is_no_cosignature(
    press: Press, stack: ExitStack, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    liar = stack.enter_context(impostor(lambda body: (200, b"")))

    def answer(body: bytes) -> tuple[int, bytes]:
        line = lie(body, liar)
        flipped = line[:-9] + ("AAAA" if line[-9:-5] != "AAAA" else "BBBB") + line[-5:]
        other = NoteSignature(liar.cosigner.name, liar.cosigner.key_id, bytes(72))
        answers = {
            "signature": (200, flipped),
            "text": (200, format_signature(other)),
            "stranger": (200, line.replace("impostor", "stranger")),
            "nothing": (200, ""),
            "words": (200, "fine\n"),
            "bytes": (200, "\udcff\n"),
            "both": (200, line + flipped),
            "409": (409, ""),
            "409 0": (409, "0\n"),
        }
        status, text = answers.get(kind) or (int(kind), "no\n")
        return status, text.encode(errors="surrogateescape")

    liar.answer = answer
    asked = witnesses(press, liar.line() + "quorum impostor\n")
    lines = asked.ask(*grown(press, 4))
    assert len(lines) == (1 if kind == "both" else 0)
    assert len(complaints(caplog)) == 1


def test_a_witness_that_is_away_is_told_of_once_and_when_it_is_back(
    press: Press, tmp_path: Path, one: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    asked = witnesses(press, one.line() + "quorum none\n")
    asked.ask(*grown(press, 1))
    one.bench.logs.write_text("# none\n")
    for size in (2, 3, 4):
        asked.ask(*grown(press, size))
    one.bench.logs.write_text(LOG_LINE)
    for size in (5, 6):
        asked.ask(*grown(press, size))
    [away, back] = complaints(caplog)
    assert "trusts no key that signs this log (404): hand it those of suyuan key log list" in away
    assert back.endswith("cosigns again")


def test_a_large_answer_is_not_read(press: Press, stack: ExitStack, caplog: pytest.LogCaptureFixture) -> None:
    chatty = stack.enter_context(impostor(lambda body: (200, bytes(1 << 20))))
    assert witnesses(press, chatty.line() + "quorum none\n").ask(*grown(press, 4)) == []
    assert "larger" in caplog.text


def test_a_witness_without_a_url_cannot_be_asked(press: Press) -> None:
    vkey = Impostor(lambda body: (200, b"")).cosigner.vkey
    with pytest.raises(Refused) as caught:
        witnesses(press, f"witness silent {vkey}\nquorum silent\n")
    assert caught.value.problems[0].code == "witness.no-url"


# Forks


def forked(tmp_path: Path, press: Press, size: int) -> Press:
    """Return another history of the log under the same key, of other entries from the first on."""
    fork = Press(f"sqlite:///{tmp_path / 'fork.db'}").found()
    fork.now = press.now
    fork.wait(seconds=1)
    fork.grow(size)
    return fork


def test_a_fork_stops_the_log_and_names_the_checkpoint_that_proves_it(
    press: Press, tmp_path: Path, one: Bureau
) -> None:
    policy = one.line() + "quorum none\n"
    seen, _ = grown(press, 4)
    witnesses(press, policy).ask(seen, 4)
    fork = forked(tmp_path, press, 8)
    publishing = publisher(fork, tmp_path, witnesses(fork, policy))
    for _ in range(2):
        with pytest.raises(Forked) as caught:
            publishing.publish()
        assert caught.value.problem.code == "log.forked"
        assert one.url in caught.value.problem.en
        assert caught.value.problem.values["root"] == seen.split("\n")[2]
    assert not (tmp_path / "public" / "checkpoint").exists()
    assert one.size(LOG) == 4
    fork.engine.dispose()


def test_a_witness_that_is_ahead_stops_a_restored_log(press: Press, tmp_path: Path, one: Bureau) -> None:
    policy = one.line() + "quorum none\n"
    witnesses(press, policy).ask(*grown(press, 9))
    restored = Press(f"sqlite:///{tmp_path / 'restored.db'}").found()
    restored.now = press.now
    with pytest.raises(Forked) as caught:
        witnesses(restored, policy).ask(*grown(restored, 5))
    assert caught.value.problem.code == "log.behind"
    assert caught.value.problem.values["signed"] == 9
    restored.engine.dispose()


@pytest.mark.parametrize(
    ("answer", "known"),
    [((422, b""), 4), ((409, b""), 4), ((409, b"4\n"), 4), ((409, b"5\n"), 4), ((409, b"9\n"), 0)],
)
def test_a_fork_that_a_witness_only_speaks_of_stops_the_log_too(
    press: Press, stack: ExitStack, answer: tuple[int, bytes], known: int
) -> None:
    other = stack.enter_context(impostor(lambda body: (200, b"")))
    policy = other.line() + "quorum none\n"
    if known:
        other.answer = lambda body: (200, lie(body, other).encode())
        witnesses(press, policy).ask(*grown(press, known))
    other.answer = lambda body: answer
    with pytest.raises(Forked) as caught:
        witnesses(press, policy).ask(*grown(press, 4))
    assert caught.value.problem.code == "witness.says-fork"
    assert other.url in caught.value.problem.zh


def test_a_second_process_that_signed_more_meanwhile_is_no_fork(
    press: Press, one: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    policy = one.line() + "quorum none\n"
    early = grown(press, 4)
    witnesses(press, policy).ask(*grown(press, 9))
    assert witnesses(press, policy).ask(*early) == []
    assert "409 9" in caplog.text


def test_the_others_word_counts_although_one_stops_the_log(
    press: Press, stack: ExitStack, one: Bureau
) -> None:
    other = stack.enter_context(impostor(lambda body: (409, b"99\n")))
    with pytest.raises(Forked):
        witnesses(press, other.line() + one.line() + "quorum none\n").ask(*grown(press, 4))
    with begin_read(press.engine) as connection:
        assert [kept.line.name for kept in read_cosignatures(connection, LOG, 4)] == ["one.example/w"]


# What witnesses show


def test_what_witnesses_hold_is_seen(press: Press, stack: ExitStack, one: Bureau, two: Bureau) -> None:
    strange = stack.enter_context(impostor(lambda body: (200, b"")))
    strange.shown = b"nonsense"
    empty = stack.enter_context(impostor(lambda body: (200, b"")))
    policy = one.line() + two.line() + "quorum none\n"
    asked = witnesses(press, policy)
    assert asked.find_seen() == []
    note, size = grown(press, 7)
    asked.ask(note, size)
    expected = open_checkpoint(note, [KEY.verifier], LOG)
    assert sorted(asked.find_seen()) == sorted([(one.url, expected), (two.url, expected)])
    lone = witnesses(press, strange.line() + "quorum none\n")
    assert lone.find_seen() == []
    assert witnesses(press, empty.line() + "quorum none\n").find_seen() == []


def test_a_silent_witness_shows_nothing_in_time(
    press: Press, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    gone = Impostor(lambda body: (200, b""), url="http://127.0.0.1:1")
    assert witnesses(press, gone.line() + "quorum none\n").find_seen() == []
    assert "127.0.0.1:1" in caplog.text
