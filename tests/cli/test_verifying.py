"""``verify``: offline, and right."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from suyuan.ledger.cosignature import Cosigner
from suyuan.ledger.note import add_signatures, split_note
from suyuan.ledger.tlogproof import format_proof
from suyuan.verify.bundle import EntryBundle, PackageBundle, format_bundle
from suyuan.verify.tlog import tlog_proof
from tests.cli.conftest import Shell
from tests.keys import seed
from tests.verify.ledgers import issued, log_signer

VKEY = log_signer().vkey
BUREAU = Cosigner("bureau.example/w1", seed("bureau"))
Proof = TypeVar("Proof", EntryBundle, PackageBundle)
OFFLINE = """
import sys
BARRED = {"sqlalchemy", "psycopg", "sqlite3", "pysqlite3", "fastapi", "starlette", "uvicorn", "asyncio", "http"}
class Bar:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BARRED or name.startswith(("suyuan.server", "suyuan.books", "suyuan.vault")):
            raise ImportError("barred: " + name)
sys.meta_path.insert(0, Bar())
for name in BARRED & set(sys.modules):
    del sys.modules[name]
def audit(event, arguments):
    if armed and event.startswith(("socket.", "sqlite3.", "subprocess.")):
        raise RuntimeError("barred: " + event)
armed = True
sys.addaudithook(audit)
from suyuan.cli.main import app
try:
    app(sys.argv[1:])
finally:
    armed = False  # what measures coverage writes a database of its own at the end
    sys.meta_path.pop(0)
"""


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    """The file of a good package proof."""
    path = tmp_path / "proof.json"
    path.write_bytes(format_bundle(issued().package_bundle(3, 7, 300, 0, 1)))
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The file of a policy that wants the bureau's cosignature."""
    path = tmp_path / "trusted.policy"
    path.write_text(f"log {VKEY}\nwitness bureau {BUREAU.vkey}\nquorum bureau\n")
    return path


def witnessed(bundle: Proof) -> Proof:
    """Return *bundle* with the bureau's cosignature."""
    line = BUREAU.cosign(split_note(bundle.checkpoint)[0], 1_790_000_000)
    return replace(bundle, checkpoint=add_signatures(bundle.checkpoint, [line]))


@pytest.fixture
def cosigned(tmp_path: Path) -> Path:
    """The file of a good package proof that the bureau cosigned."""
    path = tmp_path / "cosigned.json"
    path.write_bytes(format_bundle(witnessed(issued().package_bundle(3, 7, 300, 0, 1))))
    return path


@pytest.fixture
def offline(tmp_path: Path) -> Path:
    """The file of a good offline proof that the bureau cosigned."""
    path = tmp_path / "entry.tlog-proof"
    path.write_text(format_proof(tlog_proof(witnessed(issued().entry_bundle(1)))))
    return path


def test_a_good_proof_holds_and_says_what_was_checked_and_what_was_not(empty: Shell, proof: Path) -> None:
    lines = empty.say("verify", str(proof), "--key", VKEY).splitlines()
    assert [line[0] for line in lines] == [*"✓✓✓✓✓✓✓✓", *"····", "证"]
    assert lines[-1] == "证明成立：记录完整"
    assert not empty.data.exists()


def test_programs_get_the_steps(empty: Shell, proof: Path) -> None:
    found = empty.json("verify", str(proof), "--key", VKEY)
    assert found["holds"] is True
    assert found["steps"][0]["code"] == "step.checkpoint"


def test_the_key_may_stand_in_a_file(empty: Shell, proof: Path, tmp_path: Path) -> None:
    (tmp_path / "a+b.vkey").write_text(f"# our log\n{VKEY}\n")
    empty.run("verify", str(proof), "--key", str(tmp_path / "a+b.vkey"))


def test_a_proof_with_a_last_line_feed_holds(empty: Shell, proof: Path) -> None:
    proof.write_bytes(proof.read_bytes() + b"\n")
    empty.run("verify", str(proof), "--key", VKEY)


