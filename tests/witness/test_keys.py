"""The key file of a witness."""

from __future__ import annotations

from pathlib import Path

import pytest

from suyuan.errors import Broken, Conflict, Missing, Refused, Unavailable
from suyuan.vault.locked import Lock
from suyuan.witness.keys import FILE, create_keys, read_keys
from suyuan.witness.memory import hold_folder
from tests.keys import stream
from tests.witness.running import NAME, no_lock


def test_keys_are_read_as_they_were_made(tmp_path: Path) -> None:
    made = create_keys(tmp_path / "a" / "b", NAME, stream())
    assert read_keys(tmp_path / "a" / "b", no_lock) == made
    assert made.name == NAME
    assert made.ed25519.seed != made.mldsa.seed
    assert "seed" not in repr(made)


def test_a_locked_file_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    made = create_keys(tmp_path, NAME, stream(), Lock("eight pears"))
    assert read_keys(tmp_path, lambda kind: Lock("eight pears")) == made
    with pytest.raises(Refused):
        read_keys(tmp_path, lambda kind: Lock("nine pears"))
    assert b"PRIVATE" not in (tmp_path / FILE).read_bytes()


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    create_keys(tmp_path, NAME, stream())
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(Refused):
        read_keys(tmp_path, no_lock)


def test_keys_are_never_replaced(tmp_path: Path) -> None:
    made = create_keys(tmp_path, NAME, stream())
    with pytest.raises(Conflict):
        create_keys(tmp_path, NAME, stream("other"))
    assert read_keys(tmp_path, no_lock) == made


def test_a_folder_without_keys_is_no_witness(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        read_keys(tmp_path, no_lock)


@pytest.mark.parametrize("damage", [0, 1, 2, 3, 4, 5])
def test_a_damaged_key_file_is_not_read(tmp_path: Path, damage: int) -> None:
    create_keys(tmp_path, NAME, stream())
    text = (tmp_path / FILE).read_text()
    first, second = text.splitlines(keepends=True)
    wrong = [
        "",
        first,
        second + first,
        text.replace("w1", "w2", 1),
        text[:-5] + "\n",
        text.replace("PRIVATE", "PUBLIC", 1),
    ]
    (tmp_path / FILE).write_text(wrong[damage])
    with pytest.raises(Broken):
        read_keys(tmp_path, no_lock)


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    with hold_folder(tmp_path), pytest.raises(Unavailable), hold_folder(tmp_path):
        pass
    with hold_folder(tmp_path):
        pass
