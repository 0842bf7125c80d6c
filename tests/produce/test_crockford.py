"""Crockford's base32."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.produce.crockford import ALPHABET, decode_crockford, encode_crockford


def test_the_alphabet_has_32_characters_and_no_look_alikes() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)
    assert list(ALPHABET) == sorted(ALPHABET)


@given(st.integers(1, 20).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 32**n - 1))))
def test_a_number_survives_the_way_there_and_back(case: tuple[int, int]) -> None:
    length, number = case
    text = encode_crockford(number, length)
    assert len(text) == length
    assert decode_crockford(text) == number


def test_known_numbers_have_their_known_spelling() -> None:
    assert encode_crockford(0, 5) == "00000"
    assert encode_crockford(32**5 - 1, 5) == "ZZZZZ"
    assert encode_crockford(1234567890, 7) == "14SC0PJ"


@pytest.mark.parametrize("number", [-1, 32**5])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(Refused) as refused:
        encode_crockford(number, 5)
    assert [p.code for p in refused.value.problems] == ["crockford.number"]


def test_every_strange_character_is_named() -> None:
    with pytest.raises(Refused) as refused:
        decode_crockford("a1OU")
    assert [p.values["character"] for p in refused.value.problems] == ["O", "U", "a"]
