"""
One witness and the log that asks it: a checkpoint out, cosignatures in, each verified by the key in the policy.

A witness that cosigned another size last answers with that size and is asked again from there. One that holds another
history of the log says so too, and that is an alarm: either this database lost entries, or somebody forked the log.

C2SP tlog-witness, "add-checkpoint" and "Monitor Retrieval Mechanism".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from .. import remote
from ..errors import NoteWrong, Problem, Reason, SignatureWrong, Unavailable
from ..ledger.checkpoint import Checkpoint, open_checkpoint
from ..ledger.cosignature import CosignerKey, read_time
from ..ledger.hashing import Hash
from ..ledger.merkle import MAX_SIZE
from ..ledger.note import NoteKey, NoteSignature, parse_signatures
from ..ledger.witnessing import format_request

MAX_ANSWER_BYTES: Final = 1 << 18

FORK = Reason(
    "witness.says-fork",
    "见证方 {url} 不会签第 {size} 条的检查点（{answer}）：它见过的历史与本账本不同。"
    "数据库可能是旧备份，或有人分叉了账本；已停止发布和写入",
    "the witness {url} does not cosign the checkpoint of size {size} ({answer}): it has seen another history of this "
    "log. The database is an older backup, or somebody forked the log; nothing is published or written any more",
)
STRANGER = Reason(
    "witness.no-trust",
    "见证方 {url} 不信任签署检查点的密钥（{answer}）：请把现用的公钥（suyuan key log list）交给它",
    "the witness {url} trusts no key that signs this log ({answer}): hand it those of suyuan key log list",
)
AWAY = Reason("witness.away", "问不到见证方 {url}：{zh}", "the witness {url} can't be asked: {en}")
REFUSED = Reason("witness.refused", "见证方 {url} 拒绝会签：{answer}", "the witness {url} refused: {answer}")
FORGOT = Reason(
    "witness.forgot",
    "见证方 {url} 曾会签到第 {old} 条，现在只记得 {named} 条：它丢了状态，不再可靠",
    "the witness {url} had cosigned the size {old} and remembers {named} only: it lost its state, don't rely on it",
)
ODD = Reason(
    "witness.odd", "见证方 {url} 的回答不合规范：{answer}", "the witness {url} answered oddly: {answer}"
)
WRONG = Reason(
    "witness.wrong-signature",
    "见证方 {url} 的会签不对，不算数（密钥 {key}）",
    "the cosignature of the witness {url} is wrong and does not count (key {key})",
)

_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_GRANTED, _UNTRUSTED, _UNKNOWN, _STALE, _FORKED = 200, 403, 404, 409, 422
_REASONS: Final = {_UNTRUSTED: STRANGER, _UNKNOWN: STRANGER, _STALE: ODD, _FORKED: ODD}


@dataclass(frozen=True, slots=True)
class Question:
    """
    A checkpoint that is to be cosigned.

    ``note`` and ``text`` are as the log signed it; ``prove`` gives the proof from a size, 1 to the checkpoint's.
    """

    note: str
    text: str
    checkpoint: Checkpoint
    prove: Callable[[int], Sequence[Hash]]


@dataclass(frozen=True, slots=True)
class Reply:
    """
    What came of a question: verified cosignatures, and what is wrong.

    ``ahead`` is the size that the witness cosigned, where that is beyond the checkpoint's. ``is_fork`` says that it
    holds another history.
    """

    url: str
    lines: tuple[NoteSignature, ...] = ()
    problem: Problem | None = None
    ahead: int = 0
    is_fork: bool = False


@dataclass(frozen=True, slots=True)
class WitnessSite:
    """The witness at *url* (its submission prefix, also taken for its monitoring prefix), known by *keys*."""

    url: str
    keys: tuple[CosignerKey, ...]

    def ask(self, question: Question, old: int, seconds: float) -> Reply:
        """
        Ask for cosignatures of *question*, by a proof from *old*; once more from the size that the witness names.

        Args:
            old: the size that the witness is thought to have cosigned last, 0 if none.
            seconds: for both together, but for the answer's body.
        """
        end = monotonic() + seconds
        try:
            answer = self._post(question, old, seconds)
            named = _size_of(answer)
            if named is None or named == old or named > question.checkpoint.size:
                return self._judge(question, old, answer)
            again = self._post(question, named, max(end - monotonic(), 0.001))
            reply = self._judge(question, named, again)
            if named < old and reply.problem is None:
                return replace(reply, problem=FORGOT.at(url=self.url, old=old, named=named))
            return reply
        except Unavailable as error:
            return Reply(self.url, problem=away(self.url, error))

    def find_checkpoint(self, keys: Sequence[NoteKey], origin: str, seconds: float) -> Checkpoint | None:
        """
        Return the last checkpoint of the log *origin* that the witness cosigned; None where it knows none.

        It counts if one of *keys*, the log's own, signed it, whoever shows it.

        Raises:
            Unavailable: no answer in time.
            Refused: what it shows was not signed by this log.
        """
        path = f"{self._prefix}/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"
        answer = remote.get(path, seconds=seconds, whole_s=seconds, most=MAX_ANSWER_BYTES)
        if answer.status != _GRANTED:
            return None
        return open_checkpoint(answer.body, keys, origin)

    @property
    def _prefix(self) -> str:
        return self.url.rstrip("/")

    def _post(self, question: Question, old: int, seconds: float) -> remote.Answer:
        proof = question.prove(old) if old else ()
        body = format_request(old, proof, question.note)
        path = f"{self._prefix}/add-checkpoint"
        return remote.post(path, body, seconds=seconds, whole_s=seconds, most=MAX_ANSWER_BYTES)

    def _judge(self, question: Question, old: int, answer: remote.Answer) -> Reply:
        size = question.checkpoint.size
        if answer.status == _GRANTED:
            return self._verify(question.text, answer.body)
        named = _size_of(answer)
        if named is not None and named > size:
            return Reply(self.url, problem=self._fork(size, f"409 {named}"), ahead=named)
        # Earlier editions of the standard answer another root at the same size with 409 too.
        if old and (answer.status == _FORKED or (answer.status == _STALE and old == size)):
            return Reply(self.url, problem=self._fork(size, str(answer.status)), is_fork=True)
        reason = _REASONS.get(answer.status, REFUSED)
        return Reply(self.url, problem=reason.at(url=self.url, answer=str(answer.status)))

    def _fork(self, size: int, answer: str) -> Problem:
        return FORK.at(url=self.url, size=size, answer=answer)

    def _verify(self, text: str, body: bytes) -> Reply:
        try:
            found = parse_signatures(body.decode())
        except (UnicodeDecodeError, NoteWrong):
            return Reply(self.url, problem=ODD.at(url=self.url, answer="200, no signature lines"))
        known = {(key.name, key.key_id): key for key in self.keys}
        mine = [(known[one.name, one.key_id], one) for one in found if (one.name, one.key_id) in known]
        lines, problem = [], None if mine else ODD.at(url=self.url, answer="200, no known key")
        for key, line in mine:
            try:
                key.check_text(text, line.signature)
                read_time(line)
                lines.append(line)
            except (SignatureWrong, NoteWrong):
                problem = WRONG.at(url=self.url, key=key.name)
        return Reply(self.url, tuple(lines), problem)


def away(url: str, error: Unavailable) -> Problem:
    """Return what to say of a witness at *url* that can't be asked."""
    return AWAY.at(url=url, zh=error.problem.zh, en=error.problem.en)


def _size_of(answer: remote.Answer) -> int | None:
    """Return the size that a 409 names, None where it names none."""
    match = _SIZE.fullmatch(answer.body) if answer.status == _STALE else None
    return int(match[1]) if match and int(match[1]) <= MAX_SIZE else None
