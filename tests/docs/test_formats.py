"""docs/formats.md: each literal example is what the code writes and reads, each rule leads to it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from suyuan.api.witness import STATUSES
from suyuan.ledger.canonical import decode, encode
from suyuan.ledger.checkpoint import Checkpoint, open_checkpoint
from suyuan.ledger.cosignature import Cosigner, parse_key, read_time
from suyuan.ledger.disclosure import parse_disclosure, reveal
from suyuan.ledger.entry import format_entry, parse_entry
from suyuan.ledger.hashing import Hash, leaf_hash, node_hash
from suyuan.ledger.jwk import parse_jwk
from suyuan.ledger.merkle import MemoryTree, check_inclusion
from suyuan.ledger.mldsa import check_bytes as check_mldsa
from suyuan.ledger.note import open_note, parse_verifier
from suyuan.ledger.policy import format_policy, open_policed, parse_policy, policy_of_keys
from suyuan.ledger.radix64 import format_base64url, parse_base64url
from suyuan.ledger.receipt import Receipt, open_receipt
from suyuan.ledger.statement import check_statement, parse_statement
from suyuan.ledger.witnessing import check_growth, parse_request
from suyuan.produce.crockford import ALPHABET
from suyuan.produce.events import EVENTS
from suyuan.produce.parse import format_event, parse_event
from suyuan.produce.subjects import SUBJECTS, subjects_of
from suyuan.qr.address import parse_package_path
from suyuan.qr.code import parse_code
from suyuan.qr.run import PackageProof, check_package
from suyuan.vault.seal import derive
from suyuan.verify.bundle import PackageBundle, format_bundle, parse_bundle
from suyuan.verify.package import check_bundle
from suyuan.verify.tlog import parse_document
from tests.docs.example import COSIGNED_AT, GOLDEN, PAGE, PASSPHRASE, make_examples, read_examples
from tests.docs.tables import read_table
from tests.keys import seed

TEXT = PAGE.read_text("utf-8")
EXAMPLES = read_examples(TEXT)
EVENTS_FILE = GOLDEN.with_name("events.json")


def test_the_page_shows_the_golden_examples() -> None:
    assert json.loads(GOLDEN.read_text("utf-8")) == EXAMPLES


def test_the_code_makes_the_golden_examples() -> None:
    assert make_examples() == EXAMPLES


def test_no_example_on_the_page_stands_without_a_name() -> None:
    fences = re.findall(r"^```", TEXT, re.M)
    assert len(fences) == 2 * len(EXAMPLES)


def test_the_event_is_read_and_written_as_the_page_shows_it() -> None:
    payload = decode(EXAMPLES["event"].encode())
    assert encode(payload) == EXAMPLES["event"].encode()
    assert format_event(parse_event(payload)) == payload


def test_the_statement_holds_the_event_under_the_key() -> None:
    statement = parse_statement(EXAMPLES["statement"])
    check_statement(statement, parse_jwk(json.loads(EXAMPLES["signer-jwk"])))
    assert statement.payload_bytes == EXAMPLES["event"].encode()
    header = parse_base64url(EXAMPLES["statement"].split(".")[0])
    assert header == EXAMPLES["jws-header"].encode()
    digest = hashlib.sha256(EXAMPLES["signer-jwk"].encode()).digest()
    assert EXAMPLES["signer-kid"] == format_base64url(digest) == statement.kid


def test_the_disclosures_belong_to_the_event() -> None:
    texts = EXAMPLES["disclosures"].split("\n")
    assert parse_base64url(texts[0]) == EXAMPLES["disclosure-text"].encode()
    digests = [format_base64url(hashlib.sha256(text.encode()).digest()) for text in texts]
    payload = json.loads(EXAMPLES["event"])
    assert digests == EXAMPLES["disclosure-digests"].split("\n")
    assert payload["_sd"] == sorted(digests)
    shown = reveal(payload, [parse_disclosure(text) for text in texts])
    assert (shown["deliverer"], shown["price_fen"]) == ("陈小满", 420)


def test_the_entry_holds_the_statement_and_the_chains_of_its_event() -> None:
    entry = parse_entry(EXAMPLES["entry"].encode())
    assert format_entry(entry) == EXAMPLES["entry"].encode()
    assert entry.statement == EXAMPLES["statement"]
    assert [link.id for link in entry.chains] == [*subjects_of(parse_event(json.loads(EXAMPLES["event"])))]
    assert entry.prev.hex() == EXAMPLES["leaf-before"] == entry.chains[1].prev.hex()


@pytest.mark.parametrize("name", ["", "-before"])
def test_a_leaf_hash_is_sha_256_of_a_zero_and_the_bytes(name: str) -> None:
    digest = hashlib.sha256(b"\0" + EXAMPLES[f"entry{name}"].encode()).hexdigest()
    assert EXAMPLES[f"leaf{name}"] == digest


def test_the_tile_gives_the_root_and_the_proof() -> None:
    leaves = [Hash(bytes.fromhex(line)) for line in EXAMPLES["tile"].split("\n")]
    root = Hash(bytes.fromhex(EXAMPLES["root"]))
    assert MemoryTree(leaves).root() == root
    left = node_hash(node_hash(leaves[0], leaves[1]), node_hash(leaves[2], leaves[3]))
    assert node_hash(left, node_hash(node_hash(leaves[4], leaves[5]), leaves[6])) == root
    path = [Hash(bytes.fromhex(line)) for line in EXAMPLES["inclusion"].split("\n")]
    check_inclusion(path, 5, 7, leaves[5], root)


def test_the_bundle_starts_with_the_length_of_entry_0() -> None:
    start = bytes.fromhex(EXAMPLES["bundle-start"])
    assert len(start) == 16
    assert 0 < int.from_bytes(start[:2], "big") < 60_000
    assert start[2:].startswith(b'{"at":"')


def test_the_checkpoint_is_signed_by_the_log_key() -> None:
    verifier = parse_verifier(EXAMPLES["vkey"])
    checkpoint = open_checkpoint(EXAMPLES["checkpoint"] + "\n", [verifier], "pear.example/log")
    assert (checkpoint.size, checkpoint.root.hex()) == (7, EXAMPLES["root"])


def test_the_receipt_is_for_the_entry() -> None:
    receipt = open_receipt(EXAMPLES["receipt"], parse_jwk(json.loads(EXAMPLES["receipt-jwk"])))
    at = datetime(2026, 9, 21, 0, 30, 5, 625_000, UTC)
    assert receipt == Receipt("pear.example/log", 5, leaf_hash(EXAMPLES["entry"].encode()), at)


def test_the_package_code_follows_from_the_secret_as_the_page_says() -> None:
    message = b"suyuan package v1\0" + b"7K3MX" + (63).to_bytes(4, "big")
    mac = hmac.digest(bytes.fromhex(EXAMPLES["run-secret"]), message, "sha256")
    bits = f"{int.from_bytes(mac, 'big'):0256b}"[:45]
    tag = "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, 45, 5))
    assert tag == EXAMPLES["package-tag"]
    assert mac[-16:].hex() == EXAMPLES["package-blinding"]
    first = "7K3MX" + "000" + ALPHABET[63 // 32] + ALPHABET[63 % 32] + tag
    value = 0
    for character in first:
        value = (value ^ ALPHABET.index(character)) << 1
        value ^= 37 if value >= 32 else 0
    assert first + ALPHABET[value] == EXAMPLES["package-code"]


def test_the_package_is_in_its_run() -> None:
    code, blinding = EXAMPLES["package-code"], bytes.fromhex(EXAMPLES["package-blinding"])
    leaf = hashlib.sha256(b"\0" + code.encode() + blinding).hexdigest()
    assert leaf == EXAMPLES["package-leaf"]
    bundle = parse_bundle(EXAMPLES["package-proof"].encode())
    assert isinstance(bundle, PackageBundle)
    assert (bundle.code, bundle.package.blinding) == (code, blinding)
    root = Hash(bytes.fromhex(EXAMPLES["run-root"]))
    check_package(PackageProof(code, blinding, bundle.package.hashes), "7K3MX", 300, root)


@pytest.mark.parametrize("name", ["package-url", "package-link"])
def test_the_addresses_lead_to_the_code(name: str) -> None:
    path = EXAMPLES[name].split("PEAR.EXAMPLE")[1]
    assert parse_package_path(path).code == parse_code(EXAMPLES["package-code"])


@pytest.mark.parametrize("name", ["entry-proof", "package-proof"])
def test_the_proof_documents_hold(name: str) -> None:
    bundle = parse_bundle(EXAMPLES[name].encode())
    assert format_bundle(bundle) == EXAMPLES[name].encode()
    assert check_bundle(bundle, policy_of_keys([parse_verifier(EXAMPLES["vkey"])]))


def test_the_cosigned_checkpoint_meets_the_policy_of_the_page() -> None:
    policy = parse_policy(EXAMPLES["policy"] + "\n")
    assert format_policy(policy) == EXAMPLES["policy"] + "\n"
    assert policy.witnesses[0].key == parse_key(EXAMPLES["cosigner-vkey"])
    policed = open_policed(EXAMPLES["cosigned"] + "\n", policy)
    assert [(one.name, one.time) for one in policed.cosignatures] == [("bureau", COSIGNED_AT)]


def test_a_cosigner_signs_the_text_and_the_bytes_of_the_page() -> None:
    key = parse_key(EXAMPLES["cosigner-vkey"])
    (line,) = open_note(EXAMPLES["cosigned"] + "\n", [key]).verified
    assert read_time(line) == COSIGNED_AT
    message = EXAMPLES["cosigned-text"].encode() + b"\n"
    Ed25519PublicKey.from_public_bytes(key.public).verify(line.signature[8:], message)
    guild = Cosigner("guild.example/w2", seed("guild"), b"\x06")
    text = message.decode().split("\n", 2)[2]
    made = guild.cosign(text, COSIGNED_AT).signature
    check_mldsa(guild.key.public, made[8:], bytes.fromhex(EXAMPLES["cosigned-bytes"]))


def test_the_request_to_a_witness_proves_the_growth_of_the_pages_log() -> None:
    request = parse_request(EXAMPLES["witness-request"].encode() + b"\n")
    assert request.note == EXAMPLES["checkpoint"] + "\n"
    leaves = [bytes.fromhex(line) for line in EXAMPLES["tile"].split("\n")]
    known = Checkpoint("pear.example/log", 3, MemoryTree(leaves[:3]).root())
    check_growth(known, request.checkpoint, request.proof)


def test_the_statuses_of_a_witness_are_those_of_the_page() -> None:
    table = TEXT.partition("## Asking a witness")[2].partition("\n## ")[0]
    shown = {int(status) for status in re.findall(r"^\| (\d+) \|", table, re.M)}
    assert shown == set(STATUSES.values()) - {503}


def test_the_offline_proof_holds_under_the_policy_of_the_page() -> None:
    bundle = parse_document(EXAMPLES["tlog-proof"].encode() + b"\n")
    assert bundle.proof == parse_bundle(EXAMPLES["entry-proof"].encode()).proof
    steps = check_bundle(bundle, parse_policy(EXAMPLES["policy"] + "\n"))
    assert "step.witnesses" in [step.code for step in steps]


def test_the_sealed_secret_opens_as_the_page_says() -> None:
    sealed, log = bytes.fromhex(EXAMPLES["sealed"]), b"pear.example/log"
    context = b"".join(len(part).to_bytes(4, "big") + part for part in (log, b"run", b"7K3MX"))
    cipher = AESGCM(derive(bytes.fromhex(EXAMPLES["backup-master"]), "run"))
    assert sealed[:13] == b"\x01" + b"\x07" * 12
    opened = cipher.decrypt(sealed[1:13], sealed[13:], b"\x01" + context)
    assert opened.hex() == EXAMPLES["run-secret"]


def test_the_manifest_names_the_table_and_is_authenticated() -> None:
    key = derive(bytes.fromhex(EXAMPLES["backup-master"]), "backup")
    manifest = EXAMPLES["backup-manifest"].encode()
    assert hmac.new(key, manifest, "sha256").hexdigest() == EXAMPLES["backup-hmac"]
    table = EXAMPLES["backup-table"].encode() + b"\n"
    assert json.loads(manifest)["members"][1]["sha256"] == hashlib.sha256(table).hexdigest()


def rows_of_subjects() -> dict[str, list[tuple[str, list[str]]]]:
    """Return for each type of event the rows of the page's table: a condition on ``kind``, and subjects."""
    rows: dict[str, list[tuple[str, list[str]]]] = {}
    for words, subjects in read_table(TEXT, "subjects"):
        kinds, _, condition = words.partition(" with ")
        for kind in re.findall(r"`([^`]+)`", kinds):
            rows.setdefault(kind, []).append((condition, re.findall(r"`([^`]+)`", subjects)))
    return rows


