"""How each verdict is shown, and what the pages say openly that no record can show. Never 正品 ("genuine")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..publish.lookup import State
from ..publish.words import Words


@dataclass(frozen=True, slots=True)
class Look:
    """How a verdict is shown: colour, icon, HTTP status, what it means, and what to do (none where all is well)."""

    tone: str
    icon: str
    status: int
    meaning: Words
    advice: tuple[Words, ...] = ()


_KEEP = Words("保留包装和购买凭证。", "Keep the package and the proof of purchase.")
_REPORT = Words(
    "向卖家询问；怀疑造假请拨打 12315 投诉。",
    "Ask the seller; if you suspect fraud, call 12315 (consumer hotline in China).",
)
_DO_NOT_EAT = Words("请勿食用，也不要转送他人。", "Do not eat it and do not pass it on.")

LOOKS: Final[Mapping[State, Look]] = {
    "intact": Look(
        "good",
        "check",
        200,
        Words(
            "这枚标签在印刷之前已写入公开账本，记录前后相符、未被改动。",
            "This label was committed to the public log before it was printed; its records agree and are unaltered.",
        ),
    ),
    "inactive": Look(
        "wait",
        "clock",
        200,
        Words(
            "标签已经登记，但尚未启用：按记录，这件货还没有出库。",
            "The label is registered but not active: by the records this package has not left the packing house.",
        ),
        (
            Words("如果已经买到手，请先不要食用。", "If you have bought it already, do not eat it yet."),
            _KEEP,
            _REPORT,
        ),
    ),
    "returned": Look(
        "warn",
        "return",
        200,
        Words(
            "按记录，这件货已被退回，之后没有再次售出的记录。",
            "By the records this package was returned, and not sold again since.",
        ),
        (
            Words(
                "如果是新买的，请向卖家核实。",
                "If you have just bought it, ask the seller how that can be.",
            ),
            _KEEP,
        ),
    ),
    "voided": Look(
        "bad",
        "cross",
        410,
        Words(
            "这枚标签已作废，不应再出现在任何商品上。",
            "This label is void and should not be on any package any more.",
        ),
        (
            Words("不要购买；已购买的请勿食用。", "Do not buy it; if you have, do not eat it."),
            _KEEP,
            _REPORT,
        ),
    ),
    "held": Look(
        "warn",
        "pause",
        200,
        Words(
            "监管部门已封存该批次或其原料，查清之前不得销售。",
            "A supervisor holds this batch or something that it was made of; it may not be sold until that is settled.",
        ),
        (
            Words("查清之前请勿食用。", "Do not eat it until the matter is settled."),
            _KEEP,
            Words(
                "过几天再查一次，解除封存后此页会更新。",
                "Look again in some days; this page follows the log.",
            ),
        ),
    ),
    "failed": Look(
        "bad",
        "flask",
        200,
        Words(
            "该批次或其原料检测不合格，已自动封存。",
            "This batch or something that it was made of failed a laboratory test and is on hold.",
        ),
        (_DO_NOT_EAT, _KEEP, Words("联系卖家退货。", "Return it to the seller.")),
    ),
    "recalled": Look(
        "bad",
        "warning",
        200,
        Words(
            "监管部门已召回该批次或其原料。",
            "Supervisors have recalled this batch or something that it was made of.",
        ),
        (_DO_NOT_EAT, _KEEP, Words("联系卖家退货退款。", "Return it to the seller for a refund.")),
    ),
    "unknown": Look(
        "bad",
        "question",
        404,
        Words(
            "编码格式正确，但账本中没有这枚标签。它可能是伪造的。",
            "The code has the right form, but the log has no such label. It may be forged.",
        ),
        (
            Words(
                "核对网址与包装上印的域名是否一致。",
                "Check that this page's address is the one printed on the package.",
            ),
            Words("不要购买；已购买的请勿食用。", "Do not buy it; if you have, do not eat it."),
            _KEEP,
            _REPORT,
        ),
    ),
    "mistyped": Look(
        "wait",
        "pencil",
        400,
        Words(
            "编码有一位或几位输错了，请对照标签重新输入。",
            "One or more characters are wrong; compare them with the label.",
        ),
    ),
}
"""The look of each verdict."""

UNSEEN: Final = (
    Words(
        "标签下面装的是不是当初那批货（可能被调换或整枚复制）；",
        "whether the goods under the label are those it was made for (they can be swapped, a label can be copied);",
    ),
    Words("样品送到实验室之前是否被换过；", "whether a sample was swapped before it reached the laboratory;"),
    Words(
        "买卖双方与司磅员是否串通虚报数量。",
        "whether two parties and the weigher agreed on false weights.",
    ),
)
"""What the pages say openly that no record can show (design.md, "Why it exists")."""
