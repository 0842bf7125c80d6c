"""
The headings of the eight kinds of table, with the other words that clerks and platforms use for them.

A heading is compared after folding: no white space, no line breaks, no brackets; what stands in brackets or behind a
slash is its unit (重量（斤）, 面积/亩). Of two columns for one field the word that stands first here wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .amounts import GRAMS, SQUARE_METRES
from .cells import Cell, fold
from .rows import Kind

_DAY = "日期 时间"
_BATCH = "批次号 批次编号 批次 批号 批次代码"
_PRODUCT = "产品 产品名称 品名 品种 商品 商品名称 农产品 农产品名称"
_PLOT = "地块编号 地块号 地块 地块代码 田块编号 田块 基地编号 所属地块"
_UNIT = "单位 计量单位 重量单位"

# field -> words, by falling preference
_WORDS: Mapping[Kind, Mapping[str, str]] = {
    "party": {
        "name": "主体名称 单位名称 企业名称 名称 主体 经营主体",
        "kind": "主体类型 类型 类别 主体类别 单位类型",
        "credit_code": "统一社会信用代码 社会信用代码 信用代码 统一信用代码 统一代码",
        "contact": "联系人 负责人 联系人姓名 法人 法定代表人",
        "phone": "联系电话 电话 手机 手机号 手机号码 联系方式",
        "township": "乡镇 所在乡镇 乡镇街道 镇 乡镇/街道",
        "village": "村 所在村 行政村 村社区 村庄 村/社区",
        "note": "备注 说明",
    },
    "plot": {
        "ref": _PLOT + " 编号",
        "crop": "作物 种植作物 作物名称 种植品种 " + _PRODUCT,
        "cooperative": "所属合作社 合作社 合作社名称 所属主体 经营主体 主体名称",
        "household": "户主 户主姓名 农户 农户姓名 种植户 承包户 承包人",
        "household_kind": "户类型 农户类型 户类别 农户类别 户属性",
        "township": "乡镇 所在乡镇 乡镇街道 镇 乡镇/街道",
        "village": "村 所在村 行政村 村社区 村庄 村/社区",
        "area": "面积 种植面积 地块面积 亩数 测绘面积",
        "trees": "株数 棵数 树数 总株数 株树",
        "approved": "核定产量 核定上限 核定产量上限 批准产量 产量上限 核产",
    },
    "fieldwork": {
        "day": "日期 作业日期 农事日期 施用日期 用药日期 操作日期 时间 作业时间",
        "plot": _PLOT,
        "work": "作业 作业类型 作业内容 农事 农事活动 农事类型 作业项目 操作",
        "input_name": "投入品 投入品名称 农药 农药名称 药剂 药剂名称 肥料 用药名称",
        "registration": "登记证号 农药登记证号 登记证 登记号 农药登记号",
        "dose": "用量 施用量 使用量 用药量 亩用量 剂量",
        "interval_days": "安全间隔期 间隔期 安全间隔 安全间隔天数 安全间隔期天数",
        "operator": "操作人 操作员 作业人 施药人 施用人 执行人 记录人",
    },
    "harvest": {
        "batch": f"{_BATCH} 采收批次号 采收批次 采收批号 采摘批次",
        "day": f"采收日期 采摘日期 收获日期 采收时间 采摘时间 收购日期 交货日期 入站日期 {_DAY}",
        "plot": _PLOT,
        "product": _PRODUCT + " 作物",
        "weight": "重量 净重 采收重量 采收量 交货重量 收购重量 入站重量 产量 斤数 公斤数 数量",
        "unit": _UNIT,
        "deliverer": "交货人 交售人 交货农户 农户 农户姓名 采收人 采摘人 送货人 户主 交货户",
        "station": "收购站 服务站 采收站 收购点 入站 收货站 站点 村级服务站 收购站名称",
    },
    "processing": {
        "batch": f"加工批次号 加工批次 加工批号 产出批次 产品批次号 产品批次 成品批次 {_BATCH}",
        "day": f"加工日期 生产日期 分级日期 加工时间 {_DAY}",
        "inputs": "原料批次 原料批次号 原料批号 投入批次 投料批次 来源批次 使用原料批次 原料",
        "product": "产品 产品名称 产出产品 成品 成品名称 产出品 品名 商品名称",
        "output": "产出重量 产出量 成品重量 产量 产出 成品量 产品重量 出品量 重量 数量",
        "unit": f"{_UNIT} 产出单位",
        "loss": "损耗 损耗量 损耗重量 加工损耗 损失",
        "by_product": "副产品 副产物 副产品名称 副产物名称",
        "by_product_weight": "副产品重量 副产物重量 副产品产量 副产物产量 副产品数量",
        "processor": "加工主体 加工单位 加工企业 加工厂 加工方 生产单位 生产企业 加工点",
    },
    "test": {
        "report": "报告编号 检测报告编号 报告号 检验报告编号 检测编号 检测报告号",
        "batch": f"{_BATCH} 样品批次 产品批次 产品批次号",
        "day": f"检测日期 检验日期 报告日期 签发日期 检测时间 {_DAY}",
        "item": "项目 检测项目 检验项目 检测指标 指标",
        "result": "结果 检测结果 检测值 检验结果 实测值 检出值 含量",
        "limit": "限量 限量值 标准限量 限值 标准值 限量标准 最大残留限量",
        "unit": "单位 计量单位 结果单位",
        "verdict": "结论 检测结论 判定 单项结论 检验结论 是否合格 单项判定",
        "laboratory": "检测机构 检验机构 检测单位 检验单位 检测中心 实验室",
    },
    "pack": {
        "batch": f"{_BATCH} 产品批次号 产品批次 加工批次号 加工批次",
        "day": f"包装日期 赋码日期 申请日期 申领日期 包装时间 {_DAY}",
        "product": _PRODUCT,
        "size": "规格 包装规格 产品规格 净含量 每件净重 单件重量 件重 每件重量 单件净重",
        "count": "件数 包装件数 申领件数 数量 申请件数 赋码数量 标签数量 申领数量 包装数量",
        "packer": "包装主体 包装单位 包装企业 申领主体 申请主体 申领单位 申请单位 包装方",
    },
    "order": {
        "platform": "平台 销售平台 电商平台 渠道",
        "order": "订单号 订单编号 订单ID 主订单号 主订单编号 订单号码 订单",
        "day": f"下单时间 下单日期 订单创建时间 创建时间 订单时间 成交时间 付款时间 支付时间 订单成交时间 {_DAY}",
        "product": "商品名称 商品 商品标题 宝贝标题 产品 产品名称 品名",
        "batch": f"商家批次 商品批次 发货批次 产品批次 产品批次号 溯源批次 {_BATCH} 商家批次号",
        "count": "数量 商品数量 购买数量 件数 商品件数 下单数量 宝贝数量",
        "paid": "实付金额 实付款 实付 实收金额 商家实收金额 用户实付金额 买家实付金额 支付金额 付款金额 订单金额 金额",
        "status": "订单状态 状态 交易状态",
    },
}
_OPTIONAL: Mapping[Kind, frozenset[str]] = {
    "party": frozenset({"contact", "phone", "township", "village", "note"}),
    "plot": frozenset({"household", "household_kind", "township", "village", "trees"}),
    "fieldwork": frozenset({"input_name", "registration", "dose", "interval_days", "operator"}),
    "harvest": frozenset({"unit", "deliverer"}),
    "processing": frozenset({"unit", "by_product", "by_product_weight"}),
    "test": frozenset({"limit", "unit"}),
    "pack": frozenset({"product"}),
    "order": frozenset({"platform", "status", "product"}),
}
# The first words of a file's or sheet's name break a tie between two kinds that fit the heading equally well.
_NAMES: Mapping[Kind, str] = {
    "party": "主体|名录|单位",
    "plot": "地块|台账|田块",
    "fieldwork": "农事|农药|用药|投入品",
    "harvest": "采收|采摘|收购|交货",
    "processing": "加工|分级|压榨|碾米",
    "test": "检测|检验|质检",
    "pack": "包装|赋码|标签",
    "order": "订单|京东|拼多多|淘宝|抖音|微店",
}
QUANTITIES = frozenset(
    {"weight", "output", "loss", "by_product_weight", "count", "paid", "area", "trees", "approved"}
)
_IMPLIED_UNITS = {"斤数": "斤", "公斤数": "公斤", "亩数": "亩"}
_NO_UNITS = {"必填", "选填", "可选", "非必填", "净重", "净", "可不填", "文本"}
_BRACKETS = re.compile(r"[(\[【〔{]([^)\]】〕}]*)[)\]】〕}]")


@dataclass(frozen=True, slots=True)
class Heading:
    """One cell of a heading row: the bare word, its unit (lower case, empty where it has none), as written."""

    word: str
    unit: str
    written: str


@dataclass(frozen=True, slots=True)
class Match:
    """A heading row read as one kind of table: the column of each field found, the mandatory words not found."""

    kind: Kind
    columns: Mapping[str, int]
    headings: Mapping[str, Heading]
    missing: tuple[str, ...]
    score: int


def parse_heading(cell: Cell) -> Heading:
    """Return the heading in *cell*: `` * 重量\\n（斤） `` is the word 重量 with the unit 斤."""
    if not isinstance(cell, str):
        return Heading("", "", "")
    text = fold(cell).replace(" ", "")
    units = [unit.lower() for unit in _BRACKETS.findall(text) if unit and unit not in _NO_UNITS]
    word = _BRACKETS.sub("", text).strip("*:·").upper()
    bare, slash, tail = word.rpartition("/")
    if slash and tail.lower() in {*GRAMS, *SQUARE_METRES, "元", "天"}:
        word, units = bare, [*units, tail.lower()]
    unit = units[0] if units else _IMPLIED_UNITS.get(word, "")
    return Heading(word, unit, fold(cell).replace("(", "（").replace(")", "）"))


def match_headings(cells: Sequence[Cell], kind: Kind) -> Match:
    """Read a row of *cells* as the heading of a table of *kind*; the score is fields found minus fields missing."""
    headings = [parse_heading(cell) for cell in cells]
    columns: dict[str, int] = {}
    for field, words in _WORDS[kind].items():
        if (column := _find(words.split(), headings, set(columns.values()))) is not None:
            columns[field] = column
    missing = [field for field in _WORDS[kind] if field not in columns and field not in _OPTIONAL[kind]]
    return Match(
        kind,
        MappingProxyType(columns),
        MappingProxyType({field: headings[column] for field, column in columns.items()}),
        tuple(_WORDS[kind][field].split()[0] for field in missing),
        len(columns) - len(missing),
    )


def _find(words: list[str], headings: Sequence[Heading], taken: set[int]) -> int | None:
    for word in words:
        for column, heading in enumerate(headings):
            if heading.word == word.upper() and column not in taken:
                return column
    return None


def is_named(kind: Kind, name: str) -> bool:
    """Return whether a file's or sheet's *name* speaks of this kind of table."""
    return re.search(_NAMES[kind], name) is not None
