"""A clock that is set back: neither an entry nor a checkpoint is older than the one before."""

from __future__ import annotations

from contextlib import suppress

import pytest

from suyuan.errors import Unavailable
from suyuan.ledger.cosignature import MLDSA, Cosigner, read_time
from suyuan.ledger.entry import parse_entry
from suyuan.ledger.note import split_note
from suyuan.publish.folder import FolderTarget
from suyuan.publish.publisher import Publisher
from tests.farm import Farm
from tests.keys import seed


def test_entries_and_checkpoints_never_go_back_in_time(farm: Farm) -> None:
    cosigner = Cosigner(farm.log, seed("cosigner"), MLDSA)
    target = FolderTarget(farm.folder / "public")
    signers = (farm.keys.checkpoint, cosigner)
    times = []
    for seconds in (60, -3, -2, 10, -10, 3600, -3600, 3601):
        farm.wait(seconds=seconds)
        with suppress(Unavailable):  # the clock is too far behind
            farm.take(farm.harvest())
        # a publisher as after a start: it remembers no time
        publisher = Publisher(farm.engine, farm.log, signers, target, lambda: farm.now)
        publisher.publish()
        note = target.read("checkpoint")
        assert note is not None
        times += [read_time(one) for one in split_note(note.decode())[1] if one.key_id == cosigner.key.key_id]
    assert len(times) == 8
    assert times == sorted(times)
    moments = [parse_entry(entry.body).at for entry in farm.entries()]
    assert moments == sorted(moments)


def test_a_clock_set_back_under_the_running_publisher_keeps_its_time(farm: Farm) -> None:
    cosigner = Cosigner(farm.log, seed("cosigner"), MLDSA)
    target = FolderTarget(farm.folder / "public")
    publisher = Publisher(farm.engine, farm.log, (farm.keys.checkpoint, cosigner), target, lambda: farm.now)
    publisher.publish()
    farm.take(farm.harvest())
    farm.wait(seconds=-4)
    farm.take(farm.harvest())
    farm.wait(days=-30)
    with pytest.raises(Unavailable, match=r"log\.clock"):
        farm.take(farm.harvest())
    publisher.publish()
    note = target.read("checkpoint")
    assert note is not None
    lines = split_note(note.decode())[1]
    (time,) = [read_time(one) for one in lines if one.key_id == cosigner.key.key_id]
    last = parse_entry(farm.entries()[-1].body).at
    assert time >= int(last.timestamp()) - 4
