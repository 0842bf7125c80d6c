"""An import that is killed, cut off or doubled ends where an undisturbed one ends."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, make_url

from suyuan.books.store import read_all
from suyuan.errors import Unavailable
from suyuan.ledger.engine import begin_read
from suyuan.produce.records import Batch, Order, Position
from suyuan.server.house import House
from tests import offices
from tests.capture.seasons import ROOT, SEASONS

SEASON = SEASONS["example"]


@dataclass(frozen=True)
class Ending:
    """How an import ended: what it says of itself, and what the books hold, but for ids."""

    rows: Counter[tuple[str, int, str]]
    totals: dict[str, Any]
    entries: int
    records: Counter[str]
    amounts: Counter[str]


def _ending(house: House, report: dict[str, Any]) -> Ending:
    with begin_read(house.engine) as connection:
        records = read_all(connection, house.log_id).values()
    amounts: Counter[str] = Counter()
    for record in records:
        if isinstance(record, Batch):
            amounts[record.ref] += record.made + record.packages + record.sold + record.tests
        elif isinstance(record, Position):
            amounts.update(held=record.held, consumed=record.consumed, packed=record.packed)
        elif isinstance(record, Order):
            amounts["sold"] += record.count
    return Ending(
        Counter(
            (item["file"], item["row"], item["code"]) for item in (*report["refused"], *report["warned"])
        ),
        report["totals"],
        offices.check(house),
        Counter(record.kind for record in records),
        amounts,
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """The example season imported in one go."""
    with offices.opened(tmp_path_factory.mktemp("undisturbed") / "data") as house:
        return _ending(house, offices.run(house, SEASON))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A data folder with an opened log, and the URL of its database."""
    url = request.getfixturevalue("fresh_postgres") if request.param == "postgresql" else ""
    offices.found(tmp_path / "data", url).close()
    return tmp_path / "data", url


def _start(place: tuple[Path, str], seat: str, statement: int = 0) -> subprocess.Popen[str]:
    data, url = place
    command = [sys.executable, "-m", "tests.capture.importing"]
    return subprocess.Popen(
        [*command, str(data), url, str(SEASON), seat, str(statement)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finish(place: tuple[Path, str], seat: str) -> Ending:
    house = offices.enter(*place, seat)
    try:
        return _ending(house, offices.run(house, SEASON))
    finally:
        house.close()


def test_an_import_killed_again_and_again_ends_like_an_undisturbed_one(
    place: tuple[Path, str], undisturbed: Ending
) -> None:
    moments = random.Random(20260921)
    for number in range(4):
        killed = _start(place, f"killed {number}", moments.randrange(10, 700))
        killed.communicate()
        assert killed.returncode in (0, -signal.SIGKILL)
    assert _finish(place, "last") == undisturbed


def test_two_imports_at_once_enter_each_row_once(place: tuple[Path, str], undisturbed: Ending) -> None:
    processes = [_start(place, seat) for seat in ("one", "two")]
    outputs = [process.communicate() for process in processes]
    assert [error[-3000:] for _, error in outputs] == ["", ""]
    reports = [json.loads(output) for output, _ in outputs]
    for report in reports:
        found = [
            (item["file"], item["row"], item["code"]) for item in (*report["refused"], *report["warned"])
        ]
        assert Counter(found) == undisturbed.rows
        assert report["totals"] == undisturbed.totals
    assert sum(report["entries"] for report in reports) + 1 == undisturbed.entries
    assert _finish(place, "last") == undisturbed


def test_an_import_whose_disk_fills_up_goes_on_when_there_is_room(
    tmp_path: Path, undisturbed: Ending
) -> None:
    place = (tmp_path / "data", "")
    offices.found(*place).close()
    for number, pages in enumerate((20, 40)):
        house = offices.enter(*place, f"full {number}")
        _fill_disk(house, pages)
        with pytest.raises(Unavailable):
            offices.run(house, SEASON)
        house.close()
    assert _finish(place, "last") == undisturbed


def _fill_disk(house: House, pages: int) -> None:
    """Let SQLite find room for no more than so many *pages* beyond those that it has."""

    def limit(connection: Any, _: object) -> None:
        most = connection.execute("PRAGMA page_count").fetchone()[0] + pages
        connection.execute(f"PRAGMA max_page_count={most}")

    house.engine.dispose()
    event.listen(house.engine, "connect", limit)


def test_an_import_whose_database_is_cut_off_goes_on_when_it_is_back(
    fresh_postgres: str, tmp_path: Path, undisturbed: Ending
) -> None:
    place = (tmp_path / "data", fresh_postgres)
    offices.found(*place).close()
    for number, moment in enumerate((60, 150)):
        house = offices.enter(*place, f"cut {number}")
        _cut_off(house, fresh_postgres, moment)
        with pytest.raises(Unavailable):
            offices.run(house, SEASON)
        house.close()
    assert _finish(place, "last") == undisturbed


def _cut_off(house: House, url: str, moment: int) -> None:
    """Let the server end every connection of *house* before its statement number *moment*."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    count = 0

    def end(*_: object) -> None:
        nonlocal count
        count += 1
        if count == moment:
            with psycopg.connect(plain, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    event.listen(house.engine, "before_cursor_execute", end)
