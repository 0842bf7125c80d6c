"""
Faults: what an audit from outside finds wrong, each with a place, a stable code, and what was expected and found.

Example of a line: ``audit.prev entry/17: the entry does not name the hash of the entry before it (expected 3bc7...,
found 9f2a...)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ..errors import Language, Problem, Reason, Refused

BUNDLE = Reason("audit.bundle", "条目包损坏或条目数不对", "the bundle is damaged or holds another number")
TILE = Reason("audit.tile", "树块的哈希与条目不符", "the tile's hashes are not those of the entries")
LEAF = Reason(
    "audit.leaf", "第 {entry} 条的哈希与树块不符", "the hash of entry {entry} is not the one in the tile"
)
REWRITTEN = Reason(
    "audit.rewritten", "条目与上次审计时不同", "the entry is not the one that was here at the last audit"
)
ENTRY = Reason("audit.entry", "条目不符合格式：{zh}", "the entry does not have its form: {en}")
INDEX = Reason("audit.index", "条目中的序号不对", "the entry names another index")
LOG = Reason("audit.log", "条目或事件属于另一个日志", "the entry or its event is of another log")
PREV = Reason(
    "audit.prev", "条目没有接在前一条之后", "the entry does not name the hash of the entry before it"
)
TIME = Reason("audit.time", "入账时间倒退", "the ledger time runs backward")
SUBJECTS = Reason(
    "audit.subjects", "条目登记的对象与事件不符", "the entry's subjects are not those of its event"
)
CHAIN = Reason("audit.chain", "对象 {subject} 的链断开", "the chain of {subject} is broken")
EVENT_ID = Reason("audit.event-id", "事件编号重复使用", "the event id was used before")
KEY = Reason(
    "audit.key", "签名密钥未登记，或此时已失效", "the signing key was not registered, or not valid here"
)
PARTY = Reason(
    "audit.party", "签名密钥不属于事件所称的主体", "the signing key is not that of the event's party"
)
SIGNATURE = Reason(
    "audit.signature", "声明的签名与内容或公钥不符", "the statement's signature does not fit content and key"
)
RULE = Reason("audit.rule", "账本规则不容许此事件：{zh}", "the rules of the books refuse this event: {en}")
ROOT = Reason(
    "audit.root",
    "条目算出的根不是检查点签署的根：有条目被改动、删去或插入",
    "the entries do not give the root that the checkpoint signed: some were changed, removed or inserted",
)
CHECKPOINT = Reason("audit.checkpoint", "检查点不可信：{zh}", "the checkpoint can't be trusted: {en}")
STALE = Reason(
    "audit.stale",
    "检查点比以前见过的旧：日志被倒回，或有人出示了旧的检查点",
    "the checkpoint is older than one seen before: the log was rewound, or somebody shows an old one",
)
FORK = Reason(
    "audit.fork",
    "同样的条目数有两个不同的签名的根：日志分叉了",
    "two roots are signed for one size: the log was forked",
)
ORDER = Reason(
    "audit.order", "检查点列表的条目数没有递增", "the sizes in the list of checkpoints do not rise"
)
UNLISTED = Reason(
    "audit.unlisted", "最新检查点不在检查点列表中", "the latest checkpoint is not in the list of checkpoints"
)
SHRUNK = Reason("audit.shrunk", "检查点列表比以前短", "the list of checkpoints is shorter than it was")
LOG_KEY = Reason(
    "audit.log-key",
    "条目中公布的检查点密钥都不是所信任的密钥",
    "none of the checkpoint keys that the entries announce is one that is trusted",
)
RETIRED = Reason(
    "audit.retired",
    "签署检查点的密钥在该条目数时不在用",
    "the key that signed the checkpoint was not one that signs at its size",
)
ABSENT = Reason(
    "audit.absent",
    "日志为它签过名，却没有提供这个文件",
    "the log signed for this file and does not serve it",
)
FORM = Reason("audit.file", "文件内容不符合格式", "the file does not have its form")
PARTIAL = Reason(
    "audit.partial", "部分文件与完整的文件不一致", "the partial file is not the beginning of the whole one"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing that is not as it must be.

    *place* is a path below the log's prefix, or ``entry/17`` or ``checkpoint/500`` (the size); *index* the entry from
    which it counts, so that faults have an order; *expected* and *found* may be empty.
    """

    place: str
    index: int
    problem: Problem
    expected: str = ""
    found: str = ""

    def text(self, language: Language = "zh") -> str:
        """Return the sentence in *language*, with what was expected and found."""
        sentence = " ".join(self.problem.text(language).split())
        if not self.expected and not self.found:
            return sentence
        if not self.expected:  # one value is what it is about; nothing else could stand in its place
            return f"{sentence}（{self.found}）" if language == "zh" else f"{sentence} ({self.found})"
        if language == "zh":
            return f"{sentence}（应为 {self.expected}，实为 {self.found or '无'}）"
        return f"{sentence} (expected {self.expected}, found {self.found or 'none'})"

    def line(self, language: Language = "zh") -> str:
        """Return one line for people and logs: code, place, sentence."""
        return f"{self.problem.code} {self.place}{'：' if language == 'zh' else ': '}{self.text(language)}"


def entry_fault(index: int, problem: Problem, expected: object = "", found: object = "") -> Fault:
    """Return a fault of entry *index*."""
    return Fault(f"entry/{index}", index, problem, show(expected), show(found))


def refusal(reason: Reason, refused: Refused) -> Problem:
    """Return *reason*, which words its cause as ``{zh}`` and ``{en}``, with the first problem of *refused* in it."""
    first = refused.problems[0]
    head = f"{first.code} {first.pointer}".rstrip()
    return reason.at(first.pointer, zh=f"{first.zh}（{head}）", en=f"{first.en} ({head})")


def show(value: object) -> str:
    """Return *value* as evidence: hashes in hex, longer bytes by length and hash, lists with commas."""
    if isinstance(value, bytes):
        long = len(value) > sha256().digest_size
        return f"{len(value)} bytes, SHA-256 {sha256(value).hexdigest()}" if long else value.hex()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
