"""The phrases of the pages, in Chinese and in English. Nothing here says 正品 ("genuine"), nor may it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..errors import Language
from ..publish.words import Words

_PHRASES: Final[Mapping[str, Words]] = {
    "lang": Words("zh-CN", "en"),
    "other_lang": Words("en", "zh-CN"),
    "other_name": Words("English", "中文"),
    "brand": Words("溯源 Suyuan", "Suyuan 溯源"),
    "footer": Words(
        "本页只说明记录是否完整，不作商品真伪鉴定。账本：",
        "This page says whether the record is intact; it does not judge the goods. Log:",
    ),
    "compare": Words("请与包装上的编码核对", "Compare with the code on the package"),
    "todo": Words("现在怎么办", "What to do"),
    "why": Words("原因", "Why"),
    "batch_of": Words("涉及批次", "batch"),
    "facts": Words("这件商品", "This package"),
    "product": Words("产品", "Product"),
    "net": Words("净含量", "Net"),
    "producer": Words("生产者", "Producer"),
    "packer": Words("包装者", "Packed by"),
    "place": Words("产地", "Place"),
    "places": Words("产地构成", "Where it was grown"),
    "and_more": Words("{place} 等 {n} 处", "{place} and {n} more"),
    "outside": Words("账本之外购入", "bought from outside this log"),
    "unknown_place": Words("未登记产地", "place not recorded"),
    "more_places": Words("其余产地", "other places"),
    "harvested": Words("采收", "Harvested"),
    "made": Words("加工", "Processed"),
    "bought": Words("购入", "Bought"),
    "packed": Words("包装", "Packed"),
    "batch": Words("批次", "Batch"),
    "number": Words("标签序号", "Label"),
    "of": Words("共", "of"),
    "amount": Words("数量", "Amount"),
    "labels": Words("已贴标签", "Labels"),
    "labels_sold": Words("已售", "sold"),
    "pieces": Words("件", ""),
    "sold": Words("按记录已售出", "Sold, by the records"),
    "tests": Words("检测报告", "Tests"),
    "no_tests": Words("账本中没有这批货的检测报告。", "The log holds no test of this batch."),
    "passed": Words("合格", "passed"),
    "failed": Words("不合格", "failed"),
    "findings": Words("检测项目", "Items tested:"),
    "finding": Words("项目", "Item"),
    "result": Words("结果", "Result"),
    "limit": Words("限量", "Limit"),
    "history": Words("全程记录", "History"),
    "claimed": Words("自述", "claimed"),
    "ledger": Words("入账", "in the log"),
    "entry": Words("第 {n} 条", "entry {n}"),
    "earlier": Words("更早的 {n} 条记录", "{n} earlier records"),
    "untold": Words("另有 {n} 条较早的记录未在此列出。", "{n} further records are not listed here."),
    "orders": Words("另有 {n} 笔其他包装的订单未列出。", "{n} orders of other packages are left out."),
    "two_times": Words(
        "每条有两个时间：“自述”由签名人填写，“入账”由账本记下、不能补填。",
        "Each record has two times: what its signer claims, and when the log took it in, which nobody can set.",
    ),
    "signed_by": Words("签名人", "Signed by"),
    "custody_party": Words("密钥自持", "holds its own key"),
    "custody_service": Words("密钥由本服务代管", "key kept by this service"),
    "revoked": Words(
        "（签名密钥自第 {n} 条起吊销，此前的声明仍然有效）",
        " (the key is revoked since entry {n}; what it signed before stays valid)",
    ),
    "check": Words("如何自行核验", "Check it yourself"),
    "position": Words(
        "这枚标签所在的标签段是账本的第 {n} 条记录；最新签名检查点共 {size} 条。",
        "The run of this label is entry {n} of the log; the latest signed checkpoint covers {size} entries.",
    ),
    "not_yet": Words(
        "这条记录几秒内会列入签名检查点，之后可下载证明。",
        "The record will be under a signed checkpoint within seconds; then the proof can be downloaded.",
    ),
    "leaf": Words("记录指纹", "Leaf hash"),
    "download": Words("下载核验证明", "Download the proof"),
    "run_offline": Words(
        "下载后离线核验（不联网、不信任本站）：", "Then check it offline, without trusting this site:"
    ),
    "key_elsewhere": Words(
        "命令中的日志公钥请另从包装、官网或监管部门取得并比对，不要只信本页。",
        "Compare the log key in the command with one from the package, the official site or a supervisor: "
        "do not take it from this page alone.",
    ),
    "local": Words("在本机核验", "Check on this device"),
    "local_steps": Words("逐步查看", "Step by step"),
    "local_text": Words(
        "你的浏览器下载同一份证明，自己验算签名和哈希，并记住看到的账本，下次比对。验算程序和公钥都来自本站，"
        "所以防不住经营本站的人；要防他，请用上面的命令行，公钥另行取得。",
        "Your browser fetches the same proof, checks signatures and hashes itself, and remembers the log for your next "
        "visit. Program and key come from this site, so this proves nothing against who runs it; for that use the "
        "command above, with a key from elsewhere.",
    ),
    "local_key": Words("账本公钥", "Log key"),
    "local_key_text": Words(
        "首次核验时记住这把公钥，以后变了会警告。请与包装、官网或监管部门公布的比对。",
        "It is remembered at the first check; a change is warned of. Compare it with the one on the package, the "
        "official site or from a supervisor.",
    ),
    "local_key_own": Words("改用别处得到的公钥", "Use a key from elsewhere"),
    "local_key_use": Words("用这把公钥核验", "Check with this key"),
    "local_off": Words(
        "浏览器没有运行脚本，本机核验不可用；可用上面的命令行核验。",
        "Scripts are off, so this device cannot check; use the command above.",
    ),
    "no_gap": Words(
        "记录链能证明到第 n 条为止没有缺漏，不能证明第 n 条就是最后一条。",
        "A chain of records proves no gap up to number n; it does not prove that n is the last.",
    ),
    "unseen": Words("记录看不到什么", "What no record can see"),
    "unseen_intro": Words(
        "“记录完整”不等于担保货物本身。记录看不到：",
        "An intact record does not vouch for the goods. It cannot see:",
    ),
    "all_of_batch": Words("查看整个批次", "See the whole batch"),
    "type_again": Words("重新输入编码", "Type the code again"),
    "type_code": Words("输入包装上的 20 位编码", "Type the 20 characters on the package"),
    "hint": Words(
        "大小写、空格和横线都可以；没有字母 I、L、O、U。",
        "Any case, spaces and hyphens are fine; there is no I, L, O or U.",
    ),
    "look_up": Words("查询", "Look up"),
    "home_title": Words("查一查这件农产品的来历", "Where does this produce come from?"),
    "home_text": Words(
        "扫描包装上的二维码，或输入编码，查看产地、检测和全程记录。",
        "Scan the code on the package, or type it, to see place, tests and history.",
    ),
    "batch_title": Words("批次 {label}", "Batch {label}"),
    "batch_text": Words(
        "这是整个批次的记录。要查某一件商品，请扫它的二维码。",
        "These are the records of a whole batch. To look up one package, scan its code.",
    ),
    "batch_free": Words("没有封存或召回", "No hold, no recall"),
    "parts": Words("由 {n} 个批次而来", "made from {n} batches"),
    "not_found": Words("没有这个页面", "There is no such page"),
    "not_found_text": Words(
        "地址可能抄错了。可以在这里输入包装上的编码。",
        "The address may be mistyped. You can type the code here.",
    ),
    "unavailable": Words("暂时查不了", "Not possible right now"),
    "unavailable_text": Words(
        "服务正忙或正在维护，请过一会儿再试。这与商品无关。",
        "The service is busy or being maintained; try again soon. It says nothing about the goods.",
    ),
    "broken": Words("服务出错", "The service failed"),
    "broken_text": Words(
        "出错已记录。请稍后再试；这与商品无关。",
        "The failure is logged. Try again later; it says nothing about the goods.",
    ),
    "refused": Words("请求无法处理", "The request cannot be answered"),
}


def phrases(language: Language) -> dict[str, str]:
    """Return every phrase of the pages in *language*, by name."""
    return {name: words.text(language) for name, words in _PHRASES.items()}
