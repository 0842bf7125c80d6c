"""Label runs: recomputed codes, the run's root and the proof of one package."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Broken, Missing, ProofWrong, Refused, SuyuanError
from suyuan.ledger.hashing import Hash
from suyuan.produce.crockford import ALPHABET
from suyuan.qr.code import CodeMistyped, format_code, parse_code
from suyuan.qr.run import (
    RunTree,
    check_package,
    is_code_of_run,
    make_code,
    package_leaf,
    package_secret,
    prove_package,
    run_root,
)

SECRET = bytes(range(32))
RUN = "7K3MX"
VECTORS = Path(__file__).parents[1] / "vectors" / "codes.json"


def slow_package(secret: bytes, run: str, index: int) -> tuple[str, bytes]:
    """A package's code without check character, and its blinding, straight from the documentation."""
    message = b"suyuan package v1\0" + run.encode("ascii") + index.to_bytes(4, "big")
    bits = "".join(f"{byte:08b}" for byte in hmac.new(secret, message, hashlib.sha256).digest())
    tag = "".join(ALPHABET[int(bits[start : start + 5], 2)] for start in range(0, 45, 5))
    number = f"{index:025b}"
    place = "".join(ALPHABET[int(number[start : start + 5], 2)] for start in range(0, 25, 5))
    return run + place + tag, int(bits[-128:], 2).to_bytes(16, "big")


def slow_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, transcribed."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def slow_leaves(secret: bytes, run: str, count: int) -> list[bytes]:
    leaves = []
    for index in range(count):
        code, blinding = make_code(secret, run, index), slow_package(secret, run, index)[1]
        leaves.append(hashlib.sha256(b"\x00" + code.encode("ascii") + blinding).digest())
    return leaves


def test_the_golden_codes_never_change() -> None:
    golden = json.loads(VECTORS.read_text(encoding="utf-8"))
    secret = bytes.fromhex(golden["secret"])
    for package in golden["packages"]:
        tag, blinding = package_secret(secret, golden["run"], package["index"])
        assert package["code"] == make_code(secret, golden["run"], package["index"])
        assert tag == parse_code(package["code"]).tag
        assert blinding.hex() == package["blinding"]
        assert package_leaf(package["code"], blinding).hex() == package["leaf"]
    for count, root in golden["roots"].items():
        assert run_root(secret, golden["run"], int(count)).hex() == root


@given(
    st.binary(min_size=32, max_size=32), st.text(ALPHABET, min_size=5, max_size=5), st.integers(0, 2**25 - 1)
)
def test_a_code_is_recomputed_from_the_secret_alone(secret: bytes, run: str, index: int) -> None:
    code = make_code(secret, run, index)
    body, blinding = slow_package(secret, run, index)
    assert code[:-1] == body
    assert package_secret(secret, run, index) == (body[10:], blinding)
    assert format_code(parse_code(code)) == code
    assert is_code_of_run(secret, code)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**25 - 1))
def test_a_guessed_tag_is_not_of_the_run(other: bytes, index: int) -> None:
    code = make_code(other, RUN, index)
    assert is_code_of_run(SECRET, code) == (other == SECRET)


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 257, 511, 512, 513, 700, 1025])
def test_the_root_equals_the_slow_root_over_all_leaves(count: int) -> None:
    assert run_root(SECRET, RUN, count) == slow_root(slow_leaves(SECRET, RUN, count))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 1100).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count - 1))))
def test_every_package_has_a_proof_that_holds(case: tuple[int, int]) -> None:
    count, index = case
    proof = prove_package(SECRET, RUN, count, index)
    assert proof.code == make_code(SECRET, RUN, index)
    check_package(proof, RUN, count, run_root(SECRET, RUN, count))


def test_kept_blocks_give_the_same_root_and_proofs() -> None:
    fresh = RunTree(SECRET, RUN, 1000)
    kept = RunTree(SECRET, RUN, 1000, fresh.blocks)
    assert kept.root() == fresh.root() == run_root(SECRET, RUN, 1000)
    assert len(kept.blocks) == 4
    assert kept.prove(999) == fresh.prove(999)


def test_blocks_of_another_run_are_broken() -> None:
    blocks = RunTree(SECRET, RUN, 1000).blocks
    with pytest.raises(Broken):
        RunTree(SECRET, RUN, 1025, blocks)
    with pytest.raises(Broken):
        RunTree(SECRET, "7K3MY", 1000, blocks).prove(0)


def test_a_secret_is_not_shown() -> None:
    assert SECRET.hex() not in repr(RunTree(SECRET, RUN, 1))
    assert repr(SECRET) not in repr(RunTree(SECRET, RUN, 1))


