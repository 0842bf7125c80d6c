"""docs/check_entry.py: the page's rules alone check an entry, and notice each damage."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from suyuan.books.store import read_records
from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.capture.season import Office, import_season
from suyuan.ledger.cosignature import MLDSA, Cosigner
from suyuan.ledger.engine import begin_read
from suyuan.ledger.entry import parse_entry
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.ledger.note import Signer
from suyuan.ledger.statement import parse_statement
from suyuan.produce.records import Key
from suyuan.publish.window import Window
from suyuan.server.house import found_house
from suyuan.settings import Folder, load_settings
from suyuan.verify.bundle import format_bundle, parse_bundle
from tests.docs.example import BUREAU, PAGE, ExampleLog, read_examples
from tests.docs.tables import DOCS, run_script
from tests.keys import seed

SEASON = DOCS.parent / "examples" / "season"
EXAMPLES = read_examples(PAGE.read_text("utf-8"))
WRONG = (SystemExit, InvalidSignature, ValueError, KeyError, TypeError, AttributeError)
"""How the script stops; each ends a process with 1."""


def load() -> Callable[..., None]:
    """Return the script's one function of interest."""
    spec = importlib.util.spec_from_file_location("check_entry", DOCS / "check_entry.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[..., None] = module.check_entry
    return found


check_entry = load()
LOG = ExampleLog()
PROOF = EXAMPLES["entry-proof"].encode()
BEFORE: dict[str, Any] = json.loads(LOG.entry_bundle(4))


def check(document: bytes = PROOF, **changes: Any) -> None:
    """Check the page's example with some of the arguments changed."""
    given = {"vkey": EXAMPLES["vkey"], "jwk": json.loads(EXAMPLES["signer-jwk"]), "before": BEFORE}
    check_entry(document, **{**given, **changes})


def test_the_script_imports_nothing_of_suyuan() -> None:
    tree = ast.parse((DOCS / "check_entry.py").read_text("utf-8"))
    froms = {
        node.module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    }
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert froms | names <= {*sys.stdlib_module_names, "cryptography"}


def test_other_lines_under_the_checkpoint_do_not_matter() -> None:
    note = LOG.cosigned(Cosigner(LOG.signer.name, seed("mldsa"), MLDSA), BUREAU)
    bundle = replace(parse_bundle(PROOF), checkpoint=note)
    check(format_bundle(bundle))
    line = note.partition("\n\n")[2].splitlines(keepends=True)[0]
    with pytest.raises(SystemExit):
        check(format_bundle(replace(bundle, checkpoint=note.replace(line, ""))))


def test_a_reader_checks_the_pages_example_from_files(tmp_path: Path) -> None:
    files = {"proof": EXAMPLES["entry-proof"], "vkey": EXAMPLES["vkey"], "jwk": EXAMPLES["signer-jwk"]}
    files["before"] = LOG.entry_bundle(4).decode()
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n", "utf-8")
    paths = [str(tmp_path / name) for name in files]
    done = run_script("check_entry.py", *paths)
    assert (done.returncode, done.stdout[:3]) == (0, "ok:"), done.stderr
    (tmp_path / "jwk").write_text(EXAMPLES["receipt-jwk"], "utf-8")
    assert run_script("check_entry.py", *paths).returncode == 1


@pytest.mark.parametrize("index", range(1, 7))
def test_every_entry_of_the_example_log_is_right(index: int) -> None:
    signer = SigningKey(seed("supervisor" if index in (1, 4) else "coop"))
    before = json.loads(LOG.entry_bundle(index - 1))
    check(LOG.entry_bundle(index), jwk=format_jwk(signer.public), before=before)


def test_entry_0_has_none_before_it() -> None:
    jwk = json.loads(EXAMPLES["receipt-jwk"])
    check(LOG.entry_bundle(0), jwk=jwk, before=None)
    with pytest.raises(SystemExit, match="prev"):
        check(LOG.entry_bundle(0), jwk=jwk)


def test_entries_exported_by_a_service_are_right(tmp_path: Path, mint: Mint) -> None:
    folder = Folder("pear.example/log", "https://pear.example", demo=True)
    settings = replace(load_settings(tmp_path), database_url=f"sqlite:///{tmp_path / 'suyuan.db'}")
    house = found_house(settings, folder, [Founder("农业农村局")], mint)
    try:
        import_season(Office(house.engine, house.vault, house.capture, house.pen), SEASON)
        house.checkpoint()
        window = Window(house.engine, house.log_id, house.vault)
        documents = [format_bundle(window.entry_bundle(index)) for index in range(0, 114, 7)]
        befores = [
            None,
            *(json.loads(format_bundle(window.entry_bundle(index - 1))) for index in range(7, 114, 7)),
        ]
        with begin_read(house.engine) as connection:
            keys = {key.id: key.x for key in read_records(connection, house.log_id, Key)}
    finally:
        house.close()
    keys[house.keys.receipt.kid] = format_jwk(house.keys.receipt.public)["x"]
    for document, before in zip(documents, befores, strict=True):
        statement = parse_entry(parse_bundle(document).proof.entry).statement
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": keys[parse_statement(statement).kid]}
        check_entry(document, house.keys.checkpoint.vkey, jwk, before)


def test_one_flipped_bit_in_any_byte_of_the_proof_is_noticed() -> None:
    for place in range(len(PROOF)):
        damaged = bytearray(PROOF)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(WRONG):
            check(bytes(damaged))


def test_one_flipped_bit_in_any_byte_of_the_log_key_is_noticed() -> None:
    vkey = EXAMPLES["vkey"].encode()
    for place in range(len(vkey)):
        damaged = bytearray(vkey)
        damaged[place] ^= 1 << place % 7
        with pytest.raises(WRONG):
            check(vkey=damaged.decode())


def test_another_entry_before_is_noticed() -> None:
    with pytest.raises(SystemExit, match="prev"):
        check(before=json.loads(LOG.entry_bundle(3)))


def test_another_signer_is_noticed() -> None:
    with pytest.raises(SystemExit, match="header"):
        check(jwk=json.loads(EXAMPLES["receipt-jwk"]))


def test_another_log_key_is_noticed() -> None:
    with pytest.raises(WRONG):
        check(vkey=Signer("pear.example/log", seed("another")).vkey)


def test_a_proof_that_is_too_short_or_too_long_is_noticed() -> None:
    document = json.loads(PROOF)
    steps = document["inclusion"]
    for path in (steps[:-1], steps[1:], [*steps, steps[-1]], []):
        data = json.dumps(
            {**document, "inclusion": path}, sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )
        with pytest.raises(SystemExit, match=r"proof|inclusion"):
            check(data.encode())
