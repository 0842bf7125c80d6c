"""``labels``, ``hold``, ``release``, ``trace``: what a clerk and a supervisor do by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdfium2 import PdfDocument

from suyuan.cli.labelling import parse_net, parse_range
from suyuan.errors import Refused
from suyuan.ledger.engine import begin_read
from suyuan.produce.records import Run, Span
from suyuan.qr.address import package_url
from tests.cli.conftest import PEARS, Shell

Issue = Callable[..., str]


def run_of(shell: Shell, name: str) -> Run:
    """Return the run as the books have it."""
    from suyuan.books.store import load_records

    house = shell.open()
    try:
        with begin_read(house.engine) as connection:
            record = load_records(connection, house.log_id, [(Run, name)])[Run, name]
    finally:
        house.close()
    assert isinstance(record, Run)
    return record


def spans(shell: Shell, name: str) -> list[tuple[int, int, str]]:
    """Return the states of a run's packages."""
    return [(span.first, span.end, span.state) for span in run_of(shell, name).spans]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5000g", (5000, "g")),
        ("5kg", (5000, "g")),
        ("2.5 kg", (2500, "g")),
        ("0.5斤", (250, "g")),
        ("10公斤", (10_000, "g")),
        ("500ML", (500, "ml")),
        ("1.5L", (1500, "ml")),
        ("12件", (12, "piece")),
    ],
)
def test_net_contents_are_read_as_whole_units(text: str, found: tuple[int, str]) -> None:
    assert parse_net(text) == found


@pytest.mark.parametrize(
    "text", ["", "5", "kg", "0g", "0.5g", "1.0005kg", "-1kg", "5lb", "1e3g", "5kg5", "５kg "]
)
def test_other_net_contents_are_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_net(text)
    assert caught.value.problems[0].code == "net.form"


@given(st.integers(1, 10**9 - 1))
def test_grams_read_back(grams: int) -> None:
    assert parse_net(f"{grams}g") == (grams, "g")
    assert parse_net(f"{grams // 1000}.{grams % 1000:03d}kg") == (grams, "g")


def test_ranges_name_first_and_last() -> None:
    assert parse_range("0-99", 500) == (0, 100)
    assert parse_range("7", 500) == (7, 8)
    assert parse_range(None, 500) == (0, 500)


@pytest.mark.parametrize("text", ["", "-", "a-b", "1-", "-5", "1-2-3", "1,2"])
def test_other_ranges_are_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_range(text, 5)
    assert caught.value.problems[0].code == "range.form"


def test_a_run_is_issued_by_the_holder_of_the_batch(shell: Shell) -> None:
    found = shell.json("labels", "issue", PEARS, "--count", "3", "--net", "1kg", "--packed-on", "2026-11-20")
    run = run_of(shell, found["run"])
    assert (run.count, run.net, run.packed_on, run.entry) == (3, 1000, "2026-11-20", found["entry"])
    assert spans(shell, run.id) == [(0, 3, "issued")]


def test_a_batch_is_found_by_its_id_as_by_its_number(shell: Shell, issue: Issue) -> None:
    batch = run_of(shell, issue()).batch
    assert run_of(shell, issue(batch)).batch == batch


def test_a_party_that_holds_none_of_the_batch_cannot_label_it(shell: Shell) -> None:
    lines = shell.fails("labels", "issue", PEARS, "--count", "3", "--net", "1kg", "--by", "监管部门")
    assert lines[0].startswith("错误 labels.beyond-batch /count")


def test_more_packages_than_the_batch_holds_are_refused(shell: Shell) -> None:
    (line,) = shell.fails("labels", "issue", PEARS, "--count", "1000000", "--net", "5kg")
    assert line.startswith("错误 labels.beyond-batch /count：申领件数超过批次剩余重量")
    (line,) = shell.fails("labels", "issue", PEARS, "--count", "100000", "--net", "5kg", language="en")
    assert "packages of 5 kg" in line


