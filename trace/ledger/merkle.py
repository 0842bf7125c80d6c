"""
Merkle tree arithmetic: roots, proofs and their checks. Pure; opens nothing.

A complete subtree is named by ``(level, index)``: it covers the leaves ``index * 2**level`` up to
``(index + 1) * 2**level``. Everything else is folded from complete subtrees, which never change once their leaves
exist. Proofs plan what they need, read it in one call, then build. The checks take the shape of a proof from index
and size alone; the proof supplies hashes, nothing else.

RFC 9162 section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from ..errors import Broken, ProofWrong, Reason, Refused, SizeBeyondLog
from .hashing import EMPTY_ROOT, HASH_BYTES, Hash, node_hash

Node = tuple[int, int]
ReadNodes = Callable[[Sequence[Node]], Sequence[Hash]]
Range = tuple[int, int]

MAX_SIZE = 2**63 - 1
"""Sizes fit a signed 64-bit integer, as in the databases and in C2SP tlog-cosignature."""

BEYOND = Reason("size.beyond", "超出日志范围：{asked} / {size}", "beyond the log: {asked} of {size}")
SIZE = Reason("size.order", "日志大小无效：{old} → {new}", "not a pair of sizes: {old} and {new}")


def root(size: int, read: ReadNodes) -> Hash:
    """
    Return the root over the first *size* leaves.

    Reads at most 63 hashes, in one call to *read*.

    Args:
        size: leaves, 0 <= size <= length of the log.

    Raises:
        SizeBeyondLog: *size* is not a size; *read* raises it too when the log is shorter.

    RFC 9162 section 2.1.1.
    """
    _check_size(size)
    return _build([(0, size)], read)[0] if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, read: ReadNodes) -> tuple[Hash, ...]:
    """
    Return the proof that leaf *index* is in the tree of *size* leaves, nearest sibling first.

    Raises:
        SizeBeyondLog: not 0 <= index < size, or the log is shorter than *size*.

    RFC 9162 section 2.1.3.1.
    """
    _check_size(size)
    if not 0 <= index < size:
        raise SizeBeyondLog(BEYOND.at(asked=index, size=size))
    ranges: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    return tuple(_build(ranges[::-1], read))


def prove_consistency(old: int, new: int, read: ReadNodes) -> tuple[Hash, ...]:
    """
    Return the proof that the tree of *new* leaves begins with the tree of *old* leaves.

    Empty where *old* equals *new*.

    Raises:
        Refused: not 1 <= old <= new; the empty tree has no proof.
        SizeBeyondLog: the log is shorter than *new*.

    RFC 9162 section 2.1.4.1.
    """
    _check_size(new)
    if not 1 <= old <= new:
        raise Refused(SIZE.at(old=old, new=new))
    ranges: list[Range] = []
    low, high = 0, new
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    if low:  # the verifier knows the old root itself, but not a part of the old tree
        ranges.append((low, high))
    return tuple(_build(ranges[::-1], read))


def check_inclusion(proof: Sequence[bytes], index: int, size: int, leaf: bytes, root: bytes) -> None:
    """
    Check that *proof* leads from *leaf* at *index* to the *root* of *size* leaves.

    Args:
        index: 0 <= index < size.
        size: leaves, at most 2^63 - 1.
        leaf: the leaf hash, 32 bytes.

    Raises:
        ProofWrong: it does not, or the proof has another shape than index and size demand.

    RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofWrong("index outside the tree", expected=f"0 <= index < {size}", found=index)
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    _check_shape(proof, inner + border)
    found = _check_hash(leaf)
    for level, sibling in enumerate(proof[:inner]):
        pair = (sibling, found) if index >> level & 1 else (found, sibling)
        found = node_hash(Hash(pair[0]), Hash(pair[1]))
    _check_root(_fold_left(found, proof[inner:]), root, "inclusion: another root")


def check_consistency(proof: Sequence[bytes], old: int, new: int, old_root: bytes, new_root: bytes) -> None:
    """
    Check that *proof* shows the tree of *new* leaves to begin with the tree of *old* leaves.

    Args:
        old: leaves, 1 <= old <= new; the empty tree is the beginning of any and proves nothing.
        new: leaves, at most 2^63 - 1.

    Raises:
        ProofWrong: it does not, or the proof has another shape than the sizes demand.

    RFC 9162 section 2.1.4.2.
    """
    if not 1 <= old <= new <= MAX_SIZE:
        raise ProofWrong("no such pair of sizes", expected=f"1 <= old <= {new}", found=old)
    if old == new:
        _check_shape(proof, 0)
        _check_root(old_root, new_root, "consistency: two roots of one size")
        return
    shift = (old & -old).bit_length() - 1  # the complete subtree that ends the old tree
    inner = (old - 1 ^ new - 1).bit_length() - shift
    mask = old - 1 >> shift
    known = () if old == 1 << shift else (old_root,)
    _check_shape(proof, inner + (mask >> inner).bit_count() + len(known))
    seed = _check_hash(proof[0] if known else old_root)
    path = proof[len(known) :]
    first = second = seed
    for level, sibling in enumerate(path[:inner]):
        if mask >> level & 1:
            first = node_hash(Hash(sibling), first)
            second = node_hash(Hash(sibling), second)
        else:
            second = node_hash(second, Hash(sibling))
    _check_root(_fold_left(first, path[inner:]), old_root, "consistency: another old root")
    _check_root(_fold_left(second, path[inner:]), new_root, "consistency: another new root")


