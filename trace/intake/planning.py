"""
Planning: from a typed row to the events that it stands for.

Pure: names become ids through a ``Directory``. Rows know days only, so that claimed times are midnight of the day in
Beijing time. Everything is marked 补录 (``backfilled``), recorded later than it happened.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ..errors import Problem
from ..produce.parse import is_public_ref
from . import meaning
from .rows import FieldworkRow, HarvestRow, PartyRow, PlotRow, ProcessingRow
from .step import Directory, Known, Plan, Secret, Step

ROLES: dict[str, tuple[str, ...]] = {
    "合作社": ("producer", "processor"),
    "家庭农场": ("producer", "processor"),
    "农户": ("producer",),
    "种植户": ("producer",),
    "养殖场": ("producer",),
    "基地": ("producer",),
    "企业": ("producer", "processor"),
    "公司": ("producer", "processor"),
    "作坊": ("processor",),
    "小作坊": ("processor",),
    "加工厂": ("processor",),
    "村级服务站": ("station",),
    "服务站": ("station",),
    "收购站": ("station",),
    "检测机构": ("laboratory",),
    "网店": ("shop",),
    "店铺": ("shop",),
    "经销商": ("shop",),
    "监管部门": ("supervisor",),
    "监管机构": ("supervisor",),
    "物流": ("carrier",),
    "承运": ("carrier",),
}
"""The roles of each kind of party in a 主体名录."""

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

PRIVATE_KINDS = ("农户", "种植户", "家庭农场")


def at(day: date) -> str:
    """Return the claimed time of a row that knows the day only."""
    return f"{day.isoformat()}T00:00:00+08:00"


def public_ref(ref: str) -> str:
    """Return *ref* where it may stand in clear, else nothing: then only the vault knows it."""
    return ref if is_public_ref(ref) else ""


def place_of(township: str, village: str) -> str:
    """Return township and village as one public place."""
    return f"{township}{village}"


def plan_party(row: PartyRow, directory: Directory) -> Plan:
    """A supervisor admits the party; a village station is a site too."""
    roles = ROLES.get(row.kind)
    if roles is None:
        roles = next((roles for kind, roles in ROLES.items() if kind in row.kind), None)
    if roles is None:
        return Plan((row,), problems=((meaning.PARTY_KIND.at(kind=row.kind), "kind"),))
    if directory.find_party(row.name) is not None:
        return Plan((row,))
    party = directory.mint("party", row.name)
    natural = row.credit_code.startswith(NATURAL_PERSON) or any(kind in row.kind for kind in PRIVATE_KINDS)
    own = {"name": row.name, "credit_code": row.credit_code}
    contact = {"contact": row.contact, "phone": row.phone, "note": row.note}
    secrets = [
        Secret(directory.person(party, row.contact or row.name), {**own, **contact} if natural else contact)
    ]
    fields = {
        "party": party,
        "roles": list(roles),
        "place": place_of(row.township, row.village),
        **({} if natural else own),
    }
    steps = [
        Step("party", "party.registered", directory.supervisor(), directory.now(), fields, tuple(secrets))
    ]
    if "station" in roles:
        site = {
            "site": directory.mint("station", row.name),
            "kind": "station",
            "party": party,
            "place": fields["place"],
        }
        steps.append(Step("site", "site.registered", party, directory.now(), site))
    return Plan((row,), tuple(steps))


def plan_plot(row: PlotRow, season: int, directory: Directory) -> Plan:
    """The cooperative registers its plot and crop, the supervisor grants the season's quota."""
    party = directory.find_party(row.cooperative)
    if party is None:
        return Plan((row,), problems=((meaning.NO_PARTY.at(name=row.cooperative), "cooperative"),))
    quota = {"season": season, "amount": row.approved_g}
    known = directory.find_plot(row.ref)
    if known is not None:
        return Plan((row,), _grant({"plot": known[0], **quota}, directory))
    steps, crop = _product(row.crop, party, directory)
    plot = directory.mint("plot", row.ref)
    surveyed: dict[str, object] = {"area_m2": row.area_m2, "area_mu": row.area_mu, "household": row.household}
    surveyed |= {"household_kind": row.household_kind}
    if row.trees is not None:
        surveyed["trees"] = row.trees
    site = {
        "site": plot,
        "kind": "plot",
        "party": party,
        "place": place_of(row.township, row.village),
        "crop": crop,
        "ref": public_ref(row.ref),
    }
    secret = Secret(directory.person(plot, row.household), surveyed)
    steps.append(Step("site", "site.registered", party, directory.now(), site, (secret,)))
    return Plan((row,), (*steps, *_grant({"plot": plot, **quota}, directory)))


def _grant(quota: dict[str, Any], directory: Directory) -> tuple[Step, ...]:
    """Return the step that grants *quota*, none where it was granted already."""
    if directory.has_quota(quota["plot"], quota["season"], quota["amount"]):
        return ()
    return (Step("quota", "quota.granted", directory.supervisor(), directory.now(), quota),)


