"""What planners decide on their own: kinds of parties, seasons, names in sentences, shares, limits, statuses."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Reason
from suyuan.intake import kinds, meaning
from suyuan.intake.making import share
from suyuan.intake.planning import season_of
from suyuan.intake.rows import harmless
from suyuan.intake.selling import is_beyond, is_sent_back, is_unsold
from suyuan.intake.step import public_words
from suyuan.produce.reasons import show


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("合作社", {"producer", "processor"}),
        ("农民专业合作社联合社", {"producer", "processor"}),
        ("村级服务站", {"station"}),
        ("村级电商服务站", {"station"}),
        ("电商企业", {"shop"}),
        ("网店", {"shop"}),
        ("物流企业", {"carrier"}),
        ("检测公司", {"laboratory"}),
        ("质检中心", {"laboratory"}),
        ("龙头企业", {"producer", "processor"}),
        ("榨油作坊", {"processor"}),
        ("监管部门", {"supervisor"}),
        ("种植大户", {"producer"}),
        ("宇宙组织", set()),
        ("", set()),
    ],
)
def test_a_kind_of_party_has_roles_by_its_most_telling_word(kind: str, roles: set[str]) -> None:
    assert set(kinds.roles_of(kind)) == roles


@pytest.mark.parametrize(
    ("kind", "code", "private"),
    [
        ("合作社", "93430000000000000X", False),
        ("网店", "92430000000000000X", True),
        ("农户", "", True),
        ("家庭农场", "91430000000000000X", True),
        ("企业", "91430000000000000X", False),
    ],
)
def test_a_natural_person_is_known_by_code_or_kind(kind: str, code: str, private: bool) -> None:
    assert kinds.is_private(kind, code) is private


@pytest.mark.parametrize(
    ("day", "season"),
    [
        (date(2026, 9, 1), 2026),
        (date(2026, 1, 5), 2026),
        (date(2027, 1, 20), 2026),
        (date(2027, 3, 31), 2026),
        (date(2027, 4, 1), 2027),
        (date(2025, 12, 30), 2025),
    ],
)
def test_a_harvest_of_the_winter_after_belongs_to_the_season(day: date, season: int) -> None:
    assert season_of(day, 2026) == season


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("CS26-0001", "CS26-0001"),
        ("20260912001", "20260912001"),
        ("梨-001", "梨-001"),
        ("13001985275", ""),
        ("13001985275-1", ""),
        ("431382199001011234", ""),
        ("43138219900101123X", ""),
        ("石满仓", ""),
        ("", ""),
    ],
)
def test_a_number_is_repeated_unless_it_may_be_a_persons(ref: str, said: str) -> None:
    assert harmless(ref) == said
    assert meaning.numbered(ref) == (said or "…")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("云岭清溪米业有限公司", "云岭清溪米业有限公司"),
        ("青石站", "青石站"),
        ("石满仓", "…"),
        ("欧阳满仓", "…"),
        ("13001985275", "…"),
        ("石满仓13001985275", "…"),
    ],
)
def test_a_name_is_repeated_unless_it_may_be_a_persons(name: str, said: str) -> None:
    assert meaning.shown(name) == said


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 10**9), min_size=1, max_size=20), st.data())
def test_shares_are_whole_and_within_what_is_there(weights: dict[str, int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(len(weights), sum(weights.values())))
    shares = share(amount, weights)
    assert sum(shares.values()) == amount
    assert shares.keys() == weights.keys()
    assert all(1 <= shares[name] <= weight for name, weight in weights.items())


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(2, 2 * 10**6))
def test_two_shares_are_in_proportion_to_one_unit(one: int, other: int, amount: int) -> None:
    amount = min(amount, one + other)
    part = share(amount, {"one": one, "other": other})["one"]
    assert abs(part * (one + other) - amount * one) <= one + other


@pytest.mark.parametrize(
    ("result", "limit", "beyond"),
    [
        ("0.9", "0.5", True),
        ("0.5", "0.5", False),
        ("0.51", "≤0.5", True),
        ("0.5", "＜0.6", False),
        ("<0.01", "0.005", False),
        ("未检出", "0.5", False),
        ("阴性", "不得检出", False),
        ("70", "≥65", False),
        ("60", "≥65", True),
        ("0.9", "", False),
        ("0.9mg/kg", "0.5", False),
    ],
)
def test_a_figure_is_held_against_its_limit(result: str, limit: str, beyond: bool) -> None:
    assert is_beyond(result, limit) is beyond


UNSOLD = [
    "已取消",
    "交易关闭",
    "订单关闭",
    "已关闭",
    "待付款",
    "未付款",
    "等待支付未支付",
    "作废",
    "未成团",
    "拼团失败",
]
SENT_BACK = [
    "已退款",
    "退款成功",
    "已发货，退款成功",
    "未发货，退款成功",
    "已退货",
    "退货完成",
    "全额退款",
    "买家拒收",
    "退款",
]
SOLD = [
    "已签收", "已发货", "待发货", "交易成功", "已完成", "已付款", "", "部分退款", "退款申请中", "退款中", "退款关闭",
    "已取消退款", "售后关闭", "退货申请已撤销", "待收货", "退款失败",
]  # fmt: skip


@pytest.mark.parametrize("status", UNSOLD)
def test_a_status_says_that_nothing_was_sold(status: str) -> None:
    assert is_unsold(status)
    assert not is_sent_back(status)


@pytest.mark.parametrize("status", SENT_BACK)
def test_a_status_says_that_the_sale_was_undone(status: str) -> None:
    assert is_sent_back(status)
    assert not is_unsold(status)


@pytest.mark.parametrize("status", SOLD)
def test_a_status_leaves_the_sale_standing(status: str) -> None:
    assert not is_unsold(status)
    assert not is_sent_back(status)


def test_every_reason_fills_in_all_its_figures() -> None:
    figures = dict.fromkeys(
        [
            "name",
            "file",
            "row",
            "batch",
            "made",
            "wanted",
            "inputs",
            "outputs",
            "excess",
            "missing",
            "difference",
            "report",
            "day",
            "result",
            "limit",
            "product",
            "written",
            "status",
            "kind",
            "ref",
            "what",
            "what_en",
            "count",
            "most",
        ],
        show(1500),
    )
    found = [reason for reason in vars(meaning).values() if isinstance(reason, Reason)]
    assert len(found) > 20
    for reason in found:
        problem = reason.at(**figures)
        assert "{" not in problem.zh + problem.en
        assert problem.zh != problem.en


@pytest.mark.parametrize(
    ("words", "public"),
    [("吡虫啉", "吡虫啉"), ("25%吡虫啉3000倍液", "25%吡虫啉3000倍液"), ("石满仓13001985275", ""), ("", "")],
)
def test_words_with_a_phone_among_them_do_not_stand_in_clear(words: str, public: str) -> None:
    assert public_words(words) == public
