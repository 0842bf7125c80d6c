"""A database that is put back to an earlier state under the running server."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep

from tests.crash.rewind import copy_database, pour
from tests.orchard import name
from tests.served import Site

PATIENCE_S = 30.0


def harvest(site: Site, word: str) -> dict[str, str]:
    fields = {"batch": name(word), "plot": name("一号地"), "product": name("金秋梨"), "season": 2026}
    return {"statement": site.orchard.sign("batch.harvested", "红星合作社", **fields, amount=1000).token}


def test_the_server_takes_nothing_more_and_goes_on_reading(site: Site, tmp_path: Path) -> None:
    engine = site.orchard.house.engine
    older = copy_database(engine, tmp_path / "older.db")
    assert site.post(harvest(site, "丙")).status_code == 201
    pour(older, engine)
    older.dispose()
    assert site.post(harvest(site, "丁")).status_code in (500, 503)  # the checkpoint's turn may come first
    end = monotonic() + PATIENCE_S
    while site.get("/readyz").status_code == 200:
        assert monotonic() < end
        sleep(0.01)
    assert site.post(harvest(site, "戊")).json()["errors"][0]["code"] == "log.stopped"
    assert site.get("/api/v1/entries/0").status_code == 200
