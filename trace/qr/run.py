"""
Label runs: every package's tag, code and leaf recomputed from one secret, and the run's Merkle commitment.

A run has a random 32-byte secret of its own. One HMAC-SHA256 a package, over ``"suyuan package v1" 0x00 || run ||
uint32(index)``, gives the tag (its first 45 bits, nine characters) and the blinding (its last 16 bytes). The leaf of
a package is ``SHA-256(0x00 || code || blinding)`` over the code's twenty ASCII characters, so that the proof of one
package helps nobody guess its neighbour. The tree is RFC 9162's.

A run of a million packages is one secret and one root; with the hashes of its blocks of 256 leaves at hand, a proof
recomputes one block.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..errors import Broken, Missing, ProofWrong, Reason, Refused
from ..ledger.hashing import Hash, leaf_hash
from ..ledger.merkle import MemoryTree, check_inclusion, prove_inclusion
from ..produce.crockford import encode_crockford
from .code import (
    INDEX_LENGTH,
    MOST_PACKAGES,
    TAG_LENGTH,
    append_check,
    check_run,
    format_code,
    parse_code,
)

SECRET_BYTES: Final = 32
BLINDING_BYTES: Final = 16
BLOCK_LEAVES: Final = 256

COUNT = Reason(
    "run.count", "一批标签应为 1 到 {most} 个，不能是 {count} 个", "a run has 1 to {most} labels, not {count}"
)
INDEX = Reason(
    "run.index",
    "标签批共 {count} 个，没有第 {index} 号",
    "the run has {count} labels, none with the index {index}",
)

_DOMAIN: Final = b"suyuan package v1\0"
_TAG_BYTES: Final = 6
_SPARE_BITS: Final = 8 * _TAG_BYTES - 5 * TAG_LENGTH


@dataclass(frozen=True, slots=True)
class PackageProof:
    """
    What one package needs to show that its label was committed: give it out only to who holds the code.

    ``blinding`` is 16 bytes, ``hashes`` the Merkle path, nearest sibling first. Index and size are not here: the index
    is in the code, the size in the signed entry.
    """

    code: str
    blinding: bytes
    hashes: tuple[Hash, ...]


def package_secret(secret: bytes, run: str, index: int) -> tuple[str, bytes]:
    """
    Return the tag (9 characters) and the blinding (16 bytes) of one package.

    Args:
        secret: the run's, 32 bytes.
        run: 5 characters.
        index: 0 <= index < 2**25.

    Raises:
        Broken: *secret* has another length.
        Refused: ``code.run`` or ``run.index``.
    """
    _check_run_parts(secret, run, MOST_PACKAGES)
    _check_index(index, MOST_PACKAGES)
    return _derive(secret, _DOMAIN + run.encode(), index)


def make_code(secret: bytes, run: str, index: int) -> str:
    """Return the twenty characters for one package; arguments and errors as `package_secret`."""
    tag, _ = package_secret(secret, run, index)
    return append_check(run + encode_crockford(index, INDEX_LENGTH) + tag)


def is_code_of_run(secret: bytes, code: str) -> bool:
    """
    Tell whether *secret* made *code*, in time that does not depend on where they differ.

    The caller has picked *secret* by the run in the code, and compares the index with the run's count.

    Raises:
        CodeMistyped: *code* is none.
    """
    parts = parse_code(code)
    tag, _ = package_secret(secret, parts.run, parts.index)
    return hmac.compare_digest(tag, parts.tag)


def package_leaf(code: str, blinding: bytes) -> Hash:
    """Return SHA-256(0x00 || *code* || *blinding*); *code* in its one spelling, *blinding* 16 bytes."""
    return leaf_hash(code.encode() + blinding)


def run_root(secret: bytes, run: str, count: int) -> Hash:
    """
    Return the root over the leaves of packages 0 to *count* - 1, without holding them all.

    Raises:
        Broken: *secret* is not 32 bytes.
        Refused: ``code.run`` or ``run.count``.
    """
    return RunTree(secret, run, count).root()


def prove_package(secret: bytes, run: str, count: int, index: int) -> PackageProof:
    """
    Return the proof of one package, from nothing but the secret; keep a `RunTree` for more than a few thousand.

    Raises:
        Missing: ``run.index``, the run has no such package.
        Broken, Refused: as `run_root`.
    """
    return RunTree(secret, run, count).prove(index)


def check_package(proof: PackageProof, run: str, count: int, root: Hash) -> None:
    """
    Check that the package of *proof* was committed under *root*.

    Args:
        run, count, root: of the signed ``labels.issued``, never of the proof.

    Raises:
        CodeMistyped: the code is none.
        ProofWrong: it is of another run, beyond the count, spelled otherwise, or the hashes lead elsewhere.
    """
    parts = parse_code(proof.code)
    if format_code(parts) != proof.code:
        raise ProofWrong("spelling of the code", expected=format_code(parts), found=proof.code)
    if parts.run != run:
        raise ProofWrong("label run", expected=run, found=parts.run)
    if len(proof.blinding) != BLINDING_BYTES:
        raise ProofWrong("length of the blinding", expected=BLINDING_BYTES, found=len(proof.blinding))
    check_inclusion(proof.hashes, parts.index, count, package_leaf(proof.code, proof.blinding), root)


@dataclass(frozen=True, slots=True, eq=False)
class RunTree:
    """
    The Merkle tree of a run, kept as the hashes of its blocks of 256 leaves (the last block may be shorter).

    A block of 256 is a complete subtree, so the tree over the blocks is the tree over the leaves. Give *blocks* as an
    earlier ``RunTree`` had them to save making all codes again; they are not secret, but say how large the run is.

    Raises:
        Broken: *secret* is not 32 bytes, or *blocks* are of another run.
        Refused: ``code.run`` or ``run.count``.
    """

    secret: bytes = field(repr=False)
    run: str
    count: int
    blocks: Sequence[Hash] = ()
    _upper: MemoryTree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check_run_parts(self.secret, self.run, self.count)
        expected = -(-self.count // BLOCK_LEAVES)
        blocks = tuple(self.blocks) or tuple(
            MemoryTree(self._leaves(block)).root() for block in range(expected)
        )
        if len(blocks) != expected:
            raise Broken("blocks of a label run", expected=expected, found=len(blocks))
        object.__setattr__(self, "blocks", blocks)
        object.__setattr__(self, "_upper", MemoryTree(blocks))

    def root(self) -> Hash:
        """Return the root over all leaves of the run."""
        return self._upper.root()

    def prove(self, index: int) -> PackageProof:
        """
        Return the proof of the package at *index*, checked before it is returned.

        Raises:
            Missing: ``run.index``.
            Broken: the blocks given are of another run.
        """
        if not 0 <= index < self.count:
            raise Missing(INDEX.at(index=index, count=self.count))
        block, place = divmod(index, BLOCK_LEAVES)
        lower = MemoryTree(self._leaves(block))
        if lower.root() != self.blocks[block]:
            raise Broken("block of a label run", expected=self.blocks[block].hex(), found=lower.root().hex())
        path = prove_inclusion(place, lower.size, lower.read)
        path += prove_inclusion(block, self._upper.size, self._upper.read)
        code = make_code(self.secret, self.run, index)
        return PackageProof(code, package_secret(self.secret, self.run, index)[1], path)

    def _leaves(self, block: int) -> Iterator[Hash]:
        """Yield the leaf hashes of one block; the hot loop of a run's commitment."""
        message = _DOMAIN + self.run.encode()
        start = block * BLOCK_LEAVES
        for index in range(start, min(start + BLOCK_LEAVES, self.count)):
            tag, blinding = _derive(self.secret, message, index)
            code = append_check(self.run + encode_crockford(index, INDEX_LENGTH) + tag)
            yield leaf_hash(code.encode() + blinding)


def _derive(secret: bytes, message: bytes, index: int) -> tuple[str, bytes]:
    digest = hmac.digest(secret, message + index.to_bytes(4, "big"), "sha256")
    number = int.from_bytes(digest[:_TAG_BYTES], "big") >> _SPARE_BITS
    return encode_crockford(number, TAG_LENGTH), digest[-BLINDING_BYTES:]


def _check_index(index: int, count: int) -> None:
    if not 0 <= index < count:
        raise Refused(INDEX.at(index=index, count=count))


def _check_run_parts(secret: bytes, run: str, count: int) -> None:
    if len(secret) != SECRET_BYTES:
        raise Broken("length of a run's secret", expected=SECRET_BYTES, found=len(secret))
    check_run(run)
    if not 1 <= count <= MOST_PACKAGES:
        raise Refused(COUNT.at(count=count, most=MOST_PACKAGES))
