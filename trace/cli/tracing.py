"""``suyuan trace``: what a batch came from, or what was made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .frame import Frame, frame_of, open_data, print_json

if TYPE_CHECKING:
    from ..books.lineage import Direction, Lineage
    from ..produce.records import Batch, Product

HOW = {"harvested": ("采收", "harvested"), "bought": ("外购", "bought"), "transformed": ("加工", "processed")}


def trace(
    context: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="批次编号或批次号 / batch")],
    forward: Annotated[
        bool, typer.Option("--forward/--back", help="去向或来源 / what became of it, or where it came from")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """追溯批次的来源（默认）或去向。 / Trace a batch back (by default) or forward."""
    from ..books.lineage import trace as ask
    from ..books.store import read_records
    from ..capture.register import Register
    from ..ledger.engine import begin_read
    from ..produce.records import Product

    frame = frame_of(context)
    direction: Direction = "forward" if forward else "back"
    with open_data(frame) as house, begin_read(house.engine) as connection:
        found = Register(connection, house.log_id, house.vault).batch(batch)
        lineage = ask(connection, house.log_id, found.id, direction)
        products = {one.id: one for one in read_records(connection, house.log_id, Product)}
    if as_json:
        print_json(_document(lineage, direction))
        return
    for node in lineage.nodes:
        typer.echo("  " * node.depth + _line(frame, node.batch, products))


def _document(lineage: Lineage, direction: Direction) -> dict[str, object]:
    return {
        "direction": direction,
        "batches": [
            {
                "id": node.batch.id,
                "depth": node.depth,
                "ref": node.batch.ref,
                "how": node.batch.how,
                "product": node.batch.product,
                "maker": node.batch.maker,
                "day": node.batch.day,
                "amount": node.batch.made,
                "plot": node.batch.plot,
            }
            for node in lineage.nodes
        ],
        "edges": [
            {"parent": edge.parent, "child": edge.child, "amount": edge.amount} for edge in lineage.edges
        ],
    }


def _line(frame: Frame, batch: Batch, products: dict[str, Product]) -> str:
    from ..produce.reasons import show

    product = products[batch.product]
    blocked = frame.pick(" [已封存]", " [held]") if batch.holds or batch.failed or batch.recalls else ""
    how = frame.pick(*HOW[batch.how])
    return f"{batch.ref or batch.id}  {product.name}  {show(batch.made, product.unit)}  {batch.day} {how}{blocked}"
