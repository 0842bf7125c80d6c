"""What is checked of a submission before the books are asked: form, event, disclosures, countersignatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import Problem, Reason, Refused
from ..ledger.canonical import escape
from ..ledger.jwk import parse_jwk
from ..ledger.radix64 import parse_base64url
from ..ledger.statement import check_statement, parse_statement
from ..produce import events as ev
from ..produce.book import Book, find
from ..produce.parse import parse_event
from ..produce.records import Key
from ..produce.subjects import MOST_SUBJECTS, subjects_of
from ..vault.persons import ID_PATTERN
from ..verify.possession import WRONG, check_approval, check_log_key, check_possession, prove_possession
from .outcome import Checked, Submission

__all__ = ["check_signatures", "prove_possession", "read_submission"]

UNDISCLOSED = Reason(
    "private.undisclosed", "摘要 {digest} 没有随附披露", "the digest {digest} comes without its disclosure"
)
UNNAMED = Reason(
    "private.unnamed", "披露 {digest} 不在 _sd 中", "the disclosure {digest} is not named in _sd"
)
CLASH = Reason("private.clash", "字段 {name} 同时公开与保密", "the field {name} is both public and private")
PERSON = Reason(
    "private.person",
    "披露 {digest} 的当事人编号不是系统编号",
    "the person of the disclosure {digest} is no minted id",
)
CONTROL = Reason("event.control", "文字含有控制字符", "the text holds a control character")
SUBJECTS = Reason(
    "event.subjects",
    "事件涉及 {count} 个对象，上限 {most}",
    "the event touches {count} subjects, {most} at most",
)

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def read_submission(submission: Submission) -> Checked:
    """
    Return what *submission* says.

    Raises:
        TooLarge: an over-long statement.
        Refused: anything wrong with its form, its event, its private fields or the proof of a new key.
    """
    statement = parse_statement(submission.token)
    event = parse_event(statement.payload)
    subjects = subjects_of(event)
    problems = [*_check_private(event, statement.payload, submission), *_check_proof(event)]
    problems += _check_text(statement.payload)
    if len(subjects) > MOST_SUBJECTS:
        problems.append(SUBJECTS.at("", count=len(subjects), most=MOST_SUBJECTS))
    if problems:
        raise Refused(problems)
    return Checked(statement, event, subjects, submission.private, submission.marks, submission.bundle)


def _check_private(event: ev.Event, payload: Mapping[str, Any], submission: Submission) -> list[Problem]:
    shown = {private.disclosure.digest: private.disclosure.name for private in submission.private}
    problems = [UNDISCLOSED.at("/_sd", digest=digest) for digest in event.sd if digest not in shown]
    problems += [UNNAMED.at("/_sd", digest=digest) for digest in shown if digest not in event.sd]
    problems += [CLASH.at(f"/{name}", name=name) for name in shown.values() if name in payload]
    return problems + [
        PERSON.at("/_sd", digest=private.disclosure.digest)
        for private in submission.private
        if not ID_PATTERN.fullmatch(private.person)
    ]


def _check_text(value: object, pointer: str = "") -> list[Problem]:
    """Return a problem for each text with a control character; PostgreSQL could not even store U+0000."""
    if isinstance(value, str):
        return [] if value.isprintable() or not _CONTROL.search(value) else [CONTROL.at(pointer)]
    if isinstance(value, dict):
        members = [(escape(name), member) for name, member in value.items()]
    elif isinstance(value, list):
        members = [(str(place), member) for place, member in enumerate(value)]
    else:
        return []
    return [problem for name, member in members for problem in _check_text(member, f"{pointer}/{name}")]


def _check_proof(event: ev.Event) -> list[Problem]:
    if isinstance(event, ev.LogRekeyed):
        return _check_log_key(event)
    if not isinstance(event, ev.PartyRegistered | ev.KeyAdded):
        return []
    try:
        check_possession(event)
    except Refused as refused:
        wrong = WRONG.at("/proof")
        return [wrong, *(problem for problem in refused.problems if problem != wrong)]
    return []


def _check_log_key(event: ev.LogRekeyed) -> list[Problem]:
    try:
        check_log_key(event)
    except Refused as refused:
        return list(refused.problems)
    return []


def check_signatures(checked: Checked, book: Book) -> None:
    """
    Verify the statement's signature, and a recovery's approval, by the keys that the book has.

    A key that the book lacks is left to the fold, which refuses it.

    Raises:
        Refused: SignatureWrong for the statement, ``proof.wrong`` for the approval.
    """
    event = checked.event
    if isinstance(event, ev.KeyAdded) and event.approver:
        approver = find(book, Key, event.approver)
        if approver is not None:
            check_approval(event, parse_base64url(approver.x), approver.id)
    if checked.verified:
        return
    if isinstance(event, ev.LogOpened):
        check_statement(checked.statement, parse_jwk(_jwk(event.receipt_key)))
        return
    key = find(book, Key, checked.statement.kid)
    if key is not None:
        check_statement(checked.statement, parse_base64url(key.x))


def _jwk(jwk: ev.Jwk) -> dict[str, object]:
    return {"crv": jwk.crv, "kty": jwk.kty, "x": jwk.x}
