"""A season without a mistake: several cooperatives, crops and chains of processing, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tests.seasons.season import YEAR, Batch, Plot, Season


@dataclass(frozen=True)
class Stage:
    """A step of processing: what comes out, how much of what goes in (per mille), by-product, who does it."""

    product: str
    yields: int
    by_product: str = ""
    by_yields: int = 0
    at_mill: bool = False


@dataclass(frozen=True)
class Crop:
    """A crop, its way to the package, and the package sizes in grams."""

    name: str
    stages: tuple[Stage, ...]
    sizes: tuple[int, ...]


CROPS = (
    Crop("翠冠梨", (Stage("精品翠冠梨", 900),), (5000, 2500)),
    Crop("紫米稻谷", (Stage("紫米", 640, "米糠", 200, True),), (2500, 1000)),
    Crop("油茶鲜果", (Stage("油茶籽", 300), Stage("山茶油", 250, "茶枯", 600, True)), (500,)),
    Crop("茶鲜叶", (Stage("绿茶", 220),), (250, 100)),
    Crop("红薯", (Stage("红薯粉丝", 180, "薯渣", 500, True),), (400,)),
    Crop("土鸡", (), (1500,)),
    Crop("脐橙", (), (5000, 2500)),
)
PLATFORMS = ("京东", "拼多多")
KINDS = {
    "合作社": "93",
    "企业": "91",
    "村级服务站": "12",
    "检测机构": "12",
    "网店": "92",
    "监管部门": "11",
    "物流": "91",
}


def grow(seed: int, crops: int = 3) -> Season:
    """Return a season of so many *crops* that every import must enter whole."""
    season = Season(random.Random(seed))
    _parties(season)
    for crop in season.rng.sample(CROPS, crops):
        _chain(season, crop)
    return season


def party(season: Season, kind: str, name: str) -> None:
    """Register a party."""
    season.parties.setdefault(kind, []).append(name)
    season.add(
        "party",
        name=name,
        kind=kind,
        credit_code=season.credit_code(KINDS[kind]),
        contact=season.person(),
        phone=season.phone(),
        township="云岭镇",
        village="青石村",
    )


def _parties(season: Season) -> None:
    for number in range(season.rng.randint(2, 3)):
        party(season, "合作社", f"云岭县{'甲乙丙'[number]}字号种植专业合作社")
    party(season, "企业", "云岭清溪粮油有限公司")
    for name in ("青石村服务站", "白溪村服务站"):
        party(season, "村级服务站", name)
    party(season, "检测机构", "云岭县农产品检验检测中心")
    for platform in PLATFORMS[: season.rng.randint(1, 2)]:
        party(season, "网店", f"云岭山货{platform}店")
    party(season, "监管部门", "云岭县农业农村局")
    party(season, "物流", "云岭快运网点")


def _chain(season: Season, crop: Crop) -> None:
    """Grow, process, test, pack and sell one crop."""
    cooperative = season.rng.choice(season.parties["合作社"])
    harvests = []
    for _ in range(2):
        plot = add_plot(season, crop.name, cooperative)
        spray(season, plot)
        harvests += [harvest(season, plot, 200 + season.rng.randrange(2000) / 10) for _ in range(3)]
    if not crop.stages:
        for batch in harvests[:3]:
            _sell(season, batch, crop)
        return
    for pair in (harvests[:2], harvests[2:4]):  # two harvests stay over, for mistakes
        made: Sequence[Batch] = pair
        for stage in crop.stages:
            made = process(season, made, stage)
        for batch in made:
            report(season, batch)
            _sell(season, batch, crop)


def add_plot(season: Season, crop: str, cooperative: str, approved_g: int = 3_000_000) -> Plot:
    """Survey a plot."""
    ref = f"DK{YEAR % 100}{season.number('plot'):03d}"
    plot = Plot(ref, crop, cooperative, season.person(), approved_g)
    season.plots[ref] = plot
    season.add(
        "plot",
        ref=ref,
        crop=crop,
        cooperative=cooperative,
        household=plot.household,
        household_kind=season.rng.choice(("一般户", "脱贫户")),
        township="云岭镇",
        village="青石村",
        area=season.rng.randrange(10, 200),
        trees=season.rng.randrange(50, 500),
        approved=approved_g,
    )
    return plot


def spray(season: Season, plot: Plot, day: date | None = None, interval: int = 14) -> date:
    """Apply a pesticide; return the first day on which the plot may be harvested."""
    day = day or season.day(5, 1, 60)
    season.add(
        "fieldwork",
        day=day,
        plot=plot.ref,
        work=season.rng.choice(("打药", "喷药", "施药")),
        input_name=season.rng.choice(("吡虫啉", "多菌灵")),
        registration="PD99990001",
        dose="90克/亩",
        interval_days=interval,
        operator=season.person(),
    )
    return day + timedelta(days=interval)


def harvest(season: Season, plot: Plot, kilograms: float, day: date | None = None) -> Batch:
    """Bring a harvest in."""
    grams = round(kilograms * 10) * 100
    ref = f"CS{YEAR % 100}-{season.number('harvest'):04d}"
    batch = Batch(ref, plot.crop, plot.cooperative, day or season.day(8, 20, 20), grams, plot.ref)
    season.batches[ref] = batch
    plot.left_g -= grams
    season.add("harvest", **harvest_values(season, batch))
    return batch


def harvest_values(season: Season, batch: Batch) -> dict[str, object]:
    """Return the row of a harvest."""
    return {
        "batch": batch.ref,
        "day": batch.day,
        "plot": batch.plot,
        "product": batch.product,
        "weight": batch.left_g,
        "deliverer": season.plots[batch.plot].household,
        "station": season.rng.choice(season.parties["村级服务站"]),
    }


def process(season: Season, inputs: Sequence[Batch], stage: Stage) -> list[Batch]:
    """Process all that is left of *inputs*; sometimes into two grades, a row each."""
    mass = sum(batch.left_g for batch in inputs)
    maker = season.parties["企业"][0] if stage.at_mill else inputs[0].maker
    day = max(batch.day for batch in inputs) + timedelta(days=season.rng.randint(1, 5))
    parts = (
        [mass]
        if stage.by_product or season.rng.random() < 0.6
        else [mass // 2000 * 1000, mass - mass // 2000 * 1000]
    )
    made = []
    for part in parts:
        output, by = (part * share // 100_000 * 100 for share in (stage.yields, stage.by_yields))
        batch = Batch(f"JG{YEAR % 100}-{season.number('processing'):03d}", stage.product, maker, day, output)
        season.batches[batch.ref] = batch
        season.add("processing", **processing_values(batch, inputs, part, by, stage.by_product))
        made.append(batch)
    for batch in inputs:
        batch.left_g = 0
    return made


def processing_values(
    batch: Batch, inputs: Sequence[Batch], mass_g: int, by_g: int = 0, by_product: str = ""
) -> dict[str, object]:
    """Return the row of a processing that balances."""
    values: dict[str, object] = {
        "batch": batch.ref,
        "day": batch.day,
        "inputs": [one.ref for one in inputs],
        "product": batch.product,
        "output": batch.left_g,
        "loss": mass_g - batch.left_g - by_g,
        "processor": batch.maker,
    }
    return {**values, "by_product": by_product, "by_product_weight": by_g} if by_g else values


def report_values(season: Season, batch: Batch, item: str = "吡虫啉") -> dict[str, object]:
    """Return a row of a test report that the batch passed."""
    return {
        "report": season.rng.choice(("JC-{:05d}", "云检（2026）第{:05d}号", "JC_{:05d}")).format(
            season.number("report")
        ),
        "batch": batch.ref,
        "day": batch.day + timedelta(days=1),
        "item": item,
        "result": season.rng.choice(("<0.01", "未检出", "0.02", "ND")),
        "limit": "0.5",
        "verdict": season.rng.choice(("合格", "符合")),
        "laboratory": season.parties["检测机构"][0],
    }


def report(season: Season, batch: Batch) -> None:
    """Test a batch: one report or two, of one item or two."""
    for _ in range(season.rng.randint(1, 2)):
        values = report_values(season, batch)
        for item in ("吡虫啉", "镉")[: season.rng.randint(1, 2)]:
            season.add("test", **{**values, "item": item})


def pack_values(batch: Batch, size: int, count: int, packer: str = "") -> dict[str, object]:
    """Return the row of a request for labels."""
    return {
        "batch": batch.ref,
        "day": batch.day + timedelta(days=2),
        "product": batch.product,
        "size": size,
        "count": count,
        "packer": packer or batch.maker,
    }


def order_values(season: Season, batch: Batch, count: int) -> dict[str, object]:
    """Return a line of an order."""
    return {
        "platform": season.rng.choice(PLATFORMS),
        "order": f"9{season.number('order'):014d}",
        "day": batch.day + timedelta(days=season.rng.randint(3, 30)),
        "product": season.rng.choice((batch.product, f"【产地直发】{batch.product} 包邮")),
        "batch": batch.ref,
        "count": count,
        "paid": count * season.rng.choice((3990, 4500, 1280)),
        "status": season.rng.choice(("已签收", "已发货", "交易成功", "待发货")),
        "buyer": season.person(),
        "phone": season.phone(),
        "address": "试验省样板市虚构路1号",
    }


def _sell(season: Season, batch: Batch, crop: Crop) -> None:
    """Label most of a batch, by its maker or by another party, and sell some of it."""
    for size in crop.sizes:
        count = batch.left_g // size * 2 // 5
        packer = season.rng.choice((batch.maker, batch.maker, season.parties["合作社"][0]))
        if count:
            season.add("pack", **pack_values(batch, size, count, packer))
            batch.packages += count
            batch.left_g -= count * size
    while batch.packages - batch.sold > 2 and batch.sold < 6:
        count = season.rng.randint(1, 2)
        season.add("order", **order_values(season, batch, count))
        batch.sold += count
