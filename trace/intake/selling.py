"""Planning of what follows a batch: test reports, label runs, orders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ..errors import Problem
from . import kinds, meaning
from .cells import fold
from .making import Problems, bring
from .rows import OrderRow, PackRow, TestRow
from .step import Directory, Known, Plan, Secret, Step, absent, at, public_words

_UNSOLD = re.compile(r"取消|作废|失效|未成团|拼团失败|(?:未|待)(?:付款|支付)|关闭|交易失败")
"""An order's status says that nothing was sold."""

_SENT_BACK = re.compile(
    r"(?:退款|退货)(?:成功|完成|完毕)|(?:已|全额)(?:退款|退货|退回)|拒收|^(?:退款|退货|退货退款)$"
)
"""An order's status says that goods or money came back."""

_IN_PART = re.compile(r"部分|申请|退(?:款|货)中")
"""... but not all of them, or not yet."""

_SALE_STANDS = re.compile(
    r"(?:取消|撤销|关闭)(?:退款|退货|售后|申请)|(?:退款|退货|售后)(?:申请)?(?:已)?(?:取消|撤销|关闭|失败)"
)
"""What a buyer asked for and did not get: the sale stands."""

_NUMBER = re.compile(r"([<>≤≥]?)([0-9]+(?:\.[0-9]+)?)")

_REPORT = re.compile(r"(?!.*[0-9]{11})[A-Za-z0-9/()-]{1,40}")
"""A report's number that may stand in clear, as ``test.reported`` spells it."""

MOST_ITEMS = 200
"""Items of one report: a screening for pesticides has about seventy."""


def group_reports(rows: Iterable[TestRow]) -> list[tuple[TestRow, ...]]:
    """Return *rows* by report: a report on one batch may have several items, one a row."""
    groups: dict[tuple[str, str, str], list[TestRow]] = {}
    for row in rows:
        groups.setdefault((row.laboratory, row.report, row.batch), []).append(row)
    return [tuple(group) for group in groups.values()]


def plan_report(rows: Sequence[TestRow], directory: Directory) -> Plan:
    """One report of a laboratory on one batch, with a finding for each row."""
    first = rows[0]
    laboratory, batch = directory.find_party(first.laboratory), directory.find_batch(first.batch)
    problems = _check_report(rows, batch)
    if laboratory is None:
        problems.insert(0, (absent("party", first.laboratory, directory), "laboratory"))
    elif "laboratory" not in directory.roles(laboratory):
        figures = {"name": meaning.shown(first.laboratory), "what": "出具检测报告", "what_en": "report tests"}
        problems.insert(0, (meaning.ROLE.at(**figures), "laboratory"))
    elif directory.has_report(laboratory, _number_of(first.report, laboratory, directory)):
        problems.append((meaning.REPORT_TAKEN.at(report=meaning.numbered(first.report)), "report"))
    if batch is None:
        problems.append((absent("batch", first.batch, directory), "batch"))
    if laboratory is None or batch is None or problems:
        return Plan(tuple(rows), problems=tuple(problems))
    number = _number_of(first.report, laboratory, directory)
    secrets = (Secret(laboratory, {"report_number": first.report}),) if number != first.report else ()
    fields = {
        "batch": batch.id,
        "report": number,
        "findings": [_finding(row) for row in rows],
        "passed": all(row.passed for row in rows),
    }
    return Plan(tuple(rows), (Step("reported", "test.reported", laboratory, at(first.day), fields, secrets),))


def _number_of(report: str, laboratory: str, directory: Directory) -> str:
    """Return the number of a report, or a minted one where its own may not stand in clear."""
    return report if _REPORT.fullmatch(report) else directory.mint("report", f"{laboratory}:{report}")


def _check_report(rows: Sequence[TestRow], batch: Known | None) -> Problems:
    first = rows[0]
    problems: Problems = []
    if len(rows) > MOST_ITEMS:
        problems.append((meaning.REPORT_LONG.at(count=len(rows), most=MOST_ITEMS), "item"))
    if any(row.day != first.day for row in rows):
        problems.append((meaning.REPORT_MIXED.at(), "day"))
    if batch is not None and first.day < batch.day:
        days = {"day": first.day.isoformat(), "made": batch.day.isoformat()}
        problems.append((meaning.TEST_BEFORE.at(batch=meaning.numbered(first.batch), **days), "day"))
    beyond = next((row for row in rows if row.passed and is_beyond(row.result, row.limit)), None)
    if beyond is not None:
        problems.append((meaning.BEYOND_LIMIT.at(result=beyond.result, limit=beyond.limit), "verdict"))
    return problems


