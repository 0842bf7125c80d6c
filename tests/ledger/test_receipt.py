"""Receipts: the log's word, under the log's receipt key."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused, SignatureWrong, TooLarge
from suyuan.ledger.hashing import Hash, leaf_hash
from suyuan.ledger.jws import parse_jws, sign_jws
from suyuan.ledger.receipt import Receipt, open_receipt, sign_receipt
from suyuan.ledger.statement import SigningKey
from tests.keys import seed
from tests.ledger.damage import damaged_text

KEY = SigningKey(seed("receipts"))
RECEIPT = Receipt("example.com/log", 5, leaf_hash(b"entry"), datetime(2026, 11, 23, 8, tzinfo=UTC))
TOKEN = sign_receipt(RECEIPT, KEY)
FIELDS: dict[str, Any] = json.loads(parse_jws(TOKEN).payload_bytes)


def test_a_receipt_is_canonical_json_under_the_header_of_statements() -> None:
    assert parse_jws(TOKEN).kid == KEY.kid
    assert {
        "at": "2026-11-23T08:00:00.000Z",
        "index": 5,
        "leaf": leaf_hash(b"entry").hex(),
        "log": "example.com/log",
    } == FIELDS


@given(st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32))
@settings(deadline=None, max_examples=30)
def test_a_receipt_is_read_back(index: int, leaf: bytes) -> None:
    receipt = replace(RECEIPT, index=index, leaf=Hash(leaf))
    assert open_receipt(sign_receipt(receipt, KEY), KEY.public) == receipt


def test_every_damage_to_a_receipt_is_refused() -> None:
    for bad in damaged_text(TOKEN):
        with pytest.raises(Refused):
            open_receipt(bad, KEY.public)


def test_a_receipt_of_another_key_is_refused() -> None:
    with pytest.raises(SignatureWrong):
        open_receipt(TOKEN, SigningKey(seed("other")).public)


def test_a_receipt_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooLarge):
        open_receipt(TOKEN + "A" * 60_000, KEY.public)


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1}, {"index": "5"}, {"index": True}, {"leaf": "0" * 63}, {"leaf": "A" * 64}, {"leaf": 1},
        {"log": ""}, {"log": "溯"}, {"log": 1}, {"at": 1}, {"at": "2026-11-23"}, {"more": 1},
    ],
)  # fmt: skip
def test_a_receipt_with_a_field_out_of_range_is_refused_however_well_signed(change: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        open_receipt(sign_jws(rfc8785.dumps(FIELDS | change), KEY), KEY.public)
    assert caught.value.problems[0].code in {"receipt.form", "moment.spelling"}


def test_a_receipt_without_a_field_is_refused() -> None:
    for name in FIELDS:
        payload = rfc8785.dumps({key: value for key, value in FIELDS.items() if key != name})
        with pytest.raises(Refused):
            open_receipt(sign_jws(payload, KEY), KEY.public)


@pytest.mark.parametrize(
    "wrong", [replace(RECEIPT, index=-1), replace(RECEIPT, leaf=Hash(b"")), replace(RECEIPT, log="a b")]
)
def test_a_receipt_out_of_range_is_not_signed(wrong: Receipt) -> None:
    with pytest.raises(Refused):
        sign_receipt(wrong, KEY)
