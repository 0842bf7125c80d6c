"""Errors as words: logs are in English, whichever error stands in them."""

from __future__ import annotations

import pytest

from suyuan.errors import Forked, Missing, Reason, Refused, SuyuanError, Unavailable

GONE = Reason("thing.gone", "{name} 不见了", "{name} is gone")


@pytest.mark.parametrize("kind", [Refused, Missing, Unavailable, Forked])
def test_an_error_in_a_log_speaks_english(kind: type[Refused | Missing | Unavailable | Forked]) -> None:
    error: SuyuanError = kind(GONE.at(name="x"))
    assert "x is gone" in str(error)
    assert str(error).isascii()
