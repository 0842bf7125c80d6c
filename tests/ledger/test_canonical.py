"""RFC 8785 bytes: equal to another library's, and nothing else is read."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.ledger import canonical

texts = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
names = st.text(st.characters(max_codepoint=127), max_size=8)
whole = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.booleans() | whole | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)
objects = st.dictionaries(names, values, max_size=6)


def code_of(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        canonical.decode(data)
    return caught.value.problems[0].code


@given(values)
@settings(deadline=None, max_examples=150)
def test_bytes_equal_those_of_the_rfc8785_library(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(objects)
@settings(deadline=None, max_examples=80)
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    assert canonical.decode(canonical.encode(value)) == value


def test_control_and_special_characters_are_written_as_rfc_8785_asks() -> None:
    text = "".join(map(chr, range(0x80))) + "\u2028\u2029\ufeff\U0001f34a\u6ea7"
    assert canonical.encode({"t": text}) == rfc8785.dumps({"t": text})


@given(objects, st.data())
@settings(deadline=None, max_examples=80)
def test_other_spellings_of_the_same_object_are_refused(value: dict[str, Any], data: st.DataObject) -> None:
    exact = canonical.encode(value)
    other = data.draw(
        st.sampled_from(
            [
                json.dumps(value).encode(),
                json.dumps(value, ensure_ascii=False, indent=1).encode(),
                json.dumps(dict(reversed(value.items())), ensure_ascii=False, separators=(",", ":")).encode(),
                exact + b"\n",
                b" " + exact,
                b"\xef\xbb\xbf" + exact,
            ]
        )
    )
    if other != exact:
        assert code_of(other).startswith("canonical.")


@given(st.binary(max_size=60) | st.text('{}[]":,.eE+-0123456789\\untrfalse ', max_size=40).map(str.encode))
@settings(deadline=None, max_examples=500)
def test_any_bytes_are_the_one_spelling_of_an_object_or_refused(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except Refused:
        return
    assert canonical.encode(value) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "canonical.syntax"),
        (b"{", "canonical.syntax"),
        (b"{}x", "canonical.syntax"),
        (b'{"a":NaN}', "canonical.syntax"),
        (b'{"a":Infinity}', "canonical.syntax"),
        (b'{"a":01}', "canonical.syntax"),
        (b'{"a":"\xff"}', "canonical.syntax"),
        (b'{"a":"\xed\xa0\x80"}', "canonical.syntax"),
        (b'{"a":"\\ud800"}', "canonical.syntax"),
        (b'{"a":"\\ud83d\\u0041"}', "canonical.syntax"),
        (b'{"a":"\x01"}', "canonical.syntax"),
        (b'{"a":1e999}', "canonical.syntax"),
        (b'{"a":' + b"9" * 5000 + b"}", "canonical.syntax"),
        (b'{"a":9007199254740992}', "canonical.integer"),
        (b'{"a":-9007199254740992}', "canonical.integer"),
        (b'{"a":18446744073709551615}', "canonical.integer"),
        (b'{"a":1.0}', "canonical.type"),
        (b'{"a":1e2}', "canonical.type"),
        (b'{"a":null}', "canonical.type"),
        (b'{"a":-0}', "canonical.form"),
        (b'{"a":1,"a":1}', "canonical.form"),
        (b'{"a":1,"a":2}', "canonical.form"),
        (b'{"b":1,"a":2}', "canonical.form"),
        (b'{"a": 1}', "canonical.form"),
        (b'{"a":1}\n', "canonical.form"),
        (b'{"a":"\\/"}', "canonical.form"),
        (b'{"a":"\\u0041"}', "canonical.form"),
        (b'{"a":"\\u000A"}', "canonical.form"),
        (b'{"a":"\\u001F"}', "canonical.form"),
        (b'{"a":"\\u4e2d"}', "canonical.form"),
        ('{"a":"e\u0301"}'.encode(), "canonical.nfc"),
        ('{"中":1}'.encode(), "canonical.name"),
        (b"[]", "canonical.object"),
        (b'"a"', "canonical.object"),
        (b"1", "canonical.object"),
        (b"null", "canonical.object"),
        (b'{"a":' * 100_000, "canonical.depth"),
        (b'{"a":' + b"[" * 100_000, "canonical.depth"),
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "canonical.depth"),
    ],
)
def test_bytes_outside_the_model_are_refused_with_their_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_lists_and_objects_may_stand_32_deep() -> None:
    data = b'{"a":' + b"[" * 31 + b"]" * 31 + b"}"
    assert canonical.encode(canonical.decode(data)) == data


def test_the_largest_whole_numbers_are_read() -> None:
    data = b'{"a":9007199254740991,"b":-9007199254740991}'
    assert canonical.decode(data) == {"a": 2**53 - 1, "b": 1 - 2**53}


class Text(str):
    """A text that might encode otherwise."""


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "canonical.type"),
        (1.5, "canonical.type"),
        (b"bytes", "canonical.type"),
        ({1}, "canonical.type"),
        (Text("a"), "canonical.type"),
        (2**53, "canonical.integer"),
        (10**400, "canonical.integer"),
        ("\ud800", "canonical.unicode"),
        ("e\u0301", "canonical.nfc"),
        ({1: "a"}, "canonical.name"),
        ({"\ud800": "a"}, "canonical.name"),
        ({Text("a"): "a"}, "canonical.name"),
    ],
)
def test_values_outside_the_model_are_not_written(value: object, code: str) -> None:
    for wrapped in (value, [value], {"a": value}):
        with pytest.raises(Refused) as caught:
            canonical.encode(wrapped)
        assert caught.value.problems[0].code == code


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(Refused):
        canonical.encode(loop)


def test_every_problem_is_listed_with_its_pointer() -> None:
    with pytest.raises(Refused) as caught:
        canonical.encode({"a": [1, None], "b/~c": {"d": 0.5}, "e": 2**60})
    assert [problem.pointer for problem in caught.value.problems] == ["/a/1", "/b~1~0c/d", "/e"]


def test_a_difference_is_named_by_its_first_byte() -> None:
    for data, offset in ((b'{"a": 1}', 5), (b'{"a":1} ', 7)):
        with pytest.raises(Refused) as caught:
            canonical.decode(data)
        assert caught.value.problems[0].values == {"offset": offset}


def test_tuples_are_written_as_lists() -> None:
    assert canonical.encode(("a", (1, True))) == b'["a",[1,true]]'


def test_what_is_right_beside_what_is_wrong_is_not_named() -> None:
    with pytest.raises(Refused) as caught:
        canonical.encode({"count": 5, "kind": "pear", "name": "梨", "open": True, "price": 1.5, "rest": None})
    assert [problem.pointer for problem in caught.value.problems] == ["/price", "/rest"]


def test_half_a_surrogate_pair_is_named() -> None:
    with pytest.raises(Refused) as caught:
        canonical.encode({"name": "\ud800"})
    assert [problem.pointer for problem in caught.value.problems] == ["/name"]
