"""The published schemas: made from the models, committed as they are made, and right about examples."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from suyuan.cli.schemas import all_schemas, format_schema, write_schemas
from suyuan.errors import Refused
from suyuan.ledger.entry import parse_entry
from suyuan.ledger.jws import parse_jws
from suyuan.produce.events import EVENTS
from suyuan.produce.parse import parse_event
from suyuan.server.app import create_app
from suyuan.verify.bundle import bundle_document
from tests.orchard import Orchard
from tests.verify.ledgers import issued

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors"
EXAMPLES: list[dict[str, Any]] = json.loads((VECTORS / "events.json").read_text("utf-8"))
GOLDEN: dict[str, Any] = json.loads((VECTORS / "ledger.json").read_text("utf-8"))
SCHEMAS = all_schemas()
DOCUMENTS = [name for name in SCHEMAS if name != "openapi.json"]
VALIDATORS = {name: Draft202012Validator(SCHEMAS[name]) for name in DOCUMENTS}

Change = Callable[[dict[str, Any]], dict[str, Any]]

DAMAGES: dict[str, Change] = {
    "an unknown field": lambda event: {**event, "colour": "red"},
    "an unknown type": lambda event: {**event, "type": "batch.stolen"},
    "no id": lambda event: {name: value for name, value in event.items() if name != "id"},
    "an id in capitals": lambda event: {**event, "id": event["id"].replace("a", "A")},
    "an id of another version": lambda event: {**event, "id": event["id"][:14] + "4" + event["id"][15:]},
    "a line feed after the id": lambda event: {**event, "id": event["id"] + "\n"},
    "a time without offset": lambda event: {**event, "at": event["at"][:19]},
    "null": lambda event: {**event, "by": None},
    "a default spelled out": lambda event: {**event, "backfilled": False},
    "a digest that is too short": lambda event: {**event, "_sd": ["abc"]},
}


def passes(name: str, document: object) -> bool:
    """Tell whether *document* fits the schema in file *name*."""
    return bool(VALIDATORS[name].is_valid(document))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_committed_file_is_what_the_models_give(name: str) -> None:
    committed = (ROOT / "schemas" / name).read_text("utf-8")
    assert committed == format_schema(SCHEMAS[name]), "run `make schemas` and commit what it writes"


def test_no_other_file_is_committed() -> None:
    assert {path.name for path in (ROOT / "schemas").glob("*.json")} == set(SCHEMAS)


def test_the_command_writes_every_file(tmp_path: Path) -> None:
    write_schemas(tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == f"urn:suyuan:schema:1:{name.removesuffix('.json')}"
    assert SCHEMAS[name]["title"]
    assert SCHEMAS[name]["description"]


def test_the_api_serves_the_published_document(tmp_path: Path) -> None:
    house = Orchard(tmp_path / "data").house
    assert create_app(house).openapi() == SCHEMAS["openapi.json"]
    house.close()


def test_every_type_of_event_has_its_schema_and_words() -> None:
    parts = SCHEMAS["event.json"]["$defs"]
    types = {part["properties"]["type"]["enum"][0] for part in parts.values() if "type" in part["properties"]}
    assert types == set(EVENTS)
    assert [name for name, part in parts.items() if not part.get("description")] == []


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event["type"])
class TestEvents:
    def test_an_example_passes(self, event: dict[str, Any]) -> None:
        assert passes("event.json", event)

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_a_damaged_one_fails(self, event: dict[str, Any], damage: str) -> None:
        assert not passes("event.json", DAMAGES[damage](event))

    def test_a_field_left_out_fails_as_it_does_at_the_parser(self, event: dict[str, Any]) -> None:
        for name in event:
            less = {other: value for other, value in event.items() if other != name}
            assert passes("event.json", less) is parses(less), name

    def test_a_field_of_another_kind_fails_as_it_does_at_the_parser(self, event: dict[str, Any]) -> None:
        own = EVENTS[event["type"]].__name__
        fits = Draft202012Validator(
            {**SCHEMAS["event.json"], "$ref": f"#/$defs/{own}", "oneOf": [True]}
        ).is_valid
        values: list[Any] = [-1, 0, 2**53, "", "x", " ", "\n", True, False, [], {}, "12345678901"]
        for name in event.keys() - {"type"}:
            for value in values:
                other = {**event, name: value}
                assert fits(other) is parses(other), (name, value)


def parses(payload: dict[str, Any]) -> bool:
    """Tell whether the parser takes *payload*; control characters are capture's to refuse."""
    if any(isinstance(value, str) and not value.isprintable() for value in payload.values()):
        return False
    try:
        parse_event(payload)
    except Refused:
        return False
    return True


def test_the_golden_entry_passes_and_damaged_ones_fail() -> None:
    entry = json.loads(GOLDEN["entry"])
    parse_entry(GOLDEN["entry"].encode())
    assert passes("entry.json", entry)
    for change in ({"v": 2}, {"index": -1}, {"prev": "0"}, {"at": "2026-11-23T08:00:00Z"}, {"more": 1}):
        assert not passes("entry.json", {**entry, **change})
    link = {**entry["chains"][0], "seq": 0.5}
    assert not passes("entry.json", {**entry, "chains": [link]})


def test_the_golden_receipt_passes_and_damaged_ones_fail() -> None:
    receipt = json.loads(parse_jws(GOLDEN["receipt"]).payload_bytes)
    assert passes("receipt.json", receipt)
    for change in ({"leaf": receipt["leaf"].upper()}, {"index": "5"}, {"log": ""}, {"at": ""}, {"more": 1}):
        assert not passes("receipt.json", {**receipt, **change})


def test_a_package_proof_passes_and_damaged_ones_fail() -> None:
    document = bundle_document(issued().package_bundle(3, 7, 300, 0, 1))
    assert document["keys"]
    assert passes("package-proof.json", document)
    part = document["package"]
    short = base64.b64encode(bytes(15)).decode()
    changes: list[dict[str, Any]] = [
        {"format": "suyuan.entry-proof/1"},
        {"code": document["code"].lower()},
        {"inclusion": [document["inclusion"][0][:-2]]},
        {"keys": []},
        {"keys": None},
        {"package": {**part, "blinding": short}},
        {"package": {**part, "hashes": ["AAAA"]}},
        {"more": 1},
    ]
    for change in changes:
        assert not passes("package-proof.json", {**document, **change}), change


def test_an_entry_proof_passes_and_damaged_ones_fail() -> None:
    document = bundle_document(issued().entry_bundle(2, 0, 1))
    assert passes("entry-proof.json", document)
    assert not passes("entry-proof.json", {**document, "code": "7K3MX0001ZAB3DE6GH9C"})
    assert not passes("entry-proof.json", {**document, "entry": "=" + document["entry"]})
