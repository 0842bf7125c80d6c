"""The published log over HTTP, and what the server does when what was published is ahead of its database."""

from __future__ import annotations

import gzip
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from suyuan.ledger.hashing import ZERO
from suyuan.ledger.note import Signer
from suyuan.ledger.policy import parse_policy
from tests.keys import seed
from tests.orchard import LOG, Orchard, grow_season, name, new_orchard
from tests.publish.presses import number_path, required
from tests.served import Site, serve

SIZE = 17
FOREVER = "public, max-age=31536000, immutable"


def wait_for(site: Site, size: int) -> httpx.Response:
    """Return the published checkpoint once it is of *size*."""
    end = monotonic() + 30
    while monotonic() < end:
        found = site.get("/log/checkpoint")
        if found.status_code == 200 and int(found.text.splitlines()[1]) >= size:
            return found
        sleep(0.02)
    raise AssertionError(f"{size} entries are not published")


def entries(site: Site) -> list[bytes]:
    with site.orchard.house.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT body FROM ledger_entry ORDER BY idx")
        return [row[0] for row in rows]


def test_the_log_is_served_under_the_path_of_its_id(reading_site: Site) -> None:
    found = wait_for(reading_site, SIZE)
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert (found.headers["cache-control"], found.headers["access-control-allow-origin"]) == ("no-cache", "*")
    checkpoint = open_checkpoint(found.text, [reading_site.orchard.house.keys.checkpoint.verifier], LOG)
    assert checkpoint.size == SIZE
    for path, data in required(entries(reading_site), SIZE).items():
        file = reading_site.get(f"/log/{path}")
        assert (file.status_code, file.content) == (200, data)
        assert file.headers["content-type"] == "application/octet-stream"
        assert file.headers["cache-control"] == FOREVER
        assert file.headers["access-control-allow-origin"] == "*"
    assert reading_site.get("/log/checkpoints/count").text == "1\n"
    listed = reading_site.get("/log/checkpoints/000.p/1").content
    assert listed[2:].decode() == found.text
    policy = parse_policy(reading_site.get("/log/policy").text)
    assert [one.key for one in policy.logs] == [reading_site.orchard.house.keys.checkpoint.verifier]


