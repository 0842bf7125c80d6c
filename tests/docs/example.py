"""The example log of docs/formats.md: seven entries from fixed seeds, and every format made from them."""

from __future__ import annotations

import io
import json
import re
import tarfile
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from suyuan.capture.check import prove_possession
from suyuan.ledger.canonical import decode, encode
from suyuan.ledger.checkpoint import Checkpoint, sign_checkpoint
from suyuan.ledger.cosignature import Cosigner
from suyuan.ledger.disclosure import Disclosure, digests, hide
from suyuan.ledger.entry import Entry, Link, format_entry
from suyuan.ledger.hashing import ZERO, Hash, leaf_hash
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.ledger.merkle import MemoryTree, prove_consistency, prove_inclusion
from suyuan.ledger.note import Signer, add_signatures, split_note
from suyuan.ledger.policy import Policy, PolicyGroup, PolicyLog, PolicyWitness, format_policy
from suyuan.ledger.radix64 import parse_base64url
from suyuan.ledger.receipt import Receipt, sign_receipt
from suyuan.ledger.statement import sign_statement
from suyuan.ledger.tiles import format_bundle as format_entries
from suyuan.ledger.tlogproof import TlogProof, format_proof
from suyuan.ledger.witnessing import format_request
from suyuan.produce.parse import parse_event
from suyuan.produce.subjects import subjects_of
from suyuan.qr.address import digital_link_url, package_url
from suyuan.qr.run import RunTree, package_leaf, package_secret
from suyuan.vault import archive, lines, seal
from suyuan.vault.keyfile import format_key_file
from suyuan.vault.locked import Lock
from suyuan.verify import bundle as documents
from tests.keys import master, seed, stream

LOG, ADDRESS, GTIN = "pear.example/log", "https://pear.example", "06901234567892"
OPENED = datetime(2026, 9, 21, 0, 30, tzinfo=UTC)
SAID = "2026-09-21T08:00:00+08:00"
SUPERVISOR, COOP = "7K3MX9Q2WD", "2GD5W8XE0T"
PEAR, PLOT, BATCH = "1VCM4J7YHD", "6FNQ3A9SKB", "7K3M9Q2XWA"
RUN, SECRET, COUNT = "7K3MX", seed("run secret"), 300
PACKAGE = 63
BUREAU, GUILD = Cosigner("bureau.example/w1", seed("bureau")), Cosigner("guild.example/w2", seed("guild"))
COSIGNED_AT = 1789950611
PASSPHRASE = "april pear blossom"


def key(word: str) -> SigningKey:
    """Return the signing key called *word*."""
    return SigningKey(seed(word))


