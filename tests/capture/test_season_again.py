"""A season imported again after the clerk has written on: corrected rows, new rows, orders that came back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from suyuan.capture.report import ImportReport
from suyuan.server.house import House
from tests import offices
from tests.capture.test_season_made_up import check_report, imported
from tests.seasons.crops import add_plot, grow, harvest, harvest_values
from tests.seasons.files import write_season
from tests.seasons.mistakes import packed
from tests.seasons.season import Batch, Raw, Season


@dataclass
class Desk:
    """A season, and the log that it is imported into; each time the files are written anew, in other shapes."""

    house: House
    season: Season
    folder: Path

    def go(self) -> ImportReport:
        """Write the season as it stands, import it, and check the report."""
        shutil.rmtree(self.folder, ignore_errors=True)
        written = write_season(self.season, self.folder)
        report = imported(self.house, self.folder, dry_run=False)
        check_report(report, self.season, written)
        return report


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A season of one crop, imported once; ledger and books are examined afterwards."""
    with offices.opened(tmp_path / "data") as house:
        desk = Desk(house, grow(11, 1), tmp_path / "season")
        packed(desk.season)
        desk.go()
        yield desk


def test_the_same_rows_in_other_hands_enter_nothing(desk: Desk) -> None:
    assert desk.go().entries == 0


def test_new_rows_are_entered_and_the_others_known(desk: Desk) -> None:
    harvest(desk.season, next(iter(desk.season.plots.values())), 100)
    report = desk.go()
    assert report.entries == 1
    assert dict(report.entered) == {"harvest": 1}


@pytest.mark.parametrize("status", ["退款成功", "已取消"])
def test_an_order_that_came_back_since_is_returned_once(desk: Desk, status: str) -> None:
    line = next(line for line in desk.season.of("order") if not line.codes)
    line.values["status"] = status
    line.codes, line.level, line.field, line.counts = (
        frozenset({"order.cancelled"}),
        "warned",
        "status",
        False,
    )
    assert [desk.go().entries, desk.go().entries] == [1, 0]


def test_an_order_whose_parcel_arrived_since_is_the_same_order(desk: Desk) -> None:
    for line in desk.season.of("order"):
        line.values["status"] = "已签收"
    assert desk.go().entries == 0


def test_a_row_that_was_refused_is_entered_when_it_is_put_right(desk: Desk) -> None:
    plot = add_plot(desk.season, "试验果", desk.season.parties["合作社"][0])
    batch = Batch("CSA-1", plot.crop, plot.cooperative, desk.season.day(9, 1), 100_000, plot.ref)
    values = harvest_values(desk.season, batch)
    wrong = desk.season.wrong("harvest", "number.unreadable", "weight", {**values, "weight": Raw("一百")})
    desk.go()
    desk.season.lines.remove(wrong)
    desk.season.add("harvest", **values)
    assert desk.go().entries == 1


def test_a_row_that_says_something_else_than_before_is_refused(desk: Desk) -> None:
    line = next(line for line in desk.season.of("harvest") if line.values["product"] == "试验果")
    weight = line.values["weight"]
    line.values["weight"] = weight + 1000
    line.codes, line.field = frozenset({"batch.taken"}), "batch"
    assert desk.go().entries == 0


def test_a_new_survey_of_a_plot_changes_its_quota_alone(desk: Desk) -> None:
    desk.season.of("plot")[0].values["approved"] += 100_000
    assert [desk.go().entries, desk.go().entries] == [1, 0]


def test_a_plot_does_not_change_hands_by_a_later_list(desk: Desk) -> None:
    line = desk.season.of("plot")[0]
    others = [name for name in desk.season.parties["合作社"] if name != line.values["cooperative"]]
    line.values["cooperative"] = others[0]
    line.codes, line.field = frozenset({"plot.taken"}), "ref"
    assert desk.go().entries == 0


def test_one_importer_may_bring_what_another_has_not_seen(desk: Desk) -> None:
    orders = [line for line in desk.season.lines if line.kind == "order"]
    desk.season.lines = orders
    assert desk.go().entries == 0
