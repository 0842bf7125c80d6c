"""Payloads become events, exactly and reversibly, or are refused field by field."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.produce.events import EVENTS, Event
from suyuan.produce.parse import day_of, format_event, is_public_ref, moment_of, parse_event

EXAMPLES: dict[str, dict[str, Any]] = {
    example["type"]: example
    for example in json.loads((Path(__file__).parents[1] / "vectors" / "events.json").read_text("utf-8"))
}
ADJUSTED = EXAMPLES["batch.adjusted"]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def read(payload: dict[str, Any]) -> Event | list[tuple[str, str]]:
    """Return the event, or pointer and code of each problem."""
    try:
        return parse_event(payload)
    except Refused as refused:
        return [(problem.pointer, problem.code) for problem in refused.problems]


def problems_of(payload: dict[str, Any]) -> list[tuple[str, str]]:
    found = read(payload)
    assert isinstance(found, list), "it was accepted"
    return found


def test_every_type_of_the_vocabulary_has_an_example() -> None:
    assert EXAMPLES.keys() == EVENTS.keys()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_parses_and_formats_to_itself(kind: str) -> None:
    event = parse_event(EXAMPLES[kind])
    assert isinstance(event, EVENTS[kind])
    assert format_event(event) == EXAMPLES[kind]
    assert json.loads(json.dumps(format_event(event))) == EXAMPLES[kind]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_event_without_any_one_of_its_fields_is_refused_or_formats_to_itself(kind: str) -> None:
    for left_out in EXAMPLES[kind]:
        payload = {name: value for name, value in EXAMPLES[kind].items() if name != left_out}
        found = read(payload)
        if isinstance(found, list):
            assert [pointer for pointer, _ in found] == [f"/{left_out}"]
        else:
            assert format_event(found) == payload


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_unknown_field_is_refused_by_its_name(kind: str) -> None:
    assert problems_of({**EXAMPLES[kind], "price": 12}) == [("/price", "event.field")]


@pytest.mark.parametrize("kind", ["batch.eaten", "", None, 7, ["batch.adjusted"]])
def test_an_unknown_type_is_refused(kind: object) -> None:
    assert problems_of({**ADJUSTED, "type": kind}) == [("/type", "event.type")]


def test_a_payload_without_type_is_refused() -> None:
    assert problems_of({}) == [("/type", "event.type")]


@pytest.mark.parametrize("amount", [1.0, 1e300, True, "5", None, 2**53, -(2**53), 2**70])
def test_an_amount_is_a_whole_number_below_2_to_the_53(amount: object) -> None:
    assert problems_of({**ADJUSTED, "amount": amount}) == [("/amount", "event.field")]


@pytest.mark.parametrize(
    "batch",
    [
        "9Q2WD7K3MX\n",
        "9q2wd7k3mx",
        "9Q2W",
        "9Q2WD7K3ML",
        "9Q2WD 7K3MX",
        "9Q2WD7K3MX9Q2WD7K3MXX",
        "٩Q2WD7K3MX",
        "",
    ],
)
def test_an_id_is_five_to_twenty_crockford_characters_and_nothing_else(batch: str) -> None:
    assert problems_of({**ADJUSTED, "batch": batch}) == [("/batch", "event.field")]


@pytest.mark.parametrize("number", ["13001985275", "A13001985275", "273648190253B"])
def test_an_id_cannot_carry_a_phone_or_order_number(number: str) -> None:
    assert problems_of({**ADJUSTED, "batch": number}) == [("/batch", "event.field")]
    assert isinstance(read({**ADJUSTED, "batch": "1300198527A5"}), Event)


@pytest.mark.parametrize("by", ["log\n", "Log", "a/b", "", "7K3MX9Q2WD/X"])
def test_a_signer_is_a_party_or_the_log(by: str) -> None:
    assert problems_of({**ADJUSTED, "by": by}) == [("/by", "event.field")]


@pytest.mark.parametrize(
    "id",
    [
        "019AAF10-5C00-7000-8000-000000000001",
        "019aaf10-5c00-4000-8000-000000000001",
        "019aaf10-5c00-7000-c000-000000000001",
        "019aaf10-5c00-7000-8000-000000000001\n",
        "019aaf105c00700080000000000000001",
    ],
)
def test_an_event_id_is_a_uuid_version_seven_in_lower_case(id: str) -> None:
    assert problems_of({**ADJUSTED, "id": id}) == [("/id", "event.field")]


@pytest.mark.parametrize(
    "at",
    [
        "2026-09-21",
        "2026-09-21T08:00:00",
        "2026-09-21 08:00:00+08:00",
        "2026-09-21t08:00:00z",
        "2026-09-21T08:00:00+0800",
        "2026-09-21T08:00:00.1234Z",
        "2026-09-21T24:00:00Z",
        "2026-09-21T23:59:60Z",
        "2026-09-21T08:00:00+08:75",
        "2026-09-21T08:00:00+23:00",
        "2026-09-21T08:00:00Z\n",
        "٢٠٢٦-09-21T08:00:00Z",
        "1999-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
    ],
)
def test_a_time_has_one_form_with_offset(at: str) -> None:
    assert problems_of({**ADJUSTED, "at": at}) == [("/at", "event.field")]


@pytest.mark.parametrize("at", ["2026-02-29T08:00:00Z", "2026-13-01T08:00:00Z", "2026-00-10T08:00:00Z"])
def test_a_day_that_is_not_in_the_calendar_is_refused(at: str) -> None:
    assert problems_of({**ADJUSTED, "at": at}) == [("/at", "event.moment")]


def test_a_packing_day_that_is_not_in_the_calendar_is_refused() -> None:
    issued = EXAMPLES["labels.issued"]
    assert problems_of({**issued, "packed_on": "2026-11-31"}) == [("/packed_on", "event.moment")]
    assert problems_of({**issued, "packed_on": "2026-11-30\n"}) == [("/packed_on", "event.field")]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-09-21T00:30:00+08:00", date(2026, 9, 21)),
        ("2026-09-20T16:30:00Z", date(2026, 9, 20)),
        ("2000-01-01T00:00:00.5+14:00", date(2000, 1, 1)),
        ("2199-12-31T23:59:59.999-11:30", date(2199, 12, 31)),
    ],
)
def test_the_day_of_an_event_is_the_one_its_own_offset_names(at: str, day: date) -> None:
    event = parse_event({**ADJUSTED, "at": at})
    assert day_of(event) == day
    assert moment_of(event).utcoffset() is not None


@pytest.mark.parametrize(
    ("kind", "change", "pointer"),
    [
        ("batch.adjusted", {"backfilled": False}, "/backfilled"),
        ("batch.adjusted", {"_sd": []}, "/_sd"),
        ("batch.bought", {"ref": ""}, "/ref"),
        ("input.applied", {"interval_days": 0}, "/interval_days"),
        ("log.opened", {"demo": False}, "/demo"),
        ("order.sold", {"packages": []}, "/packages"),
    ],
)
def test_a_default_that_is_spelled_out_is_refused(kind: str, change: dict[str, Any], pointer: str) -> None:
    assert problems_of({**EXAMPLES[kind], **change}) == [(pointer, "event.spelling")]


def test_a_default_spelled_out_deep_inside_is_refused_where_it_stands() -> None:
    findings = [{"item": "铅", "result": "0"}, {"item": "镉", "result": "0", "passed": True, "unit": ""}]
    payload = {**EXAMPLES["test.reported"], "findings": findings, "backfilled": False}
    assert problems_of(payload) == [
        ("/backfilled", "event.spelling"),
        ("/findings/1/passed", "event.spelling"),
        ("/findings/1/unit", "event.spelling"),
    ]


@pytest.mark.parametrize(
    ("ref", "public"),
    [
        ("CS26-0094", True),
        ("1234567890", True),
        ("12345678901", False),
        ("A-13001985275", False),
        ("1300198-5275", True),
        ("A" * 20, True),
        ("A" * 21, False),
        ("cs26", False),
        ("批次一", False),
        ("CS26\n", False),
        ("", False),
    ],
)
def test_a_reference_is_public_only_in_its_form_and_without_eleven_digits(ref: str, public: bool) -> None:
    assert is_public_ref(ref) is public
    if ref and not public:
        assert problems_of({**EXAMPLES["batch.bought"], "ref": ref}) == [("/ref", "event.ref")]


def test_references_of_outputs_are_refused_one_by_one() -> None:
    payload = json.loads(json.dumps(EXAMPLES["batch.transformed"]))
    payload["outputs"][0]["ref"] = "18709662267"
    payload["outputs"][1]["ref"] = "新-1"
    assert problems_of(payload) == [("/outputs/0/ref", "event.ref"), ("/outputs/1/ref", "event.ref")]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("party.registered", "name"),
        ("party.registered", "place"),
        ("party.registered", "credit_code"),
        ("product.registered", "gtin"),
        ("input.applied", "registration"),
        ("site.registered", "crop"),
        ("batch.harvested", "station"),
        ("batch.transformed", "plant"),
    ],
)
def test_a_text_has_at_most_eighty_characters(kind: str, field: str) -> None:
    assert isinstance(read({**EXAMPLES[kind], field: "梨" * 80}), Event)
    assert problems_of({**EXAMPLES[kind], field: "梨" * 81}) == [(f"/{field}", "event.text")]


def test_all_problems_that_can_be_told_apart_are_reported() -> None:
    wrong = {"at": "2026-02-30T08:00:00Z", "ref": "18709662267", "backfilled": False}
    assert problems_of({**EXAMPLES["batch.bought"], **wrong}) == [
        ("/backfilled", "event.spelling"),
        ("/at", "event.moment"),
        ("/ref", "event.ref"),
    ]


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("inputs", 0, "amount"), 0, "/inputs/0/amount"),
        (("outputs", 1, "batch"), "x", "/outputs/1/batch"),
        (("outputs", 1, "weight"), 5, "/outputs/1/weight"),
        (("added", 0, "name"), "Water", "/added/0/name"),
        (("inputs",), [], "/inputs"),
        (("inputs",), [{"batch": "9Q2WD7K3MX"}], "/inputs/0/amount"),
        (("loss_g",), -1, "/loss_g"),
        (("_sd",), ["x"], "/_sd/0"),
        (("a/b~c",), 1, "/a~1b~0c"),
        (("a`b",), 1, "/a`b"),
    ],
)
def test_a_problem_points_to_its_field(path: tuple[Any, ...], value: object, pointer: str) -> None:
    payload = json.loads(json.dumps(EXAMPLES["batch.transformed"]))
    place = payload
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert problems_of(payload) == [(pointer, "event.field")]


def test_a_key_has_one_spelling_only() -> None:
    """The last of 43 characters carries four bits; with other low bits the same key would get a second kid."""
    payload = EXAMPLES["key.added"]
    x = payload["jwk"]["x"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spelled = {last: read({**payload, "jwk": {**payload["jwk"], "x": x[:-1] + last}}) for last in alphabet}
    assert [last for last, found in spelled.items() if isinstance(found, Event)] == list(alphabet[::4])


@pytest.mark.parametrize(
    "change",
    [{"\ud800": 1}, {"reason": "\ud800"}, {"log": "\ud800"}, {"batch": "\ud800"}, {"type": "\ud800"}],
)
def test_a_lone_surrogate_is_refused(change: dict[str, Any]) -> None:
    assert problems_of({**ADJUSTED, **change})


@given(st.dictionaries(st.text(max_size=10), JSON_VALUES, max_size=6), st.sampled_from(sorted(EVENTS)))
def test_any_payload_is_refused_and_nothing_else_happens(payload: dict[str, Any], kind: str) -> None:
    assert problems_of({**payload, "type": kind})


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_any_damaged_example_is_refused_or_formats_to_itself(kind: str, data: st.DataObject) -> None:
    payload = json.loads(json.dumps(EXAMPLES[kind]))
    place = payload
    field = data.draw(st.sampled_from(sorted(place)))
    while isinstance(place[field], dict | list) and place[field] and data.draw(st.booleans()):
        place = place[field]
        field = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place))))
        )
    place[field] = data.draw(JSON_VALUES)
    found = read(payload)
    if isinstance(found, list):
        assert all(code.startswith("event.") for _, code in found)
    else:
        assert format_event(found) == payload


def test_every_default_is_one_that_is_left_out_when_it_is_given() -> None:
    """msgspec leaves out what *is* the default: a whole number beyond 256 that equals it would be written."""
    for cls in EVENTS.values():
        for field in msgspec.structs.fields(cls):
            default = field.default
            assert default is msgspec.NODEFAULT or default in (0, "", ()) or isinstance(default, bool), (
                cls,
                field,
            )
