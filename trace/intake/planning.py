"""
Planning: from a typed row to the events that it stands for: parties, plots, field work, harvests.

Pure: names become ids through a ``Directory``. Rows know days only, so that claimed times are midnight of the day in
Beijing time. Everything is marked 补录 (``backfilled``), recorded later than it happened.
"""

from __future__ import annotations

from datetime import date

from ..errors import Problem
from . import kinds, meaning
from .rows import FieldworkRow, HarvestRow, PartyRow, PlotRow
from .step import (
    Directory,
    Plan,
    Secret,
    Step,
    absent,
    at,
    check_product,
    own_ref,
    product_of,
    public_ref,
    public_words,
)

_LAST_MONTH = 3
"""Harvests of a season (citrus, winter greens) reach into this month of the year after it."""


def place_of(township: str, village: str) -> str:
    """Return township and village as one public place."""
    return public_words(f"{township}{village}")


def plan_party(row: PartyRow, directory: Directory) -> Plan:
    """A supervisor admits the party; a village station is a site too."""
    roles = kinds.roles_of(row.kind)
    if not roles:
        return Plan((row,), problems=((meaning.PARTY_KIND.at(kind=meaning.shown(row.kind)), "kind"),))
    if directory.find_party(row.name) is not None:
        return Plan((row,))
    if row.credit_code and directory.find_code(row.credit_code) is not None:
        return Plan((row,), problems=((meaning.CODE_TAKEN.at(), "credit_code"),))
    party = directory.mint("party", row.name)
    if row.credit_code:
        directory.note_code(row.credit_code, party)
    natural = kinds.is_private(row.kind, row.credit_code)
    own = {"name": row.name, "credit_code": row.credit_code}
    contact = {"contact": row.contact, "phone": row.phone, "note": row.note}
    person = directory.person(party, row.contact or row.name)
    if natural:
        directory.entrust("party", row.name, person)
        directory.entrust("code", row.credit_code, person)
    secret = Secret(person, {**own, **contact} if natural else contact)
    place = place_of(row.township, row.village)
    fields = {"party": party, "roles": list(roles), "place": place, **({} if natural else own)}
    steps = [Step("party", "party.registered", directory.supervisor(), directory.now(), fields, (secret,))]
    if "station" in roles:
        steps.append(_station(row.name, party, place, directory))
    return Plan((row,), tuple(steps))


def _station(name: str, party: str, place: str, directory: Directory) -> Step:
    site = {"site": directory.mint("station", name), "kind": "station", "party": party, "place": place}
    return Step("site", "site.registered", party, directory.now(), site)


def plan_plot(row: PlotRow, season: int, directory: Directory) -> Plan:
    """The cooperative registers its plot and crop, the supervisor grants the season's quota."""
    party = directory.find_party(row.cooperative)
    if party is None:
        return Plan((row,), problems=((absent("party", row.cooperative, directory), "cooperative"),))
    if not directory.roles(party) & kinds.GROWERS:
        figures = {"name": meaning.shown(row.cooperative), "what": "登记地块", "what_en": "have plots"}
        return Plan((row,), problems=((meaning.ROLE.at(**figures), "cooperative"),))
    if problems := [(problem, "crop") for problem in check_product(row.crop)]:
        return Plan((row,), problems=tuple(problems))
    steps, crop = product_of(row.crop, party, directory)
    known = directory.find_plot(row.ref)
    if known is not None:
        if (known.party, known.crop) != (party, crop):
            return Plan((row,), problems=((meaning.PLOT_TAKEN.at(ref=meaning.numbered(row.ref)), "ref"),))
        return Plan((row,), _grant(known.id, season, row.approved_g, directory))
    site, secret = _survey(row, (party, crop), directory)
    steps.append(Step("site", "site.registered", party, directory.now(), site, (secret,)))
    return Plan((row,), (*steps, *_grant(site["site"], season, row.approved_g, directory)))