def is_beyond(result: str, limit: str) -> bool:
    """Tell whether *result* is a figure that *limit* forbids: above it, or below one that is written ≥."""
    found, most = _NUMBER.fullmatch(result), _NUMBER.fullmatch(fold(limit).replace(" ", ""))
    if found is None or most is None or found[1]:
        return False
    value, bound = Decimal(found[2]), Decimal(most[2])
    return value < bound if most[1] in {">", "≥"} else value > bound


def _finding(row: TestRow) -> dict[str, object]:
    finding: dict[str, object] = {"item": row.item, "result": row.result}
    finding |= {name: value for name, value in (("limit", row.limit), ("unit", row.unit)) if value}
    return finding if row.passed else {**finding, "passed": False}


def plan_pack(row: PackRow, directory: Directory) -> Plan:
    """A run of labels; what the packer does not hold itself is handed over first."""
    packer, batch = directory.find_party(row.packer), directory.find_batch(row.batch)
    problems: Problems = []
    if packer is None:
        problems.append((absent("party", row.packer, directory), "packer"))
    elif not directory.roles(packer) & kinds.PACKERS:
        figures = {"name": meaning.shown(row.packer), "what": "申领标签", "what_en": "label packages"}
        problems.append((meaning.ROLE.at(**figures), "packer"))
    if batch is None:
        problems.append((absent("batch", row.batch, directory), "batch"))
    elif row.product and row.product != batch.product:
        problems.append((_wrong_product(row, batch), "product"))
    if packer is None or batch is None or problems:
        return Plan((row,), problems=tuple(problems))
    steps = bring(batch.id, directory.holders(batch.id), packer, row.count * row.pack_g, row.day)
    fields = {"batch": batch.id, "count": row.count, "net": row.pack_g, "packed_on": row.day.isoformat()}
    return Plan((row,), (*steps, Step("issued", "labels.issued", packer, at(row.day), fields)))


def _wrong_product(row: PackRow | OrderRow, batch: Known) -> Problem:
    number = meaning.numbered(row.batch)
    return meaning.WRONG_PRODUCT.at(
        batch=number, product=batch.product, written=public_words(row.product) or "…"
    )


def is_unsold(status: str) -> bool:
    """Tell whether an order's *status* says that nothing was sold."""
    return _UNSOLD.search(_SALE_STANDS.sub("", status)) is not None


def is_sent_back(status: str) -> bool:
    """Tell whether an order's *status* says that money or goods came back, all of them and for good."""
    asked = _SALE_STANDS.sub("", status)
    return _SENT_BACK.search(asked) is not None and not _IN_PART.search(asked)


def sort_orders(rows: Iterable[OrderRow]) -> list[OrderRow]:
    """Return *rows* in their order, those that came to nothing first: what came back may have been sold again."""
    return sorted(rows, key=lambda row: not (is_unsold(row.status) or is_sent_back(row.status)))


def plan_order(row: OrderRow, directory: Directory) -> Plan:
    """Packages of a batch sold; order number, platform and price are private, the buyer was never read."""
    name = "\n".join((row.platform, row.order, row.batch, row.product))
    is_back = is_sent_back(row.status) or is_unsold(row.status)
    status = ((meaning.CANCELLED.at(status=public_words(row.status) or "…"), "status"),) if is_back else ()
    if is_unsold(row.status) and directory.find_order(name) is None:
        return Plan((row,), warnings=status)
    batch = directory.find_batch(row.batch)
    if batch is None:
        return Plan((row,), problems=((absent("batch", row.batch, directory), "batch"),))
    if _is_other(row, batch) and directory.find_product(row.product) is not None:
        return Plan((row,), problems=((_wrong_product(row, batch), "product"),))
    shop = directory.find_shop(row.platform) or batch.packer or batch.maker
    sale = {"order": directory.mint("order", name), "batch": batch.id, "count": row.count}
    private = {
        "platform": row.platform,
        "order_number": row.order,
        "paid_fen": row.paid_fen,
        "title": row.product,
    }
    steps = [Step("sold", "order.sold", shop, at(row.day), sale, (Secret(shop, private),))]
    if is_back:
        steps.append(Step("returned", "order.returned", shop, at(row.day), sale))
    return Plan((row,), tuple(steps), warnings=(*status, *_doubts(row, batch)))


def _doubts(row: OrderRow, batch: Known) -> Iterable[tuple[Problem, str]]:
    """Yield what looks odd about an order and yet may be right."""
    number = meaning.numbered(row.batch)
    if _is_other(row, batch):
        yield meaning.OTHER_TITLE.at(batch=number, product=batch.product), "product"
    if row.day < batch.day:
        days = {"day": row.day.isoformat(), "made": batch.day.isoformat()}
        yield meaning.ORDER_BEFORE.at(batch=number, **days), "day"


def _is_other(row: OrderRow, batch: Known) -> bool:
    """Tell whether an order's title speaks of something else: shops dress the name of a product up, or cut it."""
    return bool(row.product) and batch.product not in row.product and row.product not in batch.product
