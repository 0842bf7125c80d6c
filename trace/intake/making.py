"""
Planning of processing: batches graded, milled or pressed from others.

A row names its inputs, not how much of each went in. What is left of them goes in whole, unless a later row names them
too: then as much of these goes in as makes the row balance.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..errors import Problem
from ..produce.reasons import show
from . import kinds, meaning
from .rows import ProcessingRow
from .step import (
    Directory,
    Known,
    Plan,
    Secret,
    Step,
    Stock,
    absent,
    at,
    check_product,
    own_ref,
    product_of,
    public_ref,
)

ROUNDING_G = 50
"""Half of the last place of a scale that shows tenths of a kilogram: what rounding may add to each figure of a row."""

Problems = list[tuple[Problem, str]]


@dataclass(frozen=True, slots=True)
class Input:
    """A batch that a row names, and who holds what is left of it."""

    ref: str
    batch: Known
    stocks: Sequence[Stock]

    @property
    def left(self) -> int:
        """How much is left, over all holders."""
        return sum(stock.held for stock in self.stocks)


def hand_over(batch: str, stock: Stock, to: str, day: date) -> list[Step]:
    """Return the two halves of a handover that nobody recorded: 推定交接."""
    shipped = {"batch": batch, "amount": stock.held, "to": to, "inferred": True}
    received = {"batch": batch, "amount": stock.held, "inferred": True}
    return [
        Step(f"shipped:{batch}:{stock.party}", "batch.shipped", stock.party, at(day), shipped),
        Step(f"received:{batch}:{stock.party}", "batch.received", to, at(day), received),
    ]


def bring(batch: str, stocks: Sequence[Stock], to: str, wanted: int, day: date) -> list[Step]:
    """Return the handovers after which *to* holds *wanted* of *batch*, or all that there is."""
    short = wanted - sum(stock.held for stock in stocks if stock.party == to)
    steps: list[Step] = []
    for stock in stocks:
        if stock.party != to and short > 0:
            steps += hand_over(batch, Stock(stock.party, min(stock.held, short)), to, day)
            short -= stock.held
    return steps


def plan_processing(row: ProcessingRow, directory: Directory, used_later: Collection[str]) -> Plan:
    """The inputs become one new batch; what others hold of them is handed over first."""
    warnings = _rounding_of(row, directory)
    party = directory.find_party(row.processor)
    problems = _check_names(row, party, directory)
    inputs = _find_inputs(row, directory, problems)
    if party is None or problems:
        return Plan((row,), problems=tuple(problems), warnings=warnings)
    amounts, loss_g = _divide(row, inputs, used_later, problems)
    if problems:
        return Plan((row,), problems=tuple(problems))
    if loss_g != row.loss_g:
        warnings = (_rounded(loss_g - row.loss_g),)
    steps = [
        step
        for one in inputs
        for step in bring(one.batch.id, one.stocks, party, amounts[one.batch.id], row.day)
    ]
    return Plan((row,), (*steps, *_transform(row, party, amounts, loss_g, directory)), warnings=warnings)


def _check_names(row: ProcessingRow, party: str | None, directory: Directory) -> Problems:
    problems: Problems = []
    if party is None:
        problems.append((absent("party", row.processor, directory), "processor"))
    elif not directory.roles(party) & kinds.MAKERS:
        figures = {"name": meaning.shown(row.processor), "what": "加工", "what_en": "process batches"}
        problems.append((meaning.ROLE.at(**figures), "processor"))
    problems += [(problem, "product") for problem in check_product(row.product)]
    if directory.find_entered(row.batch) is not None:
        problems.append((meaning.BATCH_TAKEN.at(batch=meaning.numbered(row.batch)), "batch"))
    return problems


def _find_inputs(row: ProcessingRow, directory: Directory, problems: Problems) -> list[Input]:
    """Return the inputs that are in the books, noting a problem for each that is not, or is used up."""
    inputs = []
    for ref in row.inputs:
        batch = directory.find_batch(ref)
        if batch is None:
            problems.append((absent("batch", ref, directory), "inputs"))
            continue
        one = Input(ref, batch, directory.holders(batch.id))
        inputs.append(one)
        if not one.left:
            figures = {"made": show(batch.made, batch.unit), "wanted": show(_mass_out(row))}
            problems.append((meaning.USED_UP.at(batch=meaning.numbered(ref), **figures), "inputs"))
    return inputs


def _mass_out(row: ProcessingRow) -> int:
    return row.output_g + row.by_product_g + row.loss_g


def _figures(row: ProcessingRow) -> int:
    return len(row.inputs) + 2 + (row.by_product_g > 0)


def _divide(
    row: ProcessingRow, inputs: Sequence[Input], used_later: Collection[str], problems: Problems
) -> tuple[dict[str, int], int]:
    """Return how much of each input goes in, by id, and the loss in grams."""
    amounts = {one.batch.id: one.left for one in inputs}
    if any(one.batch.unit != "g" for one in inputs):  # the books convert and balance
        return amounts, row.loss_g
    out, left = _mass_out(row), sum(amounts.values())
    figures = {"inputs": show(left), "outputs": show(out)}
    if abs(left - out) <= ROUNDING_G * _figures(row) and row.loss_g + left - out >= 0:
        return amounts, row.loss_g + left - out
    if out > left:
        problems.append((meaning.TOO_MUCH.at(**figures, excess=show(out - left)), "output"))
        return amounts, row.loss_g
    open_ended = {one.batch.id: one.left for one in inputs if one.ref in used_later}
    rest = out - (left - sum(open_ended.values()))
    if rest < len(open_ended) or not open_ended:
        problems.append((meaning.TOO_LITTLE.at(**figures, missing=show(left - out)), "loss"))
        return amounts, row.loss_g
    return {**amounts, **share(rest, open_ended)}, row.loss_g


def share(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """
    Divide *amount* in proportion to *weights*, whole numbers, at least 1 to each.

    Args:
        amount: at least one for each of *weights*, at most their sum.
        weights: each above zero.
    """
    shares: dict[str, int] = {}
    total, rest = sum(weights.values()), amount
    for place, (name, weight) in enumerate(weights.items()):
        after = len(weights) - place - 1
        part = -(-rest * weight // total)
        shares[name] = max(1, min(part, weight, rest - after))
        rest, total = rest - shares[name], total - weight
    return shares


def _transform(
    row: ProcessingRow, party: str, amounts: Mapping[str, int], loss_g: int, directory: Directory
) -> list[Step]:
    made, product = product_of(row.product, party, directory)
    output = {"batch": directory.mint("batch", row.batch), "product": product, "amount": row.output_g}
    if public_ref(row.batch):
        output["ref"] = row.batch
    inputs = [{"batch": batch, "amount": amount} for batch, amount in amounts.items()]
    fields: dict[str, object] = {"inputs": inputs, "outputs": [output], "loss_g": loss_g}
    if row.by_product_g:
        fields["byproducts"] = [{"name": "by-product", "mass_g": row.by_product_g}]
    private = {**own_ref(row.batch), **({"by_product": row.by_product} if row.by_product else {})}
    secrets = (Secret(party, private),) if private else ()
    return [*made, Step("transformed", "batch.transformed", party, at(row.day), fields, secrets)]


def _rounding_of(row: ProcessingRow, directory: Directory) -> tuple[tuple[Problem, str], ...]:
    """Return the warning that an earlier import of the same row gave."""
    batch = directory.find_entered(row.batch)
    difference = directory.mass_into(batch.id) - _mass_out(row) if batch else 0
    return (_rounded(difference),) if 0 < abs(difference) <= ROUNDING_G * _figures(row) else ()


def _rounded(difference: int) -> tuple[Problem, str]:
    return meaning.ROUNDED.at(difference=show(abs(difference))), "loss"
