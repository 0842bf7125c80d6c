"""Why an event is refused: each reason with its stable code and its sentence in Chinese and in English."""

from __future__ import annotations

from ..errors import Reason

LOG_CLOSED = Reason("log.not-opened", "账本尚未开启", "the log has not been opened")
LOG_AGAIN = Reason("log.opened-already", "账本已经开启，不能再开", "the log is open already")
LOG_OTHER = Reason(
    "log.other", "此事件写给另一本账“{named}”，不是“{log}”", "this event is for log {named!r}, not {log!r}"
)

LOG_KEY_ONE = Reason(
    "log-key.one",
    "须恰好写明一把密钥：启用（added）或停用（retired）",
    "name exactly one key: the one that is added, or the one that is retired",
)
LOG_KEY_KNOWN = Reason(
    "log-key.known",
    "这把检查点密钥已经公布过，不能再次启用",
    "this checkpoint key was announced before and can't be added again",
)
LOG_KEY_UNUSED = Reason(
    "log-key.unused", "这把检查点密钥不在使用中", "this checkpoint key is not one that signs now"
)
LOG_KEY_LAST = Reason(
    "log-key.last",
    "不能停用日志唯一的检查点密钥，请先更换",
    "the log's only checkpoint key can't be retired: rotate it first",
)
LOG_KEY_ENDS = Reason(
    "log-key.ends",
    "到期时间只能与被接替的密钥（replaces）一起写明",
    "an end is announced only for a key that is replaced",
)

KEY_UNKNOWN = Reason("key.unknown", "签名密钥 {kid} 未登记", "the signing key {kid} is not registered")
KEY_OTHER = Reason("key.other-party", "密钥 {kid} 不属于主体 {party}", "the key {kid} is not one of {party}")
KEY_REVOKED = Reason(
    "key.revoked",
    "签名密钥 {kid} 已在第 {entry} 条吊销",
    "the signing key {kid} was revoked by entry {entry}",
)
KEY_FOREIGN = Reason(
    "key.foreign", "签名密钥不属于声明的主体 {by}", "the signing key does not belong to the party {by}"
)
KEY_TAKEN = Reason("key.taken", "密钥 {kid} 已经登记", "the key {kid} is registered already")
KEY_MAY_NOT = Reason(
    "key.not-yours", "只有本主体或监管部门可以处理此密钥", "only the key's party or a supervisor may do this"
)
NEEDS_APPROVAL = Reason(
    "key.needs-approval",
    "监管部门代加密钥须另一监管部门会签",
    "recovery of a key needs the approval of a second supervisor",
)
NOT_SUPERVISOR = Reason("role.supervisor", "此事须由监管部门签名", "only a supervisor may say this")
CUSTODY_SUPERVISOR = Reason(
    "role.custody",
    "监管部门的密钥由服务代管，只在演示账本中有效",
    "a supervisor's key in the service's custody counts only in a demo log",
)
NOT_LABORATORY = Reason("role.laboratory", "检测结果须由检测机构签名", "only a laboratory may report a test")
NOT_SELLER = Reason(
    "role.seller",
    "只有网店或包装该批次的主体可以销售",
    "only a shop or a party that packed the batch may sell it",
)
NOT_OWN = Reason("role.not-own", "只有 {owner} 可以为此签名", "only {owner} may sign for this")
LAST_KEY = Reason(
    "key.same-person", "批准召回须换一个人的密钥", "the approval of a recall takes a second person's key"
)

TAKEN = Reason("id.taken", "编号 {id} 已被使用", "the id {id} is taken")
REF_TAKEN = Reason("ref.taken", "编号“{ref}”已入账", "the reference {ref!r} has been entered already")
UNIQUE_TAKEN = Reason(
    "unique.taken", "{what} {value} 已登记在 {owner} 名下", "{what} {value} is registered to {owner}"
)
NO_PARTY = Reason("party.missing", "没有主体 {id}", "there is no party {id}")
NO_SITE = Reason("site.missing", "没有地点 {id}", "there is no site {id}")
NO_PLOT = Reason("plot.missing", "地块不存在：{id}", "there is no plot {id}")
NO_PRODUCT = Reason("product.missing", "没有产品 {id}", "there is no product {id}")
NO_BATCH = Reason("batch.missing", "没有批次 {id}", "there is no batch {id}")
NO_SHIPMENT = Reason("shipment.missing", "没有这笔发货 {id}", "there is no shipment {id}")
NO_HOLD = Reason(
    "hold.missing", "没有这次封存，或批次不在其中：{id}", "there is no such hold, or it does not cover {id}"
)
NO_RECALL = Reason(
    "recall.missing", "没有这次召回，或批次不同：{id}", "there is no such recall, or its batches differ: {id}"
)
NO_RUN = Reason("run.missing", "没有标签段 {id}", "there is no label run {id}")
NO_ORDER = Reason("order.missing", "没有订单 {id}", "there is no order {id}")

