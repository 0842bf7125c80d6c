"""A small log held in memory: entries made as ``ledger.log`` makes them, and proof documents for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from suyuan.ledger.canonical import encode
from suyuan.ledger.checkpoint import Checkpoint, sign_checkpoint
from suyuan.ledger.entry import Entry, Link, format_entry
from suyuan.ledger.hashing import ZERO, Hash, leaf_hash
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.ledger.jws import sign_jws
from suyuan.ledger.merkle import MemoryTree, prove_inclusion
from suyuan.ledger.note import Signer
from suyuan.ledger.statement import parse_statement, sign_statement
from suyuan.produce.events import Jwk
from suyuan.produce.parse import parse_event
from suyuan.produce.subjects import subjects_of
from suyuan.qr.run import RunTree
from suyuan.verify.bundle import EntryBundle, EntryProof, PackageBundle, PackagePart
from suyuan.verify.possession import possession
from tests.keys import seed
from tests.produce.world import event_id, name

LOG = "demo.invalid/log"
AT = "2026-09-21T08:00:00+08:00"
CLOCK = datetime(2026, 9, 21, 0, 30, tzinfo=UTC)
RUN = "7K3MX"
SECRET = seed("run secret")


def key(word: str) -> SigningKey:
    """Return the signing key of the party called *word*."""
    return SigningKey(seed(word))


def log_signer(word: str = "checkpoint", origin: str = LOG) -> Signer:
    """Return a key for checkpoints."""
    return Signer(origin, seed(word))


class Ledger:
    """A log in memory."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.tree = MemoryTree()
        self._heads: dict[str, tuple[int, Hash]] = {}
        self._leaf = ZERO

    def say(self, kind: str, by: str, /, signer: str = "", **fields: Any) -> int:
        """Append an event said by the party called *by*, signed by the key called *signer*; return its index."""
        payload = self.payload(kind, by, **fields)
        return self.append(sign_statement(payload, key(signer or by)))

    def payload(self, kind: str, by: str, /, **fields: Any) -> dict[str, Any]:
        """Return the next event's payload."""
        by = "log" if by == "log" else name(by)
        return {"type": kind, "id": event_id(len(self.entries)), "log": LOG, "by": by, "at": AT, **fields}

    def append(self, token: str, subjects: tuple[str, ...] | None = None, **changes: Any) -> int:
        """Append the statement *token*, with other *subjects* or entry fields if the test asks for them."""
        if subjects is None:
            subjects = subjects_of(parse_event(parse_statement(token).payload))
        index = len(self.entries)
        links = tuple(Link(one, *self._next(one)) for one in subjects)
        entry = Entry(LOG, index, self._leaf, CLOCK, links, token)
        data = format_entry(replace(entry, **changes))
        self._leaf = leaf_hash(data)
        self._heads.update({link.id: (link.seq, self._leaf) for link in links})
        self.entries.append(data)
        self.tree.append(self._leaf)
        return index

    def _next(self, subject: str) -> tuple[int, Hash]:
        seq, leaf = self._heads.get(subject, (-1, ZERO))
        return seq + 1, leaf

    def register(self, word: str, roles: list[str], by: str, **fields: Any) -> int:
        """Register the party called *word* with its key, which countersigns."""
        return self.admit("party.registered", word, by, roles=roles, name=word, **fields)

    def admit(self, kind: str, word: str, by: str, new: str = "", **fields: Any) -> int:
        """Append a registration of the key called *new* to the party called *word*, with its proof."""
        fresh = key(new or word)
        payload = self.payload(kind, by, **{"party": name(word), "custody": "party", **fields})
        payload["jwk"] = format_jwk(fresh.public)
        payload.setdefault("proof", countersign(payload, fresh))
        return self.append(sign_statement(payload, key(by)))

    def note(self, signer: Signer | None = None, origin: str = LOG) -> str:
        """Return a signed checkpoint of the log as it stands."""
        return sign_checkpoint(
            Checkpoint(origin, len(self.entries), self.tree.root()), [signer or log_signer()]
        )

    def proof(self, index: int) -> EntryProof:
        """Return the proof of entry *index* at the present size."""
        path = prove_inclusion(index, len(self.entries), self.tree.read)
        return EntryProof(self.entries[index], index, path)

    def entry_bundle(self, index: int, *keys: int) -> EntryBundle:
        """Return the entry proof of *index* with the entries *keys*."""
        return EntryBundle(LOG, self.proof(index), self.note(), tuple(self.proof(one) for one in keys))

    def package_bundle(self, index: int, package: int, count: int, *keys: int) -> PackageBundle:
        """Return the proof of one package of the run issued in entry *index*."""
        made = RunTree(SECRET, RUN, count).prove(package)
        part = PackagePart(package, count, made.blinding, made.hashes)
        proofs = tuple(self.proof(one) for one in keys)
        return PackageBundle(LOG, made.code, self.proof(index), self.note(), part, proofs)


def countersign(payload: dict[str, Any], fresh: SigningKey) -> str:
    """Return the countersignature of *fresh* for the key that *payload* registers."""
    jwk = Jwk(**payload["jwk"])
    return sign_jws(encode(possession(payload["id"], LOG, payload["party"], jwk)), fresh)


def opened(*supervisors: str) -> Ledger:
    """Return a log opened by *supervisors*."""
    ledger = Ledger()
    ledger.say(
        "log.opened",
        "log",
        format=1,
        address="https://demo.invalid",
        checkpoint_key=log_signer().vkey,
        receipt_key=format_jwk(key("log").public),
        supervisors=[
            {"party": name(word), "name": word, "jwk": format_jwk(key(word).public), "custody": "party"}
            for word in supervisors
        ],
    )
    return ledger


def issued(count: int = 300, **fields: Any) -> Ledger:
    """Return a log: 0 opened by 局, 1 合作社 registered, 2 an unrelated event, 3 a run of *count* labels issued."""
    ledger = opened("局")
    ledger.register("合作社", ["producer"], "局")
    ledger.say("product.registered", "合作社", product=name("梨"), name="梨", unit="g")
    root = RunTree(SECRET, RUN, count).root().hex()
    run = {"run": RUN, "batch": name("批次"), "count": count, "net": 5000, "packed_on": "2026-09-21"}
    ledger.say("labels.issued", "合作社", **{**run, "root": root, **fields})
    return ledger
