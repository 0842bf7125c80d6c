"""
What clerks get wrong and cheats try, planted into a season, each with what must become of its rows.

Most mistakes bring their own plot or batch, so that none depends on another; what rests on a refused row is planted
with it. Every function takes the season and appends to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from tests.seasons.crops import (
    Stage,
    add_plot,
    harvest,
    harvest_values,
    order_values,
    pack_values,
    process,
    processing_values,
    report_values,
    spray,
)
from tests.seasons.season import YEAR, Batch, Line, Plot, Raw, Season

Mistake = Callable[[Season], None]
GRADED = Stage("精品试验果", 800)


def fresh_plot(season: Season, approved_g: int = 3_000_000) -> Plot:
    """Survey a plot for one mistake."""
    return add_plot(season, "试验果", season.parties["合作社"][0], approved_g)


def fresh_harvest(season: Season) -> Batch:
    """Bring in a harvest for one mistake."""
    return harvest(season, fresh_plot(season), 300)


def fresh_output(season: Season) -> Batch:
    """Process a harvest for one mistake."""
    return process(season, [fresh_harvest(season)], GRADED)[0]


def packed(season: Season, count: int = 10) -> Batch:
    """Label *count* packages of 5 kg for one mistake."""
    batch = fresh_output(season)
    season.add("pack", **pack_values(batch, 5000, count))
    batch.packages, batch.left_g = count, batch.left_g - count * 5000
    return batch


def ghost(season: Season, word: str = "NO") -> Batch:
    """Return a batch that nobody entered."""
    return Batch(
        f"{word}{season.number('ghost')}-404",
        "试验果",
        season.parties["合作社"][0],
        season.day(9, 20),
        100_000,
    )


def clone(line: Line, **changes: Any) -> dict[str, Any]:
    """Return the values of *line* with changes."""
    return {**line.values, **changes}


# Parties and plots


def party_with_a_wrong_check_character_and_all_that_rests_on_it(season: Season) -> None:
    name, code = "云岭县错码种植专业合作社", season.credit_code()
    wrong = code[:17] + ("1" if code[17] != "1" else "2")
    base = clone(season.good("party"), name=name, kind="合作社", credit_code=wrong)
    season.wrong("party", "credit-code.check", "credit_code", base)
    batch = fresh_harvest(season)
    plot = Plot("DKX" + str(season.number("ghost")), "试验果", name, season.person(), 10**6)
    season.wrong(
        "plot", "row.party-refused", "cooperative", clone(season.good("plot"), ref=plot.ref, cooperative=name)
    )
    work = clone(season.good("fieldwork"), plot=plot.ref)
    season.wrong("fieldwork", "plot.refused", "plot", work)
    season.plots[plot.ref] = plot
    lost = Batch("CSX" + str(season.number("ghost")), "试验果", name, season.day(9, 1), 100_000, plot.ref)
    season.wrong("harvest", "plot.refused", "plot", harvest_values(season, lost))
    made = ghost(season)
    made.day = batch.day + timedelta(days=20)
    season.wrong("processing", "row.batch-refused", "inputs", processing_values(made, [batch, lost], 400_000))
    season.wrong("test", "row.batch-refused", "batch", report_values(season, made))
    season.wrong("pack", "row.batch-refused", "batch", pack_values(made, 5000, 2))
    season.wrong("order", "row.batch-refused", "batch", order_values(season, made, 1))


def parties_that_cannot_be_registered(season: Season) -> None:
    good = season.good("party")
    plain = season.credit_code
    season.wrong(
        "party",
        "credit-code.form",
        "credit_code",
        clone(good, name="云岭县短码合作社", credit_code=plain()[:17]),
    )
    season.wrong(
        "party",
        "party.kind",
        "kind",
        clone(good, name="云岭县无名组织", kind="宇宙组织", credit_code=plain()),
    )
    season.wrong("party", "cell.blank", "name", clone(good, name="", credit_code=plain()))
    bare = clone(good, name="云岭县无码合作社", kind="合作社", credit_code="")
    season.wrong("party", "cell.blank", "credit_code", bare)
    season.wrong("party", "party.code-taken", "credit_code", clone(good, name="云岭县借码农业企业"))
    season.wrong(
        "party", "row.batch-again", "name", clone(good, credit_code=plain(good.values["credit_code"][:2]))
    )


def plots_that_cannot_be_registered(season: Season) -> None:
    good, again = season.good("plot"), season.good("plot")

    def plant(codes: str, at: str, **changes: Any) -> None:
        season.wrong("plot", codes, at, clone(good, **{"ref": f"DKY{season.number('ghost')}", **changes}))

    plant("row.party", "cooperative", cooperative="云岭县不存在的合作社")
    plant("row.role", "cooperative", cooperative=season.parties["检测机构"][0])
    plant("number.unreadable", "area", area=Raw("约五亩"))
    plant("number.not-positive", "approved", approved=Raw("0"))
    plant("number.negative", "trees", trees=Raw("-20"))
    plant("cell.blank", "crop", crop="")
    season.wrong("plot", "row.batch-again", "ref", clone(again, approved=again.values["approved"] * 10))


def fieldwork_that_cannot_be_entered(season: Season) -> None:
    good = season.good("fieldwork")
    season.wrong("fieldwork", "plot.missing", "plot", clone(good, plot="DK99999"))
    season.wrong("fieldwork", "date.unreadable", "day", clone(good, day=Raw("五月下旬")))
    season.wrong("fieldwork", "cell.blank", "interval_days", clone(good, interval_days=Raw("")))
    season.wrong("fieldwork", "number.unreadable", "interval_days", clone(good, interval_days=Raw("两周")))


# Harvests


def harvest_of_nowhere_or_of_another_crop(season: Season) -> None:
    batch = fresh_harvest(season)

    def plant(codes: str, at: str, **changes: Any) -> None:
        ref = f"CSY{season.number('ghost')}"
        season.wrong("harvest", codes, at, {**harvest_values(season, batch), "batch": ref, **changes})

    plant("plot.missing", "plot", plot="DK99998")
    plant("harvest.crop", "product", product="外地果")
    plant("row.station", "station", station="不存在村服务站")
    plant("row.role", "station", station=season.parties["物流"][0])
    plant("cell.blank", "batch", batch="")


def harvests_with_cells_that_cannot_be_read(season: Season) -> None:
    batch = fresh_harvest(season)

    def plant(codes: str, at: str, **changes: Any) -> None:
        ref = f"CSZ{season.number('ghost')}"
        season.wrong("harvest", codes, at, {**harvest_values(season, batch), "batch": ref, **changes})

    for text in ("一百", "约300", "3OO", "两百来斤"):
        plant("number.unreadable", "weight", weight=Raw(text))
    plant("number.not-positive", "weight", weight=Raw("0"))
    plant("number.not-positive", "weight", weight=Raw("-120"))
    plant("number.scientific", "weight", weight=Raw("1.2E+3"))
    plant("unit.unknown", "unit", weight=Raw("120"), unit=Raw("担"))
    for text in ("2026-13-40", "9月12日", "26.9.12", "2026-02-30", "昨天"):
        plant("date.unreadable", "day", day=Raw(text))
    plant("date.unreadable number.unreadable", "day", day=Raw("2026-13-40"), weight=Raw("一百"))
    plant("date.out-of-season", "day", day=Raw("2019-09-12"))
    plant("quota.missing", "day", day=Raw(f"{YEAR + 1}-09-12"))
    plant("quota.missing", "day", day=Raw(f"{YEAR - 1}-09-12"))


def harvest_over_the_quota_in_one_row(season: Season) -> None:
    plot = fresh_plot(season, 1_000_000)
    harvest(season, plot, 600)
    over = Batch(
        f"CSQ{season.number('ghost')}", plot.crop, plot.cooperative, season.day(9, 1), 400_100, plot.ref
    )
    season.wrong("harvest", "quota.exceeded", "weight", harvest_values(season, over))
    harvest(season, plot, 400)


def harvests_over_the_quota_bit_by_bit(season: Season) -> None:
    plot = fresh_plot(season, 1_000_000)
    for _ in range(3):
        harvest(season, plot, 300)
    for _ in range(2):
        over = Batch(
            f"CSQ{season.number('ghost')}", plot.crop, plot.cooperative, season.day(9, 1), 300_000, plot.ref
        )
        season.wrong("harvest", "quota.exceeded", "weight", harvest_values(season, over))


def harvests_inside_the_interval(season: Season) -> None:
    plot = fresh_plot(season)
    first = season.day(8, 1)
    until = max(first + timedelta(days=28), first + timedelta(days=20 + 7))
    for day in (first, first + timedelta(days=27), until - timedelta(days=1)):
        early = Batch(f"CSI{season.number('ghost')}", plot.crop, plot.cooperative, day, 100_000, plot.ref)
        season.wrong("harvest", "harvest.interval", "day", harvest_values(season, early))
    harvest(season, plot, 100, first - timedelta(days=1))
    harvest(season, plot, 100, until)
    spray(season, plot, first, 28)
    spray(season, plot, first + timedelta(days=20), 7)


def rows_shifted_by_a_column(season: Season) -> None:
    """A phone, which the report may not repeat, stands where a name, a number or an amount belongs."""
    batch, made = fresh_harvest(season), ghost(season, "JS")
    made.day = batch.day + timedelta(days=1)
    good = {**harvest_values(season, batch), "batch": f"CSS{season.number('ghost')}"}
    season.wrong(
        "plot", "row.product-name", "crop", clone(season.good("plot"), ref="DKS1", crop=season.phone())
    )
    season.wrong(
        "plot", "row.party", "cooperative", clone(season.good("plot"), ref="DKS2", cooperative=season.phone())
    )
    season.wrong("harvest", "row.product-name", "product", {**good, "product": season.phone()})
    season.wrong("harvest", "row.station", "station", {**good, "batch": "CSS-2", "station": season.person()})
    season.wrong("harvest", "plot.missing", "plot", {**good, "batch": "CSS-3", "plot": season.person()})
    wrong = {**processing_values(made, [batch], 300_000), "product": season.phone()}
    season.wrong("processing", "row.product-name", "product", wrong)
    season.wrong("pack", "row.batch", "batch", {**pack_values(batch, 5000, 1), "batch": season.phone()})
    season.wrong(
        "test", "row.party", "laboratory", {**report_values(season, batch), "laboratory": season.person()}
    )


def harvest_number_used_twice(season: Season) -> None:
    first = season.good("harvest")
    season.wrong("harvest", "row.batch-again", "batch", clone(first, weight=first.values["weight"] + 1000))


# Processing


def processing_that_does_not_balance(season: Season) -> None:
    def plant(codes: str, at: str, output_g: int, loss_g: int) -> None:
        batch, made = fresh_harvest(season), ghost(season, "JX")
        made.left_g, made.day = output_g, batch.day + timedelta(days=2)
        season.wrong("processing", codes, at, {**processing_values(made, [batch], 0), "loss": loss_g})

    plant("transform.more-out", "output", 400_000, 0)
    plant("transform.more-out", "output", 290_000, 20_000)
    plant("transform.balance", "loss", 250_000, 10_000)
    plant("transform.balance", "loss", 30_000, 0)


def processing_of_what_is_not_there(season: Season) -> None:
    batch, used = fresh_harvest(season), fresh_harvest(season)
    process(season, [used], GRADED)
    made = ghost(season, "JX")
    made.day = batch.day + timedelta(days=30)

    def plant(codes: str, made_of: Sequence[Batch], /, **changes: Any) -> None:
        made.ref = f"JX{season.number('ghost')}"
        values = {**processing_values(made, made_of or [made], 300_000), **changes}
        season.wrong("processing", codes, "inputs", values)

    plant("row.batch", [ghost(season)])
    plant("row.batch", [batch, ghost(season)])
    plant("batch.used-up", [used])
    plant("batch.used-up", [batch, used])
    plant("row.batch", [])  # made of itself
    plant("batches.unreadable", [batch], inputs=Raw("CS26-0001至CS26-0009"))


def processing_by_whom_may_not(season: Season) -> None:
    for codes, name in (("row.party", "云岭县黑作坊米业公司"), ("row.role", season.parties["检测机构"][0])):
        batch, made = fresh_harvest(season), ghost(season, "JX")
        made.day = batch.day + timedelta(days=2)
        season.wrong(
            "processing", codes, "processor", {**processing_values(made, [batch], 300_000), "processor": name}
        )


def processing_before_the_harvest(season: Season) -> None:
    batch, made = fresh_harvest(season), ghost(season, "JX")
    made.day = batch.day - timedelta(days=1)
    season.wrong("processing", "time.before", "day", processing_values(made, [batch], 300_000))


def processing_numbers_used_twice(season: Season) -> None:
    first, batch = season.good("processing"), fresh_harvest(season)
    season.wrong("processing", "row.batch-again", "batch", clone(first, loss=first.values["loss"] + 1000))
    made = ghost(season)
    made.ref, made.day = batch.ref, batch.day + timedelta(days=1)
    season.wrong("processing", "batch.taken", "batch", processing_values(made, [batch], 300_000))


def processing_that_names_an_input_twice(season: Season) -> None:
    batch, made = fresh_harvest(season), ghost(season, "JD")
    made.day = batch.day + timedelta(days=1)
    season.odd("processing", "batches.repeated", "inputs", processing_values(made, [batch, batch], 300_000))


def processing_listed_before_what_it_needs(season: Season) -> None:
    raw = fresh_harvest(season)
    middle, made = ghost(season, "JM"), ghost(season, "JM")
    middle.left_g, middle.day = 200_000, raw.day + timedelta(days=1)
    made.left_g, made.day = 150_000, raw.day + timedelta(days=3)
    season.add("processing", **processing_values(made, [middle], 200_000))
    season.add("processing", **processing_values(middle, [raw], 300_000))


def processing_rounded_to_tenths(season: Season) -> None:
    plot = fresh_plot(season)
    batch = harvest(season, plot, 300)
    season.of("harvest")[-1].values["weight"] = batch.left_g = 300_050
    made = ghost(season, "JR")
    made.left_g, made.day = 250_000, batch.day + timedelta(days=1)
    season.odd("processing", "transform.rounded", "loss", processing_values(made, [batch], 300_000))


# Tests


def reports_that_cannot_be_entered(season: Season) -> None:
    batch, other = fresh_output(season), fresh_output(season)

    def plant(codes: str, at: str, **changes: Any) -> None:
        season.wrong("test", codes, at, {**report_values(season, batch), **changes})

    plant("row.batch", "batch", batch="JG99-999")
    plant("row.party", "laboratory", laboratory="路边检测服务部")
    plant("row.role", "laboratory", laboratory=batch.maker)
    plant("test.before", "day", day=batch.day - timedelta(days=1))
    plant("test.contradiction", "verdict", result="0.9", limit="0.5")
    plant("verdict.unreadable", "verdict", verdict="还行")
    plant("result.unreadable", "result", result="约0.3")
    good = season.add("test", **report_values(season, batch))
    late = max(batch.day, other.day) + timedelta(days=1)
    plant("test.report-taken", "report", report=good.values["report"], batch=other.ref, day=late)


def failed_test_of_a_product(season: Season) -> None:
    batch = fresh_output(season)
    season.add("test", **{**report_values(season, batch), "result": "0.9", "verdict": "不合格"})
    season.add("test", **report_values(season, batch))
    season.wrong("pack", "batch.blocked", "batch", pack_values(batch, 5000, 2))
    season.wrong("order", "batch.blocked order.oversold", "batch", order_values(season, batch, 1))
    made = ghost(season, "JF")
    made.day = batch.day + timedelta(days=5)
    season.wrong("processing", "batch.blocked", "inputs", processing_values(made, [batch], batch.left_g))


def failed_test_of_a_harvest_after_its_processing(season: Season) -> None:
    raw = fresh_harvest(season)
    made = process(season, [raw], GRADED)[0]
    late = made.day + timedelta(days=1)
    season.add("test", **{**report_values(season, raw), "day": late, "result": "0.9", "verdict": "不合格"})
    season.wrong("pack", "batch.blocked", "batch", pack_values(made, 5000, 2))


# Labels


def labels_beyond_the_batch(season: Season) -> None:
    batch = packed(season, 5)
    most = batch.left_g // 5000
    season.wrong("pack", "labels.beyond-batch", "count", pack_values(batch, 5000, most + 1))
    season.add("pack", **pack_values(batch, 5000, most))
    batch.left_g -= most * 5000
    season.wrong("pack", "labels.beyond-batch", "count", pack_values(batch, batch.left_g + 100, 1))


def labels_beyond_the_batch_bit_by_bit(season: Season) -> None:
    batch = fresh_output(season)
    half = batch.left_g // 2 // 5000
    for _ in range(2):
        season.add(
            "pack",
            **{**pack_values(batch, 5000, half), "day": batch.day + timedelta(days=season.number("d"))},
        )
        batch.left_g -= half * 5000
    over = batch.left_g // 1000 + 1
    season.wrong(
        "pack", "labels.beyond-batch", "count", pack_values(batch, 1000, over, season.parties["合作社"][-1])
    )


def labels_that_cannot_be_issued(season: Season) -> None:
    batch = fresh_output(season)

    def plant(codes: str, at: str, **changes: Any) -> None:
        season.wrong("pack", codes, at, {**pack_values(batch, 5000, 3), **changes})

    plant("row.batch", "batch", batch="JG99-998")
    plant("row.party", "packer", packer="云岭县黑包装公司")
    plant("row.role", "packer", packer=season.parties["物流"][0])
    plant("time.before", "day", day=batch.day - timedelta(days=1))
    plant("row.product", "product", product="五常大米")
    plant("pack.unreadable", "size", size=Raw("大箱"))
    plant("pack.unreadable", "size", size=Raw("500ml/瓶"))
    plant("number.not-positive", "count", count=Raw("0"))
    plant("number.fraction", "count", count=Raw("2.5"))


# Orders


def orders_beyond_the_labels(season: Season) -> None:
    batch = packed(season, 3)
    shop = {"platform": "拼多多"}  # one file: rows of several are entered in order of the files' names
    season.add("order", **{**order_values(season, batch, 2), **shop})
    season.wrong("order", "order.oversold", "count", {**order_values(season, batch, 2), **shop})
    season.add("order", **{**order_values(season, batch, 1), **shop})
    season.wrong("order", "order.oversold", "count", {**order_values(season, batch, 1), **shop})


def orders_that_cannot_be_entered(season: Season) -> None:
    batch, unlabelled = packed(season), fresh_harvest(season)

    def plant(codes: str, at: str, **changes: Any) -> None:
        season.wrong("order", codes, at, {**order_values(season, batch, 1), **changes})

    plant("row.batch", "batch", batch="JG99-997")
    plant("row.batch", "batch", batch=season.phone())
    plant("number.unreadable", "paid", paid=Raw("免费"))
    plant("number.negative", "paid", paid=Raw("-39.90"))
    plant("money.fraction", "paid", paid=Raw("39.999"))
    plant("number.not-positive", "count", count=Raw("0"))
    plant("date.unreadable", "day", day=Raw("9月12日"))
    plant("row.product", "product", product=season.of("harvest")[0].values["product"])
    season.wrong("order", "order.oversold", "count", order_values(season, unlabelled, 1))


def orders_that_came_to_nothing(season: Season) -> None:
    batch = packed(season)
    for status in ("已取消", "交易关闭", "待付款", "未成团"):
        values = {**order_values(season, batch, 99), "status": status}
        season.odd("order", "order.cancelled", "status", values, counts=False)
    for status in ("已发货，退款成功", "已退款", "退货完成"):
        values = {**order_values(season, batch, 10), "status": status}
        season.odd("order", "order.cancelled", "status", values, counts=False)
    for status in ("退款关闭", "部分退款", "退款申请中", "已取消退款"):
        season.add("order", **{**order_values(season, batch, 1), "status": status})


def orders_that_look_odd(season: Season) -> None:
    batch = packed(season)
    early = {**order_values(season, batch, 1), "day": batch.day - timedelta(days=3)}
    season.odd("order", "order.before", "day", early)
    season.odd(
        "order", "order.product", "product", {**order_values(season, batch, 1), "product": "农家好物一箱"}
    )


def order_numbers_used_twice(season: Season) -> None:
    batch = packed(season)
    first = season.add("order", **order_values(season, batch, 1))
    season.wrong("order", "row.batch-again", "order", clone(first, count=2))
    season.add("order", **clone(first, product=f"{batch.product} 大果装"))  # another line of the same order


# All tables


def rows_written_twice(season: Season) -> None:
    for kind in ("party", "plot", "fieldwork", "harvest", "processing", "test", "pack", "order"):
        if any(line.is_in and not line.codes for line in season.of(kind)):
            season.odd(kind, "row.duplicate", "", season.good(kind).values, counts=False)


MISTAKES: tuple[Mistake, ...] = (
    party_with_a_wrong_check_character_and_all_that_rests_on_it,
    parties_that_cannot_be_registered,
    plots_that_cannot_be_registered,
    fieldwork_that_cannot_be_entered,
    harvest_of_nowhere_or_of_another_crop,
    harvests_with_cells_that_cannot_be_read,
    harvest_over_the_quota_in_one_row,
    harvests_over_the_quota_bit_by_bit,
    harvests_inside_the_interval,
    rows_shifted_by_a_column,
    harvest_number_used_twice,
    processing_that_does_not_balance,
    processing_of_what_is_not_there,
    processing_by_whom_may_not,
    processing_before_the_harvest,
    processing_numbers_used_twice,
    processing_that_names_an_input_twice,
    processing_listed_before_what_it_needs,
    processing_rounded_to_tenths,
    reports_that_cannot_be_entered,
    failed_test_of_a_product,
    failed_test_of_a_harvest_after_its_processing,
    labels_beyond_the_batch,
    labels_beyond_the_batch_bit_by_bit,
    labels_that_cannot_be_issued,
    orders_beyond_the_labels,
    orders_that_cannot_be_entered,
    orders_that_came_to_nothing,
    orders_that_look_odd,
    order_numbers_used_twice,
    rows_written_twice,
)


def plant(season: Season, most: int = len(MISTAKES)) -> None:
    """Plant *most* kinds of mistakes, drawn by the season's chance; repetitions come last."""
    chosen = season.rng.sample(MISTAKES, most)
    for mistake in sorted(chosen, key=lambda one: one is rows_written_twice):
        mistake(season)
