"""The clerks' words for kinds of parties and of field work, and what they mean in events."""

from __future__ import annotations

ROLES: dict[str, tuple[str, ...]] = {
    "服务站": ("station",),
    "收购站": ("station",),
    "收购点": ("station",),
    "收货站": ("station",),
    "检测": ("laboratory",),
    "检验": ("laboratory",),
    "质检": ("laboratory",),
    "实验室": ("laboratory",),
    "物流": ("carrier",),
    "快递": ("carrier",),
    "承运": ("carrier",),
    "运输": ("carrier",),
    "冷链": ("carrier",),
    "网店": ("shop",),
    "店铺": ("shop",),
    "旗舰店": ("shop",),
    "专卖店": ("shop",),
    "网商": ("shop",),
    "电商": ("shop",),
    "经销": ("shop",),
    "超市": ("shop",),
    "监管": ("supervisor",),
    "主管部门": ("supervisor",),
    "政府": ("supervisor",),
    "行政": ("supervisor",),
    "合作社": ("producer", "processor"),
    "联合社": ("producer", "processor"),
    "家庭农场": ("producer", "processor"),
    "农场": ("producer", "processor"),
    "茶场": ("producer", "processor"),
    "林场": ("producer", "processor"),
    "农户": ("producer",),
    "种植": ("producer",),
    "养殖": ("producer",),
    "大户": ("producer",),
    "基地": ("producer",),
    "作坊": ("processor",),
    "加工": ("processor",),
    "厂": ("processor",),
    "企业": ("producer", "processor"),
    "公司": ("producer", "processor"),
    "个体": ("producer", "processor", "shop"),
}
"""The roles of each kind of party in a 主体名录, by the first of these words that the kind holds."""

WORKS: dict[str, str] = {
    "打药": "pesticide",
    "施药": "pesticide",
    "喷药": "pesticide",
    "用药": "pesticide",
    "施肥": "fertiliser",
    "追肥": "fertiliser",
    "除草": "weeding",
    "灌溉": "irrigation",
    "浇水": "irrigation",
    "修剪": "pruning",
    "疏果": "thinning",
    "套袋": "bagging",
    "播种": "sowing",
    "移栽": "planting",
}
"""The field operations of a 农事记录, as words of an event."""

NATURAL_PERSON = "92"
"""First digits of an individual business's credit code (GB 32100-2015 annex): its name is personal."""

PRIVATE_KINDS = ("农户", "种植户", "大户", "家庭农场", "个体")
"""Words of a kind of party whose name is personal whatever its code."""

GROWERS = frozenset({"producer"})
"""Roles that may have plots."""

MAKERS = frozenset({"producer", "processor", "station"})
"""Roles that may grade, mill, press."""

PACKERS = frozenset({"producer", "processor", "station", "shop"})
"""Roles that may label packages."""


def roles_of(kind: str) -> tuple[str, ...]:
    """Return the roles of a party of *kind* as a clerk wrote it; none where the kind is unknown."""
    return next((roles for word, roles in ROLES.items() if word in kind), ())


def is_private(kind: str, credit_code: str) -> bool:
    """Tell whether name and code of a party are those of a natural person (design.md, "What may never enter")."""
    return credit_code.startswith(NATURAL_PERSON) or any(word in kind for word in PRIVATE_KINDS)
