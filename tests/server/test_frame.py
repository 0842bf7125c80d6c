"""The frame round every request."""

from __future__ import annotations

import json
import logging
import re
from time import monotonic, sleep

import pytest

from tests.orchard import name
from tests.served import Site


def test_every_answer_carries_the_headers_of_safety(reading_site: Site) -> None:
    for path in ("/", "/nope", "/api/v1/entries/3", "/api/v1/nope", "/healthz", "/openapi.json"):
        headers = reading_site.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert "server" not in headers or headers["server"] == "uvicorn"


def test_public_reads_may_be_asked_from_other_sites_and_writing_may_not(reading_site: Site) -> None:
    assert reading_site.get("/api/v1/entries/3").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in reading_site.post({}).headers
    preflight = reading_site.http.options("/api/v1/statements", headers={"Origin": "https://x.invalid"})
    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in reading_site.get("/").headers


def test_a_request_keeps_its_id_or_gets_one(reading_site: Site) -> None:
    assert reading_site.get("/healthz", **{"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    made = reading_site.get("/healthz", **{"X-Request-ID": "<script>"}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)


def test_head_answers_as_get_without_a_body(reading_site: Site) -> None:
    code = reading_site.orchard.code("R1", 3)
    for path in (f"/p/{code}", f"/api/v1/codes/{code}", "/nope"):
        got, head = reading_site.get(path), reading_site.http.head(path, headers={"Accept-Language": "zh"})
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-length"] == str(len(got.content))


def test_the_access_log_names_routes_never_codes(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    code = site.orchard.code("R1", 3)
    logger = logging.getLogger("suyuan.access")
    logger.addHandler(caplog.handler)
    try:
        for path in (f"/p/{code}", f"/p?code={code}", f"/api/v1/codes/{code}/proof", f"/x/{code}"):
            site.get(path)
        site.post({"statement": "a.b.c", "disclosures": [{"text": "13800138000", "person": "ABCD"}]})
        deadline = monotonic() + 10  # a line is written after its answer was sent
        while len(caplog.records) < 5 and monotonic() < deadline:
            sleep(0.01)
    finally:
        logger.removeHandler(caplog.handler)
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "suyuan.access"]
    assert [line["route"] for line in lines] == [
        "/p/{code}",
        "/p",
        "/api/v1/codes/{code}/proof",
        "-",
        "/api/v1/statements",
    ]
    assert all(set(line) == {"request", "method", "route", "status", "ms", "bytes"} for line in lines)
    assert code not in caplog.text
    assert "13800138000" not in caplog.text


def test_what_nobody_foresaw_is_a_500_without_its_words(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    phone = "138" + "00138000"

    @site.app.get("/api/v1/broken-on-purpose")
    def fail() -> None:
        raise ZeroDivisionError(phone)

    @site.app.get("/broken-on-purpose")
    def fail_page() -> None:
        raise ZeroDivisionError(phone)

    response = site.get("/api/v1/broken-on-purpose")
    assert (response.status_code, response.json()["type"]) == (500, "/problems/error")
    assert response.headers["x-content-type-options"] == "nosniff"
    page = site.get("/broken-on-purpose")
    assert (page.status_code, "服务出错" in page.text) == (500, True)
    assert phone not in response.text + page.text + caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert site.post({"statement": site.orchard.sign(
        "batch.bought", "红星合作社", batch=name("丙"), product=name("金秋梨"), amount=5
    ).token}).status_code == 201  # fmt: skip
