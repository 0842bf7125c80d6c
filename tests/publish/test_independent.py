"""
What we publish, read by verifiers that others wrote (aics-tlog, tlog-scales): they accept it, and refuse each forgery.

The log has two levels of tiles, full and partial ones; two witnesses cosigned, one of them with ML-DSA-44 too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from suyuan.ledger.checkpoint import Checkpoint, sign_checkpoint
from suyuan.ledger.cosignature import COSIGNATURE, MLDSA, Cosigner
from suyuan.ledger.hashing import Hash
from suyuan.ledger.note import NoteSignature, Signer, add_signatures, split_note
from suyuan.publish.folder import FolderTarget
from suyuan.publish.target import open_target
from tests.keys import seed
from tests.ledger import reference
from tests.publish.presses import KEY, LOG, NOW, Press

OLD, SIZE = 300, 601
WITNESSES = [Cosigner(f"{name}.example/w", seed(name), COSIGNATURE) for name in ("bureau", "guild")]
POST_QUANTUM = Cosigner("bureau.example/pq", seed("bureau, post-quantum"), MLDSA)
TIME = int(NOW.timestamp())
OURS_ALONE = ("checkpoints/", "policy")
"""What tlog-tiles knows nothing of; ``suyuan audit`` checks it."""


def _import(name: str) -> Any:
    if os.environ.get("CI"):
        return import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed: an independent verifier is left out")


aics = _import("aics_tlog")
scales = _import("tlog_scales.reader")


def _cosign(note: str, _size: int) -> list[NoteSignature]:
    return [one.cosign(split_note(note)[0], TIME) for one in (*WITNESSES, POST_QUANTUM)]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    press = Press(f"sqlite:///{tmp_path_factory.mktemp('independent') / 'suyuan.db'}").found()
    yield press
    press.engine.dispose()


@pytest.fixture(scope="module")
def public(log: Press, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("independent") / "public"
    publisher = log.publisher(FolderTarget(folder), _cosign)
    log.publish_at(publisher, [OLD, SIZE])
    return folder


@pytest.fixture
def copy(public: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(public, tmp_path / "copy"))


def _policy(quorum: int = 2) -> Any:
    return aics.WitnessPolicy(quorum, tuple(aics.parse_vkey(one.key.vkey) for one in WITNESSES))


def _accept(folder: Path, quorum: int = 2, old: tuple[int, bytes] | None = None) -> None:
    """Do what an auditor does with aics-tlog alone; raises, or fails, where something is wrong."""
    note = aics.parse_note((folder / "checkpoint").read_bytes())
    found = aics.verify_checkpoint(
        note, aics.parse_vkey(KEY.vkey), policy=_policy(quorum), expected_origin=LOG
    )
    assert found.ok, found.error
    reader = aics.FileSystemTileReader(folder)
    aics.audit_tiles(reader, found.size, found.root)
    if old is not None:
        assert found.size >= old[0], "older than what was seen before"
        proof = aics.consistency_proof_from_tiles(reader, old[0], found.size)
        assert aics.verify_consistency(old[0], found.size, old[1], found.root, proof)


def _refused(folder: Path, quorum: int = 2, old: tuple[int, bytes] | None = None) -> bool:
    try:
        _accept(folder, quorum, old)
    except (AssertionError, ValueError, OSError):
        return True
    return False


def _root(log: Press, size: int) -> bytes:
    return reference.mth(log.entries()[:size])


def test_an_independent_auditor_accepts_log_and_cosignatures(log: Press, public: Path) -> None:
    _accept(public, old=(OLD, _root(log, OLD)))


def test_a_second_verifier_reads_entries_proofs_and_every_signature(log: Press, public: Path) -> None:
    from tlog_scales.backend import LocalBackend
    from tlog_scales.signing import Vkey

    reader = scales.TilesReader(LocalBackend(public))
    checkpoint = reader.get_checkpoint()
    for vkey in (KEY.vkey, *(one.key.vkey for one in WITNESSES), POST_QUANTUM.key.vkey):
        checkpoint.verify(Vkey.from_string(vkey))
    entries = log.entries()
    assert reader.calculate_root_hash() == checkpoint.root_hash == _root(log, SIZE)
    for index in (0, 255, 256, 299, 511, 512, SIZE - 1):
        assert reader.get_entry(index) == entries[index]
        proof = reader.get_inclusion_proof(index, SIZE)
        proof.check(reference.leaf(entries[index]), checkpoint.root_hash)
    growth = reader.get_consistency_proof(OLD, SIZE)
    growth.check(_root(log, OLD), checkpoint.root_hash)


def _served(folder: Path) -> list[Path]:
    """Return the files that a log of this size consists of, without those of earlier sizes."""
    note = (folder / "checkpoint").read_text()
    assert note.split("\n")[1] == str(SIZE)
    earlier = f".p/{OLD % 256}"
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.relative_to(folder).as_posix().startswith(OURS_ALONE)
        and not path.as_posix().endswith((earlier, "tile/1/000.p/1"))
    ]


def test_a_flipped_bit_in_any_file_is_refused(public: Path, copy: Path) -> None:
    for path in [path for path in _served(copy) if path.name != "checkpoint"]:
        whole = path.read_bytes()
        for place in {0, 1, 2, 3, len(whole) // 3, len(whole) // 2, len(whole) - 1}:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
            assert _refused(copy), (path, place)
        path.write_bytes(whole)
    _accept(copy)


def test_every_character_of_the_checkpoint_counts(copy: Path) -> None:
    """Up to the line of a key that nobody asked about: aics-tlog knows no ML-DSA-44, the next test does."""
    path = copy / "checkpoint"
    whole = path.read_bytes()
    ends = whole.index(b"\xe2\x80\x94 " + POST_QUANTUM.name.encode())
    for place in range(ends):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert _refused(copy), place


def test_every_byte_of_a_post_quantum_cosignature_counts(public: Path) -> None:
    from tlog_scales.backend import LocalBackend
    from tlog_scales.signing import Vkey

    checkpoint = scales.TilesReader(LocalBackend(public)).get_checkpoint()
    key = Vkey.from_string(POST_QUANTUM.key.vkey)
    (line,) = [one for one in checkpoint.signatures if one.name == POST_QUANTUM.name]
    for place in range(0, len(line.payload), 31):
        payload = bytearray(line.payload)
        payload[place] ^= 1
        with pytest.raises(InvalidSignature):
            key.get_verifier().verify(bytes(payload), checkpoint)
    key.get_verifier().verify(line.payload, checkpoint)


def test_a_truncated_or_missing_file_is_refused(copy: Path) -> None:
    for path in _served(copy):
        whole = path.read_bytes()
        lengths = {0, len(whole) // 2, len(whole) - 1}
        if path.name == "checkpoint":  # the last line is ML-DSA-44, of which aics-tlog knows nothing
            lengths = {place for place, byte in enumerate(whole) if byte == ord("\n")} - {len(whole) - 1}
            lengths = {length for length in lengths if whole[length:].count(b"\n") > 2}
        for length in lengths:
            path.write_bytes(whole[:length])
            assert _refused(copy), (path, length)
        path.unlink()
        assert _refused(copy), path
        path.write_bytes(whole)
    _accept(copy)


def test_an_old_checkpoint_presented_as_new_is_refused(log: Press, copy: Path) -> None:
    old = log.signed()[0]
    (copy / "checkpoint").write_text(add_signatures(old, _cosign(old, OLD)))
    _accept(copy)
    assert _refused(copy, old=(SIZE, _root(log, SIZE)))


def test_a_fork_at_equal_size_is_refused(log: Press, tmp_path: Path) -> None:
    other = Press(f"sqlite:///{tmp_path / 'fork.db'}").found()
    other.now = log.now.replace(year=2027)
    folder = tmp_path / "fork"
    other.publish_at(other.publisher(FolderTarget(folder), _cosign), [OLD, SIZE])
    _accept(folder)
    assert _refused(folder, old=(SIZE, _root(log, SIZE)))
    assert _refused(folder, old=(OLD, _root(log, OLD)))
    other.engine.dispose()


def test_a_checkpoint_signed_for_another_tree_is_refused(copy: Path) -> None:
    forged = sign_checkpoint(Checkpoint(LOG, SIZE, Hash(bytes(32))), [KEY])
    (copy / "checkpoint").write_text(add_signatures(forged, _cosign(forged, SIZE)))
    assert _refused(copy)


@pytest.mark.parametrize("left", [0, 1])
def test_a_missing_cosignature_is_refused_under_a_policy_that_wants_it(
    log: Press, copy: Path, left: int
) -> None:
    note = log.signed()[-1]
    kept = [one.cosign(split_note(note)[0], TIME) for one in WITNESSES[:left]]
    (copy / "checkpoint").write_text(add_signatures(note, kept) if kept else note)
    assert _refused(copy, quorum=2)
    assert _refused(copy, quorum=1) == (left == 0)


def test_another_logs_key_is_refused(log: Press, copy: Path) -> None:
    text = split_note(log.signed()[-1])[0]
    stranger = Signer(LOG, seed("stranger"))
    note = (
        f"{text}\n"
        + sign_checkpoint(Checkpoint(LOG, SIZE, Hash(_root(log, SIZE))), [stranger]).rpartition("\n\n")[2]
    )
    (copy / "checkpoint").write_text(add_signatures(note, _cosign(note, SIZE)))
    assert _refused(copy)


def test_the_target_opens_by_its_path(public: Path) -> None:
    assert open_target(str(public)).read("checkpoint") == (public / "checkpoint").read_bytes()
