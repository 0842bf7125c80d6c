"""Both check characters of the credit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from suyuan.errors import Refused
from suyuan.intake.credit_code import check_credit_code
from suyuan.produce.credit_code import ALPHABET, check_character, organisation_check

VALID = "93431382MA4PABC59J"


def test_the_vectors_are_told_apart(shared: Path) -> None:
    vectors = json.loads((shared / "vectors/cn/check-digits.json").read_text("utf-8"))["uscc"]
    for code in vectors["valid_real"] + vectors["valid_synthetic_coop_431382"]:
        check_credit_code(code)
    for code in vectors["invalid"]:
        with pytest.raises(Refused):
            check_credit_code(code)


@given(st.text(ALPHABET, min_size=17, max_size=17))
def test_the_last_character_agrees_with_another_library(body: str) -> None:
    assert check_character(body) == uscc.calc_check_digit(body)


@given(st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_single_slip_is_found(place: int, character: str) -> None:
    slip = VALID[:place] + character + VALID[place + 1 :]
    if slip == VALID:
        check_credit_code(slip)
    else:
        with pytest.raises(Refused) as refused:
            check_credit_code(slip)
        assert refused.value.problems[0].zh == "统一社会信用代码校验位不符"


def test_a_wrong_organisation_code_is_found_behind_a_right_last_character() -> None:
    body = VALID[:16] + ("1" if VALID[16] != "1" else "2")
    with pytest.raises(Refused):
        check_credit_code(body + check_character(body))


@pytest.mark.parametrize(("body", "check"), [("60003734", "1"), ("MA4PABC5", "9"), ("55TH2HUC", "X")])
def test_the_organisation_check_is_a_digit_or_x(body: str, check: str) -> None:
    assert organisation_check(body) == check


@pytest.mark.parametrize(
    "code", ["", VALID[:17], VALID + "1", VALID.lower(), VALID.replace("J", "I"), "４" * 18]
)
def test_another_form_is_refused_without_repeating_the_code(code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_credit_code(code)
    problem = refused.value.problems[0]
    assert problem.code == "credit-code.form"
    assert not code or code not in problem.zh + problem.en
