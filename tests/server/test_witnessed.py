"""The service and its witnesses, which are processes of their own on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest

from suyuan.errors import Missing, NoteWrong, Refused
from suyuan.ledger.checkpoint import parse_checkpoint
from suyuan.ledger.cosignature import CosignerKey
from suyuan.ledger.note import split_note
from suyuan.ledger.policy import format_policy, open_policed, parse_policy
from suyuan.server.house import House, open_house
from suyuan.server.witnesses import format_own_policy, read_witness_policy
from suyuan.settings import WitnessWait
from suyuan.witness.memory import hash_origin
from tests.orchard import LOG, Orchard, grow_season, name, new_orchard
from tests.publish.bureaus import impostor
from tests.served import Site, serve
from tests.tlogs import GrownLog
from tests.witness.running import Bench, Served, make_bench, served

PATIENCE_S = 60.0
SIZE = 17


def bench_of(path: Path, name: str, orchard: Orchard) -> Bench:
    """Make the witness *name*, which trusts the orchard's log."""
    path.mkdir()
    bench = make_bench(path, name=f"{name}.example/w")
    bench.logs.write_text(f"log {orchard.house.keys.checkpoint.vkey}\n")
    return bench


def open_witnessed(orchard: Orchard, policy: str, wait: WitnessWait = "quorum") -> House:
    """Open the orchard's house anew, as after a restart with the witnesses of *policy*."""
    settings = orchard.house.settings
    orchard.house.close()
    file = settings.data / "witnesses.txt"
    file.write_text(policy)
    return open_house(replace(settings, witnesses=file, witness_wait=wait), orchard.mint)


def until(site: Site, size: int) -> str:
    """Return the published checkpoint once it is of *size*."""
    end = monotonic() + PATIENCE_S
    while monotonic() < end:
        found = site.get("/log/checkpoint")
        if found.status_code == 200 and size_of(found.text) >= size:
            return found.text
        sleep(0.02)
    raise AssertionError(f"{size} entries are not published")


def size_of(note: str) -> int:
    """Return the size of a signed checkpoint."""
    return parse_checkpoint(split_note(note)[0]).size


def point_of(site: Site, name: str) -> str:
    """Return what /readyz says of *name*."""
    points = {point["name"]: point["detail"] for point in site.json("/readyz")["points"]}
    return str(points[name])


@pytest.fixture
def pair(orchard: Orchard, tmp_path: Path) -> Iterator[tuple[Bench, Bench, Served, Served]]:
    """Two witnesses of the orchard's log, one of them with both kinds of cosignature."""
    first, second = (bench_of(tmp_path / name, name, orchard) for name in ("first", "second"))
    with ExitStack() as stack:
        one, two = stack.enter_context(served(first)), stack.enter_context(served(second, "--mldsa"))
        yield first, second, one, two


@pytest.mark.slow
def test_a_quorum_of_two_is_waited_for_through_the_death_of_one(
    orchard: Orchard, pair: tuple[Bench, Bench, Served, Served]
) -> None:
    first, second, one, two = pair
    policy = (
        f"witness one {first.vkeys[0]} {one.url}\n"
        f"witness two {second.vkeys[0]} {two.url}/\n"
        f"witness two-pq {second.vkeys[1]} {two.url}/\n"
        "group both all one two two-pq\nquorum both\n"
    )
    orchard.house = open_witnessed(orchard, policy)
    with serve(orchard) as site:
        note = until(site, SIZE)
        published = parse_policy(site.get("/log/policy").text)
        assert len(open_policed(note, published, LOG).cosignatures) == 3
        assert point_of(site, "witnesses") == "witnessed 3 of 3"
        one.kill()
        orchard.harvest("丙", "一号地", 1000)
        end = monotonic() + PATIENCE_S
        while point_of(site, "publishing") != "witness.few":
            assert monotonic() < end
            sleep(0.02)
        assert site.get("/readyz").status_code == 200
        assert site.get("/log/checkpoint").text == note
        assert size_of((first.folder / hash_origin(LOG) / "checkpoint").read_text()) == SIZE
        with served(first, port=int(one.url.rsplit(":", 1)[1])):
            later = until(site, SIZE + 1)
        assert len(open_policed(later, published, LOG).cosignatures) == 3


