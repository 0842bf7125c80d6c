"""A person's key is one file; destroying it is final."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from suyuan.errors import Broken, Unavailable
from suyuan.vault import seal
from suyuan.vault.persons import Persons
from tests import keys

ANN = "7K3MX9Q2WD"
BEN = "7K9Q2WD3MX"


@pytest.fixture
def persons(tmp_path: Path) -> Persons:
    return Persons(tmp_path / "persons", keys.master(), keys.stream())


def test_a_key_is_found_again_by_another_process(persons: Persons, tmp_path: Path) -> None:
    key = persons.create(ANN)
    assert len(key) == 32
    assert Persons(tmp_path / "persons", keys.master(), keys.stream("other")).find(ANN) == key


def test_a_key_that_is_there_is_not_made_anew(persons: Persons) -> None:
    assert persons.create(ANN) == persons.create(ANN)


def test_each_person_has_a_key_of_their_own(persons: Persons) -> None:
    assert persons.create(ANN) != persons.create(BEN)


def test_an_unknown_person_has_no_key(persons: Persons) -> None:
    persons.create(BEN)
    assert persons.find(ANN) is None


def test_a_folder_that_is_not_mounted_is_not_taken_for_an_erasure(persons: Persons) -> None:
    with pytest.raises(Unavailable) as caught:
        persons.find(ANN)
    assert caught.value.problem.code == "vault.no-persons"


def test_a_key_file_is_sealed_and_the_owners_alone(persons: Persons) -> None:
    key = persons.create(ANN)
    path = persons.path(ANN)
    assert key not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_drafts_are_left_beside_a_key(persons: Persons) -> None:
    persons.create(ANN)
    assert [path.name for path in persons.path(ANN).parent.iterdir()] == [f"{ANN}.key"]


def test_a_destroyed_key_is_gone(persons: Persons) -> None:
    persons.create(ANN)
    persons.create(BEN)
    assert persons.destroy(ANN)
    assert persons.find(ANN) is None
    assert persons.find(BEN) is not None
    assert not persons.destroy(ANN)


def test_destroying_overwrites_the_bytes_before_the_name_goes(persons: Persons, tmp_path: Path) -> None:
    persons.create(ANN)
    second_name = tmp_path / "second-name"
    second_name.hardlink_to(persons.path(ANN))
    persons.destroy(ANN)
    assert set(second_name.read_bytes()) == {0}


def test_a_key_file_under_another_persons_name_is_refused(persons: Persons) -> None:
    persons.create(ANN)
    persons.create(BEN)
    persons.path(BEN).write_bytes(persons.path(ANN).read_bytes())
    with pytest.raises(Broken):
        persons.find(BEN)


def test_every_damaged_byte_of_a_key_file_is_refused(persons: Persons) -> None:
    persons.create(ANN)
    whole = persons.path(ANN).read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        persons.path(ANN).write_bytes(damaged)
        with pytest.raises(Broken):
            persons.find(ANN)


def test_another_master_key_is_refused(persons: Persons, tmp_path: Path) -> None:
    persons.create(ANN)
    with pytest.raises(Broken):
        Persons(tmp_path / "persons", keys.seed("other"), keys.stream()).find(ANN)


@pytest.mark.parametrize(
    "person", ["", "../../etc", "张三", "7k3mx9q2wd", "ABC", "7K3MX/9Q2W", "ILOU", "A" * 41]
)
def test_what_is_no_minted_id_names_no_file(persons: Persons, person: str) -> None:
    with pytest.raises(ValueError, match="Crockford"):
        persons.create(person)
    with pytest.raises(ValueError, match="Crockford"):
        persons.destroy(person)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "persons").write_text("a file in the way")
    with pytest.raises(Unavailable) as caught:
        Persons(tmp_path / "persons", keys.master(), keys.stream()).create(ANN)
    assert caught.value.problem.code == "file.access"


def test_repr_shows_no_key(persons: Persons) -> None:
    assert repr(persons).startswith("Persons('/")
    assert persons.create(ANN).hex() not in repr(persons)


def test_of_two_processes_that_make_a_key_at_once_the_first_counts(tmp_path: Path) -> None:
    first = Persons(tmp_path / "persons", keys.master(), keys.stream("first"))

    def slow(size: int) -> bytes:
        first.create(ANN)
        return keys.stream("second")(size)

    second = Persons(tmp_path / "persons", keys.master(), slow)
    assert second.create(ANN) == first.find(ANN)


def test_a_key_of_another_size_is_refused(persons: Persons) -> None:
    persons.create(ANN)
    sealed = seal.seal(
        seal.derive(keys.master(), "person"), b"short", seal.frame("person", ANN), bytes(seal.NONCE_SIZE)
    )
    persons.path(ANN).write_bytes(sealed)
    with pytest.raises(Broken, match="size"):
        persons.find(ANN)
