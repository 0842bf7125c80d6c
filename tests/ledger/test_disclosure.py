"""Disclosures: hidden fields that belong to one statement."""

from __future__ import annotations

import base64
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.ledger import disclosure
from suyuan.ledger.disclosure import Disclosure, digest, digests, hide, parse_disclosure, reveal
from tests.keys import stream
from tests.ledger.damage import damaged_text

FIELDS = {"grower": "陈小满", "phone": "13800000000", "trees": 1200}
HIDDEN = hide(FIELDS, [bytes([number]) * 16 for number in (1, 2, 3)])
PAYLOAD: dict[str, Any] = {"type": "batch.harvested", "_sd": digests(HIDDEN)}


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.problems[0].code


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_digest_equals_that_of_rfc_9901() -> None:
    # Section 4.2.3, over the text of section 4.2.1. Our own texts have no space in them, the digest is the same way.
    text = b64('["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]')
    assert digest(text) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_a_disclosure_is_salt_name_and_value_in_canonical_json() -> None:
    text = '["AQEBAQEBAQEBAQEBAQEBAQ","grower","陈小满"]'
    assert HIDDEN[0] == Disclosure(bytes([1]) * 16, "grower", "陈小满", b64(text), digest(b64(text)))
    assert parse_disclosure(b64(text)) == HIDDEN[0]


def test_revealed_fields_stand_where_they_were_hidden() -> None:
    assert reveal(PAYLOAD, HIDDEN) == {"type": "batch.harvested"} | FIELDS
    assert reveal(PAYLOAD, HIDDEN[1:2]) == {"type": "batch.harvested", "phone": "13800000000"}
    assert reveal(PAYLOAD, []) == reveal({"type": "batch.harvested"}, []) == {"type": "batch.harvested"}


values = st.recursive(
    st.booleans() | st.integers(-99, 99) | st.text('abc溯源 "\\', max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.text("abcdefg", min_size=1, max_size=4), values, max_size=5))
@settings(deadline=None)
def test_any_fields_are_hidden_and_revealed(fields: dict[str, Any]) -> None:
    read = stream("salts")
    hidden = hide(fields, lambda: read(16))
    assert [parse_disclosure(each.text) for each in hidden] == list(hidden)
    assert reveal({"_sd": digests(hidden)}, hidden) == fields


def test_digests_are_sorted_so_that_their_order_tells_nothing() -> None:
    assert digests(HIDDEN) == sorted(each.digest for each in HIDDEN) == digests(reversed(HIDDEN))


def test_the_same_value_under_another_salt_has_another_digest() -> None:
    numbers = count()
    first, second = (hide({"a": 1}, lambda: next(numbers).to_bytes(16, "big"))[0] for _ in range(2))
    assert first.digest != second.digest


def test_every_damage_to_a_disclosure_is_refused() -> None:
    for each in HIDDEN:
        for bad in damaged_text(each.text):
            with pytest.raises(Refused):
                reveal(PAYLOAD, [parse_disclosure(bad)])


SALT = "AQEBAQEBAQEBAQEBAQEBAQ"


@pytest.mark.parametrize(
    "text",
    [
        "", "A", b64(""), b64("[]"), b64("{}"), b64(f'["{SALT}","a"]'), b64(f'["{SALT}","a",1,2]'),
        b64(f'["{SALT}", "a", 1]'), b64(f'["{SALT}","a",1.0]'), b64(f'["{SALT}","a",null]'), b64(f'["{SALT}",1,1]'),
        b64('[1,"a",1]'), b64('["AQEB","a",1]'), b64(f'["{SALT[:-1]}R","a",1]'), b64(f'["{SALT}=","a",1]'),
        b64(f'["{SALT}","_sd",1]'), b64(f'["{SALT}","...",1]'), b64(f'["{SALT}","_sd_alg","sha-256"]'),
        b64(f'["{SALT}","a",' + "[" * 50_000), b64(f'["{SALT}","a","e\u0301"]'), b64(f'["{SALT}","a",1]') + "=",
        base64.urlsafe_b64encode(b'["\xff","a",1]').decode(), "中", "\ud800",
        b64(f'["{SALT}","a",{{"b":1,"a":1}}]'), b64(f'["{SALT}","a","\\u0041"]'),
    ],
)  # fmt: skip
def test_any_other_text_is_refused(text: str) -> None:
    assert code_of(parse_disclosure, text) == "disclosure.form"


@pytest.mark.parametrize("name", ["_sd", "_sd_alg", "..."])
def test_a_reserved_name_is_not_hidden(name: str) -> None:
    assert code_of(hide, {name: 1}, [bytes(16)]) == "disclosure.name"


def test_a_short_salt_or_one_used_twice_is_refused() -> None:
    assert code_of(hide, {"a": 1}, [bytes(15)]) == "disclosure.salt"
    assert code_of(hide, {"a": 1, "b": 2}, [bytes(16), bytes(16)]) == "disclosure.salt-repeated"
    assert code_of(hide, {"a": 1, "b": 2}, [bytes(16)]) == "disclosure.salt-missing"


def test_a_value_outside_the_model_is_not_hidden() -> None:
    assert code_of(hide, {"a": None}, [bytes(16)]) == "canonical.type"


def test_a_disclosure_of_another_statement_is_refused() -> None:
    other = hide({"grower": "别人"}, [bytes(16)])
    assert code_of(reveal, PAYLOAD, other) == "disclosure.unnamed"
    assert code_of(reveal, {"type": "x"}, HIDDEN[:1]) == "disclosure.unnamed"


def test_a_disclosure_put_together_by_hand_is_refused() -> None:
    real = HIDDEN[0]
    forged = [
        Disclosure(real.salt, real.name, "别人", real.text, real.digest),
        Disclosure(real.salt, "buyer", real.value, real.text, real.digest),
        Disclosure(real.salt, real.name, "别人", HIDDEN[1].text, real.digest),
    ]
    for each in forged:
        assert code_of(reveal, PAYLOAD, [each]) == "disclosure.unnamed"


def test_a_name_that_is_there_twice_is_refused() -> None:
    assert code_of(reveal, PAYLOAD | {"grower": "公开"}, HIDDEN) == "disclosure.clash"
    assert code_of(reveal, PAYLOAD, [HIDDEN[0], HIDDEN[0]]) == "disclosure.clash"


def test_every_bad_disclosure_is_listed() -> None:
    other = hide({"a": 1, "b": 2}, [bytes(16), bytes(17)])
    with pytest.raises(Refused) as caught:
        reveal(PAYLOAD, [*other, *HIDDEN])
    assert [problem.values["name"] for problem in caught.value.problems] == ["a", "b"]


@pytest.mark.parametrize("named", ["x", 1, {}, [1], ["a", 1], ["a", "a"]])
def test_a_list_of_digests_that_is_malformed_is_refused(named: object) -> None:
    assert code_of(reveal, {"_sd": named}, []) == "disclosure.digests"
    assert disclosure.DIGESTS == "_sd"
