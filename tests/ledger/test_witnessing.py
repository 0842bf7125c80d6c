"""The request to a witness: one spelling, and growth that is proved."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from suyuan.errors import NoteWrong, ProofWrong, Refused
from suyuan.ledger.hashing import ZERO
from suyuan.ledger.witnessing import MAX_PROOF, check_growth, format_request, parse_request
from tests.tlogs import GrownLog

LOG = GrownLog()
HASH = base64.b64encode(bytes(32)).decode()
NOTE = LOG.note(7)


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 1), (1, 1), (1, 3), (5, 40), (40, 40)])
def test_a_request_is_read_as_it_was_written(old: int, size: int) -> None:
    body = LOG.ask(old, size)
    request = parse_request(body)
    assert (request.old, request.proof) == (old, LOG.proof(old, size))
    assert (request.note, request.checkpoint) == (LOG.note(size), LOG.checkpoint(size))
    assert format_request(request.old, request.proof, request.note) == body


@pytest.mark.parametrize(
    "head",
    [
        "",
        "old",
        "old \n",
        "old -1",
        "old +1",
        "old 01",
        "old 1 ",
        " old 1",
        "Old 1",
        "old  1",
        "old １",
        "old 9223372036854775808",
        "old 99999999999999999999",
        "1",
        "new 1",
        f"old 1\n{HASH}=",
        f"old 1\n {HASH}",
        f"old 1\n{HASH[:-2]}B=",
        f"old 1\n{HASH}\r",
        f"old 1\n{HASH[:-4]}",
        "old 1\nabcd",
        "old 1" + f"\n{HASH}" * (MAX_PROOF + 1),
    ],
)
def test_any_other_spelling_is_refused(head: str) -> None:
    with pytest.raises(Refused):
        parse_request(f"{head}\n\n{NOTE}".encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        f"old 0\n{NOTE}".encode(),
        f"old 0\n\n\n{NOTE}".encode(),
        f"old 0\n\n{NOTE}\n".encode(),
        f"old 0\n\n{NOTE}"[:-1].encode(),
        b"old 0\n\n" + NOTE.encode() + b"\xff",
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n07\n").encode(),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n7\n\n").encode(),
        f"old 0\n\n{NOTE}".replace("\n\n\u2014", "\nextension\n\n\u2014").encode(),
    ],
)
def test_a_body_without_a_checkpoint_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        parse_request(body)


def test_as_many_hashes_as_the_standard_allows_are_read() -> None:
    assert len(parse_request(format_request(1, [bytes(32)] * MAX_PROOF, NOTE)).proof) == MAX_PROOF


def test_a_request_that_nobody_reads_is_not_written() -> None:
    with pytest.raises(NoteWrong):
        format_request(1, [bytes(31)], NOTE)


@pytest.mark.parametrize(("old", "size"), [(1, 1), (1, 2), (3, 40), (20, 21), (40, 40)])
def test_growth_by_its_proof_holds(old: int, size: int) -> None:
    check_growth(LOG.checkpoint(old), LOG.checkpoint(size), LOG.proof(old, size))


@pytest.mark.parametrize("known", [None, LOG.checkpoint(0)])
def test_from_no_leaves_everything_grows_without_a_proof(known: None) -> None:
    check_growth(known, LOG.checkpoint(0), ())
    check_growth(known, LOG.checkpoint(9), ())
    with pytest.raises(ProofWrong, match="no proof"):
        check_growth(known, LOG.checkpoint(9), (ZERO,))


def test_no_leaves_have_one_root() -> None:
    with pytest.raises(ProofWrong, match="no leaves"):
        check_growth(None, replace(LOG.checkpoint(0), root=ZERO), ())


@pytest.mark.parametrize("size", [21, 30, 40])
def test_a_fork_does_not_grow(size: int) -> None:
    fork = GrownLog(branch="other")
    with pytest.raises(ProofWrong):
        check_growth(LOG.checkpoint(size), fork.checkpoint(size), ())
    with pytest.raises(ProofWrong):
        check_growth(LOG.checkpoint(21), fork.checkpoint(size), fork.proof(21, size))


def test_a_log_does_not_shrink() -> None:
    with pytest.raises(ProofWrong):
        check_growth(LOG.checkpoint(9), LOG.checkpoint(8), ())
