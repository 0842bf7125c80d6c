"""``import``: one report for people, one for programs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import SEASON, Shell

KEY = json.loads((SEASON / "answer-key.json").read_text("utf-8"))


def test_the_report_for_programs_is_all_there_is_on_standard_output(empty: Shell) -> None:
    empty.run("init")
    report = empty.json("import", str(SEASON))
    assert report["totals"] == KEY["totals"]
    assert len(report["refused"]) == len(KEY["refuse"])
    assert {"file", "row", "column", "code", "reason"} <= report["refused"][0].keys()


def test_a_dry_run_says_the_same_and_writes_nothing(empty: Shell) -> None:
    empty.run("init")
    dry = empty.json("import", str(SEASON), "--dry-run")
    assert empty.json("audit")["size"] == 1
    assert dry["dry_run"] is True
    real = empty.json("import", str(SEASON))
    assert [dry[name] for name in ("refused", "warned", "totals")] == [
        real[name] for name in ("refused", "warned", "totals")
    ]


def test_a_second_run_enters_nothing(shell: Shell) -> None:
    size = shell.json("audit")["size"]
    report = shell.json("import", str(SEASON))
    assert report["entries"] == 0
    assert report["totals"] == KEY["totals"]
    assert shell.json("audit")["size"] == size


def test_strict_leaves_with_1_where_a_row_is_refused(shell: Shell) -> None:
    shell.run("import", str(SEASON), "--strict", code=1)


def test_people_are_told_file_row_and_column_of_what_was_refused(shell: Shell) -> None:
    text = shell.say("import", str(SEASON), "--dry-run")
    assert "拒绝 主体名录.xlsx 第 11 行 C 列" in text
    assert "仅检查" in text
    assert "refused" in shell.run("import", str(SEASON), "--dry-run", language="en").stdout


def test_a_folder_that_is_not_there_is_named(shell: Shell, tmp_path: Path) -> None:
    (line,) = shell.fails("import", str(tmp_path / "nowhere"), code=2)
    assert line.startswith("错误 import.folder")
    assert "nowhere" in line


def test_a_log_without_a_supervisors_key_at_hand_takes_one_for_the_run(empty: Shell, tmp_path: Path) -> None:
    from suyuan.cli.files import write_key_file
    from tests.verify.ledgers import key

    path = tmp_path / "局.jwk"
    write_key_file(path, key("局"))
    empty.run("init", "--supervisor", "局", "--supervisor-key", str(path))
    (line,) = empty.fails("import", str(SEASON), code=2)
    assert "--supervisor-key" in line
    report = empty.json("import", str(SEASON), "--supervisor-key", str(path))
    assert report["totals"] == KEY["totals"]
    empty.run("audit")