def test_a_batch_that_is_not_there_is_named(shell: Shell) -> None:
    lines = shell.fails("labels", "issue", "CS-999", "--count", "3", "--net", "1kg", code=2)
    assert lines == ["错误 batch.missing：没有批次“CS-999”"]


def test_a_net_content_in_another_unit_than_the_products_is_refused(shell: Shell) -> None:
    (line,) = shell.fails("labels", "issue", PEARS, "--count", "3", "--net", "500ml")
    assert line.startswith("错误 net.unit")


def test_a_day_that_is_none_is_refused(shell: Shell) -> None:
    for day in ("2026-02-30", "yesterday"):
        words = ("labels", "issue", PEARS, "--count", "3", "--net", "1kg", "--packed-on", day)
        assert shell.fails(*words)[0].startswith("错误 day.form")


def test_labels_are_activated_and_voided_by_range(shell: Shell, issue: Issue) -> None:
    run = issue(PEARS, 10)
    shell.run("labels", "activate", run, "--range", "0-5")
    shell.run("labels", "void", run.lower(), "--range", "5-7", "--reason", "spoilt")
    assert spans(shell, run) == [(0, 5, "activated"), (5, 8, "voided"), (8, 10, "issued")]
    shell.run("labels", "activate", run, "--range", "8-9")
    lines = shell.fails("labels", "activate", run)
    assert [line.split(" ")[1] for line in lines] == ["labels.state"] * 3


def test_a_range_beyond_the_run_is_refused(shell: Shell, issue: Issue) -> None:
    run = issue()
    assert shell.fails("labels", "activate", run, "--range", "3-5")[0].startswith("错误 labels.range")
    assert shell.fails("labels", "void", run, "--range", "9", "--reason", "spoilt")
    shell.run("labels", "void", run, "--range", "0", "--reason", "ugly", code=2)
    assert shell.fails("labels", "activate", "00000", code=2)[0].startswith("错误 run.missing")


def test_every_code_of_a_sheet_decodes_from_its_pixels(shell: Shell, issue: Issue, tmp_path: Path) -> None:
    run = issue(PEARS, 5)
    shell.run("labels", "void", run, "--range", "2", "--reason", "spoilt")
    out = tmp_path / "sheet.pdf"
    shell.run("labels", "sheet", run, "--out", str(out), "--layout", "a4-24", "--start", "23")
    with PdfDocument(out) as pdf:
        images = [page.render(scale=203 / 72).to_pil() for page in pdf]
        words = "".join(page.get_textpage().get_text_range() for page in pdf)
    found = {one.text for image in images for one in zxingcpp.read_barcodes(image)}
    codes = [shell.json("labels", "code", run, str(index)) for index in (0, 1, 3, 4)]
    assert found == {one["url"] for one in codes}
    assert len(images) == 2
    assert all(one["printed"][:11] in words and one["printed"][12:] in words for one in codes)
    assert "1 kg" in words


def test_part_of_a_run_is_printed_again(shell: Shell, issue: Issue, tmp_path: Path) -> None:
    run = issue(PEARS, 5)
    shell.run(
        "labels", "sheet", run, "--out", str(tmp_path / "s.pdf"), "--range", "3-4", "--layout", "roll-60x40"
    )
    with PdfDocument(tmp_path / "s.pdf") as pdf:
        assert len(pdf) == 2
    (line,) = shell.fails("labels", "sheet", run, "--out", str(tmp_path / "s.pdf"))
    assert line.startswith("错误 file.there")


def test_a_layout_or_place_that_is_not_there_is_refused(shell: Shell, issue: Issue, tmp_path: Path) -> None:
    run = issue()
    out = ("--out", str(tmp_path / "s.pdf"))
    assert shell.fails("labels", "sheet", run, *out, "--layout", "a5")[0].startswith("错误 layout.unknown")
    assert shell.fails("labels", "sheet", run, *out, "--start", "25")[0].startswith("错误 layout.start")
    assert shell.fails("labels", "sheet", run, *out, "--range", "4-5")[0].startswith("错误 labels.range")
    assert not (tmp_path / "s.pdf").exists()