@pytest.fixture(scope="module")
def tree() -> RunTree:
    return RunTree(SECRET, RUN, TestDamagedProofs.COUNT)


class TestDamagedProofs:
    COUNT = 600
    INDEX = 513

    def test_any_flipped_bit_is_refused(self, tree: RunTree) -> None:
        proof = tree.prove(self.INDEX)
        for place, right in enumerate(proof.hashes):
            for bit in range(0, 256, 37):
                wrong = Hash((int.from_bytes(right, "big") ^ 1 << bit).to_bytes(32, "big"))
                damaged = (*proof.hashes[:place], wrong, *proof.hashes[place + 1 :])
                with pytest.raises(ProofWrong):
                    check_package(replace(proof, hashes=damaged), RUN, self.COUNT, tree.root())
        for bit in range(128):
            wrong_blinding = (int.from_bytes(proof.blinding, "big") ^ 1 << bit).to_bytes(16, "big")
            with pytest.raises(ProofWrong):
                check_package(replace(proof, blinding=wrong_blinding), RUN, self.COUNT, tree.root())

    def test_hashes_missing_added_or_in_another_order_are_refused(self, tree: RunTree) -> None:
        proof = tree.prove(self.INDEX)
        hashes = proof.hashes
        for damaged in (hashes[1:], hashes[:-1], (*hashes, hashes[0]), hashes[::-1], ()):
            with pytest.raises(ProofWrong):
                check_package(replace(proof, hashes=damaged), RUN, self.COUNT, tree.root())

    def test_another_code_of_the_same_run_is_refused(self, tree: RunTree) -> None:
        proof = tree.prove(self.INDEX)
        for index in (0, self.INDEX - 1, self.INDEX + 1, self.COUNT - 1):
            with pytest.raises(ProofWrong):
                check_package(
                    replace(proof, code=make_code(SECRET, RUN, index)), RUN, self.COUNT, tree.root()
                )

    def test_a_code_beyond_the_committed_count_is_refused(self, tree: RunTree) -> None:
        proof = replace(tree.prove(self.INDEX), code=make_code(SECRET, RUN, self.COUNT))
        with pytest.raises(ProofWrong):
            check_package(proof, RUN, self.COUNT, tree.root())

    @pytest.mark.parametrize("count", [1, 513, 514, 520, 1025, 2**25])
    def test_a_count_that_asks_for_another_shape_is_refused(self, tree: RunTree, count: int) -> None:
        with pytest.raises(ProofWrong):
            check_package(tree.prove(self.INDEX), RUN, count, tree.root())

    def test_another_run_another_root_and_another_spelling_are_refused(self, tree: RunTree) -> None:
        proof = tree.prove(self.INDEX)
        with pytest.raises(ProofWrong):
            check_package(proof, "7K3MY", self.COUNT, tree.root())
        with pytest.raises(ProofWrong):
            check_package(proof, RUN, self.COUNT, run_root(SECRET, RUN, self.COUNT + 1))
        with pytest.raises(ProofWrong):
            check_package(replace(proof, code=proof.code.lower()), RUN, self.COUNT, tree.root())
        with pytest.raises(CodeMistyped):
            check_package(replace(proof, code=proof.code[:-1]), RUN, self.COUNT, tree.root())

    @pytest.mark.parametrize("length", [0, 15, 17, 32])
    def test_a_blinding_of_another_length_is_refused(self, tree: RunTree, length: int) -> None:
        with pytest.raises(ProofWrong):
            check_package(replace(tree.prove(0), blinding=bytes(length)), RUN, self.COUNT, tree.root())


@pytest.mark.parametrize(
    ("secret", "run", "count", "error"),
    [
        (bytes(31), RUN, 1, Broken),
        (bytes(33), RUN, 1, Broken),
        (SECRET, "7K3M", 1, Refused),
        (SECRET, "7K3MU", 1, Refused),
        (SECRET, RUN, 0, Refused),
        (SECRET, RUN, 2**25 + 1, Refused),
    ],
)
def test_a_run_out_of_range_is_not_made(
    secret: bytes, run: str, count: int, error: type[SuyuanError]
) -> None:
    with pytest.raises(error):
        run_root(secret, run, count)


@pytest.mark.parametrize("index", [-1, 10])
def test_a_package_that_the_run_does_not_have_is_missing(index: int) -> None:
    with pytest.raises(Missing) as missing:
        prove_package(SECRET, RUN, 10, index)
    assert missing.value.problem.code == "run.index"


@pytest.mark.parametrize("index", [-1, 2**25])
def test_an_index_that_a_code_cannot_hold_is_refused(index: int) -> None:
    with pytest.raises(Refused):
        make_code(SECRET, RUN, index)
