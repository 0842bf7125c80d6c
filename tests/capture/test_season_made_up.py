"""Made-up seasons: every row becomes what the generator expects, to the column letter, and the totals fit."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from suyuan.capture.report import ImportReport
from suyuan.capture.season import Office, import_season
from suyuan.server.house import House
from tests import offices
from tests.seasons.crops import grow
from tests.seasons.files import Place, Written, write_season
from tests.seasons.mistakes import MISTAKES, Mistake, plant
from tests.seasons.season import Season

Found = dict[Place, tuple[str, frozenset[str]]]
"""Place to level and reasons."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A log into which seasons are tried, and nothing is entered."""
    with offices.opened(tmp_path_factory.mktemp("made-up") / "data") as house:
        yield house


def imported(house: House, folder: Path, *, dry_run: bool = True) -> ImportReport:
    """Import *folder* and return the report."""
    return import_season(Office(house.engine, house.vault, house.capture, house.pen), folder, dry_run=dry_run)


def found_in(report: ImportReport) -> Found:
    """Return what the report says of each row; a refusal outweighs a warning."""
    codes: dict[tuple[Place, str], set[str]] = defaultdict(set)
    for problem in report.problems:
        codes[(problem.file, problem.sheet, problem.row), problem.level].add(problem.code)
    found: Found = {
        place: (level, frozenset(codes)) for (place, level), codes in codes.items() if level == "warned"
    }
    return found | {p: (level, frozenset(codes)) for (p, level), codes in codes.items() if level == "refused"}


def expected_of(written: list[Written]) -> Found:
    """Return what the generator expects of each row that is not simply entered."""
    return {one.place: (one.line.level, one.line.codes) for one in written if one.line.codes}


def check_report(report: ImportReport, season: Season, written: list[Written]) -> None:
    """Check rows, columns, totals and silence about persons."""
    assert found_in(report) == expected_of(written)
    columns = {(problem.file, problem.sheet, problem.row, problem.column) for problem in report.problems}
    for one in written:
        if one.line.codes:
            assert (*one.place, one.columns[one.line.field] if one.line.field else "") in columns, one
    assert report.totals.to_json() == season.totals()
    said = "".join(problem.text(language) for problem in report.problems for language in ("zh", "en"))
    assert [word for word in season.personal if word in said] == []


@pytest.mark.parametrize("seed", range(6))
def test_a_season_without_a_mistake_is_entered_whole(house: House, tmp_path: Path, seed: int) -> None:
    season = grow(seed, 4)
    written = write_season(season, tmp_path)
    check_report(imported(house, tmp_path), season, written)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_mistake_is_found_and_spoils_nothing_else(house: House, tmp_path: Path, mistake: Mistake) -> None:
    season = grow(sum(mistake.__name__.encode()), 1)
    mistake(season)
    written = write_season(season, tmp_path)
    check_report(imported(house, tmp_path), season, written)


@pytest.mark.parametrize("seed", range(100, 110))
def test_many_mistakes_at_once_are_found(house: House, tmp_path: Path, seed: int) -> None:
    season = grow(seed)
    plant(season, random.Random(seed).randint(5, 20))
    written = write_season(season, tmp_path)
    check_report(imported(house, tmp_path), season, written)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_every_mistake_at_once_is_found_again_by_a_second_import(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("fresh_postgres") if store == "postgresql" else ""
    season = grow(7, 2)
    plant(season)
    written = write_season(season, tmp_path / "season")
    with offices.opened(tmp_path / "data", url) as house:
        reports = [imported(house, tmp_path / "season", dry_run=dry_run) for dry_run in (True, False, False)]
    for report in reports:
        check_report(report, season, written)
    assert [report.entries > 0 for report in reports] == [False, True, False]
