"""One example of each format, byte for byte: changed only by a new version beside the old."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from suyuan.ledger.cosignature import MLDSA, Cosigner, parse_key, read_time
from suyuan.ledger.disclosure import digests, hide, parse_disclosure, reveal
from suyuan.ledger.entry import Entry, Link, format_entry, parse_entry
from suyuan.ledger.hashing import ZERO, leaf_hash
from suyuan.ledger.merkle import (
    MemoryTree,
    check_consistency,
    check_inclusion,
    prove_consistency,
    prove_inclusion,
)
from suyuan.ledger.note import Signer, open_note, parse_verifier
from suyuan.ledger.receipt import Receipt, open_receipt, sign_receipt
from suyuan.ledger.statement import (
    SigningKey,
    check_statement,
    format_jwk,
    parse_jwk,
    parse_statement,
    sign_statement,
)
from tests.keys import seed

FILE = Path(__file__).parents[1] / "vectors" / "ledger.json"
LOG = "example.com/suyuan"
AT = datetime(2026, 11, 23, 8, 0, 0, 125_000, UTC)


def make() -> dict[str, Any]:
    """Return what the golden file holds, made anew."""
    party, receipts, log = SigningKey(seed("party")), SigningKey(seed("receipts")), Signer(LOG, seed("log"))
    hidden = hide({"grower": "陈小满", "trees": 1200}, [bytes([number]) * 16 for number in (1, 2)])
    event = {
        "_sd": digests(hidden),
        "amount": 1_500_000,
        "at": "2026-11-23T16:00:00+08:00",
        "batch": "7K3M9Q2XWA",
        "id": "019aaf2e-5c00-7000-8000-000000000001",
        "type": "batch.harvested",
    }
    statement = sign_statement(event, party)
    chains = (Link("batch:7K3M9Q2XWA", 0, ZERO), Link("party:0B5D2R8FQK", 3, leaf_hash(b"earlier")))
    entry = format_entry(Entry(LOG, 5, leaf_hash(b"before"), AT, chains, statement))
    tree = MemoryTree([*(leaf_hash(f"entry {number}".encode()) for number in range(5)), leaf_hash(entry)])
    tree.append(leaf_hash(b"entry 6"))
    return {
        "party_jwk": format_jwk(party.public),
        "receipt_jwk": format_jwk(receipts.public),
        "log_vkey": log.vkey,
        "disclosures": [disclosure.text for disclosure in hidden],
        "statement": statement,
        "entry": entry.decode(),
        "leaf": leaf_hash(entry).hex(),
        "receipt": sign_receipt(Receipt(LOG, 5, leaf_hash(entry), AT), receipts),
        "checkpoint": sign_checkpoint(Checkpoint(LOG, 7, tree.root()), [log]),
        "old_root": tree.root(6).hex(),
        "inclusion_5_of_7": [step.hex() for step in prove_inclusion(5, 7, tree.read)],
        "consistency_6_to_7": [step.hex() for step in prove_consistency(6, 7, tree.read)],
    }


GOLDEN: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def test_each_format_is_written_as_in_the_golden_file() -> None:
    assert make() == GOLDEN


def test_a_stranger_gets_from_the_checkpoint_to_the_private_field() -> None:
    checkpoint = open_checkpoint(GOLDEN["checkpoint"], [parse_verifier(GOLDEN["log_vkey"])], LOG)
    data = GOLDEN["entry"].encode()
    proof = [bytes.fromhex(step) for step in GOLDEN["inclusion_5_of_7"]]
    check_inclusion(proof, 5, checkpoint.size, leaf_hash(data), checkpoint.root)
    proof = [bytes.fromhex(step) for step in GOLDEN["consistency_6_to_7"]]
    check_consistency(proof, 6, checkpoint.size, bytes.fromhex(GOLDEN["old_root"]), checkpoint.root)
    entry = parse_entry(data)
    receipt = open_receipt(GOLDEN["receipt"], parse_jwk(GOLDEN["receipt_jwk"]))
    assert receipt == Receipt(entry.log, entry.index, leaf_hash(data), entry.at)
    statement = parse_statement(entry.statement)
    check_statement(statement, parse_jwk(GOLDEN["party_jwk"]))
    shown = reveal(statement.payload, [parse_disclosure(text) for text in GOLDEN["disclosures"]])
    assert shown["grower"] == "陈小满"


def test_a_kept_mldsa_cosignature_still_holds() -> None:
    kept = json.loads(FILE.with_name("mldsa.json").read_text(encoding="utf-8"))
    keys = [parse_key(kept[name]) for name in ("log_vkey", "cosigner_vkey")]
    assert keys[1] == Cosigner("witness.example/mldsa", seed("mldsa"), MLDSA).key
    opened = open_note(kept["checkpoint"], keys)
    assert [one.name for one in opened.verified] == [LOG, "witness.example/mldsa"]
    assert read_time(opened.verified[1]) == kept["time"]
