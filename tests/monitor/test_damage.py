"""Whatever is damaged in a published log, the audit from outside says so, and where."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from suyuan.errors import Unavailable
from suyuan.ledger.tiles import format_bundle, parse_bundle
from tests.ledger.damage import flip
from tests.monitor.published import POLICY, WITNESSED, Publication, codes, grown, look
from tests.produce.world import name
from tests.verify.ledgers import log_signer


def files(folder: Path) -> list[Path]:
    """Return all files of a published log."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_sound_log_has_no_fault(sound: Path) -> None:
    sight = look(sound)
    assert sight.faults == []
    assert sight.checkpoint is not None
    assert sight.checkpoint.size == 270


def test_a_flipped_bit_in_any_file_is_found(published: Publication) -> None:
    chance = random.Random(3)
    for path in files(published.folder):
        data = path.read_bytes()
        whole = len(data) * 8
        for bit in {0, whole - 1, chance.randrange(whole), chance.randrange(whole)}:
            path.write_bytes(flip(data, bit))
            assert codes(look(published.folder)), (path, bit)
        path.write_bytes(data)
    assert look(published.folder).faults == []


def test_a_flipped_bit_names_the_entry_first(published: Publication) -> None:
    path = published.folder / "tile/entries/000"
    entries = parse_bundle(path.read_bytes())
    entries[17] = flip(entries[17], 8 * 100)
    path.write_bytes(format_bundle(entries))
    found = codes(look(published.folder))
    assert {place for _, place in found[:2]} == {"tile/0/000", "entry/17"}
    assert ("prev", "entry/18") in found
    assert [place for code, place in found if code == "root"] == ["checkpoint/255"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("tile/entries/000", "bundle"),
        ("tile/entries/001.p/14", "bundle"),
        ("tile/0/000", "tile"),
        ("tile/0/001.p/14", "tile"),
        ("tile/1/000.p/1", "tile"),
        ("checkpoints/000.p/5", "bundle"),
        ("checkpoint", "checkpoint"),
        ("checkpoints/count", "file"),
    ],
)
def test_a_truncated_file_is_found(published: Publication, path: str, code: str) -> None:
    file = published.folder / path
    data = file.read_bytes()
    for length in (0, 1, len(data) // 2, len(data) - 1):
        file.write_bytes(data[:length])
        found = codes(look(published.folder))
        assert found[0] in ((code, path), (code, "checkpoint")), length


@pytest.mark.parametrize(
    "path",
    [
        "tile/entries/000",
        "tile/entries/001.p/14",
        "tile/0/000",
        "tile/0/001.p/14",
        "tile/1/000.p/1",
        "checkpoints/000.p/5",
        "checkpoints/count",
    ],
)
def test_a_file_that_was_signed_for_must_be_there(published: Publication, path: str) -> None:
    (published.folder / path).unlink()
    assert ("absent", path) in codes(look(published.folder))


def test_bundles_with_an_entry_missing_added_or_swapped_are_found(published: Publication) -> None:
    path = published.folder / "tile/entries/000"
    entries = parse_bundle(path.read_bytes())
    for changed in (
        entries[:-1],
        [*entries[:9], *entries[10:]],
        [*entries[:9], entries[8], *entries[10:]],
        [*entries[:9], entries[10], entries[9], *entries[11:]],
        [*entries[:9], b"", *entries[10:]],
    ):
        path.write_bytes(format_bundle(changed))
        assert codes(look(published.folder))


def test_the_list_of_checkpoints_must_rise_and_hold_the_latest(published: Publication) -> None:
    notes = published.notes
    for changed, code in (
        ([*notes[:2], notes[3], notes[2], *notes[4:]], "order"),
        ([*notes[:-1], notes[-2]], "order"),
        (notes[:-1], "unlisted"),
    ):
        published.notes = list(changed)
        published.write_list()
        assert code in [found for found, _ in codes(look(published.folder))]


def test_a_listed_checkpoint_of_another_log_or_key_is_found(published: Publication) -> None:
    other = Publication(published.folder.parent / "other", published.ledger, [log_signer("another")])
    note = other.publish(256)
    published.notes[3] = note
    published.write_list()
    assert ("checkpoint", "checkpoint/256") in codes(look(published.folder))


def test_a_checkpoint_signed_for_other_entries_is_found(published: Publication) -> None:
    other = grown(262)
    other.say("batch.adjusted", "农场", batch=name("another"), amount=-1, reason="shrinkage")
    forked = Publication(published.folder.parent / "forked", other)
    note = forked.publish(263)
    published.notes.insert(4, note)
    published.write_list()
    assert codes(look(published.folder)) == [("root", "checkpoint/263")]


def test_a_missing_cosignature_is_found_under_a_policy_that_wants_it(published: Publication) -> None:
    (code, place), *_ = codes(look(published.folder, WITNESSED))
    assert (code, place) == ("checkpoint", "checkpoint")
    published.publish(270, time=1_800_000_000)
    published.notes.pop()
    published.write_list()
    sight = look(published.folder, WITNESSED)
    assert sight.faults == []
    assert [(one.name, one.time) for one in sight.cosigned] == [("bureau", 1_800_000_000)]
    assert look(published.folder, POLICY).faults == []


def test_bundles_may_lie_there_as_gzip(published: Publication) -> None:
    path = published.folder / "tile/entries/000"
    data = path.read_bytes()
    path.write_bytes(gzip.compress(data))
    assert look(published.folder).faults == []
    path.write_bytes(gzip.compress(data)[:-9])
    with pytest.raises(Unavailable, match=r"audit\.gzip"):
        look(published.folder)
    path.write_bytes(gzip.compress(data) + b"more")
    with pytest.raises(Unavailable, match=r"audit\.gzip"):
        look(published.folder)
    path.write_bytes(gzip.compress(flip(data, 999)))
    assert codes(look(published.folder))


def test_a_policy_that_can_t_be_read_is_found(published: Publication) -> None:
    published.write("policy", b"log nonsense\nquorum none\n")
    assert codes(look(published.folder)) == [("file", "policy")]
    published.write("policy", f"log {log_signer().vkey}\nquorum none\n".encode())
    assert look(published.folder).faults == []