def test_bundles_come_as_gzip_where_that_is_accepted(reading_site: Site) -> None:
    wait_for(reading_site, SIZE)
    path = f"/log/tile/entries/{number_path(0)}.p/{SIZE}"
    plain = reading_site.get(path, **{"Accept-Encoding": "identity"})
    refused = reading_site.get(path, **{"Accept-Encoding": "gzip;q=0, br"})
    assert "content-encoding" not in plain.headers
    assert refused.content == plain.content
    packed = reading_site.get(path, **{"Accept-Encoding": "br, gzip"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", plain.content)
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(plain.content)
    with reading_site.http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as raw:
        assert gzip.decompress(b"".join(raw.iter_raw())) == plain.content


def test_what_the_caller_has_is_not_sent_again(reading_site: Site) -> None:
    first = wait_for(reading_site, SIZE)
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = reading_site.get("/log/checkpoint", **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert reading_site.get("/log/checkpoint", **{"If-None-Match": '"other"'}).status_code == 200


def test_head_answers_without_the_file(reading_site: Site) -> None:
    wait_for(reading_site, SIZE)
    path = f"/log/tile/0/000.p/{SIZE}"
    head = reading_site.http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(32 * SIZE)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001",
        "tile/0/000.p/16",
        "tile/0/000.p/017",
        "tile/0/0",
        "tile/64/000",
        "tile/entries/../../../suyuan.json",
        "tile/%2e%2e/%2e%2e/suyuan.json",
        "tile/..%2f..%2fsuyuan.json",
        "tile//etc/passwd",
        "tile/0/000.p/17%00",
        "checkpoints/000",
        "checkpoints/..%2f..%2fmaster.key",
        "checkpoints/.count.1.tmp",
    ],
)
def test_other_paths_are_not_found(reading_site: Site, path: str) -> None:
    answer = reading_site.get(f"/log/{path}")
    assert answer.status_code == 404
    if not path.startswith("tile/entries/.."):  # the client takes that one out itself
        assert answer.text == "not found\n"
        assert answer.headers["access-control-allow-origin"] == "*"


def test_the_log_is_published_while_it_grows(site: Site) -> None:
    wait_for(site, SIZE)
    fields = {"batch": name("丙"), "plot": name("一号地"), "product": name("金秋梨"), "season": 2026}
    token = site.orchard.sign("batch.harvested", "红星合作社", **fields, amount=1000).token
    site.post({"statement": token})
    wait_for(site, SIZE + 1)
    assert site.get("/log/checkpoints/count").text == "2\n"


def test_what_came_last_is_published_at_the_end(orchard: Orchard) -> None:
    with serve(orchard) as site:
        fields = {"batch": name("丙"), "plot": name("一号地"), "product": name("金秋梨"), "season": 2026}
        token = orchard.sign("batch.harvested", "红星合作社", **fields, amount=1000).token
        assert site.post({"statement": token}).status_code == 201
    note = orchard.house.target.read("checkpoint")
    assert note is not None
    assert int(note.splitlines()[1]) == SIZE + 1


def test_a_target_that_fails_keeps_nobody_from_writing(
    orchard: Orchard, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = Path(orchard.house.settings.publish_to)
    blocked.write_text("a file where the folder should be")
    with serve(orchard) as site:
        orchard.harvest("丙", "一号地", 1000)
        end = monotonic() + 30
        while (point := point_of(site))["ok"] and monotonic() < end:
            sleep(0.02)
        assert point == {"name": "publishing", "ok": False, "detail": "file.access"}
        assert site.get("/readyz").status_code == 200
        assert site.get("/log/checkpoint").status_code == 404
        blocked.unlink()
        wait_for(site, SIZE + 1)
    said = [one.getMessage() for one in caplog.records if one.name == "suyuan.server.publishing"]
    assert [one.split(":")[0] for one in said if "published" in one] == [
        "nothing is published now",
        "the log is published again",
    ]


def point_of(site: Site) -> dict[str, object]:
    points: list[dict[str, object]] = site.json("/readyz")["points"]
    return next(point for point in points if point["name"] == "publishing")


FORGED = {
    "behind": ("log.behind", Checkpoint(LOG, SIZE + 1, ZERO)),
    "forked": ("log.forked", Checkpoint(LOG, SIZE - 1, ZERO)),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_database_that_is_not_what_was_published_takes_nothing(
    tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    orchard = grow_season(new_orchard(tmp_path))
    signed = orchard.sign("order.sold", "供销直播间", order=name("o"), batch=name("精"), count=1)
    code, seen = FORGED[what]
    note = sign_checkpoint(seen, [orchard.house.keys.checkpoint])
    orchard.house.target.replace("checkpoint", note.encode())
    with serve(orchard) as site:
        refused = site.post({"statement": signed.token})
        assert refused.json()["errors"][0]["code"] == "log.stopped"
        assert site.get("/readyz").status_code == 503
        assert site.get("/api/v1/entries/0").status_code == 200
    assert orchard.house.target.read("checkpoint") == note.encode()
    assert str(orchard.house.settings.publish_to) in caplog.text
    assert code.removeprefix("log.")[:4] in caplog.text or "older backup" in caplog.text
    orchard.house.close()


def test_a_fork_that_shows_up_later_stops_writing(tmp_path: Path) -> None:
    orchard = grow_season(new_orchard(tmp_path))
    fields = {"plot": name("一号地"), "product": name("金秋梨"), "season": 2026, "amount": 1000}
    first, second = (
        orchard.sign("batch.harvested", "红星合作社", batch=name(word), **fields).token for word in "丙丁"
    )
    ahead = sign_checkpoint(Checkpoint(LOG, 1000, ZERO), [orchard.house.keys.checkpoint])
    with serve(orchard) as site:
        wait_for(site, SIZE)
        orchard.house.target.replace("checkpoint", ahead.encode())
        assert site.post({"statement": first}).status_code == 201
        end = monotonic() + 30
        while site.get("/readyz").status_code == 200:
            assert monotonic() < end
            sleep(0.02)
        assert site.post({"statement": second}).json()["errors"][0]["code"] == "log.stopped"
    assert orchard.house.target.read("checkpoint") == ahead.encode()
    orchard.house.close()


def test_a_target_of_another_log_takes_nothing(tmp_path: Path) -> None:
    orchard = grow_season(new_orchard(tmp_path))
    other = Signer("other.example/log", seed("other"))
    note = sign_checkpoint(Checkpoint("other.example/log", 1, ZERO), [other])
    orchard.house.target.replace("checkpoint", note.encode())
    with serve(orchard) as site:
        assert site.get("/readyz").status_code == 503
    orchard.house.close()