def test_one_code_is_written_as_a_picture(shell: Shell, issue: Issue, tmp_path: Path) -> None:
    run = issue()
    found = shell.json("labels", "code", run, "0")
    assert found["url"] == package_url("https://farm.example", found["code"])
    assert shell.say("labels", "code", run, "0") == f"{found['printed']}  {found['url']}"
    shell.run("labels", "code", run, "0", "--png", str(tmp_path / "c.png"))
    with Image.open(tmp_path / "c.png") as image:
        assert zxingcpp.read_barcodes(image)[0].text == found["url"]
    shell.run("labels", "code", run, "0", "--svg", str(tmp_path / "c.svg"))
    assert (tmp_path / "c.svg").read_text().startswith("<svg")
    assert shell.fails("labels", "code", run, "0", "--png", "a", "--svg", "b")[0].startswith(
        "错误 code.picture"
    )
    assert shell.fails("labels", "code", run, "5")[0].startswith("错误 labels.range")


def test_a_hold_stops_labels_until_it_is_released(shell: Shell, issue: Issue) -> None:
    hold = shell.say("hold", PEARS, "--reason", "suspicion")
    lines = shell.fails("labels", "issue", PEARS, "--count", "1", "--net", "1kg")
    assert lines[0].startswith("错误 batch.blocked")
    assert "已封存" in shell.say("trace", PEARS)
    shell.run("release", hold)
    issue()


def test_all_holds_on_a_batch_are_released_at_once(shell: Shell, issue: Issue) -> None:
    shell.run("hold", PEARS, "--reason", "suspicion")
    shell.run("hold", PEARS, "--reason", "complaint")
    assert len(shell.run("release", PEARS).stderr.splitlines()) == 2
    issue()
    assert shell.fails("release", PEARS, code=2)[0].startswith("错误 hold.missing")


def test_a_hold_with_the_key_of_no_supervisor_is_refused(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "k"
    shell.run("key", "new", "--out", str(path), "--no-passphrase")
    assert shell.fails("hold", PEARS, "--reason", "suspicion", "--key", str(path))[0].startswith(
        "错误 key.unknown"
    )
    own = tmp_path / "own"
    maker = shell.json("trace", PEARS)["batches"][0]["maker"]
    shell.run("key", "new", "--party", maker, "--out", str(own), "--no-passphrase")
    lines = shell.fails("hold", PEARS, "--reason", "suspicion", "--key", str(own))
    assert lines[0].startswith("错误 role.supervisor")


def test_a_batch_is_traced_back_to_its_harvests_and_forward_again(shell: Shell) -> None:
    back = shell.json("trace", PEARS)
    assert back["direction"] == "back"
    assert back["batches"][0]["ref"] == PEARS
    harvests = [one for one in back["batches"] if one["depth"]]
    assert harvests
    assert {one["how"] for one in harvests} == {"harvested"}
    forward = shell.json("trace", harvests[0]["id"], "--forward")
    assert PEARS in [one["ref"] for one in forward["batches"]]
    text = shell.say("trace", PEARS, "--back")
    assert text.splitlines()[1].startswith("  ")
    assert "加工" in text


def test_the_signed_checkpoint_follows_each_act(shell: Shell, issue: Issue) -> None:
    entry = json.loads(shell.say("labels", "issue", PEARS, "--count", "1", "--net", "1kg", "--json"))["entry"]
    assert shell.say("checkpoint").splitlines()[1] == str(entry + 1)


def test_states_cover_every_package(shell: Shell, issue: Issue) -> None:
    run = issue(PEARS, 4)
    shell.run("labels", "activate", run)
    assert run_of(shell, run).spans == (Span(first=0, end=4, state="activated"),)
