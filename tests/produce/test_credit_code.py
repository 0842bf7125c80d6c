"""The check characters of the unified social credit code (GB 32100-2015)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.produce.credit_code import ALPHABET, check_character, is_credit_code, is_organisation_code

CODES = ("91110000600037341L", "914403001922038216", "91330100799655058B", "93431382MA4PABC59J")


@pytest.fixture
def vectors(shared: Path) -> dict[str, list[str]]:
    found: dict[str, dict[str, list[str]]] = json.loads(
        (shared / "vectors" / "cn" / "check-digits.json").read_text("utf-8")
    )
    return found["uscc"]


def test_codes_of_the_vectors_are_taken(vectors: dict[str, list[str]]) -> None:
    codes = [*vectors["valid_real"], *vectors["valid_synthetic_coop_431382"]]
    assert codes
    assert all(is_credit_code(code) and is_organisation_code(code) for code in codes)


def test_wrong_codes_of_the_vectors_are_refused(vectors: dict[str, list[str]]) -> None:
    assert vectors["invalid"]
    assert not any(is_credit_code(code) and is_organisation_code(code) for code in vectors["invalid"])


@pytest.mark.parametrize("code", CODES)
def test_every_single_wrong_character_is_found(code: str) -> None:
    for place, right in enumerate(code):
        for wrong in ALPHABET:
            damaged = code[:place] + wrong + code[place + 1 :]
            assert is_credit_code(damaged) is (wrong == right)


@pytest.mark.parametrize("code", CODES)
def test_every_swap_of_neighbours_is_found(code: str) -> None:
    for place in range(17):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert is_credit_code(swapped) is (swapped == code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        CODES[0][:17],
        CODES[0] + "1",
        CODES[0].lower(),
        " " + CODES[0][1:],
        "9111000060003734IL",
        CODES[0] + "\n",
    ],
)
def test_anything_but_eighteen_characters_of_the_alphabet_is_refused(text: str) -> None:
    assert not is_credit_code(text)


def test_characters_outside_the_alphabet_have_no_check_character() -> None:
    with pytest.raises(ValueError):
        check_character("I" * 17)


@pytest.mark.parametrize(("code", "right"), [("91350100M000100Y43", True), ("91350100M000100Z43", False)])
def test_the_organisation_code_has_a_check_character_of_its_own(code: str, right: bool) -> None:
    assert is_organisation_code(code) is right


def test_an_organisation_code_may_end_in_x() -> None:
    assert is_organisation_code("91431382" + "00000006X" + "0")
    assert not is_organisation_code("91431382" + "00000005X" + "0")


@given(st.text(ALPHABET, min_size=17, max_size=17))
def test_a_code_with_its_check_character_is_taken(body: str) -> None:
    assert is_credit_code(body + check_character(body))