class ExampleLog:
    """The example log, in memory."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.statements: list[str] = []
        self.tree = MemoryTree()
        self.signer = Signer(LOG, seed("checkpoint"))
        self.hidden = self._hide()
        self._heads: dict[str, tuple[int, Hash]] = {}
        self._say_all()

    @staticmethod
    def _hide() -> tuple[Disclosure, ...]:
        return hide({"deliverer": "陈小满", "price_fen": 420}, [bytes([number]) * 16 for number in (1, 2)])

    def _say_all(self) -> None:
        log, supervisor, coop = key("log"), key("supervisor"), key("coop")
        founder = {"party": SUPERVISOR, "name": "涟源市农业农村局", "jwk": format_jwk(supervisor.public)}
        self.say(log, "log.opened", "log", format=1, address=ADDRESS,
                 checkpoint_key=self.signer.vkey, receipt_key=format_jwk(log.public),
                 supervisors=[{**founder, "custody": "party"}])  # fmt: skip
        proof = prove_possession(self.event_id(), LOG, COOP, coop)
        self.say(supervisor, "party.registered", SUPERVISOR, party=COOP, roles=["producer", "processor"],
                 jwk=format_jwk(coop.public), custody="party", proof=proof, name="涟源市红星金秋梨专业合作社",
                 credit_code="93431382MA4PABC59J", place="渡头塘镇渡山村")  # fmt: skip
        self.say(coop, "product.registered", COOP, product=PEAR, name="涟源金秋梨", unit="g")
        self.say(coop, "site.registered", COOP, site=PLOT, kind="plot", party=COOP, crop=PEAR,
                 place="渡头塘镇渡坪村", ref="DK26001")  # fmt: skip
        self.say(supervisor, "quota.granted", SUPERVISOR, plot=PLOT, season=2026, amount=8_000_000)
        self.say(coop, "batch.harvested", COOP, batch=BATCH, plot=PLOT, product=PEAR, amount=1_500_000,
                 season=2026, ref="JQL-0921-01", _sd=digests(self.hidden))  # fmt: skip
        self.say(coop, "labels.issued", COOP, run=RUN, batch=BATCH, count=COUNT, net=5000,
                 root=RunTree(SECRET, RUN, COUNT).root().hex(), packed_on="2026-09-22")  # fmt: skip

    def event_id(self) -> str:
        """Return the id of the next event."""
        return f"019aaf10-5c00-7000-8000-{len(self.entries) + 1:012d}"

    def say(self, signer: SigningKey, kind: str, by: str, /, **fields: Any) -> None:
        """Append an event, signed by *signer*."""
        event = {"type": kind, "id": self.event_id(), "log": LOG, "by": by, "at": SAID, **fields}
        token = sign_statement(event, signer)
        links = tuple(Link(one, *self._next(one)) for one in subjects_of(parse_event(event)))
        data = format_entry(Entry(LOG, len(self.entries), self._last(), self.at, links, token))
        self._heads.update({link.id: (link.seq, leaf_hash(data)) for link in links})
        self.statements.append(token)
        self.entries.append(data)
        self.tree.append(leaf_hash(data))

    @property
    def at(self) -> datetime:
        """The ledger time of the next entry."""
        return OPENED + timedelta(milliseconds=1125 * len(self.entries))

    def _last(self) -> Hash:
        return leaf_hash(self.entries[-1]) if self.entries else ZERO

    def _next(self, subject: str) -> tuple[int, Hash]:
        seq, leaf = self._heads.get(subject, (-1, ZERO))
        return seq + 1, leaf

    def proof(self, index: int) -> documents.EntryProof:
        """Return the proof of entry *index* under the checkpoint of all entries."""
        path = prove_inclusion(index, len(self.entries), self.tree.read)
        return documents.EntryProof(self.entries[index], index, path)

    def checkpoint(self) -> str:
        """Return the signed checkpoint of all entries."""
        return sign_checkpoint(Checkpoint(LOG, len(self.entries), self.tree.root()), [self.signer])

    def cosigned(self, *witnesses: Cosigner) -> str:
        """Return the checkpoint of all entries, cosigned by *witnesses*."""
        note = self.checkpoint()
        text, _ = split_note(note)
        return add_signatures(note, [one.cosign(text, COSIGNED_AT) for one in witnesses])

    def policy(self) -> Policy:
        """Return the policy that asks for one of two witnesses."""
        return Policy(
            (PolicyLog(self.signer.verifier, ADDRESS + "/log"),),
            (
                PolicyWitness("bureau", BUREAU.key, "https://bureau.example/w1"),
                PolicyWitness("guild", GUILD.key, "https://guild.example/w2"),
            ),
            (PolicyGroup("one-of-two", 1, ("bureau", "guild")),),
            "one-of-two",
        )

    def tlog_proof(self, index: int) -> str:
        """Return the C2SP proof of entry *index* under the cosigned checkpoint."""
        proof = self.proof(index)
        return format_proof(TlogProof(index, proof.inclusion, self.cosigned(BUREAU), proof.entry))

    def entry_bundle(self, index: int) -> bytes:
        """Return the proof document of entry *index*."""
        return documents.format_bundle(documents.EntryBundle(LOG, self.proof(index), self.checkpoint()))

    def package_bundle(self) -> bytes:
        """Return the proof document of one package."""
        made = RunTree(SECRET, RUN, COUNT).prove(PACKAGE)
        part = documents.PackagePart(PACKAGE, COUNT, made.blinding, made.hashes)
        return documents.format_bundle(
            documents.PackageBundle(LOG, made.code, self.proof(6), self.checkpoint(), part)
        )


PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
GOLDEN = Path(__file__).parents[1] / "vectors" / "formats.json"
BLOCK = re.compile(r"(<!-- example: (\S+) -->\n```\w+\n)(.*?)(```\n)", re.S)


def read_examples(page: str) -> dict[str, str]:
    """Return the examples that stand in the text of docs/formats.md."""
    return {match[2]: match[3].removesuffix("\n") for match in BLOCK.finditer(page)}


def write_examples() -> None:
    """Write the golden file and the page's examples anew: for a new version of a format only."""
    made = make_examples()
    GOLDEN.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    page = PAGE.read_text("utf-8")
    PAGE.write_text(BLOCK.sub(lambda block: f"{block[1]}{made[block[2]]}\n{block[4]}", page), "utf-8")


