"""Data folders into which tests import seasons: a demo log with a fixed clock and numbered randomness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suyuan.books.rebuild import compare_books, rebuild, replay_log
from suyuan.books.replay import Replay
from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.capture.season import Office, import_season
from suyuan.ledger.audit import Auditor, Trust
from suyuan.ledger.engine import begin_read, begin_write
from suyuan.server.house import House, found_house, open_house
from suyuan.settings import Folder, Settings, load_settings
from tests import keys

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
"""After every day of the seasons that tests import."""

FOLDER = Folder("season.example/log", "https://season.example", True)


def settings_of(data: Path, url: str = "") -> Settings:
    """Return the settings of a data folder, with SQLite in it unless *url* names another database."""
    settings = replace(load_settings(data), master_key=None, master_key_file=data / "master.key")
    return replace(settings, database_url=url or f"sqlite:///{data / 'suyuan.db'}")


def found(data: Path, url: str = "") -> House:
    """Make a data folder with an opened log."""
    return found_house(settings_of(data, url), FOLDER, [Founder("监管部门")], mint("founding"))


def enter(data: Path, url: str = "", seat: str = "again") -> House:
    """Open a data folder again; *seat* tells the randomness of one opening from that of another."""
    return open_house(settings_of(data, url), mint(seat))


def mint(seat: str) -> Mint:
    """Return a source of ids at the fixed time."""
    return Mint(lambda: NOW, keys.stream(f"office {seat}"))


@contextmanager
def opened(data: Path, url: str = "") -> Iterator[House]:
    """Found a log, give it, examine ledger and books, and close it."""
    house = found(data, url)
    try:
        yield house
        check(house)
    finally:
        house.close()


def run(
    house: House,
    folder: Path,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any]:
    """Import *folder* and return the report as JSON."""
    office = Office(house.engine, house.vault, house.capture, house.pen)
    return import_season(office, folder, dry_run=dry_run, progress=progress).to_json()


def check(house: House) -> int:
    """Audit the ledger, compare the books with the entries, rebuild them; return the number of entries."""
    house.checkpoint()
    with begin_read(house.engine) as connection:
        replay = replay_log(connection, house.log_id)
        trust = Trust(house.log_id, (house.keys.checkpoint.verifier,))
        report = Auditor(connection, trust, Replay()).run()
        assert report.differences == ()
        assert compare_books(connection, house.log_id, replay.records().values()) == []
    with begin_write(house.engine) as connection:
        rebuild(connection, house.log_id)
        assert compare_books(connection, house.log_id, replay.records().values()) == []
    return report.size


def rows(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return (file, batch or name) of each refused or warned row, sorted."""
    return sorted((item["file"], item.get("batch") or item.get("name") or "") for item in items)


def verdict(report: dict[str, Any]) -> dict[str, Any]:
    """Return what every import of the same season must report again, whatever was in before."""
    keep = ("season", "refused", "warned", "totals", "ignored")
    return {name: report[name] for name in keep}