def _survey(row: PlotRow, owner: tuple[str, str], directory: Directory) -> tuple[dict[str, str], Secret]:
    """Return what is public of a plot, and what is its household's."""
    party, crop = owner
    plot = directory.mint("plot", row.ref)
    place = place_of(row.township, row.village)
    site = {"site": plot, "kind": "plot", "party": party, "place": place, "crop": crop}
    private = {
        "area_m2": row.area_m2,
        "area_mu": row.area_mu,
        "household": row.household,
        "household_kind": row.household_kind,
        **({} if row.trees is None else {"trees": row.trees}),
        **own_ref(row.ref),
    }
    return {**site, "ref": public_ref(row.ref)}, Secret(directory.person(plot, row.household), private)


def _grant(plot: str, season: int, amount: int, directory: Directory) -> tuple[Step, ...]:
    """Return the step that grants the quota, none where it was granted already."""
    if directory.has_quota(plot, season, amount):
        return ()
    quota = {"plot": plot, "season": season, "amount": amount}
    return (Step("quota", "quota.granted", directory.supervisor(), directory.now(), quota),)


def plan_fieldwork(row: FieldworkRow, directory: Directory) -> Plan:
    """An input applied to a plot; dose and operator are private."""
    plot = directory.find_plot(row.plot)
    if plot is None:
        return Plan((row,), problems=((absent("plot", row.plot, directory), "plot"),))
    fields = {
        "plot": plot.id,
        "work": kinds.WORKS.get(row.work, "other"),
        "input": public_words(row.input_name or row.work) or "…",
        "registration": public_ref(row.registration),
        "interval_days": row.interval_days or None,
    }
    private = {"operator": row.operator, "dose": row.dose, "work_as_written": row.work}
    if fields["input"] == "…":
        private["input_as_written"] = row.input_name
    if not fields["registration"]:
        private["registration_as_written"] = row.registration
    secret = Secret(directory.person(plot.id, row.operator), private)
    return Plan((row,), (Step("applied", "input.applied", plot.party, at(row.day), fields, (secret,)),))


def plan_harvest(row: HarvestRow, season: int, directory: Directory) -> Plan:
    """A batch of one plot, handed in at a station by a person."""
    household = directory.household(row.plot)
    other = household and row.deliverer and household != row.deliverer
    warnings = ((meaning.OTHER_PERSON.at(), "deliverer"),) if other else ()
    plot = directory.find_plot(row.plot)
    steps, station, problems = _find_station(row.station, directory)
    if plot is None:
        problems.insert(0, (absent("plot", row.plot, directory), "plot"))
    problems += [(problem, "product") for problem in check_product(row.product)]
    if directory.find_entered(row.batch) is not None:
        problems.append((meaning.BATCH_TAKEN.at(batch=meaning.numbered(row.batch)), "batch"))
    if plot is None or problems:
        return Plan((row,), problems=tuple(problems), warnings=warnings)
    made, product = product_of(row.product, plot.party, directory)
    fields = {
        "batch": directory.mint("batch", row.batch),
        "plot": plot.id,
        "product": product,
        "amount": row.weight_g,
        "season": season_of(row.day, season),
        "station": station,
        "ref": public_ref(row.batch),
    }
    secret = Secret(
        directory.person(plot.id, row.deliverer), {"deliverer": row.deliverer, **own_ref(row.batch)}
    )
    harvested = Step("harvested", "batch.harvested", plot.party, at(row.day), fields, (secret,))
    return Plan((row,), (*steps, *made, harvested), warnings=warnings)


def _find_station(name: str, directory: Directory) -> tuple[list[Step], str, list[tuple[Problem, str]]]:
    """Return the site of the station *name*; a cooperative that takes in fruit itself becomes one."""
    station = directory.find_station(name)
    if station is not None or not name:
        return [], station or "", []
    party = directory.find_party(name)
    if party is None:
        return [], "", [(absent("station", name, directory), "station")]
    if not directory.roles(party) & kinds.MAKERS:
        figures = {"name": meaning.shown(name), "what": "收购", "what_en": "take in harvests"}
        return [], "", [(meaning.ROLE.at(**figures), "station")]
    step = _station(name, party, "", directory)
    return [step], step.fields["site"], []


def season_of(day: date, season: int) -> int:
    """Return the season of a harvest on *day*: the folder's, into the winter after it, else that of the day's year."""
    is_late = day.year == season + 1 and day.month <= _LAST_MONTH
    return season if is_late else day.year
