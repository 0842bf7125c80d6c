"""Packed records under 16-byte keys, against a plain dictionary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.verify.shelf import KEY_BYTES, Shelf, key_of

SIMILAR = st.binary(min_size=4, max_size=4).map(lambda end: bytes(KEY_BYTES - 4) + end)
"""Keys of one box, full of zeros, so that their bytes are found across records too."""

RECORDS = st.sampled_from([bytes(5), b"\x00\x00\x00\x00\x01", b"12345"])


@given(st.lists(st.tuples(SIMILAR, RECORDS)))
def test_a_shelf_holds_what_a_dictionary_holds(puts: list[tuple[bytes, bytes]]) -> None:
    shelf, plain = Shelf(5), {}
    for key, record in puts:
        shelf.put(key, record)
        plain[key] = record
        assert shelf.find(key) == record
    assert len(shelf) == len(plain)
    assert shelf.length == len(plain) * 21
    assert {key: shelf.find(key) for key in plain} == plain
    assert shelf.find(b"\xff" * KEY_BYTES) is None
    other = Shelf(5)
    other.load(b"".join(shelf.dump()))
    assert {key: other.find(key) for key in plain} == plain


def test_bytes_across_two_records_are_no_key() -> None:
    shelf = Shelf(5)
    shelf.put(bytes(12) + b"\x01\x00\x00\x00", bytes(5))
    shelf.put(bytes(16), b"right")
    assert shelf.find(bytes(16)) == b"right"


@given(st.lists(SIMILAR))
def test_a_shelf_without_records_is_a_set(keys: list[bytes]) -> None:
    shelf, plain = Shelf(), set()
    for key in keys:
        assert shelf.add(key) == (key not in plain)
        plain.add(key)
    assert len(shelf) == len(plain)


def test_records_that_are_cut_or_double_are_refused() -> None:
    key = key_of("x")
    for data in (key[:-1], key + b"12", (key + b"1") * 2):
        with pytest.raises(Refused, match=r"shelf\.length"):
            Shelf(1).load(data)
