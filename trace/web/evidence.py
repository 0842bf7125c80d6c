"""The page inside an evidence file: what its entries say, for people. What counts are the proofs beside it."""

from __future__ import annotations

from typing import Final

from ..errors import Language
from ..publish.evidence import Dossier
from ..publish.history import MARKS, Told
from ..publish.words import Words, show_moment
from .render import render_text
from .views import say_revoked, show_claim

_PHRASES: Final = {
    "title": Words("证据：{subject}", "Evidence: {subject}"),
    "log": Words("账本", "Log"),
    "subject": Words("对象", "About"),
    "made_at": Words("生成时间", "Made at"),
    "size": Words("检查点条数", "Entries under the checkpoint"),
    "root": Words("检查点根哈希", "Root of the checkpoint"),
    "count": Words("所附记录", "Entries here"),
    "waiting": Words("尚未列入检查点、未收入的记录", "Entries not under a checkpoint yet, left out"),
    "entries": Words("记录", "Entries"),
    "index": Words("序号", "Entry"),
    "claimed": Words("自述时间", "Claimed time"),
    "at": Words("入账时间", "Ledger time"),
    "signer": Words("签名人", "Signed by"),
    "what": Words("内容", "What"),
    "leaf": Words("记录指纹（叶哈希）", "Leaf hash"),
    "revoked": Words(
        "（签名密钥自第 {n} 条起吊销，此前的声明仍然有效）",
        " (the key is revoked since entry {n}; what it signed before stays valid)",
    ),
    "custody_party": Words("密钥自持", "holds its own key"),
    "custody_service": Words("密钥由服务代管", "key kept by the service"),
    "times": Words(
        "自述时间由签名人填写；入账时间由账本记下（北京时间），不会倒退，签名人不能补填。",
        "The claimed time is its signer's; the ledger time (UTC+8) is the log's own, never runs backward, and no "
        "signer can set it.",
    ),
    "check": Words("如何核验", "How to check"),
    "check_text": Words(
        "本页供阅读，可以被人改动；有证明力的是同一文件中的 entries、checkpoint 和 manifest.json。在任何一台电脑上运行"
        "下面的命令即可核验，不需要联网，也不需要信任本账本的运营者。log.policy 中的公钥请从监管部门或包装另行取得，"
        "不要用文件中附带的 policy。",
        "This page is for reading and could be altered; the proof is in entries, checkpoint and manifest.json beside "
        "it. The command below checks them on any computer, without a network and without trusting whoever runs the "
        "log. Take the key in log.policy from a supervisor or a package, not from the policy in this file.",
    ),
    "limits": Words("证明了什么，没有证明什么", "What is proved, and what is not"),
    "limits_text": Words(
        "已证明：这些记录由所列签名人签署，按此顺序写入账本，此后未被改动；每个对象的历史从头到最后一条没有缺口。"
        "未证明：最后一条之后没有新的记录；记录所说的事是否属实。",
        "Proved: the entries were signed by those named, written in this order and not altered since; the history of "
        "each subject has no gap up to its last entry. Not proved: that no entry follows; that what the records say "
        "is true.",
    ),
}


def evidence_page(dossier: Dossier, root: str, made_at: str, language: Language) -> str:
    """Return the page about *dossier*; *root* is the checkpoint's in base64, *made_at* a time to show."""
    evidence = dossier.evidence
    words = {name: said.text(language) for name, said in _PHRASES.items()}
    facts = [
        (words["log"], evidence.log),
        (words["subject"], evidence.subject),
        (words["made_at"], made_at),
        (words["size"], evidence.checkpoint.split("\n")[1]),
        (words["root"], root),
        (words["count"], str(len(evidence.entries))),
    ]
    if dossier.waiting:
        facts.append((words["waiting"], str(dossier.waiting)))
    return render_text(
        "evidence.html",
        language,
        words=words,
        heading=words["title"].format(subject=evidence.subject),
        facts=facts,
        rows=[_row(one, words, language) for one in sorted(dossier.told, key=lambda one: one.index)],
        chains=evidence.chains,
    )


def _row(told: Told, words: dict[str, str], language: Language) -> dict[str, object]:
    return {
        "index": told.index,
        "claimed": show_claim(told.claimed),
        "at": show_moment(told.at),
        "signer": told.signer.text(language) + say_revoked(told, words),
        "custody": words[f"custody_{told.custody}"],
        "what": told.words.text(language),
        "marks": [MARKS[mark].text(language) for mark in told.marks],
        "leaf": told.leaf,
    }