def test_a_damaged_proof_is_refused_in_one_line(empty: Shell, proof: Path) -> None:
    fields = json.loads(proof.read_bytes())
    hashes = fields["package"]["hashes"]
    hashes[0], hashes[1] = hashes[1], hashes[0]
    proof.write_text(json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    (line,) = empty.fails("verify", str(proof), "--key", VKEY)
    assert line.startswith("错误 proof.package：溯源码不在这段标签的承诺之中")
    (line,) = empty.fails("verify", str(proof), "--key", VKEY, language="en")
    assert line.startswith("error proof.package: the code was not committed")
    found = empty.json("verify", str(proof), "--key", VKEY, code=1)
    assert found["holds"] is False


def test_the_key_of_another_log_is_refused(empty: Shell, proof: Path) -> None:
    (line,) = empty.fails("verify", str(proof), "--key", log_signer("other").vkey)
    assert line.startswith("错误 note.untrusted")


def test_what_is_no_proof_no_key_or_no_file_is_told_apart(empty: Shell, proof: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"\xff\xfe")
    assert empty.fails("verify", str(junk), "--key", VKEY)[0].startswith("错误 canonical.")
    assert empty.fails("verify", str(proof), "--key", "a+b")[0].startswith("错误 note.vkey")
    assert empty.fails("verify", str(proof), "--key", str(junk))[0].startswith("错误 note.vkey")
    assert empty.fails("verify", str(tmp_path / "gone"), "--key", VKEY, code=2)
    assert empty.fails("verify", str(proof), "--key", str(tmp_path / "gone"), code=2)


def test_a_policy_says_who_cosigned_and_when(empty: Shell, cosigned: Path, policy: Path) -> None:
    lines = empty.say("verify", str(cosigned), "--policy", str(policy)).splitlines()
    assert lines[1] == "✓ 1 个见证方看过同一检查点并已会签：bureau (2026-09-21 14:13:20 UTC)"
    assert lines[-1] == "证明成立：记录完整"
    done = empty.run("verify", str(cosigned), "--policy", str(policy), language="en")
    english = done.stdout.splitlines()
    assert "1: bureau (2026-09-21 14:13:20 UTC)" in english[1]
    found = empty.json("verify", str(cosigned), "--policy", str(policy))
    assert "step.witnesses" in [step["code"] for step in found["steps"] if step["done"]]
    assert "open.witnesses" not in [step["code"] for step in found["steps"]]


def test_a_proof_that_lacks_the_quorum_is_refused(empty: Shell, proof: Path, policy: Path) -> None:
    (line,) = empty.fails("verify", str(proof), "--policy", str(policy))
    assert line == "错误 policy.quorum：见证方不足：策略要求 bureau 中有 1 个会签，只有 0 个"
    (line,) = empty.fails("verify", str(proof), "--policy", str(policy), language="en")
    assert line.startswith("error policy.quorum: witnesses are missing")


def test_a_tlog_proof_is_taken_byte_for_byte(empty: Shell, offline: Path, policy: Path) -> None:
    lines = empty.say("verify", str(offline), "--policy", str(policy)).splitlines()
    assert [line[0] for line in lines] == [*"✓✓✓✓✓", *"··", "证"]
    offline.write_bytes(offline.read_bytes() + b"\n")
    (line,) = empty.fails("verify", str(offline), "--policy", str(policy))
    assert line.startswith("错误 note.text")


def test_exactly_one_of_policy_and_key_is_taken(empty: Shell, cosigned: Path, policy: Path) -> None:
    for options in ([], ["--policy", str(policy), "--key", VKEY]):
        (line,) = empty.fails("verify", str(cosigned), *options)
        assert line == "错误 policy.choice：--policy 与 --key 须恰好给出一个"


def test_what_is_no_policy_is_told(empty: Shell, cosigned: Path, tmp_path: Path) -> None:
    (tmp_path / "policy").write_bytes(b"quorum none\r\n")
    (line,) = empty.fails("verify", str(cosigned), "--policy", str(tmp_path / "policy"))
    assert line.startswith("错误 policy.form")
    assert empty.fails("verify", str(cosigned), "--policy", str(tmp_path / "gone"), code=2)


@pytest.mark.parametrize("kind", ["proof", "cosigned", "offline"])
def test_verify_needs_neither_database_nor_network(
    kind: str, policy: Path, request: pytest.FixtureRequest
) -> None:
    trusted = ["--key", VKEY] if kind == "proof" else ["--policy", str(policy)]
    file = request.getfixturevalue(kind)
    words = [sys.executable, "-c", OFFLINE, "verify", str(file), *trusted]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "证明成立：记录完整"


def test_the_bar_of_that_test_bars(tmp_path: Path) -> None:
    words = [sys.executable, "-c", OFFLINE, "--data", str(tmp_path / "d"), "init"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "barred" in done.stderr
