"""No personal datum of a season stands in clear anywhere in its data folder."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from suyuan.intake.workbook import read_folder
from suyuan.ledger.engine import begin_read
from suyuan.ledger.entry import parse_entry
from suyuan.ledger.statement import parse_statement
from suyuan.ledger.store import read_entries
from tests.capture.seasons import Imported

PERSONAL = {
    "户主",
    "户类型",
    "交货人",
    "操作人",
    "联系人",
    "联系电话",
    "收货人",
    "收货地址",
    "订单号",
    "用量",
}
"""Headings whose every cell is private."""

NAMED = ("主体名称", "统一社会信用代码")
"""Headings that are private where the credit code is that of an individual business, 92..."""

PUBLIC = {"", "-"}

PRIVATE_FIELDS = {
    "household", "household_kind", "trees", "area_mu", "area_m2", "deliverer", "operator", "dose", "contact", "phone",
    "note", "platform", "order_number", "paid_fen", "title", "own_ref", "work_as_written",
}  # fmt: skip
"""Names of fields that may stand in disclosures only."""


@dataclass(frozen=True)
class Folder:
    """A data folder after the import: the personal strings of its season, its files, its statements' payloads."""

    words: frozenset[str]
    files: dict[str, bytes]
    payloads: tuple[dict[str, Any], ...]


def personal_words(folder: Path) -> frozenset[str]:
    """Return every personal string of a season, as the clerks wrote it."""
    words: set[str] = set()
    for sheet in read_folder(folder).sheets:
        heading = next(row for row in sheet.rows if len([cell for cell in row.cells if cell]) > 3)
        columns = {str(cell): place for place, cell in enumerate(heading.cells)}
        for row in sheet.rows[sheet.rows.index(heading) + 1 :]:
            cells = [str(cell).strip() for cell in row.cells]
            words |= {
                cells[place] for name, place in columns.items() if name in PERSONAL and place < len(cells)
            }
            if NAMED[0] in columns and cells[columns[NAMED[1]]].startswith("92"):
                words |= {cells[columns[name]] for name in NAMED}
    return frozenset(words - PUBLIC)


@pytest.fixture(scope="session")
def kept(season: Imported) -> Folder:
    """The data folder of an imported season, with what is still in SQLite's log of writes."""
    with begin_read(season.house.engine) as connection:
        entries = [parse_entry(stored.body) for stored in read_entries(connection, season.house.log_id)]
    payloads = tuple(dict(parse_statement(entry.statement).payload) for entry in entries)
    data = season.house.settings.data
    files = {str(path.relative_to(data)): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    return Folder(personal_words(season.folder), files, payloads)


def _spellings(word: str) -> Iterator[bytes]:
    """Yield *word* in the encodings that it may be stored in; none so short that random bytes hold it."""
    yield word.encode()
    yield word.encode("ascii", "backslashreplace")
    for encoding in ("gb18030", "utf-16-le", "utf-16-be"):
        if len(word) > 2:
            yield word.encode(encoding)
    for lead in range(3):  # base64 wherever the word may begin in its group of three bytes
        inner = base64.b64encode(bytes(lead) + word.encode())[(4 * lead + 2) // 3 : -4]
        if len(inner) >= 8:
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


def _walk(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _walk(member)
    elif isinstance(value, list):
        for member in value:
            yield from _walk(member)
    else:
        yield str(value)


def test_the_season_has_personal_data_to_look_for(kept: Folder) -> None:
    assert len(kept.words) > 100


def _found(files: dict[str, bytes], words: Iterable[bytes]) -> set[tuple[str, bytes]]:
    return {(name, word) for word in words for name, content in files.items() if word in content}


def test_no_file_of_the_data_folder_holds_a_personal_word(kept: Folder) -> None:
    assert _found(kept.files, {word.encode() for word in kept.words}) == set()


def test_no_file_of_the_data_folder_holds_a_personal_word_in_another_spelling(kept: Folder) -> None:
    some = sorted(kept.words)[:: max(1, len(kept.words) // 100)]
    assert _found(kept.files, {spelling for word in some for spelling in _spellings(word)}) == set()


def test_no_payload_of_a_statement_holds_a_personal_word(kept: Folder) -> None:
    texts = [json.dumps(payload, ensure_ascii=False) for payload in kept.payloads]
    assert [word for word in kept.words if any(word in text for text in texts)] == []


def test_no_payload_of_a_statement_names_a_private_field(kept: Folder) -> None:
    assert PRIVATE_FIELDS.isdisjoint({word for payload in kept.payloads for word in _walk(payload)})


@pytest.mark.parametrize("lead", [b"", b"a", b"ab"])
def test_the_search_finds_a_word_inside_base64(kept: Folder, lead: bytes) -> None:
    word = max(kept.words, key=len)
    files = {"some.db": b"..." + base64.urlsafe_b64encode(lead + word.encode() + b"yz") + b"..."}
    assert _found(files, _spellings(word))
