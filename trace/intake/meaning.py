"""Why a row that can be read is refused or warned of before the books are asked, said with the figures."""

from __future__ import annotations

import re

from ..errors import Reason
from .rows import harmless

# Names that lead nowhere
NO_PARTY = Reason(
    "row.party", "主体“{name}”未登记，不在主体名录中", "the party {name} is not in the list of parties"
)
PARTY_REFUSED = Reason(
    "row.party-refused",
    "主体“{name}”未登记：它在《{file}》第 {row} 行，该行被拒",
    "the party {name} is not registered: row {row} of {file} was refused",
)
NO_PLOT = Reason("plot.missing", "地块不存在：{name}", "there is no plot {name}")
PLOT_REFUSED = Reason(
    "plot.refused",
    "地块不存在：{name} 在《{file}》第 {row} 行，该行被拒",
    "there is no plot {name}: row {row} of {file} was refused",
)
NO_STATION = Reason("row.station", "收购站“{name}”未登记", "the station {name} is not registered")
STATION_REFUSED = Reason(
    "row.station-refused",
    "收购站“{name}”未登记：它在《{file}》第 {row} 行，该行被拒",
    "the station {name} is not registered: row {row} of {file} was refused",
)
NO_BATCH = Reason("row.batch", "批次 {name} 不存在，没有入账", "there is no batch {name} in the books")
BATCH_REFUSED = Reason(
    "row.batch-refused",
    "批次 {name} 没有入账：它在《{file}》第 {row} 行，该行被拒",
    "batch {name} is not in the books: row {row} of {file} was refused",
)
ABSENT = {
    "party": (NO_PARTY, PARTY_REFUSED),
    "plot": (NO_PLOT, PLOT_REFUSED),
    "station": (NO_STATION, STATION_REFUSED),
    "batch": (NO_BATCH, BATCH_REFUSED),
}
"""For each kind of name: the reason where nobody wrote it down, and where the row that did was refused."""

# Parties and plots
PARTY_KIND = Reason("party.kind", "主体类型“{kind}”无法识别", "the kind of party {kind} is unknown")
CODE_TAKEN = Reason(
    "party.code-taken",
    "统一社会信用代码已登记在另一主体名下，同一代码不能登记两个主体",
    "the credit code is registered to another party",
)
PLOT_TAKEN = Reason(
    "plot.taken",
    "地块编号 {ref} 已经登记，作物或合作社与本行不同",
    "plot {ref} is registered with another crop or cooperative",
)
ROLE = Reason(
    "row.role",
    "主体“{name}”的类型不能{what}",
    "a party of the kind of {name} may not {what_en}",
)
NO_PRODUCT_NAME = Reason(
    "row.product-name",
    "产品名称中有长串数字，可能是填错了列",
    "the name of the product holds a long number; perhaps it stands in the wrong column",
)
BATCH_TAKEN = Reason(
    "batch.taken",
    "批次号 {batch} 已经入账，内容与本行不同",
    "batch {batch} is in the books already, with other content",
)

# Processing
USED_UP = Reason(
    "batch.used-up",
    "原料已用完（出大于入）：{batch} 共 {made}，已全部用掉，本行还要用于产出 {wanted}",
    "{batch} of {made} is used up; this row wants {wanted} of outputs and loss",
)
TOO_MUCH = Reason(
    "transform.more-out",
    "出大于入，投入与产出不平：原料只有 {inputs}，产出、副产品与损耗共 {outputs}，多出 {excess}",
    "more out than in: inputs {inputs}, outputs, by-products and loss {outputs}, {excess} too much",
)
TOO_LITTLE = Reason(
    "transform.balance",
    "投入与产出不平：原料 {inputs}，产出、副产品与损耗共 {outputs}，少了 {missing}",
    "inputs {inputs} and outputs, by-products and loss {outputs} do not balance: {missing} missing",
)
ROUNDED = Reason(
    "transform.rounded",
    "投入与产出相差 {difference}，按四舍五入计入损耗",
    "inputs and outputs differ by {difference}, taken as rounding of the loss",
)

# Tests
REPORT_LONG = Reason(
    "test.items",
    "一份报告最多 {most} 个项目，这份有 {count} 个",
    "a report has {most} items at most, this one {count}",
)
REPORT_MIXED = Reason("test.mixed", "同一报告编号的检测日期不一致", "rows of one report differ in their day")
REPORT_TAKEN = Reason(
    "test.report-taken",
    "报告编号 {report} 已用于另一份报告（另一批次或已入账），一份报告只能用一次",
    "the report number {report} was used for another batch or is in the books",
)
TEST_BEFORE = Reason(
    "test.before",
    "检测日期 {day} 早于批次 {batch} 的日期 {made}",
    "the test of {day} is before batch {batch} of {made}",
)
BEYOND_LIMIT = Reason(
    "test.contradiction",
    "结果 {result} 不符合限量 {limit}，结论却是合格",
    "the result {result} is beyond the limit {limit}, yet passed",
)

# Packing and selling
WRONG_PRODUCT = Reason(
    "row.product",
    "批次 {batch} 的产品是{product}，不是{written}",
    "batch {batch} is {product}, not {written}",
)
OTHER_TITLE = Reason(
    "order.product",
    "商品名称与批次 {batch} 的产品{product}不同",
    "the title is not the product {product} of {batch}",
)
ORDER_BEFORE = Reason(
    "order.before",
    "下单日期 {day} 早于批次 {batch} 的日期 {made}（预售？）",
    "ordered on {day}, before batch {batch} of {made}: a presale?",
)
CANCELLED = Reason(
    "order.cancelled",
    "订单状态为“{status}”，不计入销售",
    "the order is {status} and does not count as a sale",
)
OTHER_PERSON = Reason(
    "harvest.deliverer", "交货人不是地块的户主", "the deliverer is not the plot's household"
)
DUPLICATE_REFUSED = Reason(
    "row.duplicate",
    "与第 {row} 行完全重复，第 {row} 行被拒，两行都没有入账",
    "identical to row {row}, which was refused; neither was entered",
)

_ORGANISATION = re.compile("公司|合作社|联合社|农场|厂|站|中心|局|所|店|院|室|社|场|坊|会|部|基地")
_SHORTEST = 5


def shown(name: str) -> str:
    """Return the name of a party for a sentence, an ellipsis where it may be a person's name or phone."""
    is_named = len(name) >= _SHORTEST or _ORGANISATION.search(name)
    return name if is_named and not re.search("[0-9]{7}", name) else "…"


def numbered(ref: str) -> str:
    """Return a number of the clerk's for a sentence, an ellipsis where it may be a person's name or phone."""
    return harmless(ref) or "…"
