"""Package codes: one spelling out, many in, and every slip of the finger caught."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.produce.crockford import ALPHABET
from suyuan.qr.code import (
    CODE_LENGTH,
    MOST_PACKAGES,
    CodeMistyped,
    PackageCode,
    check_character,
    check_run,
    format_code,
    format_run,
    group_code,
    parse_code,
)

CODE = "7K3MX0001ZAB3DE6GH9N"
PARTS = PackageCode("7K3MX", 63, "AB3DE6GH9")


def words(length: int) -> st.SearchStrategy[str]:
    return st.text(ALPHABET, min_size=length, max_size=length)


package_codes = st.builds(PackageCode, words(5), st.integers(0, MOST_PACKAGES - 1), words(9))


def problem_codes(error: Refused) -> list[str]:
    return [problem.code for problem in error.problems]


def slow_check_value(characters: str) -> int:
    """The check value by polynomial arithmetic over GF(2), written apart from the code under test."""

    def times(a: int, b: int) -> int:
        product = 0
        for shift in range(5):
            if b >> shift & 1:
                product ^= a << shift
        for shift in range(8, 4, -1):
            if product >> shift & 1:
                product ^= 0b100101 << (shift - 5)
        return product

    total, weight = 0, 2
    for character in reversed(characters):
        total ^= times(weight, ALPHABET.index(character))
        weight = times(weight, 2)
    return total


def test_the_code_of_the_documentation_has_its_literal_spelling() -> None:
    assert format_code(PARTS) == CODE
    assert parse_code(CODE) == PARTS
    assert group_code(CODE) == "7K3MX-0001Z-AB3DE-6GH9N"


@given(package_codes)
def test_a_code_survives_the_way_there_and_back(code: PackageCode) -> None:
    text = format_code(code)
    assert len(text) == CODE_LENGTH == 20
    assert parse_code(text) == code


@given(words(19))
def test_the_check_character_equals_the_slow_arithmetic(characters: str) -> None:
    assert check_character(characters) == ALPHABET[slow_check_value(characters)]


def test_the_twenty_weights_differ_so_any_two_characters_may_be_swapped_and_caught() -> None:
    weights = {slow_check_value("0" * place + "1" + "0" * (18 - place)) for place in range(19)} | {1}
    assert len(weights) == 20
    assert 0 not in weights


@settings(max_examples=25)
@given(package_codes)
def test_every_single_substitution_is_caught(code: PackageCode) -> None:
    text = format_code(code)
    for place, right in enumerate(text):
        for wrong in ALPHABET.replace(right, ""):
            with pytest.raises(CodeMistyped) as mistyped:
                parse_code(text[:place] + wrong + text[place + 1 :])
            assert problem_codes(mistyped.value) == ["code.check"]


@given(package_codes)
def test_every_swap_of_neighbours_is_caught(code: PackageCode) -> None:
    text = format_code(code)
    for place in range(CODE_LENGTH - 1):
        swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        if swapped != text:
            with pytest.raises(CodeMistyped):
                parse_code(swapped)


@given(package_codes, st.data())
def test_people_may_type_it_their_way(code: PackageCode, data: st.DataObject) -> None:
    text = format_code(code)
    typed = "".join(
        data.draw(st.sampled_from(_spellings(character)))
        + data.draw(st.sampled_from(["", "", " ", "-", "　", "–"]))
        for character in text
    )
    assert parse_code(typed) == code


def _spellings(character: str) -> list[str]:
    alike = {"1": "1IiLl", "0": "0Oo"}.get(character, character + character.lower())
    full_width = [chr(ord(one) + 0xFEE0) for one in alike]
    assert unicodedata.normalize("NFKC", "".join(full_width)) == alike
    return [*alike, *full_width]


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_mistyped(text: str) -> None:
    try:
        code = parse_code(text)
    except CodeMistyped:
        return
    assert parse_code(format_code(code)) == code


def test_length_and_characters_are_reported_together_with_their_places() -> None:
    with pytest.raises(CodeMistyped) as mistyped:
        parse_code("7K3MX-U00*")
    assert problem_codes(mistyped.value) == ["code.character", "code.character", "code.length"]
    assert [p.values.get("position") for p in mistyped.value.problems] == [6, 9, None]
    assert mistyped.value.problems[2].values == {"expected": 20, "found": 9}
    assert mistyped.value.code == "code.mistyped"


def test_a_flood_of_text_is_refused_by_its_length() -> None:
    with pytest.raises(CodeMistyped) as mistyped:
        parse_code(CODE + " " * 1_000_000)
    assert "code.length" in problem_codes(mistyped.value)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (PackageCode("7K3M", 0, "0" * 9), "code.run"),
        (PackageCode("7k3mx", 0, "0" * 9), "code.run"),
        (PackageCode("7K3MX", -1, "0" * 9), "code.index"),
        (PackageCode("7K3MX", MOST_PACKAGES, "0" * 9), "code.index"),
        (PackageCode("7K3MX", 0, "0" * 8), "code.tag"),
        (PackageCode("7K3MX", 0, "U" * 9), "code.tag"),
    ],
)
def test_parts_out_of_range_are_not_written(code: PackageCode, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        format_code(code)
    assert problem_codes(refused.value) == [problem]


def test_a_check_character_needs_characters_of_the_alphabet() -> None:
    with pytest.raises(Refused):
        check_character("U" * 19)


def test_a_run_id_is_five_characters_of_its_number() -> None:
    assert format_run(0) == "00000"
    assert format_run(MOST_PACKAGES - 1) == "ZZZZZ"
    check_run("7K3MX")
    with pytest.raises(Refused):
        format_run(MOST_PACKAGES)
