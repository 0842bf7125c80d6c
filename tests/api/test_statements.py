"""The one way in: what is accepted, what is refused, and how it is said."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest

from suyuan.api.wire import Receipts
from suyuan.capture.outcome import Submission
from suyuan.capture.pen import Hidden
from suyuan.ledger.engine import begin_read
from suyuan.ledger.jwk import SigningKey
from suyuan.ledger.receipt import open_receipt
from suyuan.ledger.statement import parse_statement, sign_statement
from tests.keys import seed
from tests.orchard import Orchard, name
from tests.served import Site

PROBLEM = "application/problem+json"


def harvest(orchard: Orchard, word: str, amount: int = 1000, *hidden: Hidden) -> Submission:
    fields = {"batch": name(word), "plot": name("一号地"), "product": name("金秋梨"), "season": 2026}
    return orchard.sign("batch.harvested", "红星合作社", *hidden, **fields, amount=amount)


def body(*submissions: Submission) -> dict[str, Any]:
    return {"statements": [one(submission) for submission in submissions]}


def one(submission: Submission) -> dict[str, Any]:
    disclosures = [{"text": p.disclosure.text, "person": p.person} for p in submission.private]
    return {"statement": submission.token, "disclosures": disclosures}


def problems(response: httpx.Response, status: int, kind: str) -> list[dict[str, Any]]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    document = response.json()
    assert document["type"] == f"/problems/{kind}"
    assert document["status"] == status
    assert document["title"]
    errors: list[dict[str, Any]] = document["errors"]
    return errors


def test_a_statement_becomes_an_entry_with_a_signed_receipt(site: Site) -> None:
    response = site.post(one(harvest(site.orchard, "丙")))
    assert response.status_code == 201
    receipt = response.json()["receipts"][0]
    opened = open_receipt(receipt["receipt"], site.orchard.house.keys.receipt.public)
    assert (opened.index, opened.leaf.hex()) == (receipt["index"], receipt["leaf"])
    assert site.json(f"/api/v1/entries/{receipt['index']}")["leaf"] == receipt["leaf"]


def test_receipts_are_written_as_their_model_says(site: Site) -> None:
    receipts = site.post(body(*(harvest(site.orchard, word) for word in "丙丁"))).json()
    assert Receipts.model_validate(receipts).model_dump(mode="json") == receipts


def test_many_statements_are_taken_in_order(site: Site) -> None:
    response = site.post(body(*(harvest(site.orchard, word) for word in "丙丁戊")))
    assert [receipt["index"] for receipt in response.json()["receipts"]] == [17, 18, 19]


def test_a_compact_jws_alone_is_taken(site: Site) -> None:
    token = harvest(site.orchard, "丙").token
    headers = {"Content-Type": "application/jose"}
    response = site.http.post("/api/v1/statements", content=token, headers=headers)
    assert response.status_code == 201


def test_the_same_bytes_again_give_the_same_receipt(site: Site) -> None:
    statement = one(harvest(site.orchard, "丙"))
    first, second = site.post(statement).json(), site.post(statement).json()
    assert second["receipts"][0] == {**first["receipts"][0], "replayed": True}


def test_private_fields_come_with_their_disclosures(site: Site) -> None:
    submission = harvest(site.orchard, "丙", 1000, Hidden({"note": "小雨"}, "7K3MX9Q2WD"))
    assert site.post(one(submission)).status_code == 201
    digest = submission.private[0].disclosure.digest
    vault = site.orchard.house.vault
    with begin_read(site.orchard.house.engine) as connection:
        assert vault.find_disclosures(connection, [digest]) == {digest: submission.private[0].disclosure.text}


def test_a_digest_without_its_disclosure_is_refused(reading_site: Site) -> None:
    submission = harvest(reading_site.orchard, "丙", 1000, Hidden({"note": "小雨"}, "7K3MX9Q2WD"))
    errors = problems(reading_site.post({"statement": submission.token}), 422, "refused")
    assert [(error["code"], error["pointer"]) for error in errors] == [
        ("private.undisclosed", "/payload/_sd")
    ]


def test_everything_wrong_is_listed_with_pointers_into_the_request(site: Site) -> None:
    good = harvest(site.orchard, "丙")
    response = site.post(body(good, harvest(site.orchard, "丁", 10**12), Submission("a.b.c")))
    errors = problems(response, 422, "refused")
    assert [(error["code"], error["pointer"]) for error in errors] == [
        ("quota.exceeded", "/statements/1/payload/amount"),
        ("statement.base64", "/statements/2/statement"),
    ]
    assert "核定" in errors[0]["detail"]


def test_what_was_accepted_stays_accepted_and_says_so(site: Site) -> None:
    response = site.post(body(harvest(site.orchard, "丙"), harvest(site.orchard, "丙")))
    results = response.json()["results"]
    assert [result["status"] for result in results] == ["accepted", "refused"]
    assert site.json(f"/api/v1/entries/{results[0]['receipt']['index']}")["event"]["batch"] == name("丙")


def test_the_sentences_come_in_the_language_asked_for(reading_site: Site) -> None:
    response = reading_site.post(one(harvest(reading_site.orchard, "丁", 10**12)), "en")
    assert response.headers["content-language"] == "en"
    assert response.json()["title"] == "The rules refuse what was said"
    assert "quota" in response.json()["detail"]


def test_the_same_id_with_other_bytes_is_a_conflict(site: Site) -> None:
    orchard = site.orchard
    payload = {
        **orchard.house.pen.payload("batch.bought", orchard.id("红星合作社"), "2026-10-08T08:30:00+08:00", {})
    }
    payload |= {"batch": name("丙"), "product": name("金秋梨"), "amount": 5}
    first = sign_statement(payload, orchard.keys["红星合作社"])
    second = sign_statement({**payload, "amount": 6}, orchard.keys["红星合作社"])
    assert site.post({"statement": first}).status_code == 201
    errors = problems(site.post({"statement": second}), 422, "conflict")
    assert errors[0]["pointer"] == "/payload/id"


def test_an_unknown_key_is_refused(reading_site: Site) -> None:
    payload = reading_site.orchard.sign(
        "batch.bought", "红星合作社", batch=name("丙"), product=name("金秋梨"), amount=5
    )
    token = sign_statement(parse_statement(payload.token).payload, SigningKey(seed("stranger")))
    errors = problems(reading_site.post({"statement": token}), 422, "refused")
    assert [error["code"] for error in errors] == ["key.unknown"]


def test_a_revoked_key_is_refused(site: Site) -> None:
    orchard = site.orchard
    orchard.tell(
        "key.revoked",
        "涟源市农业农村局",
        party=name("红星合作社"),
        kid=orchard.keys["红星合作社"].kid,
        reason="lost",
    )
    errors = problems(site.post(one(harvest(orchard, "丙"))), 422, "refused")
    assert "key.revoked" in [error["code"] for error in errors]


def test_a_statement_for_another_log_is_refused(reading_site: Site) -> None:
    orchard = reading_site.orchard
    payload = orchard.house.pen.payload(
        "batch.bought", orchard.id("红星合作社"), "2026-10-08T08:30:00+08:00", {}
    )
    payload |= {"log": "other.invalid/log", "batch": name("丙"), "product": name("金秋梨"), "amount": 5}
    token = sign_statement(payload, orchard.keys["红星合作社"])
    errors = problems(reading_site.post({"statement": token}), 422, "refused")
    assert ("log.other", "/payload/log") in [(error["code"], error["pointer"]) for error in errors]


def test_a_changed_signature_is_refused_as_such(reading_site: Site) -> None:
    token = harvest(reading_site.orchard, "丙").token
    changed = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    response = reading_site.post({"statement": changed})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] in ("/statement", "/payload")


def test_a_statement_over_the_limit_is_too_large(reading_site: Site) -> None:
    errors = problems(reading_site.post({"statement": "a" * 60_001}), 413, "too-large")
    assert errors[0]["code"] == "statement.large"


def test_a_body_over_the_limit_is_too_large_before_it_is_read(reading_site: Site) -> None:
    limit = reading_site.orchard.house.settings.request_limit_bytes
    head = f"POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Length: {limit + 1}\r\n\r\n"
    url = httpx.URL(reading_site.url)
    assert url.port is not None
    with socket.create_connection((url.host, url.port)) as line:
        line.sendall(head.encode())
        answer = b""
        while not answer.endswith(b"}"):
            answer += line.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "/problems/too-large"


def test_a_body_that_grows_beyond_the_limit_while_it_comes_is_too_large(reading_site: Site) -> None:
    limit = reading_site.orchard.house.settings.request_limit_bytes
    chunks = (b" " * (1 << 20) for _ in range((limit >> 20) + 2))
    headers = {"Content-Type": "application/json"}
    try:
        response = reading_site.http.post("/api/v1/statements", content=chunks, headers=headers)
    except (httpx.WriteError, httpx.RemoteProtocolError):
        return  # answered and hung up before we had sent it all
    problems(response, 413, "too-large")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "request.json"),
        (b"{", "request.json"),
        (b"\xff\xfe", "request.json"),
        (b'"\\ud800"', "request.json"),
        (b"[" * 100_000, "request.json"),
        (b"null", "request.field"),
        (b"[]", "request.field"),
        (b"{}", "request.field"),
        (b'{"statements": []}', "request.field"),
        (b'{"statements": [1]}', "request.field"),
        (b'{"statement": 1}', "request.field"),
        (b'{"statement": "a", "more": 1}', "request.field"),
        (b'{"statement": "a", "disclosures": [{"text": "a", "person": "party:ABC"}]}', "request.field"),
        (b'{"statement": "a", "disclosures": [{"text": "a", "person": "ABCD\\n"}]}', "request.field"),
    ],
)
def test_a_body_that_is_no_request_is_malformed(reading_site: Site, content: bytes, code: str) -> None:
    headers = {"Content-Type": "application/json"}
    response = reading_site.http.post("/api/v1/statements", content=content, headers=headers)
    assert problems(response, 400, "malformed")[0]["code"] == code


def test_pointers_name_the_field_that_has_not_its_form(reading_site: Site) -> None:
    errors = problems(
        reading_site.post({"statements": [{"statement": "a", "disclosures": [{"text": 1}]}]}),
        400,
        "malformed",
    )
    assert [error["pointer"] for error in errors] == [
        "/statements/0/disclosures/0/text",
        "/statements/0/disclosures/0/person",
    ]


def test_a_disclosure_in_another_spelling_is_refused_where_it_stands(reading_site: Site) -> None:
    statement = {
        **one(harvest(reading_site.orchard, "丙")),
        "disclosures": [{"text": "!!", "person": "ABCD"}],
    }
    errors = problems(reading_site.post({"statements": [statement]}), 422, "refused")
    assert errors[0]["pointer"] == "/statements/0/disclosures/0/text"


def test_another_kind_of_content_is_not_taken(reading_site: Site) -> None:
    for kind in ("text/plain", "multipart/form-data", ""):
        response = reading_site.http.post("/api/v1/statements", content=b"{}", headers={"Content-Type": kind})
        problems(response, 415, "media-type")


def test_a_jose_body_is_ascii(reading_site: Site) -> None:
    headers = {"Content-Type": "application/jose"}
    response = reading_site.http.post("/api/v1/statements", content="签名".encode(), headers=headers)
    problems(response, 400, "malformed")