@pytest.mark.slow
def test_a_log_that_was_set_back_behind_its_witness_takes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    orchard = grow_season(new_orchard(tmp_path / "log"))
    backup = tmp_path / "backup.db"
    orchard.house.close()
    shutil.copy(tmp_path / "log" / "suyuan.db", backup)
    bench = bench_of(tmp_path / "witness", "first", orchard)
    with served(bench) as witness:
        policy = f"witness one {bench.vkeys[0]} {witness.url}\nquorum one\n"
        orchard.house = open_witnessed(orchard, policy, "publish")
        with serve(orchard) as site:
            orchard.harvest("丙", "一号地", 1000)
            until(site, SIZE + 1)
        orchard.house.close()
        shutil.rmtree(orchard.house.settings.publish_to)  # the published files are lost too
        shutil.copy(backup, tmp_path / "log" / "suyuan.db")
        orchard.house = open_witnessed(orchard, policy, "publish")
        with serve(orchard) as site:
            assert site.get("/readyz").status_code == 503
            assert site.get("/api/v1/entries/0").status_code == 200
            assert site.get("/log/checkpoint").status_code == 404
    assert f"nothing is written: the database has {SIZE} entries" in caplog.text
    assert witness.url in caplog.text
    orchard.house.close()


def test_a_witness_that_says_fork_shuts_the_gate(orchard: Orchard, caplog: pytest.LogCaptureFixture) -> None:
    with impostor(lambda body: (200, b"")) as other:
        orchard.house = open_witnessed(orchard, other.line() + "quorum none\n", "publish")
        with serve(orchard) as site:
            before = until(site, SIZE)
            other.answer = lambda body: (409, b"1000\n")
            orchard.harvest("丙", "一号地", 1000)
            end = monotonic() + PATIENCE_S
            while site.get("/readyz").status_code == 200:
                assert monotonic() < end
                sleep(0.02)
            late = orchard.sign("order.sold", "供销直播间", order=name("o"), batch=name("精"), count=1)
            assert site.post({"statement": late.token}).json()["errors"][0]["code"] == "log.stopped"
            assert site.get("/log/checkpoint").text == before
            assert site.get("/api/v1/entries/0").status_code == 200
    assert f"{other.url}/ does not cosign" in caplog.text


# The file


def test_no_file_is_no_witness() -> None:
    assert format_policy(read_witness_policy(None)) == "quorum none\n"


def test_the_published_policy_has_the_logs_keys_and_its_witnesses(orchard: Orchard, tmp_path: Path) -> None:
    bench = bench_of(tmp_path / "first", "first", orchard)
    line = f"witness one {bench.vkeys[0]} https://one.example\nquorum one\n"
    (tmp_path / "file").write_text(f"# ours\nlog {GrownLog().signer.vkey}\n{line}")
    policy = read_witness_policy(tmp_path / "file")
    verifier = orchard.house.keys.checkpoint.verifier
    assert format_own_policy([verifier], policy) == f"log {verifier.vkey}\n{line}"


def test_a_list_that_is_not_there_or_wrong_is_told(tmp_path: Path) -> None:
    with pytest.raises(Missing) as missing:
        read_witness_policy(tmp_path / "none")
    assert missing.value.problem.code == "settings.witnesses"
    (tmp_path / "wrong").write_text("witness one\n")
    with pytest.raises(Refused) as wrong:
        read_witness_policy(tmp_path / "wrong")
    assert wrong.value.problems[0].code == "settings.witness-policy"


def test_a_log_does_not_witness_itself(orchard: Orchard, tmp_path: Path) -> None:
    verifier = orchard.house.keys.checkpoint.verifier
    own = CosignerKey("self.example/w", verifier.public)
    (tmp_path / "file").write_text(f"witness self {own.vkey} https://self.example\nquorum self\n")
    with pytest.raises(NoteWrong):
        format_own_policy([verifier], read_witness_policy(tmp_path / "file"))