NATURAL_PERSON = Reason(
    "party.natural-person",
    "个体工商户（92 开头）的名称和信用代码属个人信息，不得公开写入",
    "name and credit code of an individual business (92...) are personal and may not stand in clear",
)
CREDIT_CODE = Reason(
    "party.credit-code",
    "统一社会信用代码校验位不符：{code}",
    "the check character of the credit code {code} is wrong",
)
GTIN = Reason("product.gtin", "商品条码 {gtin} 校验位不符", "the check digit of GTIN {gtin} is wrong")
UNIT_MASS = Reason(
    "product.unit-mass",
    "以毫升或件计的产品必须写明单位重量，以克计的不写",
    "a product in ml or pieces declares the mass of one unit, a product in grams does not",
)

WRONG_CROP = Reason("harvest.crop", "地块种的是{crop}，不是{product}", "the plot grows {crop}, not {product}")
NO_QUOTA = Reason("quota.missing", "地块没有 {season} 年的核定产量", "the plot has no quota for {season}")
QUOTA = Reason(
    "quota.exceeded",
    "超过地块核定产量：核定 {granted}，已采 {used}，本次 {amount}",
    "beyond the plot's quota: granted {granted}, used {used}, this {amount}",
)
QUOTA_BELOW = Reason(
    "quota.below-used",
    "核定产量不能低于已采收的 {used}",
    "the quota may not be less than the {used} harvested already",
)
SEASON = Reason(
    "harvest.season", "采收日期 {day} 不在 {season} 年产季", "the day {day} is not in the season {season}"
)
INTERVAL = Reason(
    "harvest.interval",
    "安全间隔期未满：{applied} 用药（{input}），须间隔 {days} 天，{earliest} 起方可采收",
    "pre-harvest interval not over: {input} applied on {applied}, wait {days} days, harvest from {earliest}",
)

SHORT = Reason(
    "batch.short",
    "出大于入：{batch} 在该主体名下只剩 {held}，要用 {wanted}",
    "{batch}: the party holds {held}, wants {wanted}",
)
USED_UP = Reason(
    "batch.used-up", "原料已用完（出大于入）：{batch}，要用 {wanted}", "{batch} is used up, wants {wanted}"
)
BLOCKED = Reason(
    "batch.blocked", "批次 {batch} 处于{why}，不得加工、赋码、发货或销售", "batch {batch} is {why_en}"
)
TWICE = Reason("input.twice", "同一批次 {batch} 列了两次", "the batch {batch} is listed twice")
BALANCE = Reason(
    "transform.balance",
    "投入与产出不平：投入 {inputs}，产出、副产物与损耗共 {outputs}",
    "inputs {inputs} and outputs, by-products and loss {outputs} do not balance",
)
BEFORE = Reason(
    "time.before", "日期 {day} 早于批次 {batch} 的日期 {made}", "{day} is before batch {batch} of {made}"
)
BEYOND = Reason(
    "batch.beyond-numbers",
    "数量或重量超出可记账的范围",
    "the amount or its mass is beyond what the books can count",
)
ZERO = Reason("adjust.zero", "调整量不能为零", "an adjustment may not be zero")
GROWTH = Reason(
    "adjust.growth",
    "加工所得批次不能调增，请重新登记加工",
    "a batch made by processing cannot be adjusted upward",
)
TO_SELF = Reason("ship.to-self", "不能发货给自己", "goods cannot be shipped to oneself")
RECEIVED_ALREADY = Reason("receive.already", "这笔发货已经收过", "the shipment has been received already")
TOO_MUCH = Reason(
    "receive.more", "收到 {amount} 多于发出 {shipped}", "received {amount} is more than shipped {shipped}"
)
FINDINGS = Reason("test.findings", "结论与各项目结果不一致", "the conclusion contradicts the findings")

PACK = Reason(
    "labels.beyond-batch",
    "申领件数超过批次剩余重量：{count} 件 × {net} = {wanted}，只剩 {held}",
    "{count} packages of {net} make {wanted}, the batch has {held} left",
)
RANGE = Reason(
    "labels.range",
    "区间 [{first}, {end}) 为空或超出 {count} 件",
    "[{first}, {end}) is empty or beyond {count}",
)
STATE = Reason(
    "labels.state",
    "第 {first} 至 {last} 件处于“{state}”，不能{verb}",
    "packages {first} to {last} are {state_en}: cannot {verb_en} them",
)
VOID_SOLD = Reason(
    "labels.void-sold",
    "作废后批次件数少于已售 {sold} 件",
    "voiding would leave fewer packages than the {sold} sold",
)
OVERSOLD = Reason(
    "order.oversold",
    "销售件数超过已赋码件数：已赋码 {packages}，已售 {sold}，本单 {count}",
    "more sold than labelled: {packages} labelled, {sold} sold, this order {count}",
)
COUNT = Reason(
    "order.count",
    "件数 {count} 与所列包装 {listed} 不符",
    "the count {count} is not that of the packages, {listed}",
)
RETURNED = Reason(
    "order.returned-more", "退货 {count} 件多于未退的 {left} 件", "{count} returned, only {left} are out"
)


def show(amount: int, unit: str = "g") -> str:
    """Return *amount* as a person reads it: ``203.4 kg``, ``750 ml``, ``12 件``."""
    if unit == "piece":
        return f"{amount} 件"
    whole, big = ("g", "kg") if unit == "g" else ("ml", "L")
    if abs(amount) < 1000:
        return f"{amount} {whole}"
    return f"{amount // 1000}.{amount % 1000:03d}".rstrip("0").rstrip(".") + f" {big}"