def make_examples() -> dict[str, str]:
    """Return every example of docs/formats.md by its name, as the page shows it."""
    log = ExampleLog()
    party, payload, _ = log.statements[5].split(".")
    header, event = (parse_base64url(part).decode() for part in (party, payload))
    leaf = leaf_hash(log.entries[5])
    receipt = Receipt(LOG, 5, leaf, OPENED + timedelta(milliseconds=1125 * 5))
    leaves = [leaf_hash(entry) for entry in log.entries]
    return {
        "event": event,
        "jws-header": header,
        "statement": log.statements[5],
        "signer-jwk": _json(format_jwk(key("coop").public)),
        "signer-kid": key("coop").kid,
        "entry": log.entries[5].decode(),
        "entry-before": log.entries[4].decode(),
        "leaf": leaf.hex(),
        "leaf-before": leaves[4].hex(),
        "tile": "\n".join(one.hex() for one in leaves),
        "bundle-start": format_entries(log.entries)[:16].hex(" "),
        "root": log.tree.root().hex(),
        "inclusion": "\n".join(one.hex() for one in log.proof(5).inclusion),
        "vkey": log.signer.vkey,
        "checkpoint": log.checkpoint().rstrip("\n"),
        "receipt": sign_receipt(receipt, key("log")),
        "key-file": format_key_file(key("coop"), Lock(passphrase=PASSPHRASE), stream("key file"))
        .decode()
        .rstrip("\n"),
        "receipt-jwk": _json(format_jwk(key("log").public)),
        "disclosures": "\n".join(one.text for one in log.hidden),
        "disclosure-digests": "\n".join(one.digest for one in log.hidden),
        "disclosure-text": parse_base64url(log.hidden[0].text).decode(),
        "entry-proof": log.entry_bundle(5).decode(),
        "package-proof": log.package_bundle().decode(),
        **_witnessed(log),
        **_package(),
        **_possession(log),
        **make_backup(),
    }


def _witnessed(log: ExampleLog) -> dict[str, str]:
    text, _ = split_note(log.checkpoint())
    binary = (
        b"subtree/v1\n\x00",
        b"\x10guild.example/w2",
        COSIGNED_AT.to_bytes(8, "big"),
        b"\x10pear.example/log",
        bytes(8),
        (7).to_bytes(8, "big"),
        log.tree.root(),
    )
    return {
        "cosigned": log.cosigned(BUREAU).rstrip("\n"),
        "cosigner-vkey": BUREAU.vkey,
        "cosigned-text": f"cosignature/v1\ntime {COSIGNED_AT}\n{text}".rstrip("\n"),
        "cosigned-bytes": "\n".join(part.hex(" ") for part in binary),
        "policy": format_policy(log.policy()).rstrip("\n"),
        "witness-request": _asked(log).decode().rstrip("\n"),
        "tlog-proof": log.tlog_proof(5).rstrip("\n"),
    }


def _asked(log: ExampleLog) -> bytes:
    """Return what the log asks a witness that cosigned its first three entries."""
    return format_request(3, prove_consistency(3, len(log.entries), log.tree.read), log.checkpoint())


def _package() -> dict[str, str]:
    made = RunTree(SECRET, RUN, COUNT).prove(PACKAGE)
    tag, blinding = package_secret(SECRET, RUN, PACKAGE)
    return {
        "run-secret": SECRET.hex(),
        "package-code": made.code,
        "package-tag": tag,
        "package-blinding": blinding.hex(),
        "package-leaf": package_leaf(made.code, blinding).hex(),
        "run-root": RunTree(SECRET, RUN, COUNT).root().hex(),
        "package-url": package_url(ADDRESS, made.code),
        "package-link": digital_link_url(ADDRESS, GTIN, BATCH, made.code),
    }


def _possession(log: ExampleLog) -> dict[str, str]:
    event = decode(parse_base64url(log.statements[1].split(".")[1]))
    signed = parse_base64url(event["proof"].split(".")[1]).decode()
    return {"possession": signed}


def make_backup() -> dict[str, str]:
    """Return the manifest of a backup of two small members, its HMAC, and a table's lines."""
    rows: list[list[object]] = [
        ["log_id", "size", "leaf", "at", "checkpoints"],
        [LOG, 0, bytes(range(3)), "", 0],
    ]
    table = b"".join(lines.format_row(row) for row in rows)
    with tempfile.TemporaryDirectory() as name:
        draft = Path(name)
        config = draft / "folder" / "suyuan.json"
        stored = draft / "tables" / "ledger_log.jsonl"
        for path, data in ((config, b"{}\n"), (stored, table)):
            path.parent.mkdir()
            path.write_bytes(data)
        members = tuple(archive.describe(draft, path) for path in (config, stored))
        manifest = archive.Manifest(archive.FORMAT, LOG, "2026-09-21T01:00:00.000Z", members)
        file = io.BytesIO()
        archive.write_archive(file, draft, manifest, master())
    with tarfile.open(fileobj=io.BytesIO(file.getvalue())) as tar:
        text, mac = (tar.extractfile(one).read().decode() for one in ("manifest.json", "manifest.hmac"))  # type: ignore[union-attr]
    sealed = seal.seal(seal.derive(master(), "run"), SECRET, seal.frame(LOG, "run", RUN), b"\x07" * 12)
    return {
        "sealed": sealed.hex(),
        "backup-master": master().hex(),
        "backup-manifest": text,
        "backup-hmac": mac,
        "backup-table": table.decode().rstrip("\n"),
    }


def _json(value: dict[str, str]) -> str:
    return encode(value).decode()


if __name__ == "__main__":
    write_examples()
