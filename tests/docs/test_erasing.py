"""docs/operations.md: its program erases a person, and the proofs still hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.capture.season import Office, import_season
from suyuan.publish.examination import Subject, examine
from suyuan.server.house import House, found_house, open_house
from suyuan.settings import Folder, load_settings
from tests.docs.tables import DOCS

PAGE = (DOCS / "operations.md").read_text("utf-8")
SEASON = DOCS.parent / "examples" / "season"


def find_texts(house: House) -> tuple[str, list[str | None]]:
    """Return the person whom the program erases, and what can be read of the disclosures about that person."""
    with house.vault.begin() as connection:
        plot = house.vault.find_name(connection, "plot", "QS001")
        person = house.vault.find_name(connection, "person", f"{plot}:石满仓")
        digests = house.vault.find_digests(connection, person or "")
        return person or "", list(house.vault.find_disclosures(connection, digests).values())


def test_the_program_erases_a_household(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mint: Mint) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUYUAN_DATABASE_URL", raising=False)
    settings = load_settings(Path("data"))
    folder = Folder("pear.example/log", "https://pear.example", demo=True)
    house = found_house(settings, folder, [Founder("农业农村局")], mint)
    import_season(Office(house.engine, house.vault, house.capture, house.pen), SEASON)
    person, before = find_texts(house)
    house.close()
    assert len(before) > 3
    assert None not in before
    found = re.search(r"<!-- program: erase -->\n```python\n(.*?)```", PAGE, re.S)
    assert found is not None
    exec(compile(found[1], "operations.md", "exec"), {})  # the page's own program
    house = open_house(settings)
    try:
        subject = Subject(house.engine, house.vault, house.log_id, house.keys.checkpoint.verifier)
        assert examine(subject).differences == ()
        assert find_texts(house)[0] == ""
        with house.vault.begin() as connection:
            digests = house.vault.find_digests(connection, person)
            assert set(house.vault.find_disclosures(connection, digests).values()) == {None}
    finally:
        house.close()
