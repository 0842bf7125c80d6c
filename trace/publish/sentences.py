"""Sentences: what each event says happened, in plain words. Pure; names are looked up beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..produce import events as ev
from ..produce.book import RecordKey
from ..produce.records import Batch, Party, Product, Record, Run, Site
from .words import Words, name_party, say_amount

REASONS: Final = {
    "stock-taking": Words("盘点", "stock-taking"),
    "shrinkage": Words("自然损耗", "shrinkage"),
    "weighing-error": Words("称重误差", "weighing error"),
    "sample": Words("抽样", "sample"),
    "spoilt": Words("损坏", "spoilt"),
    "failed-test": Words("检测不合格", "failed test"),
    "recalled": Words("召回", "recalled"),
    "damaged": Words("破损", "damaged"),
    "expired": Words("过期", "expired"),
    "surplus": Words("多余", "surplus"),
    "leaked": Words("标签密钥泄露", "label secret leaked"),
    "reprinted": Words("重新印制", "printed anew"),
    "returned": Words("退货", "returned"),
    "complaint": Words("投诉", "complaint"),
    "document-missing": Words("资料不全", "document missing"),
    "suspicion": Words("存疑待查", "suspicion"),
    "inspection": Words("监督检查", "inspection"),
    "contamination": Words("污染", "contamination"),
    "false-record": Words("记录不实", "false record"),
}
"""The reasons that events give."""


@dataclass(frozen=True, slots=True)
class Names:
    """The records whose names sentences use."""

    records: Mapping[RecordKey, Record] = field(default_factory=dict)

    def party(self, id: str) -> Words:
        """Return the party's public name, or that it is an individual business."""
        if id == "log":
            return Words("本账本", "this log")
        found = self.records.get((Party, id))
        return name_party(found if isinstance(found, Party) else None)

    def batch(self, id: str) -> str:
        """Return what people call the batch."""
        found = self.records.get((Batch, id))
        return found.ref or id if isinstance(found, Batch) else id

    def product(self, id: str) -> str:
        """Return the product's name."""
        found = self.records.get((Product, id))
        return found.name if isinstance(found, Product) else id

    def place(self, id: str) -> str:
        """Return township and village of a site, or nothing."""
        found = self.records.get((Site, id))
        return found.place if isinstance(found, Site) else ""

    def amount(self, amount: int, product: str) -> Words:
        """Return *amount* in the unit of *product*."""
        found = self.records.get((Product, product))
        return say_amount(amount, found.unit if isinstance(found, Product) else "g")

    def of_batch(self, amount: int, batch: str) -> Words:
        """Return *amount* in the unit of the batch's product."""
        found = self.records.get((Batch, batch))
        return self.amount(amount, found.product if isinstance(found, Batch) else "")


def mentioned(event: ev.Event) -> Iterator[RecordKey]:
    """Yield the records whose names the sentence of *event* may use; products of batches come with the batches."""
    yield Party, event.by
    one_of: dict[str, type[Record]] = {
        "to": Party, "party": Party, "batch": Batch, "product": Product, "crop": Product,
        "plot": Site, "station": Site, "plant": Site, "site": Site, "run": Run,
    }  # fmt: skip
    for attribute, kind in one_of.items():
        if id := getattr(event, attribute, ""):
            yield kind, id
    yield from ((Batch, id) for id in getattr(event, "batches", ()))
    if isinstance(event, ev.BatchTransformed):
        yield from ((Batch, portion.batch) for portion in event.inputs)
        for output in event.outputs:
            yield from ((Batch, output.batch), (Product, output.product))


def describe(event: ev.Event, names: Names) -> Words:
    """Return one sentence for *event*, without its signer and its time."""
    return _SENTENCES[type(event)](event, names)


def _harvested(event: ev.BatchHarvested, names: Names) -> Words:
    amount, product, place = (
        names.amount(event.amount, event.product),
        names.product(event.product),
        names.place(event.plot),
    )
    return Words(
        f"采收{product} {amount.zh}" + (f"，产自{place}" if place else ""),
        f"Harvested {amount.en} of {product}" + (f" in {place}" if place else ""),
    )


def _bought(event: ev.BatchBought, names: Names) -> Words:
    amount, product = names.amount(event.amount, event.product), names.product(event.product)
    return Words(
        f"从账本之外购入{product} {amount.zh}，不计为本地",
        f"Bought {amount.en} of {product} from outside this log, never counted as local",
    )


def _transformed(event: ev.BatchTransformed, names: Names) -> Words:
    outputs = [(names.product(one.product), names.amount(one.amount, one.product)) for one in event.outputs]
    made_zh = "、".join(f"{product} {amount.zh}" for product, amount in outputs)
    made_en = ", ".join(f"{amount.en} of {product}" for product, amount in outputs)
    loss, count = say_amount(event.loss_g, "g"), len(event.inputs)
    return Words(
        f"{count} 个批次加工为{made_zh}，损耗 {loss.zh}",
        f"Made from {count} batch{'es' if count > 1 else ''}: {made_en}; loss {loss.en}",
    )


def _shipped(event: ev.BatchShipped, names: Names) -> Words:
    amount, to = names.of_batch(event.amount, event.batch), names.party(event.to)
    return Words(f"发出 {amount.zh}，交给{to.zh}", f"Shipped {amount.en} to {to.en}")


