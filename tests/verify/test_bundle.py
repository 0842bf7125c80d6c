"""Proof documents: one spelling each way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused
from suyuan.ledger.hashing import Hash
from suyuan.verify.bundle import (
    Bundle,
    EntryBundle,
    EntryProof,
    PackageBundle,
    PackagePart,
    bundle_document,
    format_bundle,
    parse_bundle,
)
from tests.verify.ledgers import issued

NUMBERS = st.integers(0, 2**53 - 1)
HASHES = st.lists(st.binary(min_size=32, max_size=32).map(Hash), max_size=63).map(tuple)
TEXTS = st.text("abcXYZ019+/=\n —中文", max_size=60)
ENTRIES = st.builds(EntryProof, st.binary(max_size=300), NUMBERS, HASHES)
KEYS = st.lists(ENTRIES, max_size=4).map(tuple)
PACKAGES = st.builds(PackagePart, NUMBERS, NUMBERS, st.binary(min_size=16, max_size=16), HASHES)
BUNDLES = st.one_of(
    st.builds(EntryBundle, TEXTS, ENTRIES, TEXTS, KEYS),
    st.builds(PackageBundle, TEXTS, TEXTS, ENTRIES, TEXTS, PACKAGES, KEYS),
)


def document(**changes: Any) -> bytes:
    """Return a good package proof with some of its fields changed; a field set to None is left out."""
    fields = {**bundle_document(issued().package_bundle(3, 7, 300, 0, 1)), **changes}
    kept = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def refusal(data: bytes) -> str:
    """Return the code of the first problem of *data*."""
    with pytest.raises(Refused) as caught:
        parse_bundle(data)
    return caught.value.problems[0].code


@settings(deadline=None, max_examples=60)
@given(BUNDLES)
def test_a_document_reads_back_as_what_was_written(bundle: Bundle) -> None:
    assert parse_bundle(format_bundle(bundle)) == bundle


def test_a_document_is_canonical_json() -> None:
    assert document() == format_bundle(issued().package_bundle(3, 7, 300, 0, 1))


def test_another_spelling_of_the_same_json_is_refused() -> None:
    assert refusal(json.dumps(json.loads(document())).encode()) == "canonical.form"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b'{"format":1.5}', b"[" * 5000])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("canonical.")


@pytest.mark.parametrize("found", [None, 7, "suyuan.package-proof/2", "suyuan.entry-proof/1 "])
def test_an_unknown_format_is_refused(found: Any) -> None:
    assert refusal(document(format=found)) == "bundle.format"


@pytest.mark.parametrize("name", ["log", "code", "entry", "index", "inclusion", "checkpoint", "package"])
def test_a_missing_field_is_refused(name: str) -> None:
    assert refusal(document(**{name: None})) == "bundle.field"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extra", 1),
        ("index", "3"),
        ("index", -1),
        ("index", True),
        ("inclusion", "abc"),
        ("inclusion", [1]),
        ("inclusion", ["A" * 43 + "="] * 64),
        ("keys", []),
        ("keys", [{}]),
        ("log", 1),
        ("package", {"index": 1}),
        ("entry", "?"),
        ("entry", "QUJD\n"),
    ],
)
def test_a_field_of_another_form_is_refused(name: str, value: Any) -> None:
    assert refusal(document(**{name: value})) == "bundle.field"


def test_a_hash_of_another_length_is_refused() -> None:
    assert refusal(document(inclusion=["QUJD"])) == "bundle.bytes"


def test_a_document_beyond_the_limit_is_refused_before_it_is_read() -> None:
    assert refusal(b" " * 8_000_001) == "bundle.large"


def test_an_entry_proof_has_no_package_fields() -> None:
    fields = bundle_document(issued().entry_bundle(3))
    assert sorted(fields) == ["checkpoint", "entry", "format", "inclusion", "index", "log"]
