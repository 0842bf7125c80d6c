"""A season of workbooks into a new ledger, against reading its tables alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.capture.season import Office, import_season
from suyuan.intake.season import read_season
from suyuan.server.house import found_house, utc_now
from suyuan.settings import Folder, load_settings

from .figure import Figure, Size, in_turn
from .stores import Stores, kinds
from .world import ADDRESS, LOG

SEASON = Path(__file__).parents[1] / "examples" / "season"


def measure_season(stores: Stores, size: Size) -> Iterator[Figure]:
    """Rows of the season in ``examples/`` a second: planned, tried, signed and appended, each time into a new log."""
    for kind in kinds():
        rates = in_turn(size.rounds, entered=lambda kind=kind: _import(stores, kind), read=_read)  # type: ignore[misc]
        yield Figure(f"season.{kind}", rates["entered"], "rows/s", "reading its tables alone", rates["read"])


def _import(stores: Stores, kind: str) -> float:
    data = stores.new_folder()
    settings = replace(
        load_settings(data),
        database_url=getattr(stores, kind)(),
        master_key=None,
        master_key_file=data / "master.key",
        address=None,
    )
    house = found_house(
        settings, Folder(LOG, ADDRESS, True), [Founder("监管部门")], Mint(utc_now, os.urandom)
    )
    start = perf_counter()
    report = import_season(Office(house.engine, house.vault, house.capture, house.pen), SEASON)
    taken = perf_counter() - start
    house.close()
    return sum(report.entered.values()) / taken


def _read() -> float:
    start = perf_counter()
    season = read_season(SEASON)
    taken = perf_counter() - start
    kinds_of_rows = (season.parties, season.plots, season.fieldwork, season.harvests, season.processing)
    rows = sum(len(rows) for rows in (*kinds_of_rows, season.tests, season.packs, season.orders))
    return rows / taken
