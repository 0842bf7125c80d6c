"""Roots, proofs and checks against the slow reference, others' vectors and systematic damage."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Broken, ProofWrong, Refused, SizeBeyondLog
from suyuan.ledger import merkle
from suyuan.ledger.hashing import EMPTY_ROOT, Hash, leaf_hash
from suyuan.ledger.merkle import MemoryTree, Node
from tests.ledger import reference
from tests.ledger.damage import damaged_hashes, flip, reshaped

ENTRIES = [f"entry {index}".encode() for index in range(300)]
TREE = MemoryTree(leaf_hash(entry) for entry in ENTRIES)

sizes = st.integers(1, len(ENTRIES))


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    """An index and a size above it."""
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@given(st.integers(0, len(ENTRIES)))
@settings(deadline=None)
def test_the_root_of_any_size_equals_the_definition(size: int) -> None:
    assert merkle.root(size, TREE.read) == reference.mth(ENTRIES[:size])


@given(places())
@settings(deadline=None)
def test_an_inclusion_proof_equals_the_definition_and_is_accepted(place: tuple[int, int]) -> None:
    index, size = place
    proof = merkle.prove_inclusion(index, size, TREE.read)
    assert list(proof) == reference.path(index, ENTRIES[:size])
    merkle.check_inclusion(proof, index, size, leaf_hash(ENTRIES[index]), TREE.root(size))


@given(places())
@settings(deadline=None)
def test_a_consistency_proof_equals_the_definition_and_is_accepted(place: tuple[int, int]) -> None:
    old, new = place[0] + 1, place[1]
    proof = merkle.prove_consistency(old, new, TREE.read)
    assert list(proof) == reference.proof(old, ENTRIES[:new])
    merkle.check_consistency(proof, old, new, TREE.root(old), TREE.root(new))


def test_every_proof_of_a_small_tree_is_accepted() -> None:
    for size in range(1, 70):
        root = TREE.root(size)
        for index in range(size):
            proof = merkle.prove_inclusion(index, size, TREE.read)
            merkle.check_inclusion(proof, index, size, leaf_hash(ENTRIES[index]), root)
            proof = merkle.prove_consistency(index + 1, size, TREE.read)
            merkle.check_consistency(proof, index + 1, size, TREE.root(index + 1), root)


def refuses_inclusion(proof: Sequence[bytes], index: int, size: int, leaf: bytes, root: bytes) -> bool:
    try:
        merkle.check_inclusion(proof, index, size, leaf, root)
    except ProofWrong:
        return True
    return False


def refuses_consistency(proof: Sequence[bytes], old: int, new: int, first: bytes, second: bytes) -> bool:
    try:
        merkle.check_consistency(proof, old, new, first, second)
    except ProofWrong:
        return True
    return False


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13])
def test_an_inclusion_proof_with_any_bit_turned_over_is_refused(size: int) -> None:
    root = TREE.root(size)
    for index in range(size):
        leaf = leaf_hash(ENTRIES[index])
        proof = merkle.prove_inclusion(index, size, TREE.read)
        for bad in damaged_hashes(proof, every=1 if index in (0, size - 1) else 11):
            assert refuses_inclusion(bad, index, size, leaf, root)
        for bit in range(256):
            assert refuses_inclusion(proof, index, size, flip(leaf, bit), root)
            assert refuses_inclusion(proof, index, size, leaf, flip(root, bit))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 255, 256, 257])
def test_an_inclusion_proof_of_another_shape_is_refused(size: int) -> None:
    root = TREE.root(size)
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        leaf = leaf_hash(ENTRIES[index])
        proof = merkle.prove_inclusion(index, size, TREE.read)
        for bad in reshaped(proof, (root, leaf, EMPTY_ROOT)):
            assert refuses_inclusion(bad, index, size, leaf, root)
        for bad_leaf in (b"", leaf[:-1], leaf + b"\x00", root + leaf):
            assert refuses_inclusion(proof, index, size, bad_leaf, root)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 64, 100])
def test_an_inclusion_proof_of_another_index_is_refused(size: int) -> None:
    root = TREE.root(size)
    for index in range(size):
        proof = merkle.prove_inclusion(index, size, TREE.read)
        for other in (index - 1, index + 1, index ^ 2, index + size, size, -1, 2**63, 2**64 + index):
            assert refuses_inclusion(proof, other, size, leaf_hash(ENTRIES[index]), root)


@given(places(), st.integers(-4, 400))
@settings(deadline=None)
def test_an_inclusion_check_with_another_size_agrees_with_the_definition(
    place: tuple[int, int], other: int
) -> None:
    # A root does not bind a size: a proof may fit a size of the same shape. The signed checkpoint binds both.
    index, size = place
    leaf, root = leaf_hash(ENTRIES[index]), TREE.root(size)
    proof = merkle.prove_inclusion(index, size, TREE.read)
    accepted = reference.accepts_inclusion(proof, index, other, leaf, root)
    assert refuses_inclusion(proof, index, other, leaf, root) != accepted


def test_an_inclusion_check_of_a_small_tree_agrees_with_the_definition_for_every_index_and_size() -> None:
    for size in range(1, 14):
        root = TREE.root(size)
        for index in range(size):
            leaf = leaf_hash(ENTRIES[index])
            proof = merkle.prove_inclusion(index, size, TREE.read)
            for other in range(-1, 18):
                for claimed in {index, index - 1, index + 1, index ^ 2}:
                    accepted = reference.accepts_inclusion(proof, claimed, other, leaf, root)
                    assert refuses_inclusion(proof, claimed, other, leaf, root) != accepted


@pytest.mark.parametrize("new", [2, 3, 5, 7, 8, 13])
def test_a_consistency_proof_with_any_bit_turned_over_is_refused(new: int) -> None:
    second = TREE.root(new)
    for old in range(1, new):
        first = TREE.root(old)
        proof = merkle.prove_consistency(old, new, TREE.read)
        for bad in damaged_hashes(proof, every=1 if old in (1, new - 1) else 11):
            assert refuses_consistency(bad, old, new, first, second)
        for bit in range(256):
            assert refuses_consistency(proof, old, new, flip(first, bit), second)
            assert refuses_consistency(proof, old, new, first, flip(second, bit))


@pytest.mark.parametrize("new", [1, 2, 3, 5, 7, 8, 13, 255, 256, 257])
def test_a_consistency_proof_of_another_shape_is_refused(new: int) -> None:
    second = TREE.root(new)
    for old in {1, 2, 3, 4, new // 2, new - 1, new} & set(range(1, new + 1)):
        first = TREE.root(old)
        proof = merkle.prove_consistency(old, new, TREE.read)
        for bad in reshaped(proof, (first, second, EMPTY_ROOT)):
            assert refuses_consistency(bad, old, new, first, second)
        if old < new:
            assert refuses_consistency(proof, old, new, second, first)
            assert refuses_consistency(proof, old, new, first[:-1], second)
            assert refuses_consistency(proof, old, new, first, second + b"\x00")
            assert refuses_consistency(proof, new, old, second, first)


@given(places(), st.integers(-3, 3), st.integers(-3, 3))
@settings(deadline=None)
def test_a_consistency_check_with_other_sizes_agrees_with_the_definition(
    place: tuple[int, int], first_step: int, second_step: int
) -> None:
    old, new = place[0] + 1, place[1]
    proof = merkle.prove_consistency(old, new, TREE.read)
    first, second = TREE.root(old), TREE.root(new)
    others = old + first_step, new + second_step
    accepted = reference.accepts_consistency(proof, *others, first, second)
    assert refuses_consistency(proof, *others, first, second) != accepted


def test_no_consistency_from_the_empty_tree_or_beyond_63_bits() -> None:
    root = TREE.root(1)
    assert refuses_consistency((), 0, 1, EMPTY_ROOT, root)
    assert refuses_consistency((), 0, 0, EMPTY_ROOT, EMPTY_ROOT)
    assert refuses_consistency((), 2**63, 2**63, root, root)
    assert refuses_consistency((), -1, -1, root, root)
    assert refuses_inclusion((), 0, 2**63, root, root)
    merkle.check_consistency((), 2**63 - 1, 2**63 - 1, root, root)


def test_a_refusal_shows_what_was_expected_and_what_was_found() -> None:
    with pytest.raises(ProofWrong) as caught:
        merkle.check_consistency((), 4, 4, TREE.root(4), TREE.root(5))
    assert caught.value.code == "proof-wrong"
    assert caught.value.expected == TREE.root(5).hex()
    assert caught.value.found == TREE.root(4).hex()
    assert TREE.root(5).hex() in str(caught.value)


def read_all(asked: list[Sequence[Node]]) -> merkle.ReadNodes:
    def read(nodes: Sequence[Node]) -> Sequence[Hash]:
        asked.append(nodes)
        return TREE.read(nodes)

    return read


def test_each_call_reads_once_and_no_node_twice() -> None:
    for size in range(1, 130):
        asked: list[Sequence[Node]] = []
        read = read_all(asked)
        merkle.root(size, read)
        merkle.prove_inclusion(size // 3, size, read)
        merkle.prove_consistency(size // 2 + 1, size, read)
        assert len(asked) <= 3
        assert all(len(set(nodes)) == len(nodes) <= 2 * size.bit_length() for nodes in asked)


def test_what_needs_no_hash_reads_none() -> None:
    asked: list[Sequence[Node]] = []
    read = read_all(asked)
    assert merkle.root(0, read) == EMPTY_ROOT
    assert merkle.prove_inclusion(0, 1, read) == ()
    assert merkle.prove_consistency(7, 7, read) == ()
    assert asked == []


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (0, 301), (0, -1), (0, 2**63)])
def test_no_inclusion_proof_beyond_the_log(index: int, size: int) -> None:
    with pytest.raises(SizeBeyondLog):
        merkle.prove_inclusion(index, size, TREE.read)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5), (1, 301), (1, 2**63)])
def test_no_consistency_proof_beyond_the_log(old: int, new: int) -> None:
    with pytest.raises(Refused):
        merkle.prove_consistency(old, new, TREE.read)


@pytest.mark.parametrize("size", [-1, 301, 2**62, 2**63])
def test_no_root_beyond_the_log(size: int) -> None:
    with pytest.raises(SizeBeyondLog):
        TREE.root(size)


def test_a_store_that_answers_with_too_few_hashes_is_broken() -> None:
    with pytest.raises(Broken):
        merkle.root(7, lambda nodes: TREE.read(nodes)[1:])


def test_leaves_are_numbered_as_they_are_appended() -> None:
    tree = MemoryTree()
    assert tree.root() == EMPTY_ROOT
    assert [tree.append(leaf_hash(entry)) for entry in ENTRIES[:5]] == [0, 1, 2, 3, 4]
    assert tree.size == 5
    assert tree.root() == TREE.root(5)


def test_a_leaf_that_is_no_hash_is_refused() -> None:
    with pytest.raises(ProofWrong):
        MemoryTree([b"short"])


@given(places())
@settings(deadline=None)
def test_the_subtrees_of_a_tree_cover_it_without_gap(place: tuple[int, int]) -> None:
    low, high = 0, place[1]
    for level, index in merkle.subtrees(low, high):
        assert index << level == low
        low += 1 << level
    assert low == high


def hashes(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or []]


def cases(shared: Path, name: str) -> list[tuple[str, dict[str, Any]]]:
    return list(json.loads((shared / "vectors/tlog" / name).read_text()).items())


def test_inclusion_vectors_made_by_others(shared: Path) -> None:
    for name, case in cases(shared, "merkle-inclusion.json"):
        leaf, root = hashes([case["leafHash"] or "", case["root"] or ""])
        refused = refuses_inclusion(hashes(case["proof"]), case["leafIdx"], case["treeSize"], leaf, root)
        assert refused == case["wantErr"], name


def test_consistency_vectors_made_by_others(shared: Path) -> None:
    for name, case in cases(shared, "merkle-consistency.json"):
        first, second = hashes([case["root1"] or "", case["root2"] or ""])
        refused = refuses_consistency(hashes(case["proof"]), case["size1"], case["size2"], first, second)
        assert refused == case["wantErr"], name
