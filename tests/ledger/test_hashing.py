"""Hashes of leaves and nodes, against values made by others."""

from __future__ import annotations

import json
from pathlib import Path

from suyuan.ledger.hashing import EMPTY_ROOT, ZERO, Hash, leaf_hash, node_hash
from suyuan.ledger.merkle import MemoryTree


def test_hashes_equal_the_known_answers_of_rfc_6962(shared: Path) -> None:
    known = json.loads((shared / "vectors/tlog/rfc6962-hash-kats.json").read_text())
    assert EMPTY_ROOT.hex() == known["empty_root"]
    for case in known["leaf_hash"]:
        assert leaf_hash(bytes.fromhex(case["data_hex"])).hex() == case["hash"]
    for case in known["node_hash"]:
        left, right = Hash(bytes.fromhex(case["left_hex"])), Hash(bytes.fromhex(case["right_hex"]))
        assert node_hash(left, right).hex() == case["hash"]


def test_roots_equal_those_of_the_reference_tree_at_every_size(shared: Path) -> None:
    reference = json.loads((shared / "vectors/tlog/rfc6962-hash-kats.json").read_text())["ct_reference"]
    tree = MemoryTree(leaf_hash(bytes.fromhex(entry)) for entry in reference["leaves_hex"])
    assert [tree.root(size).hex() for size in range(tree.size + 1)] == reference["roots_by_size"]


def test_the_first_link_of_a_chain_names_32_zero_bytes() -> None:
    assert bytes(32) == ZERO


def test_a_leaf_and_a_node_of_the_same_bytes_differ() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(left + right) != node_hash(left, right)
