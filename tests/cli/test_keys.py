"""``key``, ``sign``, ``submit``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from suyuan.cli.files import read_key_file, write_key_file
from suyuan.errors import Conflict, Refused
from suyuan.ledger.jwk import SigningKey
from suyuan.ledger.statement import parse_statement
from tests.cli.conftest import Shell
from tests.verify.ledgers import key


def cooperative(shell: Shell) -> str:
    """Return the id of a cooperative whose key the service keeps."""
    rows = [one for one in shell.json("key", "list") if "合作社" in one["name"]]
    return str(min(rows, key=lambda one: int(one["since"]))["party"])


def product(shell: Shell, tmp_path: Path, **fields: Any) -> Path:
    """Write an event that the cooperative may say; return its file."""
    event = {"type": "product.registered", "by": cooperative(shell), "product": "9Q2WD7K3MX", "name": "蜜橘"}
    path = tmp_path / "event.json"
    path.write_text(json.dumps({**event, "unit": "g", **fields}, ensure_ascii=False), "utf-8")
    return path


def test_a_key_file_reads_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    write_key_file(tmp_path / "k", key("x"))
    assert read_key_file(tmp_path / "k") == key("x")
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    write_key_file(tmp_path / "k", key("x"))
    with pytest.raises(Conflict):
        write_key_file(tmp_path / "k", key("y"))


@pytest.mark.parametrize(
    "change", [{"d": "AA"}, {"x": "AA"}, {"kid": "other"}, {"crv": "P-256"}, {"use": "sig"}]
)
def test_a_key_file_that_contradicts_itself_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    write_key_file(tmp_path / "k", key("x"))
    path = tmp_path / "changed"
    path.write_text(json.dumps({**json.loads((tmp_path / "k").read_text()), **change}))
    with pytest.raises(Refused) as caught:
        read_key_file(path)
    assert caught.value.problems[0].code == "file.key"


def test_a_new_key_file_prints_the_public_half_only(empty: Shell, tmp_path: Path) -> None:
    path = tmp_path / "k.jwk"
    result = empty.run("key", "new", "--out", str(path), "--no-passphrase")
    shown = json.loads(result.stdout)
    made = read_key_file(path)
    assert shown["kid"] == made.kid
    assert json.loads(path.read_text())["d"] not in result.output


def test_a_new_key_needs_a_place_or_a_party(empty: Shell) -> None:
    (line,) = empty.fails("key", "new")
    assert line.startswith("错误 key.what")


def test_a_further_key_is_registered_and_kept_by_the_service(shell: Shell) -> None:
    party = cooperative(shell)
    kid = json.loads(shell.say("key", "new", "--party", party))["kid"]
    row = next(one for one in shell.json("key", "list") if one["kid"] == kid)
    assert (row["party"], row["custody"], row["here"]) == (party, "service", True)


def test_a_party_takes_its_key_into_its_own_hands(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "own.jwk"
    party = cooperative(shell)
    shell.run("key", "new", "--party", party, "--out", str(path), "--no-passphrase")
    row = next(one for one in shell.json("key", "list") if one["kid"] == read_key_file(path).kid)
    assert (row["custody"], row["here"]) == ("party", False)
    token = shell.say("sign", str(product(shell, tmp_path)), "--key", str(path))
    shell.run("submit", "-", stdin=token)
    again = json.loads(shell.say("key", "new", "--party", party, "--key", str(path)))
    assert again["kid"] in shell.say("key", "list")


def test_a_key_that_was_not_registered_leaves_no_file(shell: Shell, tmp_path: Path) -> None:
    shell.fails("key", "new", "--party", "没有这家", "--out", str(tmp_path / "k"), "--no-passphrase", code=2)
    assert not (tmp_path / "k").exists()


def test_a_party_is_found_by_its_name(shell: Shell) -> None:
    shell.run("key", "new", "--party", "监管部门")
    lines = shell.fails("key", "new", "--party", "没有这家", code=2)
    assert lines == ["错误 party.missing：没有主体“没有这家”"]


def test_the_list_says_who_keeps_which_key_in_both_languages(shell: Shell) -> None:
    assert "服务代管" in shell.say("key", "list")
    assert "kept by the service" in shell.run("key", "list", language="en").stdout


def test_an_event_is_signed_with_what_it_lacks_filled_in(shell: Shell, tmp_path: Path) -> None:
    token = shell.say("sign", str(product(shell, tmp_path)))
    payload = parse_statement(token).payload
    assert payload["log"] == "farm.example/log"
    assert payload["at"].endswith("+08:00")
    assert payload["id"][14] == "7"


def test_a_complete_event_is_signed_without_any_data_folder(empty: Shell, tmp_path: Path) -> None:
    event = tmp_path / "e.json"
    fields = {"type": "product.registered", "by": "9Q2WD7K3MX", "product": "9Q2WD7K3MY"}
    event.write_text(json.dumps({**fields, "name": "x", "unit": "g", "log": "a/b"}))
    write_key_file(tmp_path / "k", key("x"))
    token = empty.say("sign", str(event), "--key", str(tmp_path / "k"))
    assert parse_statement(token).kid == key("x").kid
    assert not empty.data.exists()


def test_an_event_without_a_log_needs_a_data_folder(empty: Shell, tmp_path: Path) -> None:
    event = tmp_path / "e.json"
    event.write_text('{"type":"product.registered","by":"9Q2WD7K3MX"}')
    write_key_file(tmp_path / "k", key("x"))
    (line,) = empty.fails("sign", str(event), "--key", str(tmp_path / "k"))
    assert line.startswith("错误 event.log /log")


def test_the_log_of_an_event_comes_from_the_folder(shell: Shell, tmp_path: Path) -> None:
    write_key_file(tmp_path / "k", key("x"))
    token = shell.say("sign", str(product(shell, tmp_path)), "--key", str(tmp_path / "k"))
    assert parse_statement(token).payload["log"] == "farm.example/log"


def test_an_event_that_is_none_is_refused_with_pointers(shell: Shell, tmp_path: Path) -> None:
    lines = shell.fails("sign", str(product(shell, tmp_path, unit="kg")))
    assert lines[0].startswith("错误 event.field /unit")
    lines = shell.fails("sign", str(product(shell, tmp_path, by=7)))
    assert lines == ["错误 event.by /by：事件没有写明主体（by）"]


def test_an_event_for_a_party_whose_key_is_elsewhere_asks_for_the_file(shell: Shell, tmp_path: Path) -> None:
    lines = shell.fails("sign", str(product(shell, tmp_path, by="9Q2WD7K3MX")), code=2)
    assert lines[0].startswith("错误 key.not-kept")
    assert "--key" in lines[0]


def test_a_statement_is_submitted_and_gives_the_same_receipt_again(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "statements"
    file.write_text(shell.say("sign", str(product(shell, tmp_path))) + "\n\n")
    first = shell.say("submit", str(file))
    assert first.count(".") == 2
    assert shell.say("submit", str(file)) == first
    (found,) = shell.json("submit", str(file))
    assert (found["replayed"], found["receipt"]) == (True, first)


def test_problems_of_statements_are_told_by_line(shell: Shell, tmp_path: Path) -> None:
    good = shell.say("sign", str(product(shell, tmp_path)))
    stranger = tmp_path / "stranger"
    write_key_file(stranger, SigningKey(bytes(32)))
    bad = shell.say("sign", str(product(shell, tmp_path, product="9Q2WD7K3MY")), "--key", str(stranger))
    result = shell.run("submit", "-", stdin=f"{good}\nnonsense\n{bad}\n", code=1)
    assert len(result.stdout.splitlines()) == 1
    lines = result.stderr.splitlines()
    assert lines[0].startswith("第 2 行 错误 statement.form")
    assert lines[1].startswith("第 3 行 错误 key.unknown")


def test_problems_of_statements_are_told_to_programs_with_pointers(shell: Shell) -> None:
    result = shell.run("submit", "-", "--json", stdin="nonsense", code=1)
    (found,) = json.loads(result.stdout)
    assert found["code"] == "refused"
    assert found["problems"][0]["code"] == "statement.form"


def test_nothing_to_submit_is_refused(shell: Shell) -> None:
    assert shell.fails("submit", "-", stdin="\n")[0].startswith("错误 submit.none")
    assert shell.fails("submit", "nofile", code=2)[0].startswith("错误 file.missing")


def test_a_revoked_key_signs_nothing_more_and_what_it_signed_stays(shell: Shell, tmp_path: Path) -> None:
    party = cooperative(shell)
    row = next(one for one in shell.json("key", "list") if one["party"] == party)
    before, after = product(shell, tmp_path), tmp_path / "after.json"
    early = shell.say("sign", str(before))
    receipt = shell.run("submit", "-", stdin=early).stdout
    after.write_text(before.read_text("utf-8").replace("9Q2WD7K3MX", "9Q2WD7K3MY"), "utf-8")
    late = shell.say("sign", str(after))
    said = shell.run("key", "revoke", row["kid"], "--reason", "stolen").stderr
    assert "吊销" in said
    assert shell.run("submit", "-", stdin=early).stdout == receipt
    assert "key.revoked" in shell.run("submit", "-", stdin=late, code=1).stderr
    listed = next(one for one in shell.json("key", "list") if one["kid"] == row["kid"])
    assert listed["until"] is not None
    assert f"自第 {listed['until']} 条起吊销" in shell.say("key", "list")
    assert f"revoked since entry {listed['until']}" in shell.run("key", "list", language="en").stdout
    assert shell.fails("key", "revoke", row["kid"], "--reason", "lost")[0].startswith("错误 key.revoked")


def test_a_key_that_the_service_keeps_is_not_used_once_revoked(shell: Shell, tmp_path: Path) -> None:
    party = cooperative(shell)
    [row] = [one for one in shell.json("key", "list") if one["party"] == party]
    shell.run("key", "revoke", row["kid"], "--reason", "retired")
    lines = shell.fails("sign", str(product(shell, tmp_path, by=party)), code=2)
    assert lines[0].startswith("错误 key.not-kept")
    lines = shell.fails("key", "new", "--party", party, code=2)
    assert lines[0].startswith("错误 key.not-kept")


@pytest.mark.parametrize("kid", ["-5Zuq2BAgNHi_j5ogvxz254OuWdZfMtV-pjlup-QtB0", "--key8ZfMtV-pjlup-QtB0"])
def test_a_kid_that_begins_like_an_option_is_a_kid(shell: Shell, kid: str) -> None:
    assert kid in shell.fails("key", "revoke", kid, "--reason", "lost", code=2)[0]


def test_a_mistyped_option_is_no_kid(shell: Shell) -> None:
    assert (
        "unexpected"
        in shell.run("key", "revoke", "kid", "--raeson", "lost", "--reason", "lost", code=2).stderr
    )


def test_a_key_is_revoked_by_its_party_or_a_supervisor_only(shell: Shell, tmp_path: Path) -> None:
    party, own = cooperative(shell), tmp_path / "own"
    shell.run("key", "new", "--party", party, "--out", str(own), "--no-passphrase")
    others = [
        one for one in shell.json("key", "list") if one["party"] != party and one["custody"] == "service"
    ]
    other = next(one for one in others if one["name"] != "监管部门")
    words = ("key", "revoke", other["kid"], "--reason", "lost", "--key", str(own))
    assert shell.fails(*words)[0].startswith("错误 key.not-yours")
    shell.run("key", "revoke", read_key_file(own).kid, "--reason", "staff-change", "--key", str(own))
    assert shell.fails("key", "revoke", "unknown", "--reason", "lost", code=2)[0].startswith(
        "错误 key.missing"
    )
