"""Countersignatures are part of an audit: an operator's own writer may leave their check out."""

from __future__ import annotations

from pathlib import Path

from suyuan.books.store import load_slice, write_changes
from suyuan.capture.outcome import Submission
from suyuan.ledger.engine import begin_write
from suyuan.ledger.log import Draft, Tail
from suyuan.ledger.statement import parse_statement
from suyuan.produce.book import Slice
from suyuan.produce.fold import fold
from suyuan.produce.parse import format_event, parse_event
from suyuan.produce.rights import Signed
from suyuan.produce.subjects import subjects_of
from suyuan.publish.examination import Subject, examine
from tests.farm import Farm, key


def slip_in(farm: Farm, submission: Submission) -> None:
    """Append *submission* as a writer would that checks no countersignature."""
    event = parse_event(_payload(submission))
    with begin_write(farm.engine) as connection:
        tail = Tail(connection, farm.log, farm.now)
        signed = Signed(event, key("农业局").kid, tail.size, tail.at)
        book = Slice()
        load_slice(connection, farm.log, [signed], book)
        changes = fold(signed, book)
        tail.load(subjects_of(event))
        tail.add(Draft(event.id, submission.token, subjects_of(event)))
        tail.flush()
        write_changes(connection, farm.log, changes)


def _payload(submission: Submission) -> dict[str, object]:
    return parse_statement(submission.token).payload


def found(farm: Farm) -> list[str]:
    subject = Subject(farm.engine, farm.vault, farm.log, farm.keys.checkpoint.verifier)
    return [line for line in examine(subject).differences if "proof.wrong" in line]


def test_a_key_registered_without_its_holder_is_named(tmp_path: Path) -> None:
    farm = Farm(f"sqlite:///{tmp_path / 'farm.db'}", tmp_path)
    farm.found()
    honest, other = (farm.registration(word, "producer") for word in ("甲", "乙"))
    forged = parse_event({**_payload(honest), "proof": _payload(other)["proof"]})
    slip_in(farm, farm.pen.sign(format_event(forged), key("农业局")))
    lines = found(farm)
    farm.close()
    assert len(lines) == 1
    assert lines[0].startswith("entry 1: ")


def test_a_key_registered_by_its_holder_is_not(tmp_path: Path) -> None:
    farm = Farm(f"sqlite:///{tmp_path / 'farm.db'}", tmp_path)
    farm.found()
    slip_in(farm, farm.registration("甲", "producer"))
    lines = found(farm)
    farm.close()
    assert lines == []
