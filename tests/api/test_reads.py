"""What anybody may read."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from suyuan.ledger.checkpoint import open_checkpoint
from suyuan.ledger.hashing import Hash, leaf_hash
from suyuan.ledger.merkle import check_consistency, check_inclusion
from suyuan.ledger.policy import policy_of_keys
from suyuan.ledger.tlogproof import parse_proof
from suyuan.verify.bundle import parse_bundle
from suyuan.verify.package import check_bundle
from suyuan.verify.tlog import parse_document
from tests.orchard import LOG, SUPERVISOR, name
from tests.served import Site


def hashes(texts: list[str]) -> list[Hash]:
    return [Hash(base64.b64decode(text)) for text in texts]


def test_a_code_is_answered_with_verdict_product_and_history(reading_site: Site) -> None:
    found = reading_site.json(f"/api/v1/codes/{reading_site.orchard.code('R1', 3)}")
    assert found["state"] == "intact"
    assert found["heading"] == {"zh": "记录完整", "en": "Record intact"}
    assert found["batch"]["product"] == "精品梨"
    assert found["package"]["net_words"]["zh"] == "5 公斤（10 斤）"
    lines = found["batch"]["history"]["lines"]
    assert [line["type"] for line in lines][-1] == "labels.activated"
    assert lines[0]["marks"] == ["backfilled", "late"]
    assert lines[0]["at"].endswith("Z")


def test_a_mistyped_code_says_what_is_wrong_and_an_unknown_one_is_not_found(reading_site: Site) -> None:
    mistyped = reading_site.json("/api/v1/codes/7K3MX", 400)
    assert (mistyped["type"], mistyped["errors"][0]["code"]) == ("/problems/code.mistyped", "code.length")
    unknown = reading_site.json(f"/api/v1/codes/{reading_site.orchard.code('R9', 0)}", 404)
    assert (unknown["type"], unknown["errors"][0]["code"]) == ("/problems/missing", "code.missing")


def test_the_proof_of_a_package_checks_offline(reading_site: Site) -> None:
    orchard = reading_site.orchard
    response = reading_site.get(f"/api/v1/codes/{orchard.code('R1', 3)}/proof")
    assert f"suyuan-{orchard.code('R1', 3)}.json" in response.headers["content-disposition"]
    steps = check_bundle(
        parse_bundle(response.content), policy_of_keys([orchard.house.keys.checkpoint.verifier])
    )
    assert "step.package" in [step.code for step in steps]


def test_the_bundle_of_an_entry_checks_offline(reading_site: Site) -> None:
    response = reading_site.get("/api/v1/entries/14/bundle")
    check_bundle(
        parse_bundle(response.content), policy_of_keys([reading_site.orchard.house.keys.checkpoint.verifier])
    )


def test_the_offline_proof_of_an_entry_is_a_text_file_that_checks(reading_site: Site) -> None:
    response = reading_site.get("/api/v1/entries/14/tlog-proof")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert 'filename="suyuan-entry-14.tlog-proof"' in response.headers["content-disposition"]
    proof = parse_proof(response.content)
    assert proof.extra == reading_site.get("/api/v1/entries/14?raw").content
    check_bundle(
        parse_document(response.content),
        policy_of_keys([reading_site.orchard.house.keys.checkpoint.verifier]),
    )
    assert reading_site.get("/api/v1/entries/9999/tlog-proof").status_code == 404


def test_a_batch_is_told_by_its_id_in_any_case(reading_site: Site) -> None:
    found = reading_site.json(f"/api/v1/batches/{name('精').lower()}")
    assert (found["id"], found["ref"], found["ancestors"]) == (name("精"), "JX2610-01", 2)
    assert [origin["permille"] for origin in found["origins"]] == [600, 400]
    assert found["tests"][0]["findings"][0]["item"] == "吡虫啉"


def test_a_trace_goes_both_ways_with_amounts(reading_site: Site) -> None:
    back = reading_site.json(f"/api/v1/batches/{name('精')}/trace")
    assert {node["id"]: node["depth"] for node in back["batches"]} == {
        name("精"): 0,
        name("甲"): 1,
        name("乙"): 1,
    }
    assert sorted(edge["amount"] for edge in back["edges"]) == [40_000, 60_000]
    forward = reading_site.json(f"/api/v1/batches/{name('甲')}/trace?direction=forward")
    assert [node["id"] for node in forward["batches"]] == [name("甲"), name("精")]


def test_an_entry_is_its_bytes(reading_site: Site) -> None:
    found = reading_site.json("/api/v1/entries/11")
    raw = reading_site.get("/api/v1/entries/11?raw").content
    assert base64.b64decode(found["body"]) == raw
    assert leaf_hash(raw).hex() == found["leaf"]
    assert json.loads(raw)["statement"] == found["statement"]
    assert found["event"]["type"] == "batch.harvested"


def test_an_entry_is_cached_for_good_under_its_leaf_hash(reading_site: Site) -> None:
    first = reading_site.get("/api/v1/entries/11", Accept="application/octet-stream")
    tag = first.headers["etag"]
    assert tag == f'"{leaf_hash(first.content).hex()}"'
    assert "immutable" in first.headers["cache-control"]
    again = reading_site.get("/api/v1/entries/11?raw", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    other = reading_site.get("/api/v1/entries/11", **{"If-None-Match": tag})
    assert other.status_code == 200  # the JSON is another representation, under a tag of its own
    assert other.headers["etag"] != tag


def test_an_inclusion_proof_leads_to_the_checkpoints_root(reading_site: Site) -> None:
    latest = reading_site.json("/api/v1/checkpoints/latest")
    verifier = reading_site.orchard.house.keys.checkpoint.verifier
    checkpoint = open_checkpoint(latest["note"], [verifier], LOG)
    found = reading_site.json(f"/api/v1/entries/11/proof?size={checkpoint.size}")
    raw = reading_site.get("/api/v1/entries/11?raw").content
    check_inclusion(hashes(found["hashes"]), 11, checkpoint.size, leaf_hash(raw), checkpoint.root)


def test_a_consistency_proof_leads_from_root_to_root(reading_site: Site) -> None:
    found = reading_site.json("/api/v1/consistency?old=5&new=17")
    old, new = hashes([found["old_root"], found["new_root"]])
    check_consistency(hashes(found["hashes"]), 5, 17, old, new)


def test_checkpoints_are_listed_page_by_page(site: Site) -> None:
    for word in "丙丁":
        site.orchard.harvest(word, "一号地", 1000)
        site.orchard.house.checkpoint()
    first = site.json("/api/v1/checkpoints?limit=2")
    sizes = [one["size"] for one in first["checkpoints"]]
    assert sizes == [19, 18]
    rest = site.json(f"/api/v1/checkpoints?limit=2&before={first['next']}")
    assert [one["size"] for one in rest["checkpoints"]] == [17]
    assert rest["next"] is None
    assert site.json("/api/v1/checkpoints/18")["size"] == 18


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v1/entries/9007199254740991", 404, "missing"),
        ("/api/v1/entries/9007199254740992", 400, "malformed"),
        ("/api/v1/entries/-1", 400, "malformed"),
        ("/api/v1/entries/one", 400, "malformed"),
        ("/api/v1/entries/3/proof?size=999", 404, "size-beyond-log"),
        ("/api/v1/entries/3/proof?size=2", 404, "size-beyond-log"),
        ("/api/v1/entries/3/proof?size=0", 400, "malformed"),
        ("/api/v1/entries/99/bundle", 404, "missing"),
        ("/api/v1/consistency?old=9&new=3", 422, "refused"),
        ("/api/v1/consistency?old=3&new=999", 404, "size-beyond-log"),
        ("/api/v1/consistency?old=3", 400, "malformed"),
        ("/api/v1/batches/NONE", 404, "missing"),
        ("/api/v1/batches/%00", 400, "malformed"),
        ("/api/v1/batches/A%0A", 400, "malformed"),
        ("/api/v1/batches/NONE/trace", 404, "missing"),
        (f"/api/v1/batches/{name('精')}/trace?direction=up", 400, "malformed"),
        ("/api/v1/codes/%F0%9F%8D%90", 400, "code.mistyped"),
        ("/api/v1/codes/%00", 400, "code.mistyped"),
        ("/api/v1/codes/" + "0" * 300, 400, "malformed"),
        ("/api/v1/checkpoints/3", 404, "missing"),
        ("/api/v1/checkpoints?limit=0", 400, "malformed"),
        ("/api/v1/nothing", 404, "path"),
        ("/api/v1/statements", 405, "method"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(reading_site: Site, path: str, status: int, kind: str) -> None:
    response = reading_site.get(path)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{kind}")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["detail"]


def test_a_problem_speaks_the_language_asked_for(reading_site: Site) -> None:
    assert reading_site.get("/api/v1/entries/99", "en").json()["detail"] == "there is no entry 99"
    assert reading_site.get("/api/v1/entries/99", "zh").json()["detail"] == "没有第 99 条记录"


def test_a_method_that_is_not_allowed_says_which_is(reading_site: Site) -> None:
    response = reading_site.http.delete("/api/v1/entries/3")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def test_what_is_wrong_with_a_batch_shows_on_its_codes_at_once(site: Site) -> None:
    path = f"/api/v1/codes/{site.orchard.code('R1', 3)}"
    assert site.json(path)["state"] == "intact"
    statement = site.orchard.sign("batch.held", SUPERVISOR, batches=[name("甲")], reason="complaint")
    assert site.post({"statement": statement.token}).status_code == 201
    found: dict[str, Any] = site.json(path)
    assert (found["state"], found["blocks"][0]["label"]) == ("held", "CS2610-01")
