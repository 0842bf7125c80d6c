"""The application as a whole: writer, checkpoints, health, and what happens when something is gone or broken."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from suyuan.ledger.engine import begin_write
from suyuan.ledger.hashing import ZERO
from suyuan.ledger.store import StoredCheckpoint, insert_checkpoint
from tests.orchard import LOG, Orchard, grow_season, name, new_orchard
from tests.served import Site, serve


def harvest(orchard: Orchard, word: str) -> dict[str, str]:
    fields = {"batch": name(word), "plot": name("一号地"), "product": name("金秋梨"), "season": 2026}
    return {"statement": orchard.sign("batch.harvested", "红星合作社", **fields, amount=1000).token}


def until_checkpoint(site: Site, size: int) -> bool:
    deadline = monotonic() + 20
    while monotonic() < deadline:
        if site.json("/api/v1/checkpoints/latest")["size"] >= size:
            return True
        sleep(0.05)
    return False


def test_the_log_is_signed_at_the_start(orchard: Orchard) -> None:
    orchard.harvest("丙", "一号地", 1000)
    with serve(orchard) as site:
        assert site.json("/api/v1/checkpoints/latest")["size"] == 18


def test_what_is_written_comes_under_a_checkpoint_by_itself(site: Site) -> None:
    receipt = site.post(harvest(site.orchard, "丙")).json()["receipts"][0]
    assert until_checkpoint(site, receipt["index"] + 1)


def test_what_is_written_last_is_signed_at_the_end(orchard: Orchard) -> None:
    with serve(orchard) as site:
        index = site.post(harvest(orchard, "丙")).json()["receipts"][0]["index"]
    checkpoint = orchard.house.checkpoint()
    assert checkpoint is not None
    assert checkpoint.size == index + 1


def test_a_healthy_service_is_ready(reading_site: Site) -> None:
    assert reading_site.json("/healthz")["ok"]
    points = reading_site.json("/readyz")["points"]
    wanted = ["database", "tables", "durability", "queue", "disk", "witnesses", "publishing"]
    assert [point["name"] for point in points] == wanted


@pytest.fixture
def stranded(orchard: Orchard) -> Iterator[Site]:
    """A site whose database folder was taken away."""
    with serve(orchard) as site:
        folder = orchard.house.settings.data
        orchard.house.engine.dispose()
        away = folder.rename(folder.with_name("away"))
        yield site
        away.rename(folder)


def test_a_database_that_is_gone_is_told_with_when_to_come_back(stranded: Site) -> None:
    code = stranded.orchard.code("R1", 3)
    response = stranded.get(f"/api/v1/codes/{code}")
    assert (response.status_code, response.json()["type"]) == (503, "/problems/unavailable")
    assert int(response.headers["retry-after"]) >= 1
    page = stranded.get(f"/p/{code}")
    assert (page.status_code, page.headers["retry-after"]) == (503, "2")
    assert "暂时查不了" in page.text
    written = stranded.post(harvest(stranded.orchard, "丙"))
    assert (written.status_code, "retry-after" in written.headers) == (503, True)
    assert stranded.get("/readyz").status_code == 503
    assert stranded.get("/healthz").status_code == 200


def test_a_ledger_that_contradicts_itself_takes_nothing_more(orchard: Orchard) -> None:
    with serve(orchard) as site:
        with sqlite3.connect(orchard.house.settings.data / "suyuan.db") as raw:
            raw.execute("UPDATE vault_run SET sealed = zeroblob(60)")
        raw.close()
        response = site.get(f"/api/v1/codes/{orchard.code('R1', 3)}")
        assert (response.status_code, response.json()["type"]) == (500, "/problems/broken")
        assert "vault" not in response.text
        written = site.post(harvest(orchard, "丙"))
        assert written.status_code == 503
        assert written.json()["errors"][0]["code"] == "log.stopped"
        assert site.get(f"/api/v1/batches/{name('精')}").status_code == 200  # reading goes on
        queue = next(p for p in site.json("/readyz", 503)["points"] if p["name"] == "queue")
        assert queue["ok"] is False
        page = site.get(f"/p/{orchard.code('R1', 3)}")
        assert (page.status_code, "服务出错" in page.text) == (500, True)


def test_a_fork_is_never_signed_and_stops_the_writer(tmp_path: Path) -> None:
    orchard = grow_season(new_orchard(tmp_path))
    with begin_write(orchard.house.engine) as connection:
        insert_checkpoint(connection, LOG, StoredCheckpoint(40, ZERO, "forged"))
    with serve(orchard) as site:
        assert site.post(harvest(orchard, "丙")).status_code == 503
    orchard.house.close()