def _received(event: ev.BatchReceived, names: Names) -> Words:
    amount = names.of_batch(event.amount, event.batch)
    return Words(f"收到 {amount.zh}", f"Received {amount.en}")


def _adjusted(event: ev.BatchAdjusted, names: Names) -> Words:
    amount, reason = names.of_batch(abs(event.amount), event.batch), REASONS[event.reason]
    zh, en = ("调增", "up") if event.amount > 0 else ("调减", "down")
    return Words(f"库存{zh} {amount.zh}（{reason.zh}）", f"Stock adjusted {en} by {amount.en} ({reason.en})")


def _destroyed(event: ev.BatchDestroyed, names: Names) -> Words:
    amount, reason = names.of_batch(event.amount, event.batch), REASONS[event.reason]
    return Words(f"销毁 {amount.zh}（{reason.zh}）", f"Destroyed {amount.en} ({reason.en})")


def _reported(event: ev.TestReported, names: Names) -> Words:
    zh, en = ("合格", "passed") if event.passed else ("不合格", "FAILED")
    count = len(event.findings)
    return Words(
        f"检测{zh}：报告 {event.report}，{count} 项",
        f"Test {en}: report {event.report}, {count} item{'s' if count > 1 else ''}",
    )


def _held(event: ev.BatchHeld, names: Names) -> Words:
    reason = REASONS[event.reason]
    return Words(f"监管部门封存（{reason.zh}）", f"Held by a supervisor ({reason.en})")


def _proposed(event: ev.RecallProposed, names: Names) -> Words:
    reason = REASONS[event.reason]
    return Words(f"提议召回（{reason.zh}）", f"Recall proposed ({reason.en})")


def _issued(event: ev.LabelsIssued, names: Names) -> Words:
    net = names.of_batch(event.net, event.batch)
    return Words(
        f"登记标签 {event.count} 枚，每件 {net.zh}，先入账后印刷",
        f"{event.count} labels committed before printing, {net.en} each",
    )


def _activated(event: ev.LabelsActivated, names: Names) -> Words:
    count = event.end - event.first
    return Words(f"启用标签 {count} 枚，包装出库", f"{count} labels activated, packages on their way")


def _voided(event: ev.LabelsVoided, names: Names) -> Words:
    count, reason = event.end - event.first, REASONS[event.reason]
    return Words(f"作废标签 {count} 枚（{reason.zh}）", f"{count} labels voided ({reason.en})")


def _sold(event: ev.OrderSold, names: Names) -> Words:
    return Words(f"售出 {event.count} 件", f"Sold {event.count} package{'s' if event.count > 1 else ''}")


def _returned(event: ev.OrderReturned, names: Names) -> Words:
    return Words(f"退回 {event.count} 件", f"{event.count} package{'s' if event.count > 1 else ''} returned")


def _applied(event: ev.InputApplied, names: Names) -> Words:
    wait = event.interval_days
    return Words(
        f"田间作业：{event.input}" + (f"，安全间隔期 {wait} 天" if wait else ""),
        f"Field work: {event.input}" + (f", {wait} days to wait before harvest" if wait else ""),
    )


def _party(event: ev.PartyRegistered, names: Names) -> Words:
    party = names.party(event.party)
    return Words(f"登记主体：{party.zh}", f"Registered the party {party.en}")


def _product(event: ev.ProductRegistered, names: Names) -> Words:
    return Words(f"登记产品：{event.name}", f"Registered the product {event.name}")


def _plain(zh: str, en: str) -> Callable[[Any, Names], Words]:
    return lambda event, names: Words(zh, en)


_SENTENCES: Final[dict[type[ev.Event], Callable[[Any, Names], Words]]] = {
    ev.LogOpened: _plain("账本开启", "The log was opened"),
    ev.LogRekeyed: _plain("检查点密钥更换", "A key of the checkpoints came or went"),
    ev.PartyRegistered: _party,
    ev.KeyAdded: _plain("登记新的签名密钥", "A further key was registered"),
    ev.KeyRevoked: _plain("吊销一枚签名密钥", "A key was revoked"),
    ev.SiteRegistered: _plain("登记地块或场所", "A site was registered"),
    ev.QuotaGranted: _plain("核定地块当季产量", "The plot's yield for the season was approved"),
    ev.ProductRegistered: _product,
    ev.InputApplied: _applied,
    ev.BatchHarvested: _harvested,
    ev.BatchBought: _bought,
    ev.BatchTransformed: _transformed,
    ev.BatchShipped: _shipped,
    ev.BatchReceived: _received,
    ev.BatchAdjusted: _adjusted,
    ev.BatchDestroyed: _destroyed,
    ev.TestReported: _reported,
    ev.BatchHeld: _held,
    ev.BatchReleased: _plain("监管部门解除封存", "Released by a supervisor"),
    ev.RecallProposed: _proposed,
    ev.RecallApproved: _plain("第二人批准，召回生效", "Recall approved by a second person, in force"),
    ev.RecallClosed: _plain("召回结束，批次仍带标记", "Recall closed; its batches stay marked"),
    ev.PersonalErased: _plain("依法删除个人信息", "Personal data erased as the law asks"),
    ev.LabelsIssued: _issued,
    ev.LabelsActivated: _activated,
    ev.LabelsVoided: _voided,
    ev.OrderSold: _sold,
    ev.OrderReturned: _returned,
}
