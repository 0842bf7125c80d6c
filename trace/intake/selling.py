"""Planning of what follows a batch: test reports, label runs, orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import Problem
from . import meaning
from .planning import at, hand_over
from .rows import OrderRow, PackRow, TestRow
from .step import Directory, Plan, Secret, Step

UNSOLD = ("取消", "关闭", "未付款", "待付款", "作废")
"""Words of an order's status that say that nothing was sold."""

SENT_BACK = ("退款成功", "已退款", "已退货", "退货完成", "退款完成")
"""Words of an order's status that say that the goods came back."""

MOST_REPORT = 40


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
    problems: list[tuple[Problem, str]] = []
    if laboratory is None:
        problems.append((meaning.NO_PARTY.at(name=first.laboratory), "laboratory"))
    if batch is None:
        problems.append((meaning.NO_BATCH.at(batch=first.batch), "batch"))
    if len(first.report) > MOST_REPORT or " " in first.report:
        problems.append((meaning.REPORT.at(), "report"))
    if any(row.day != first.day for row in rows):
        problems.append((meaning.REPORT_MIXED.at(), "day"))
    if laboratory is None or batch is None or problems:
        return Plan(tuple(rows), problems=tuple(problems))
    fields = {
        "batch": batch.id,
        "report": first.report,
        "findings": [_finding(row) for row in rows],
    }
    passed = all(row.passed for row in rows)
    step = Step("reported", "test.reported", laboratory, at(first.day), {**fields, "passed": passed})
    return Plan(tuple(rows), (step,))


def _finding(row: TestRow) -> dict[str, object]:
    finding: dict[str, object] = {"item": row.item, "result": row.result}
    finding |= {name: value for name, value in (("limit", row.limit), ("unit", row.unit)) if value}
    return finding if row.passed else {**finding, "passed": False}


def plan_pack(row: PackRow, directory: Directory) -> Plan:
    """A run of labels; what the packer does not hold itself is handed over first, where there is enough."""
    packer, batch = directory.find_party(row.packer), directory.find_batch(row.batch)
    problems: list[tuple[Problem, str]] = []
    if packer is None:
        problems.append((meaning.NO_PARTY.at(name=row.packer), "packer"))
    if batch is None:
        problems.append((meaning.NO_BATCH.at(batch=row.batch), "batch"))
    elif row.product and row.product != batch.product:
        written = {"batch": row.batch, "product": batch.product, "written": row.product}
        problems.append((meaning.WRONG_PRODUCT.at(**written), "product"))
    if packer is None or batch is None or problems:
        return Plan((row,), problems=tuple(problems))
    stocks = directory.holders(batch.id)
    short = row.count * row.pack_g - sum(stock.held for stock in stocks if stock.party == packer)
    steps: list[Step] = []
    for stock in stocks:
        if stock.party != packer and stock.held >= short > 0:
            steps += hand_over(batch, (stock.party, short), packer, row.day)
            break
    fields = {"batch": batch.id, "count": row.count, "net": row.pack_g, "packed_on": row.day.isoformat()}
    steps.append(Step("issued", "labels.issued", packer, at(row.day), fields))
    return Plan((row,), tuple(steps))


def plan_order(row: OrderRow, directory: Directory) -> Plan:
    """Packages of a batch sold; order number, platform and price are private, the buyer was never read."""
    if any(word in row.status for word in UNSOLD):
        return Plan((row,), warnings=((meaning.CANCELLED.at(status=row.status), "status"),))
    batch = directory.find_batch(row.batch)
    if batch is None:
        return Plan((row,), problems=((meaning.NO_BATCH.at(batch=row.batch), "batch"),))
    shop = directory.find_shop(row.platform) or batch.packer or batch.maker
    order = directory.mint("order", f"{row.platform}:{row.order}:{row.batch}")
    sale = {"order": order, "batch": batch.id, "count": row.count}
    private = {
        "platform": row.platform,
        "order_number": row.order,
        "paid_fen": row.paid_fen,
        "title": row.product,
    }
    steps = [Step("sold", "order.sold", shop, at(row.day), sale, (Secret(shop, private),))]
    if any(word in row.status for word in SENT_BACK):
        steps.append(Step("returned", "order.returned", shop, at(row.day), sale))
    other = row.product and batch.product not in row.product and row.product not in batch.product
    title = meaning.OTHER_TITLE.at(batch=row.batch, product=batch.product)
    return Plan((row,), tuple(steps), warnings=((title, "product"),) if other else ())
