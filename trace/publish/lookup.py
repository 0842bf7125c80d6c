"""
Looking up a package code: from what a person typed or scanned to one verdict.

A code is recomputed from its run's secret, never looked up. A run that does not exist is answered after the same
computation as one that does, and the tag is compared in constant time, so that nobody learns from the clock which runs
there are. What speaks against a package more strongly overrides the rest: a recall before a failed test, a failed test
before a hold, a hold before a void label.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from sqlalchemy import Connection

from ..books.questions import find_record
from ..errors import Problem
from ..produce.labels import state_of
from ..produce.records import Run
from ..qr.code import CodeMistyped, PackageCode, format_code, parse_code
from ..qr.run import SECRET_BYTES, is_code_of_run
from ..vault.vault import Vault
from .memory import NOTHING, Memory
from .story import Block, Producer, Story, find_producer, tell_story
from .words import Words, say_net

State = Literal[
    "mistyped", "unknown", "inactive", "intact", "returned", "voided", "held", "failed", "recalled"
]

HEADINGS: Final[dict[State, Words]] = {
    "mistyped": Words("输入有误", "Mistyped"),
    "unknown": Words("编码不存在", "No such code"),
    "inactive": Words("未启用", "Not active"),
    "intact": Words("记录完整", "Record intact"),
    "returned": Words("已退货", "Returned"),
    "voided": Words("已作废", "Void"),
    "held": Words("问题批次：已封存", "Problem batch: on hold"),
    "failed": Words("问题批次：检测不合格", "Problem batch: failed a test"),
    "recalled": Words("已召回，请勿食用", "Recalled, do not eat"),
}
"""The verdict in words. Never 正品: a matching record proves that the record is intact, no more."""

_OF_PACKAGE: Final[dict[str, State]] = {
    "issued": "inactive",
    "activated": "intact",
    "sold": "intact",
    "returned": "returned",
    "voided": "voided",
}

_NOBODYS_SECRET: Final = bytes(SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a label run: what the run's entry committed, and the state of the package."""

    run: str
    index: int
    count: int
    net: int
    net_words: Words
    packed_on: str
    packer: Producer
    entry: int
    """Index of the entry that committed the run."""
    state: str
    """issued, activated, sold, returned or voided."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a code: ``problems`` where it is mistyped, package and story where it exists."""

    state: State
    code: str
    problems: tuple[Problem, ...] = ()
    package: Package | None = None
    story: Story | None = None
    blocks: tuple[Block, ...] = ()

    @property
    def heading(self) -> Words:
        """The verdict in words."""
        return HEADINGS[self.state]


def look_up(
    connection: Connection, vault: Vault, log_id: str, text: str, memory: Memory | None = None
) -> Verdict:
    """
    Return the verdict on the package code that *text* spells; never refuses.

    Raises:
        Unavailable: the database is gone or busy.
        Broken: the run's secret is damaged.
    """
    try:
        code = parse_code(text)
    except CodeMistyped as refused:
        return Verdict("mistyped", "", problems=refused.problems)
    run = find_run(connection, vault, log_id, code)
    if run is None:
        return Verdict("unknown", format_code(code))
    told = memory.at(connection, log_id) if memory else NOTHING
    story = told.recall(run.batch, lambda: tell_story(connection, log_id, run.batch))
    story = replace(story, history=story.history.of_package(run.id, code.index))
    packer = told.recall(("party", run.party), lambda: find_producer(connection, log_id, run.party))
    package = _package(run, code.index, story, packer)
    state = story.blocks[0].cause if story.blocks else _OF_PACKAGE[package.state]
    return Verdict(state, format_code(code), package=package, story=story, blocks=story.blocks)


def recall_story(connection: Connection, log_id: str, batch: str, memory: Memory | None) -> Story:
    """Return the story of *batch*, from *memory* where it has it."""
    if memory is None:
        return tell_story(connection, log_id, batch)
    return memory.recall(connection, log_id, batch, lambda: tell_story(connection, log_id, batch))


def find_run(connection: Connection, vault: Vault, log_id: str, code: PackageCode) -> Run | None:
    """
    Return the run of *code* if it has such a package and its secret made the tag, else None.

    Never from memory: what is remembered is quicker, and would tell which runs there are.
    """
    run = find_record(connection, log_id, Run, code.run)
    secret = vault.find_run_secret(connection, code.run)
    is_made = is_code_of_run(secret or _NOBODYS_SECRET, format_code(code))
    if run is None or secret is None or not is_made or code.index >= run.count:
        return None
    return run


def _package(run: Run, index: int, story: Story, packer: Producer) -> Package:
    return Package(
        run=run.id,
        index=index,
        count=run.count,
        net=run.net,
        net_words=say_net(run.net, story.unit),
        packed_on=run.packed_on,
        packer=packer,
        entry=run.entry,
        state=state_of(run, index),
    )
