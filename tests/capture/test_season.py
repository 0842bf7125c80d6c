"""The shared season and the small one of the examples, imported as a clerk would, against their answer keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import offices
from tests.capture.seasons import SEASONS, Imported

REASONS = {
    "统一社会信用代码校验位不符": {"credit-code.check"},
    "安全间隔期未满": {"harvest.interval"},
    "超过地块核定产量": {"quota.exceeded"},
    "日期与重量无法识别": {"date.unreadable", "number.unreadable"},
    "地块不存在": {"plot.missing"},
    "原料已用完（出大于入）": {"batch.used-up"},
    "申领件数超过批次剩余重量": {"labels.beyond-batch"},
    "与前面一行完全重复，只入账一次": {"row.duplicate"},
}
"""The codes that fit each reason of the answer keys."""

COLUMNS = {
    "credit-code.check": "统一社会信用代码",
    "harvest.interval": "采收日期",
    "quota.exceeded": "重量",
    "date.unreadable": "采收日期",
    "plot.missing": "地块编号",
    "batch.used-up": "原料批次",
    "labels.beyond-batch": "件数",
}
"""The heading of the column that each reason points at."""


def test_every_row_of_the_key_is_refused_and_no_other(season: Imported) -> None:
    assert offices.rows(season.done["refused"]) == offices.rows(season.key["refuse"])


def test_every_row_of_the_key_is_warned_of_and_no_other(season: Imported) -> None:
    assert offices.rows(season.done["warned"]) == offices.rows(season.key["warn"])


def test_each_refusal_and_warning_has_the_reason_of_the_key(season: Imported) -> None:
    whys = {offices.rows([item])[0]: item["why"] for item in [*season.key["refuse"], *season.key["warn"]]}
    for item in [*season.done["refused"], *season.done["warned"]]:
        assert item["code"] in REASONS[whys[offices.rows([item])[0]]]


def test_the_totals_are_those_of_the_key_to_the_last_digit(season: Imported) -> None:
    assert season.done["totals"] == season.key["totals"]


def test_each_refusal_points_at_the_heading_that_it_speaks_of(season: Imported) -> None:
    for item in season.done["refused"]:
        assert COLUMNS[item["code"]] in item["text"]
        assert item["column"]
        assert item["row"] > 1


def test_the_dry_run_reports_what_the_real_run_reports(season: Imported) -> None:
    assert offices.verdict(season.tried) == offices.verdict(season.done)
    assert season.tried["entered"] == season.done["entered"]
    assert (season.tried["dry_run"], season.tried["entries"]) == (True, 0)


def test_the_second_run_appends_nothing_and_reports_the_same(season: Imported) -> None:
    assert offices.verdict(season.again) == offices.verdict(season.done)
    assert (season.again["entries"], season.again["entered"]) == (0, {})
    assert season.again["known"] == season.done["entered"]


def test_the_entries_are_those_that_the_real_run_counted(season: Imported) -> None:
    assert offices.check(season.house) == season.done["entries"] + 1


@pytest.mark.parametrize("day", ["2020-01-01", "2026-06-01", "2026-08-28", "2026-09-25", "2050-01-01"])
def test_the_clock_of_the_import_decides_nothing(
    day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offices, "NOW", datetime.fromisoformat(day).replace(tzinfo=UTC))
    key = json.loads((SEASONS["example"] / "answer-key.json").read_text("utf-8"))
    with offices.opened(tmp_path / "data") as house:
        report = offices.run(house, SEASONS["example"], dry_run=True)
    assert offices.rows(report["refused"]) == offices.rows(key["refuse"])
    assert report["totals"] == key["totals"]
