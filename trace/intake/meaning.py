"""Why a row that can be read is refused or warned of before the books are asked."""

from __future__ import annotations

from ..errors import Reason

NO_PARTY = Reason(
    "row.party", "主体“{name}”未登记（不在名录中，或该行被拒）", "the party {name} is not registered"
)
NO_PLOT = Reason("plot.missing", "地块不存在：{ref}", "there is no plot {ref}")
NO_STATION = Reason("row.station", "收购站“{name}”未登记", "the station {name} is not registered")
NO_BATCH = Reason(
    "row.batch", "批次 {batch} 未入账（不存在，或该行被拒）", "the batch {batch} is not in the books"
)
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
OTHER_PERSON = Reason(
    "harvest.deliverer", "交货人不是地块的户主", "the deliverer is not the plot's household"
)
PARTY_KIND = Reason("party.kind", "主体类型“{kind}”无法识别", "the kind of party {kind} is unknown")
CANCELLED = Reason(
    "order.cancelled",
    "订单状态为“{status}”，不计入销售",
    "the order is {status} and does not count as a sale",
)
REPORT = Reason("test.report", "报告编号过长或含空格", "the report number is too long or has spaces")
REPORT_MIXED = Reason("test.mixed", "同一报告编号的检测日期不一致", "rows of one report differ in their day")
CROP_PARTY = Reason(
    "plot.cooperative", "“{name}”不是生产者，不能登记地块", "{name} is no producer and can have no plot"
)