def _product(name: str, party: str, directory: Directory) -> tuple[list[Step], str]:
    """Return the id of product *name*, and the step that registers it where nobody has."""
    known = directory.find_product(name)
    if known is not None:
        return [], known
    product = directory.mint("product", name)
    fields = {"product": product, "name": name, "unit": "g"}
    return [Step(f"product:{name}", "product.registered", party, directory.now(), fields)], product


def plan_fieldwork(row: FieldworkRow, directory: Directory) -> Plan:
    """An input applied to a plot; dose and operator are private."""
    plot = directory.find_plot(row.plot)
    if plot is None:
        return Plan((row,), problems=((meaning.NO_PLOT.at(ref=row.plot), "plot"),))
    site, party = plot
    fields = {
        "plot": site,
        "work": WORKS.get(row.work, "other"),
        "input": row.input_name or row.work,
        "registration": row.registration,
        "interval_days": row.interval_days or None,
    }
    private = {"operator": row.operator, "dose": row.dose, "work_as_written": row.work}
    secret = Secret(directory.person(site, row.operator), private)
    return Plan((row,), (Step("applied", "input.applied", party, at(row.day), fields, (secret,)),))


def plan_harvest(row: HarvestRow, season: int, directory: Directory) -> Plan:
    """A batch of one plot, handed in at a station by a person."""
    plot, station = directory.find_plot(row.plot), directory.find_station(row.station)
    problems: list[tuple[Problem, str]] = []
    if plot is None:
        problems.append((meaning.NO_PLOT.at(ref=row.plot), "plot"))
    if station is None and row.station:
        problems.append((meaning.NO_STATION.at(name=row.station), "station"))
    if plot is None or problems:
        return Plan((row,), problems=tuple(problems))
    site, party = plot
    steps, product = _product(row.product, party, directory)
    fields = {
        "batch": directory.mint("batch", row.batch),
        "plot": site,
        "product": product,
        "amount": row.weight_g,
        "season": season_of(row.day, season),
        "station": station or "",
        "ref": public_ref(row.batch),
    }
    secret = Secret(
        directory.person(site, row.deliverer), {"deliverer": row.deliverer, **_own_ref(row.batch)}
    )
    steps.append(Step("harvested", "batch.harvested", party, at(row.day), fields, (secret,)))
    household = directory.household(row.plot)
    other = household and row.deliverer and household != row.deliverer
    warnings = ((meaning.OTHER_PERSON.at(), "deliverer"),) if other else ()
    return Plan((row,), tuple(steps), warnings=warnings)


def season_of(day: date, season: int) -> int:
    """Return the season of a harvest on *day*: that of the folder, into the January after it, else the day's year."""
    return season if day.year in (season, season + 1) else day.year


def _own_ref(ref: str) -> dict[str, str]:
    """Return a number that may not stand in clear as a private field."""
    return {} if is_public_ref(ref) else {"own_ref": ref}


def hand_over(batch: Known, stock: tuple[str, int], to: str, day: date) -> list[Step]:
    """Return the two halves of a handover that nobody recorded: 推定交接."""
    sender, amount = stock
    shipped = {"batch": batch.id, "amount": amount, "to": to, "inferred": True}
    received = {"batch": batch.id, "amount": amount, "inferred": True}
    return [
        Step(f"shipped:{batch.id}", "batch.shipped", sender, at(day), shipped),
        Step(f"received:{batch.id}", "batch.received", to, at(day), received),
    ]


def plan_processing(row: ProcessingRow, directory: Directory) -> Plan:
    """All that is left of the inputs becomes one new batch; what others hold is handed over first."""
    party = directory.find_party(row.processor)
    known = [(ref, directory.find_batch(ref)) for ref in row.inputs]
    problems = [(meaning.NO_BATCH.at(batch=ref), "inputs") for ref, batch in known if batch is None]
    if party is None:
        problems.insert(0, (meaning.NO_PARTY.at(name=row.processor), "processor"))
    if party is None or problems:
        return Plan((row,), problems=tuple(problems))
    steps: list[Step] = []
    inputs = []
    for _, batch in known:
        assert batch is not None
        stocks = directory.holders(batch.id)
        for stock in stocks:
            if stock.party != party:
                steps += hand_over(batch, (stock.party, stock.held), party, row.day)
        inputs.append({"batch": batch.id, "amount": sum(stock.held for stock in stocks) or batch.made})
    made, product = _product(row.product, party, directory)
    output = {"batch": directory.mint("batch", row.batch), "product": product, "amount": row.output_g}
    if public_ref(row.batch):
        output["ref"] = row.batch
    fields = {"inputs": inputs, "outputs": [output], "loss_g": row.loss_g}
    if row.by_product_g:
        fields["byproducts"] = [{"name": "by-product", "mass_g": row.by_product_g}]
    private = {**_own_ref(row.batch), **({"by_product": row.by_product} if row.by_product else {})}
    secrets = (Secret(party, private),) if private else ()
    steps += [*made, Step("transformed", "batch.transformed", party, at(row.day), fields, secrets)]
    return Plan((row,), tuple(steps))
