"""
Writes examples/season/: a small season of an invented county in the shapes of a real one, mistakes included.

    python examples/make_season.py [FOLDER]

Everything follows from the lists below; there is no randomness, so a second run writes the same rows. Names are
invented, phones begin with 100 and 120, which no telephone in China does. Its mistakes: a credit code with a wrong
check character, a batch before the end of the pre-harvest interval, one above the plot's approved yield, one whose
date and weight can't be read, one of a plot that does not exist, a row written twice, a pressing without anything to
press, and a request for more labels than there is fruit. answer-key.json says what a correct import makes of it.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import xlsxwriter

from suyuan.produce.credit_code import check_character, organisation_check

SEASON = 2026
Value = str | int | float
Table = list[list[Value]]

PEAR, PADDY, FINE_PEAR, RICE = "云岭翠梨", "白溪稻谷", "精品云岭翠梨", "白溪香米"
PEAR_COOP, RICE_COOP, MILL = "云岭县青石梨果专业合作社", "云岭县白溪稻米专业合作社", "云岭清溪米业有限公司"
STATION, LABORATORY = "青石村便民服务站", "云岭县农产品检验检测站"
WRONG_CODE = "云岭县金谷专业合作社"

# name, kind, first digits of the credit code, contact
PARTIES = [
    (PEAR_COOP, "合作社", "93", "石满仓"),
    (RICE_COOP, "合作社", "93", "田有禾"),
    (MILL, "企业", "91", "江米香"),
    (STATION, "村级服务站", "12", "林清泉"),
    (LABORATORY, "检测机构", "12", "苏明鉴"),
    ("云岭山货铺（京东）", "网店", "92", "梅小雪"),
    ("小满农家拼多多店", "网店", "92", "安小满"),
    ("云岭县农业农村局", "监管部门", "11", "严正言"),
    (WRONG_CODE, "合作社", "93", "金不换"),
]
# reference, crop, cooperative, household, kind of household, village, mu, trees, approved kg
PLOTS: list[tuple[str, str, str, str, str, str, float, int | str, int]] = [
    ("QS001", PEAR, PEAR_COOP, "石满仓", "一般户", "青石村", 6.5, 260, 2400),
    ("QS002", PEAR, PEAR_COOP, "石榴花", "脱贫户", "青石村", 4.2, 168, 1600),
    ("QS003", PEAR, PEAR_COOP, "杏林春", "一般户", "石门村", 3.0, 117, 1100),
    ("QS004", PEAR, PEAR_COOP, "桃夭夭", "脱贫户", "石门村", 5.8, 230, 2100),
    ("BX001", PADDY, RICE_COOP, "田有禾", "一般户", "白溪村", 12.4, "", 4700),
    ("BX002", PADDY, RICE_COOP, "谷满堂", "脱贫户", "白溪村", 8.1, "", 3000),
]
# day, plot, work, input, registration, dose, interval in days
FIELDWORK = [
    (date(2026, 5, 12), "QS001", "打药", "多菌灵", "PD99990001", "90克/亩", 28),
    (date(2026, 5, 13), "QS002", "打药", "多菌灵", "PD99990001", "88克/亩", 28),
    (date(2026, 6, 3), "QS003", "打药", "吡虫啉", "PD99990002", "40毫升/亩", 14),
    (date(2026, 6, 20), "QS004", "打药", "吡虫啉", "PD99990002", "45毫升/亩", 14),
    (date(2026, 7, 8), "BX001", "打药", "苯醚甲环唑", "PD99990003", "60毫升/亩", 21),
    (date(2026, 7, 9), "BX002", "打药", "苯醚甲环唑", "PD99990003", "55毫升/亩", 21),
    (date(2026, 9, 6), "QS003", "打药", "多菌灵", "PD99990001", "95克/亩", 28),
]
# day, plot, grams; numbered CS-001 and on. CS-016 comes too early after the last spraying of its plot.
HARVESTS = [
    (date(2026, 8, 22), "QS001", 412_500),
    (date(2026, 8, 25), "QS001", 388_000),
    (date(2026, 8, 29), "QS001", 405_250),
    (date(2026, 9, 2), "QS001", 371_500),
    (date(2026, 8, 23), "QS002", 286_000),
    (date(2026, 8, 27), "QS002", 301_500),
    (date(2026, 9, 1), "QS002", 264_000),
    (date(2026, 9, 5), "QS002", 279_000),
    (date(2026, 8, 24), "QS003", 198_500),
    (date(2026, 8, 30), "QS003", 215_000),
    (date(2026, 9, 4), "QS003", 187_500),
    (date(2026, 8, 26), "QS004", 344_000),
    (date(2026, 8, 31), "QS004", 352_500),
    (date(2026, 9, 3), "QS004", 338_000),
    (date(2026, 9, 7), "QS004", 361_000),
    (date(2026, 9, 12), "QS003", 176_000),
    (date(2026, 9, 24), "BX001", 890_000),
    (date(2026, 9, 26), "BX001", 915_500),
    (date(2026, 9, 28), "BX001", 874_000),
    (date(2026, 9, 25), "BX002", 612_000),
    (date(2026, 9, 27), "BX002", 598_500),
    (date(2026, 9, 29), "BX002", 605_000),
]
TOO_EARLY = 16
# day, numbers of the harvests, product, grams out, processor; numbered JG-01 and on; what is missing is loss
PROCESSING = [
    (date(2026, 9, 3), (1, 5), FINE_PEAR, 640_000, PEAR_COOP),
    (date(2026, 9, 4), (2, 9, 12), FINE_PEAR, 851_500, PEAR_COOP),
    (date(2026, 9, 6), (3, 6), FINE_PEAR, 648_250, PEAR_COOP),
    (date(2026, 9, 9), (7, 10, 13, 15), FINE_PEAR, 1_098_000, PEAR_COOP),
    (date(2026, 10, 4), (17, 20), RICE, 991_000, MILL),
    (date(2026, 10, 6), (18, 21), RICE, 998_500, MILL),
    (date(2026, 10, 9), (19,), RICE, 577_000, MILL),
]
PACK_G = {FINE_PEAR: 5000, RICE: 2500}
PRICE_FEN = {FINE_PEAR: 4980, RICE: 3650}
BUYERS = ["甲乙丙", "丁戊己", "庚辛壬", "子丑寅", "卯辰巳", "午未申"]


def credit_code(start: str, serial: int) -> str:
    """Return a credit code of the invented region 439999 with both check characters right."""
    organisation = f"MAX{serial:05d}"
    body = f"{start}439999{organisation}{organisation_check(organisation)}"
    return body + check_character(body)


def spell_day(day: date, turn: int) -> str:
    """Return *day* in one of the spellings that clerks use."""
    spellings = (
        day.isoformat(),
        f"{day:%Y.%m.%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    )
    return spellings[turn % len(spellings)]


def spell_weight(grams: int, turn: int) -> list[Value]:
    """Return figure and unit of a weight in one of the spellings that clerks use."""
    unit, size = (("公斤", 1000), ("斤", 500), ("kg", 1000), ("吨", 1_000_000), ("斤", 500))[turn % 5]
    figure = f"{grams / size:.6f}".rstrip("0").rstrip(".")
    if turn % 7 == 3:
        figure = figure.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    return [figure, unit]


def make_parties() -> Table:
    """Return the rows of 主体名录."""
    rows: Table = []
    for number, (name, kind, start, contact) in enumerate(PARTIES, 1):
        code = credit_code(start, number)
        if name == WRONG_CODE:
            code = code[:17] + ("1" if code[17] != "1" else "2")
        rows.append([name, kind, code, contact, f"1000000{number:04d}", "青石镇", "青石村", ""])
    return rows


def make_harvests() -> Table:
    """Return the rows of 采收记录, the five wrong ones behind the good ones."""
    plots = {plot[0]: plot for plot in PLOTS}
    rows: Table = []
    for number, (day, plot, grams) in enumerate(HARVESTS, 1):
        product, household = plots[plot][1], plots[plot][3]
        weight = spell_weight(grams, number)
        rows.append([f"CS-{number:03d}", spell_day(day, number), plot, product, *weight, household, STATION])
    rows.append(["CS-023", "2026-09-08", "QS002", PEAR, "1600", "公斤", "石榴花", STATION])
    rows.append(["CS-024", "2026-02-30", "QS001", PEAR, "约三百", "斤", "石满仓", STATION])
    rows.append(["CS-025", "2026年9月8日", "QS999", PEAR, "240", "斤", "查无此户", STATION])
    rows.append(list(rows[3]))
    return rows


def loss_g(number: int) -> int:
    """Return what processing *number*, from 1, lost in grams."""
    _, inputs, _, output, _ = PROCESSING[number - 1]
    return sum(HARVESTS[harvest - 1][2] for harvest in inputs) - output


def make_processing() -> Table:
    """Return the rows of 加工记录, the last one out of nothing."""
    rows: Table = []
    for number, (day, inputs, product, output, processor) in enumerate(PROCESSING, 1):
        batches = "、".join(f"CS-{harvest:03d}" for harvest in inputs)
        weight = spell_weight(output, number + 2)
        loss = loss_g(number) / 1000
        rows.append([f"JG-{number:02d}", spell_day(day, number), batches, product, *weight, loss, processor])
    rows.append(["JG-08", "2026-10-10", "CS-019", RICE, "300", "公斤", 0, MILL])
    return rows


def pack_count(number: int) -> int:
    """Return how many packages of processing *number*, from 1, are labelled: some is left for tasting."""
    _, _, product, output, _ = PROCESSING[number - 1]
    return output * 95 // 100 // PACK_G[product]


def make_packs() -> Table:
    """Return the rows of 包装赋码, the last one for fruit that is not there."""
    rows: Table = []
    for number, (day, _, product, _, packer) in enumerate(PROCESSING, 1):
        when = spell_day(day + timedelta(days=2), number + 1)
        size = f"{PACK_G[product] / 1000:g}kg/件"
        rows.append([f"JG-{number:02d}", when, product, size, pack_count(number), packer])
    rows.append(["JG-01", "2026-09-08", FINE_PEAR, "5kg/件", 60, PEAR_COOP])
    return rows


def make_tests() -> Table:
    """Return the rows of 检测报告."""
    items = ("吡虫啉", "多菌灵", "镉")
    return [
        [
            f"YLJC-2026-{number:04d}",
            f"JG-{number:02d}",
            spell_day(row[0] + timedelta(days=1), number + 3),
            items[number % 3],
            "<0.01" if number % 3 else "未检出",
            "0.5",
            "合格",
            LABORATORY,
        ]
        for number, row in enumerate(PROCESSING, 1)
    ]


def make_orders(platform: int) -> Table:
    """Return the rows of one platform's export, 15 lines; the last three cells of each are the buyer's."""
    rows: Table = []
    for line in range(15):
        number = (line * 2 + platform) % len(PROCESSING) + 1
        day, _, product, _, _ = PROCESSING[number - 1]
        count = 1 + (line + platform) % 3
        rows.append(
            [
                f"{900_000_000_000_000 + platform * 10_000 + line * 37}",
                spell_day(day + timedelta(days=5 + line), line),
                product,
                f"JG-{number:02d}",
                count,
                f"{PRICE_FEN[product] * count / 100:.2f}",
                "已签收" if line % 4 else "已发货",
                BUYERS[line % len(BUYERS)],
                f"1200000{platform}{line:03d}",
                f"试验省样板市虚构路{platform}{line:02d}号",
            ]
        )
    return rows


def make_answer_key() -> dict[str, object]:
    """Return what a correct import refuses, warns of and reaches."""
    crops = {plot[0]: plot[1] for plot in PLOTS}
    harvested: Counter[str] = Counter()
    for number, (_, plot, grams) in enumerate(HARVESTS, 1):
        harvested[crops[plot]] += 0 if number == TOO_EARLY else grams
    processed: Counter[str] = Counter()
    for _, _, product, output, _ in PROCESSING:
        processed[product] += output
    orders = [*make_orders(1), *make_orders(2)]
    return {
        "season": SEASON,
        "refuse": [
            {"file": "主体名录.xlsx", "name": WRONG_CODE, "why": "统一社会信用代码校验位不符"},
            {"file": "采收记录.xlsx", "batch": f"CS-{TOO_EARLY:03d}", "why": "安全间隔期未满"},
            {"file": "采收记录.xlsx", "batch": "CS-023", "why": "超过地块核定产量"},
            {"file": "采收记录.xlsx", "batch": "CS-024", "why": "日期与重量无法识别"},
            {"file": "采收记录.xlsx", "batch": "CS-025", "why": "地块不存在"},
            {"file": "加工记录.xlsx", "batch": "JG-08", "why": "原料已用完（出大于入）"},
            {"file": "包装赋码.xlsx", "batch": "JG-01", "why": "申领件数超过批次剩余重量"},
        ],
        "warn": [{"file": "采收记录.xlsx", "batch": "CS-004", "why": "与前面一行完全重复，只入账一次"}],
        "totals": {
            "harvest_kg": {product: grams / 1000 for product, grams in harvested.items()},
            "processed_kg": {product: grams / 1000 for product, grams in processed.items()},
            "packages": sum(pack_count(number) for number in range(1, len(PROCESSING) + 1)),
            "orders": len(orders),
            "packages_sold": sum(int(row[4]) for row in orders),
            "sales_yuan": round(sum(float(row[5]) for row in orders), 2),
        },
        "personal": [*BUYERS, *(str(row[8]) for row in orders[:4])],
    }


def write_workbook(path: Path, title: str, heading: Sequence[str], rows: Table, footer: str = "") -> None:
    """Write a sheet with a merged title, the heading, the rows and a footer note."""
    with xlsxwriter.Workbook(path) as workbook:
        workbook.set_properties({"created": datetime(SEASON, 12, 31, tzinfo=UTC).replace(tzinfo=None)})
        sheet = workbook.add_worksheet()
        sheet.merge_range(0, 0, 0, len(heading) - 1, title)
        for number, row in enumerate([list(heading), *rows], 1):
            sheet.write_row(number, 0, row)
        if footer:
            sheet.write(len(rows) + 3, 0, footer)


def write_csv(path: Path, heading: Sequence[str], rows: Table) -> None:
    """Write a CSV as a Chinese Excel does: GB18030, CR LF."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([heading, *rows])
    path.write_bytes(text.getvalue().encode("gb18030"))


