"""
The witnesses of a log: asked all at once, waited for one second, remembered in the vault.

A witness that is away, slow or wrong is complained of and left out; one that holds another history of the log stops
publishing and writing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import Engine

from ..errors import Forked, NoteWrong, Reason, Refused, Unavailable
from ..ledger import store
from ..ledger.checkpoint import Checkpoint, parse_checkpoint
from ..ledger.cosignature import CosignerKey
from ..ledger.engine import begin_read, begin_write
from ..ledger.hashing import Hash
from ..ledger.log import prove_growth
from ..ledger.note import NoteKey, NoteSignature, split_note
from ..ledger.policy import Policy, check_quorum
from ..vault.cosignatures import Cosignature, find_size, key_of, put_cosignatures, read_cosignatures
from .checkpoints import Signers
from .guard import Found, check_unforked
from .parallel import Parallel
from .publisher import known_keys
from .readiness import Point
from .witness_site import Question, Reply, WitnessSite, away

SECONDS: Final = 1.0
"""So long one witness may take; design.md, "Publish"."""

NO_URL = Reason(
    "witness.no-url", "见证方 {name} 没有写网址，无法请求会签", "the witness {name} has no URL to be asked at"
)
LATE = Reason("witness.late", "见证方 {url} 没有及时回答", "the witness {url} did not answer in time")
SHOWN = Reason(
    "witness.shows-other",
    "见证方 {url} 出示的检查点不是本账本签的，不算数：{zh}",
    "what the witness {url} shows was not signed by this log and does not count: {en}",
)
AGAIN = Reason("witness.again", "见证方 {url} 又会签了", "the witness {url} cosigns again")
FEW = Reason(
    "witness.few",
    "第 {size} 条的检查点会签不足，暂不发布：{zh}",
    "the checkpoint of size {size} waits for more cosignatures: {en}",
)

_log: Final = logging.getLogger("suyuan.witnesses")


class Witnesses:
    """
    The witnesses that *policy* names, for the log *log_id*; used by one thread at a time.

    Args:
        signers: the log's own keys, by which it knows its checkpoints again.
        waits: whether a checkpoint without the policy's quorum is kept back.

    Raises:
        Refused: ``witness.no-url``.
    """

    def __init__(
        self, engine: Engine, log_id: str, policy: Policy, signers: Signers, *, waits: bool = False
    ) -> None:
        self._engine = engine
        self._signers = signers
        self._log_id = log_id
        self._policy = policy
        self._waits = waits
        self._sites = _sites_of(policy)
        self._parallel = Parallel()
        self._cosigned = 0
        self._wrong: dict[str, str] = {}
        self.seconds = SECONDS

    def ask(self, note: str, size: int) -> list[NoteSignature]:
        """
        Return the cosignatures of the checkpoint *note*, as the log signed it, new or kept from before.

        Raises:
            Unavailable: ``witness.few``: too few cosigned and *waits*; or the database.
            Forked: ``witness.says-fork``, or what a witness shows, as ``guard.check_unforked``.
        """
        replies = self._ask_all(self._question(note, size))
        found = [Cosignature(size, line) for reply in replies for line in reply.lines]
        if found:
            with begin_write(self._engine) as connection:
                put_cosignatures(connection, self._log_id, found)
        with begin_read(self._engine) as connection:
            kept = read_cosignatures(connection, self._log_id, size)
            latest = store.find_checkpoint(connection, self._log_id)
        self._complain(replies, latest.size if latest else 0)
        return self._choose(size, kept)

    def look(self) -> Point:
        """Return how many witnesses cosigned the last checkpoint that was asked for; never a reason not to be ready."""
        detail = f"witnessed {self._cosigned} of {len(self._policy.witnesses)}"
        return Point("witnesses", True, detail, vital=False)

    def find_seen(self) -> list[Found]:
        """
        Return the last checkpoints that the witnesses hold of this log, each signed by one of its keys.

        A witness that does not answer in time, or shows something else, is complained of and left out.
        """
        keys = known_keys(self._engine, self._log_id, self._signers)
        tasks = {site.url: partial(self._see, site, keys) for site in self._sites}
        seen = self._parallel.run(tasks, self.seconds)
        for url in tasks.keys() - seen.keys():
            _log.warning("%s", LATE.at(url=url))
        return [(url, checkpoint) for url, checkpoint in seen.items() if checkpoint is not None]

    def _see(self, site: WitnessSite, keys: Sequence[NoteKey]) -> Checkpoint | None:
        try:
            return site.find_checkpoint(keys, self._log_id, self.seconds)
        except Unavailable as error:
            _log.warning("%s", away(site.url, error))
        except Refused as refused:
            first = refused.problems[0]
            _log.warning("%s", SHOWN.at(url=site.url, zh=first.zh, en=first.en))
        return None

    def _question(self, note: str, size: int) -> Question:
        text, _ = split_note(note)

        def prove(old: int) -> Sequence[Hash]:
            with begin_read(self._engine) as connection:
                return prove_growth(connection, self._log_id, old, size)

        return Question(note, text, parse_checkpoint(text), prove)

    def _ask_all(self, question: Question) -> list[Reply]:
        with begin_read(self._engine) as connection:
            hints = {
                site.url: max(
                    find_size(connection, self._log_id, key_of(key.name, key.key_id)) for key in site.keys
                )
                for site in self._sites
            }
        size = question.checkpoint.size
        found = self._parallel.run(
            {
                site.url: partial(site.ask, question, min(hints[site.url], size), self.seconds)
                for site in self._sites
            },
            self.seconds,
        )
        return [found.get(site.url) or Reply(site.url, problem=LATE.at(url=site.url)) for site in self._sites]

    def _complain(self, replies: Sequence[Reply], latest: int) -> None:
        """
        Warn of what is wrong, once for as long as it stays so.

        Raise where a witness holds what this log, signed up to *latest*, does not.
        """
        for reply in replies:
            before = self._wrong.pop(reply.url, "")
            if reply.problem is None:
                if before:
                    _log.warning("%s", AGAIN.at(url=reply.url))
                continue
            # Ahead of what it was asked for is no alarm where another process has signed as much meanwhile.
            if reply.is_fork or reply.ahead > latest:
                check_unforked(self._engine, self._log_id, self.find_seen())
                raise Forked(reply.problem)
            self._wrong[reply.url] = reply.problem.code
            if before != reply.problem.code:
                _log.warning("%s", reply.problem)

    def _choose(self, size: int, kept: Sequence[Cosignature]) -> list[NoteSignature]:
        """Return the lines of the policy's witnesses among *kept*, if they are enough."""
        names = {key_of(one.key.name, one.key.key_id): one.name for one in self._policy.witnesses}
        cosigned = [one for one in kept if one.key in names]
        self._cosigned = len(cosigned)
        if self._waits:
            try:
                check_quorum(self._policy, {names[one.key] for one in cosigned})
            except NoteWrong as wrong:
                why = wrong.problems[0]
                raise Unavailable(FEW.at(size=size, zh=why.zh, en=why.en)) from None
        return [one.line for one in cosigned]


def _sites_of(policy: Policy) -> tuple[WitnessSite, ...]:
    """Return the witnesses by their URLs: one that signs with two keys stands twice in the policy and is asked once."""
    keys: dict[str, tuple[CosignerKey, ...]] = {}
    for one in policy.witnesses:
        if not one.url:
            raise Refused(NO_URL.at(name=one.name))
        keys[one.url] = (*keys.get(one.url, ()), one.key)
    return tuple(WitnessSite(url, found) for url, found in keys.items())
