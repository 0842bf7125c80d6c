"""Entries: exact bytes, strict fields, chains in order."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from suyuan.errors import Refused, TooLarge
from suyuan.ledger.entry import MAX_ENTRY_BYTES, Entry, Link, format_entry, parse_entry
from suyuan.ledger.hashing import ZERO, Hash, leaf_hash
from suyuan.ledger.statement import SigningKey, sign_statement
from tests.keys import seed
from tests.ledger.damage import flip

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
TOKEN = sign_statement({"id": "019aaf2e-5c00-7000-8000-000000000001"}, SigningKey(seed("party")))
CHAINS = (Link("batch:7K3M9Q2XWA", 3, leaf_hash(b"batch")), Link("party:0AB", 0, ZERO))
ENTRY = Entry("example.com/log", 5, leaf_hash(b"before"), AT, CHAINS, TOKEN)
DATA = format_entry(ENTRY)
FIELDS: dict[str, Any] = json.loads(DATA)

hashes = st.binary(min_size=32, max_size=32).map(Hash)
numbers = st.integers(0, 2**53 - 1)
texts = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
links = st.lists(st.builds(Link, texts, numbers, hashes), max_size=4, unique_by=lambda link: link.id).map(
    lambda found: tuple(sorted(found, key=lambda link: link.id))
)
moments = st.integers(0, 4 * 10**12).map(lambda ms: datetime.fromtimestamp(ms // 1000, UTC))
entries = st.builds(Entry, texts, numbers, hashes, moments, links, st.just(TOKEN))


def code_of(data: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        parse_entry(data)
    problem = caught.value.problems[0]
    return problem.code, problem.pointer


def test_an_entry_has_exactly_the_fields_of_the_design() -> None:
    assert {
        "v": 1,
        "log": "example.com/log",
        "index": 5,
        "prev": leaf_hash(b"before").hex(),
        "at": "2026-11-23T08:00:00.000Z",
        "chains": [
            {"id": "batch:7K3M9Q2XWA", "seq": 3, "prev": leaf_hash(b"batch").hex()},
            {"id": "party:0AB", "seq": 0, "prev": "00" * 32},
        ],
        "statement": TOKEN,
    } == FIELDS


@given(entries)
@settings(deadline=None)
def test_an_entry_is_read_back_and_is_rfc_8785(entry: Entry) -> None:
    data = format_entry(entry)
    assert parse_entry(data) == entry
    assert rfc8785.dumps(json.loads(data)) == data


def test_an_entry_of_no_subject_is_read_back() -> None:
    entry = replace(ENTRY, index=0, prev=ZERO, chains=())
    assert parse_entry(format_entry(entry)) == entry


def test_every_bit_of_an_entry_matters() -> None:
    for bit in range(len(DATA) * 8):
        bad = flip(DATA, bit)
        assert leaf_hash(bad) != leaf_hash(DATA)
        try:
            found = parse_entry(bad)
        except Refused:
            continue
        assert format_entry(found) == bad
        assert found != ENTRY


def written(fields: dict[str, Any]) -> bytes:
    return rfc8785.dumps(fields)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_field_is_needed(name: str) -> None:
    assert code_of(written({key: value for key, value in FIELDS.items() if key != name})) == (
        "entry.form",
        "",
    )


def test_no_other_field_is_taken() -> None:
    assert code_of(written(FIELDS | {"note": "x"})) == ("entry.form", "")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"v": 2}, "/v"), ({"v": True}, "/v"), ({"v": "1"}, "/v"), ({"v": 0}, "/v"),
        ({"log": ""}, "/log"), ({"log": 1}, "/log"), ({"log": "a b"}, "/log"), ({"log": "溯源"}, "/log"),
        ({"log": "a" * 256}, "/log"), ({"log": "a\n"}, "/log"),
        ({"index": -1}, "/index"), ({"index": "5"}, "/index"), ({"index": True}, "/index"),
        ({"prev": ""}, "/prev"), ({"prev": "0" * 63}, "/prev"), ({"prev": "0" * 65}, "/prev"), ({"prev": 0}, "/prev"),
        ({"prev": "A" * 64}, "/prev"), ({"prev": "g" * 64}, "/prev"), ({"prev": "00 " + "0" * 61}, "/prev"),
        ({"at": 0}, "/at"), ({"statement": ""}, "/statement"), ({"statement": 1}, "/statement"),
        ({"statement": "a b"}, "/statement"), ({"statement": "溯"}, "/statement"), ({"statement": "a\n"}, "/statement"),
        ({"chains": {}}, "/chains"), ({"chains": "x"}, "/chains"), ({"chains": [1]}, "/chains/0"),
        ({"chains": [{}]}, "/chains/0"), ({"chains": [[]]}, "/chains/0"),
    ],
)  # fmt: skip
def test_a_field_out_of_range_is_refused(change: dict[str, Any], pointer: str) -> None:
    assert code_of(written(FIELDS | change)) == ("entry.form", pointer)


@pytest.mark.parametrize("at", ["", "2026-11-23T08:00:00Z", "2026-11-23T16:00:00.000+08:00"])
def test_a_time_in_another_spelling_is_refused(at: str) -> None:
    assert code_of(written(FIELDS | {"at": at}))[0] == "moment.spelling"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"id": ""}, "/chains/0/id"), ({"id": 1}, "/chains/0/id"), ({"id": "a b"}, "/chains/0/id"),
        ({"id": "批"}, "/chains/0/id"), ({"id": "a" * 129}, "/chains/0/id"), ({"id": "a\n"}, "/chains/0/id"),
        ({"seq": -1}, "/chains/0"), ({"seq": "0"}, "/chains/0/seq"), ({"seq": False}, "/chains/0/seq"),
        ({"prev": "0" * 63}, "/chains/0/prev"), ({"prev": "F" * 64}, "/chains/0/prev"),
        ({"prev": 1}, "/chains/0/prev"), ({"more": 1}, "/chains/0"),
    ],
)  # fmt: skip
def test_a_link_out_of_range_is_refused(change: dict[str, Any], pointer: str) -> None:
    chains = [FIELDS["chains"][0] | change]
    assert code_of(written(FIELDS | {"chains": chains})) == ("entry.form", pointer)


def test_chains_out_of_order_or_twice_are_refused() -> None:
    first, second = FIELDS["chains"]
    assert code_of(written(FIELDS | {"chains": [second, first]})) == ("entry.form", "/chains/1/id")
    assert code_of(written(FIELDS | {"chains": [first, first]})) == ("entry.form", "/chains/1/id")


def test_an_entry_in_another_spelling_is_refused() -> None:
    assert code_of(json.dumps(FIELDS).encode())[0] == "canonical.form"
    assert code_of(DATA + b"\n")[0] == "canonical.form"
    assert code_of(b"")[0] == "canonical.syntax"
    assert code_of(b"[]")[0] == "canonical.object"


def links_of(number: int) -> tuple[Link, ...]:
    return tuple(Link(f"batch:{place:06}", place, ZERO) for place in range(number))


def test_an_entry_touches_256_subjects_and_no_more() -> None:
    full = replace(ENTRY, chains=links_of(256))
    assert parse_entry(format_entry(full)) == full
    with pytest.raises(Refused) as caught:
        format_entry(replace(ENTRY, chains=links_of(257)))
    assert caught.value.problems[0].pointer == "/chains"


def test_an_entry_of_60_000_bytes_is_taken_and_one_more_is_too_large() -> None:
    room = MAX_ENTRY_BYTES - len(format_entry(replace(ENTRY, statement="A"))) + 1
    data = format_entry(replace(ENTRY, statement="A" * room))
    assert len(data) == MAX_ENTRY_BYTES
    assert parse_entry(data).statement == "A" * room
    with pytest.raises(TooLarge) as caught:
        format_entry(replace(ENTRY, statement="A" * (room + 1)))
    assert caught.value.problems[0].values == {"found": MAX_ENTRY_BYTES + 1, "most": MAX_ENTRY_BYTES}
    with pytest.raises(TooLarge):
        parse_entry(data + b" ")


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ENTRY, log=""),
        replace(ENTRY, index=-1),
        replace(ENTRY, index=2**53),
        replace(ENTRY, prev=Hash(b"")),
        replace(ENTRY, statement="{}"),
        replace(ENTRY, at=datetime(2026, 11, 23)),  # noqa: DTZ001  # the point
        replace(ENTRY, chains=CHAINS[::-1]),
        replace(ENTRY, chains=(CHAINS[0], CHAINS[0])),
        replace(ENTRY, chains=(replace(CHAINS[0], seq=-1),)),
        replace(ENTRY, chains=(replace(CHAINS[0], seq=2**53),)),
        replace(ENTRY, chains=(replace(CHAINS[0], prev=Hash(bytes(31))),)),
    ],
)
def test_an_entry_out_of_range_is_not_written(wrong: Entry) -> None:
    with pytest.raises(Refused):
        format_entry(wrong)


@given(st.binary(max_size=80))
@settings(deadline=None)
def test_any_bytes_are_refused_without_another_error(data: bytes) -> None:
    code_of(data)