def write_season(folder: Path) -> None:
    """Write the ten files into *folder*, which must exist."""
    write_workbook(
        folder / "主体名录.xlsx",
        "2026年度云岭县农产品溯源主体名录",
        ["主体名称", "主体类型", "统一社会信用代码", "联系人", "联系电话", "乡镇", "村", "备注"],
        make_parties(),
    )
    write_workbook(
        folder / "地块台账.xlsx",
        "地块核定台账（产量为核定上限）",
        [
            "地块编号",
            "作物",
            "所属合作社",
            "户主",
            "户类型",
            "乡镇",
            "村",
            "面积（亩）",
            "株数",
            "核定产量（公斤）",
        ],
        [[*plot[:5], "青石镇", *plot[5:]] for plot in PLOTS],
    )
    households = {plot[0]: plot[3] for plot in PLOTS}
    write_csv(
        folder / "农事记录.csv",
        ["日期", "地块编号", "作业", "投入品", "登记证号", "用量", "安全间隔期（天）", "操作人"],
        [[spell_day(row[0], turn), *row[1:], households[row[1]]] for turn, row in enumerate(FIELDWORK)],
    )
    write_workbook(
        folder / "采收记录.xlsx",
        "2026年采收入站登记表",
        ["批次号", "采收日期", "地块编号", "产品", "重量", "单位", "交货人", "收购站"],
        make_harvests(),
        "填表人：站长　　审核：",
    )
    write_workbook(
        folder / "加工记录.xlsx",
        "分级加工记录",
        ["加工批次号", "加工日期", "原料批次", "产品", "产出重量", "单位", "损耗（公斤）", "加工主体"],
        make_processing(),
    )
    tests = ["报告编号", "批次号", "检测日期", "项目", "结果（mg/kg）", "限量", "结论", "检测机构"]
    write_csv(folder / "检测报告.csv", tests, make_tests())
    packs = ["批次号", "包装日期", "产品", "规格", "件数", "包装主体"]
    write_workbook(folder / "包装赋码.xlsx", "包装赋码申请", packs, make_packs())
    orders = [
        "订单号",
        "下单时间",
        "商品名称",
        "商家批次",
        "数量",
        "实付金额",
        "订单状态",
        "收货人",
        "联系电话",
        "收货地址",
    ]
    write_workbook(folder / "订单_京东.xlsx", "京东商家后台导出", orders, make_orders(1))
    write_csv(folder / "订单_拼多多.csv", orders, make_orders(2))
    key = json.dumps(make_answer_key(), ensure_ascii=False, indent=1)
    (folder / "answer-key.json").write_text(key + "\n", encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "season"
    target.mkdir(parents=True, exist_ok=True)
    write_season(target)
