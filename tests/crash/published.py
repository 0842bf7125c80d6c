"""A farm's published folder, read as a stranger reads it, against the entries that the farm holds."""

from __future__ import annotations

from pathlib import Path

from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint
from suyuan.ledger.engine import begin_read
from suyuan.ledger.store import read_checkpoints
from tests.farm import Farm
from tests.ledger import reference


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder*."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def check_published(farm: Farm, folder: Path) -> Checkpoint:
    """
    Fail unless *folder* shows the farm's entries up to its checkpoint, and lists every checkpoint that was signed.

    All that were signed, listed or not, must be of one log.
    """
    files = content(folder)
    entries = [stored.body for stored in farm.entries()]
    keys = [farm.keys.checkpoint.verifier]
    latest = open_checkpoint(files["checkpoint"], keys, farm.log)
    assert read_bundles(files, "tile/entries", latest.size) == entries[: latest.size]
    leaves = [reference.leaf(entry) for entry in entries[: latest.size]]
    assert b"".join(read_tiles(files, "tile/0", latest.size)) == b"".join(leaves)
    with begin_read(farm.engine) as connection:
        signed = [one.note.encode() for one in read_checkpoints(connection, farm.log)]
    count = int(files["checkpoints/count"])
    assert read_bundles(files, "checkpoints", count) == signed[:count]
    for note in signed:
        one = open_checkpoint(note, keys, farm.log)
        assert one.root == reference.mth(entries[: one.size])
    assert latest.size in {open_checkpoint(note, keys, farm.log).size for note in signed[:count]}
    return latest


def read_tiles(files: dict[str, bytes], prefix: str, count: int) -> list[bytes]:
    """Return the files below *prefix* that hold *count* things, 256 in each but the last."""
    paths = [f"{prefix}/{index:03}" for index in range(count // 256)]  # fewer than a thousand tiles
    paths += [f"{prefix}/{count // 256:03}.p/{count % 256}"] if count % 256 else []
    return [files[path] for path in paths]


def read_bundles(files: dict[str, bytes], prefix: str, count: int) -> list[bytes]:
    """Return the *count* things that stand with their lengths in the bundles below *prefix*."""
    found = []
    for data in read_tiles(files, prefix, count):
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    assert len(found) == count
    return found
