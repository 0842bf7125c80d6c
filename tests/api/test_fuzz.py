"""Whatever is sent: never 500, always JSON or a problem, and the writer stays open."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suyuan.ledger.canonical import encode
from suyuan.ledger.jwk import SigningKey
from suyuan.ledger.jws import sign_jws
from tests.keys import seed
from tests.orchard import LOG, name
from tests.served import Site

FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

edges = st.sampled_from([-1, 0, 1, 16, 17, 18, 255, 256, 257, 2**31, 2**53 - 1, 2**53, 2**63, 2**64, 10**40])
numbers = edges.map(str) | st.text(max_size=12)
words = st.text(max_size=30) | st.sampled_from(["\0", "\n", "'", "%", "🍐", "../..", name("精"), "７Ｋ３"])


def check(site: Site, response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and response.content:
        document = response.json()
        assert document["status"] == response.status_code
        assert document["type"].startswith("/problems/")
    points = {point["name"]: point["ok"] for point in site.json("/readyz")["points"]}
    assert points["queue"]


@given(template=st.integers(0, 50), word=words, number=numbers, other=numbers)
@FUZZ
def test_no_address_makes_the_service_fail(
    reading_site: Site, template: int, word: str, number: str, other: str
) -> None:
    paths = [path for path in reading_site.json("/openapi.json")["paths"] if path.startswith("/api/v1/")]
    path = paths[template % len(paths)]
    for field, value in {"{code}": word, "{id}": word, "{index}": number, "{size}": number}.items():
        path = path.replace(field, quote(value, safe="") or "x")
    query = {"size": other, "old": number, "new": other, "before": number, "limit": other, "direction": word}
    check(reading_site, reading_site.http.get(path, params=query))


@given(body=st.binary(max_size=200), kind=st.sampled_from(["application/json", "application/jose", "x/y"]))
@FUZZ
def test_no_bytes_make_the_service_fail(reading_site: Site, body: bytes, kind: str) -> None:
    headers = {"Content-Type": kind}
    check(reading_site, reading_site.http.post("/api/v1/statements", content=body, headers=headers))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {}, optional={"statement": values, "statements": values, "disclosures": values, "x": values}
    )
)
@FUZZ
def test_no_json_makes_the_service_fail(reading_site: Site, body: dict[str, Any]) -> None:
    check(reading_site, reading_site.post(body))


plain = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("ab0🍐名\0", max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = [
    "batch.harvested",
    "batch.transformed",
    "party.registered",
    "key.added",
    "labels.issued",
    "log.opened",
    "x",
]
FIELDS = [
    "batch",
    "plot",
    "product",
    "season",
    "amount",
    "inputs",
    "outputs",
    "party",
    "jwk",
    "proof",
    "_sd",
    "run",
]


@given(
    kind=st.sampled_from(KINDS),
    fields=st.dictionaries(st.sampled_from(FIELDS), plain),
    word=st.sampled_from("abc"),
)
@FUZZ
def test_no_signed_statement_makes_the_service_fail(
    reading_site: Site, kind: str, fields: dict[str, Any], word: str
) -> None:
    head = {"type": kind, "id": "019aaf10-5c00-7000-8000-000000000001", "log": LOG, "by": name("红星合作社")}
    payload = {**head, "at": "2026-10-08T08:30:00+08:00", **fields}
    keys = [reading_site.orchard.keys["红星合作社"], SigningKey(seed(word))]
    for key in keys:
        token = sign_jws(encode(payload), key)
        check(reading_site, reading_site.post({"statement": token}))


@given(st.binary(min_size=1, max_size=120))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_in_a_path_make_the_service_fail(reading_site: Site, raw: bytes) -> None:
    target = b"/p/" + b"".join(b"%%%02X" % byte for byte in raw)
    url = httpx.URL(reading_site.url)
    assert url.port is not None
    with socket.create_connection((url.host, url.port)) as line:
        line.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert int(answer.split()[1]) < 500
    assert json.loads(reading_site.get("/healthz").content)["ok"]
