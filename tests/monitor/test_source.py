"""Folders and servers are read alike; what can't be read is told from what is not there."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import pytest

from suyuan.errors import Missing, Unavailable
from suyuan.monitor.crew import Crew, count_cores
from suyuan.monitor.lookout import Lookout
from suyuan.monitor.source import open_source
from tests.monitor.published import POLICY, Publication, codes, grow, look
from tests.monitor.server import hosted


@pytest.mark.parametrize("packed", [False, True])
def test_a_log_is_read_over_http(sound: Path, packed: bool) -> None:
    with hosted(sound) as host:
        host.packed = packed
        sight = look(host.url)
        assert sight.faults == []
        assert sight.checkpoint is not None
        assert sight.checkpoint.size == 270
        assert len(host.asked) == len(set(host.asked))


def test_many_files_are_asked_for_ahead_and_come_in_order(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / str(number)).write_bytes(b"%d" % number)
    with hosted(tmp_path) as host, closing(open_source(host.url)) as source:
        paths = [str(number) for number in range(50)]
        found = list(source.read_all(paths))
        assert found == [b"%d" % number if number < 40 else None for number in range(50)]
        some = source.read_all(paths)
        assert next(some) == b"0"
        del some


def test_a_server_that_fails_is_no_proof_of_anything(sound: Path) -> None:
    with hosted(sound) as host:
        host.status = 503
        with pytest.raises(Unavailable, match=r"audit\.status"):
            look(host.url)
        host.status = 404
        with pytest.raises(Missing, match=r"audit\.no-checkpoint"):
            look(host.url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match=r"remote\.unreached"):
        look(f"http://127.0.0.1:{port}/log")


def test_a_file_that_a_server_does_not_have_is_missing(published: Publication) -> None:
    (published.folder / "tile/entries/000").unlink()
    with hosted(published.folder) as host:
        assert codes(look(host.url)) == [("absent", "tile/entries/000")]


def test_partial_files_that_became_full_are_cut(published: Publication) -> None:
    before = published.notes[-1]
    count = len(published.notes)
    grow(published.ledger, 600)
    published.publish()
    published.write("checkpoint", before.encode())
    published.write("checkpoints/count", b"%d\n" % count)
    for path in ("tile/0/001.p/14", "tile/entries/001.p/14"):
        (published.folder / path).unlink()
    assert look(published.folder).faults == []
    (published.folder / "tile/0/001").unlink()
    assert codes(look(published.folder)) == [("absent", "tile/0/001.p/14")]
    published.write("tile/entries/001", b"\x00")
    assert ("bundle", "tile/entries/001.p/14") in codes(look(published.folder))


def test_a_list_of_more_than_one_bundle_is_read(published: Publication) -> None:
    for size in range(271, 540):
        grow(published.ledger, size)
        published.sign(size)
    published.notes.pop()
    published.publish()
    assert len(published.notes) == 274
    assert look(published.folder).faults == []
    published.notes[260] = published.notes[259]
    published.write_list()
    assert [code for code, _ in codes(look(published.folder))] == ["order"]


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"audit\.no-source"):
        open_source(str(tmp_path / "none"))


def test_work_is_shared_out_and_comes_back_in_order() -> None:
    assert count_cores() >= 1
    with closing(Crew(2)) as crew:
        assert list(crew.in_order(abs, range(-20, 0))) == list(range(20, 0, -1))
        some = crew.in_order(abs, range(-20, 0))
        assert next(some) == 20
        some.close()


def test_a_worker_that_is_killed_is_no_verdict() -> None:
    with closing(Crew(1)) as crew, pytest.raises(Unavailable, match=r"audit\.worker"):
        list(crew.in_order(_die, [1, 2]))


def _die(_job: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_audit_in_several_processes_finds_the_same(published: Publication) -> None:
    with closing(open_source(str(published.folder))) as source, closing(Crew(2)) as crew:
        assert Lookout(source, POLICY, crew).look().faults == []
        (published.folder / "tile/0/001.p/14").write_bytes(bytes(14 * 32))
        assert codes(Lookout(source, POLICY, crew).look()) == [("leaf", "tile/0/001.p/14")]