def subtrees(low: int, high: int) -> list[Node]:
    """
    Return the complete subtrees that make up the leaves *low* to *high*, largest first.

    *low* must be a multiple of the largest power of two that is at most ``high - low``, as it is in every split of
    RFC 9162 section 2.1.1.
    """
    nodes: list[Node] = []
    while low < high:
        level = (high - low).bit_length() - 1
        nodes.append((level, low >> level))
        low += 1 << level
    return nodes


class MemoryTree:
    """
    A Merkle tree held in memory, one row of complete subtrees per level.

    For the labels of a run, for audits and for tests. A million leaves take about two seconds and 64 MB.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._rows: list[bytearray] = [bytearray()]
        self.extend(leaves)

    @property
    def size(self) -> int:
        """Leaves so far."""
        return len(self._rows[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> int:
        """Add a leaf hash (32 bytes) and return its index."""
        index = self.size
        self.extend((leaf,))
        return index

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes (32 bytes each), completing subtrees as they fill."""
        rows = self._rows
        for leaf in leaves:
            row = rows[0]
            row += _check_hash(leaf)
            level = 0
            while not len(row) & HASH_BYTES:  # an even number of hashes: two siblings are ready
                above = sha256(b"\x01" + row[-2 * HASH_BYTES :]).digest()
                level += 1
                if level == len(rows):
                    rows.append(bytearray())
                row = rows[level]
                row += above

    def read(self, nodes: Sequence[Node]) -> list[Hash]:
        """
        Return the hashes of complete subtrees; fits ``ReadNodes``.

        Raises:
            SizeBeyondLog: a subtree is not complete yet.
        """
        return [self._node(level, index) for level, index in nodes]

    def root(self, size: int | None = None) -> Hash:
        """
        Return the root over the first *size* leaves, all of them by default.

        Raises:
            SizeBeyondLog: there are fewer leaves.
        """
        return root(self.size if size is None else size, self.read)

    def _node(self, level: int, index: int) -> Hash:
        row = self._rows[level] if level < len(self._rows) else b""
        start = index * HASH_BYTES
        if not 0 <= start < len(row):
            raise SizeBeyondLog(BEYOND.at(asked=index + 1 << level, size=self.size))
        return Hash(bytes(row[start : start + HASH_BYTES]))


def _split(size: int) -> int:
    """Return the largest power of two below *size*, for size > 1."""
    return 1 << (size - 1).bit_length() - 1


def _build(ranges: Sequence[Range], read: ReadNodes) -> list[Hash]:
    """Return one hash for each range of leaves, read in one call."""
    plans = [subtrees(low, high) for low, high in ranges]
    nodes = [node for plan in plans for node in plan]
    hashes = read(nodes) if nodes else ()
    if len(hashes) != len(nodes):
        raise Broken("hashes read", expected=len(nodes), found=len(hashes))
    found: list[Hash] = []
    start = 0
    for plan in plans:
        part = hashes[start : start + len(plan)]
        start += len(plan)
        found.append(_fold_left(part[-1], part[-2::-1]))
    return found


def _fold_left(found: bytes, lefts: Sequence[bytes]) -> Hash:
    """Return *found* hashed under each of *lefts* in turn."""
    folded = Hash(found)
    for left in lefts:
        folded = node_hash(Hash(left), folded)
    return folded


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise SizeBeyondLog(BEYOND.at(asked=size, size=MAX_SIZE))


def _check_hash(found: bytes) -> Hash:
    if len(found) != HASH_BYTES:
        raise ProofWrong("not a hash", expected=HASH_BYTES, found=len(found))
    return Hash(found)


def _check_shape(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise ProofWrong("length of the proof", expected=length, found=len(proof))
    for part in proof:
        _check_hash(part)


def _check_root(found: bytes, expected: bytes, what: str) -> None:
    if found != expected:
        raise ProofWrong(what, expected=expected.hex(), found=found.hex())