def values(event: Any, path: str) -> list[str]:
    """Return what *path* (``batch``, ``inputs.batch``, ``batches``) finds in *event*."""
    name, _, rest = path.partition(".")
    found = event.get(name, [])
    members = found if isinstance(found, list) else [found]
    return [member[rest] for member in members] if rest else members


def told_subjects(event: dict[str, Any]) -> list[str]:
    """Return the subjects of *event* as the page's table tells them."""
    for condition, subjects in rows_of_subjects()[event["type"]]:
        if condition in {"", "another `kind`"} or condition == f"`kind` `{event['kind']}`":
            found = {(one.partition(":")[0], one.partition(":")[2].strip("{}")) for one in subjects}
            return sorted({f"{what}:{value}" for what, path in found for value in values(event, path)})
    raise AssertionError(event)


def test_the_table_of_subjects_has_every_event() -> None:
    assert sorted(rows_of_subjects()) == sorted(str(cls.__struct_config__.tag) for cls in SUBJECTS)
    assert sorted(rows_of_subjects()) == sorted(EVENTS)


@pytest.mark.parametrize("event", json.loads(EVENTS_FILE.read_text("utf-8")), ids=lambda event: event["type"])
def test_the_table_of_subjects_tells_what_an_event_touches(event: dict[str, Any]) -> None:
    assert told_subjects(event) == [*subjects_of(msgspec.convert(event, EVENTS[event["type"]]))]


def test_a_key_file_opens_by_the_page_alone() -> None:
    first, *rest = EXAMPLES["key-file"].split(".")
    wrapped, nonce, sealed, tag = map(parse_base64url, rest)
    header = json.loads(parse_base64url(first))
    assert (header["alg"], header["p2c"]) == ("PBES2-HS512+A256KW", 250_000)
    salt = b"PBES2-HS512+A256KW\0" + parse_base64url(header["p2s"])
    outer = hashlib.pbkdf2_hmac("sha512", PASSPHRASE.encode(), salt, header["p2c"], 32)
    plain = AESGCM(aes_key_unwrap(outer, wrapped)).decrypt(nonce, sealed + tag, first.encode())
    jwk = json.loads(plain)
    assert Ed25519PrivateKey.from_private_bytes(
        parse_base64url(jwk["d"])
    ).public_key().public_bytes_raw() == (parse_base64url(jwk["x"]))
    assert jwk["kid"] == EXAMPLES["signer-kid"]
