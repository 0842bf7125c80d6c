"""
A founded house with a small season in it, as the outside sees it: real SQLite, fixed keys, a clock that is given.

Parties, plots, products and batches go by the words that the tests call them; ``name`` turns a word into its id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from suyuan.books.replay import Replay, differences
from suyuan.books.store import read_all, read_records
from suyuan.capture.check import prove_possession
from suyuan.capture.founding import Founder
from suyuan.capture.mint import Mint
from suyuan.capture.outcome import Accepted, Submission
from suyuan.capture.pen import Hidden
from suyuan.errors import SuyuanError
from suyuan.ledger.audit import Auditor, Trust
from suyuan.ledger.engine import begin_read
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.produce.crockford import encode_crockford
from suyuan.produce.records import Key, Party
from suyuan.publish.window import Window
from suyuan.qr.run import make_code, run_root
from suyuan.server.house import House, found_house
from suyuan.settings import Folder, load_settings
from tests.keys import seed, stream

LOG = "demo.invalid/log"
ADDRESS = "https://demo.invalid"
START = datetime(2026, 10, 8, 1, tzinfo=UTC)
AT = "2026-10-08T08:30:00+08:00"
"""The claimed time of an event that names none: half an hour before the clock starts."""

SUPERVISOR, SECOND = "涟源市农业农村局", "涟源市市场监督管理局"


def name(word: str, length: int = 10) -> str:
    """Return the id of what the tests call *word*."""
    bits = 5 * length
    return encode_crockford(int.from_bytes(hashlib.sha256(word.encode()).digest()) >> (256 - bits), length)


class Orchard:
    """A house, and the pens of everybody in it."""

    def __init__(self, data: Path, url: str | None = None) -> None:
        self.now = START
        settings = replace(
            load_settings(data),
            database_url=url or f"sqlite:///{data / 'suyuan.db'}",
            master_key=None,
            master_key_file=data / "master.key",
            address=None,
        )
        self.mint = Mint(lambda: self.now, stream("orchard"))
        founders = [Founder(SUPERVISOR), Founder(SECOND)]
        self.house: House = found_house(settings, Folder(LOG, ADDRESS, True), founders, self.mint)
        self.names: dict[str, str] = {}
        self.keys: dict[str, SigningKey] = {}
        self._meet_supervisors()

    def _meet_supervisors(self) -> None:
        with begin_read(self.house.engine) as connection:
            parties = {party.id: party.name for party in read_records(connection, LOG, Party)}
            for key in read_records(connection, LOG, Key):
                if key.party not in parties:
                    continue  # the log itself
                word = parties[key.party]
                kept = self.house.vault.find_custody_key(connection, key.id)
                assert kept is not None
                self.names[word], self.keys[word] = key.party, SigningKey(kept)

    @property
    def window(self) -> Window:
        """A window on the log, with an empty memory."""
        return Window(self.house.engine, LOG, self.house.vault)

    def id(self, word: str) -> str:
        """Return the id of a party."""
        return self.names.get(word) or name(word)

    def sign(self, kind: str, by: str, /, *hidden: Hidden, **fields: Any) -> Submission:
        """Return an event as a signed submission; its claimed time is AT unless ``at`` is among *fields*."""
        pen = self.house.pen
        payload, private = pen.conceal({**pen.payload(kind, self.id(by), AT, {}), **fields}, hidden)
        if kind == "party.registered":
            key = self.keys[fields["party"]]
            payload["proof"] = prove_possession(payload["id"], LOG, fields["party"], key)
        return pen.sign(payload, self.keys[by], private)

    def send(self, submission: Submission) -> Accepted:
        """Append a submission that is accepted; a second passes."""
        outcome = self.house.capture.submit([submission])[0]
        assert not isinstance(outcome, SuyuanError), outcome
        self.now += timedelta(seconds=1)
        return outcome

    def tell(self, kind: str, by: str, /, *hidden: Hidden, **fields: Any) -> Accepted:
        """Say something that is accepted."""
        return self.send(self.sign(kind, by, *hidden, **fields))

    def party(self, word: str, *roles: str, **fields: Any) -> None:
        """Register a party; with ``name=""`` its name stays private."""
        key = SigningKey(seed(word))
        self.names[word], self.keys[word], self.keys[name(word)] = name(word), key, key
        shape = {"party": name(word), "roles": list(roles), "jwk": format_jwk(key.public), "name": word}
        shape = {**shape, "custody": "service", **fields}
        self.tell("party.registered", SUPERVISOR, **{field: value for field, value in shape.items() if value})

    def plot(self, word: str, place: str, quota: int = 1_000_000) -> None:
        """Register a pear plot of 红星合作社 with a quota of *quota* grams for 2026."""
        owner = "红星合作社"
        shape = {"site": name(word), "kind": "plot", "party": self.id(owner), "crop": name("金秋梨")}
        self.tell("site.registered", owner, **shape, place=place)
        self.tell("quota.granted", SUPERVISOR, plot=name(word), season=2026, amount=quota)

    def harvest(self, word: str, plot: str, amount: int, **fields: Any) -> Accepted:
        """Harvest pears."""
        shape = {"batch": name(word), "plot": name(plot), "product": name("金秋梨"), "season": 2026}
        return self.tell("batch.harvested", "红星合作社", **{**shape, "amount": amount, **fields})

    def issue(self, run: str, batch: str, count: int, net: int = 5000, **fields: Any) -> Accepted:
        """Issue a run of labels, its secret in the vault first."""
        with self.house.vault.begin() as connection:
            self.house.vault.put_run_secret(connection, name(run, 5), seed(run))
        root = run_root(seed(run), name(run, 5), count).hex()
        shape = {"run": name(run, 5), "batch": name(batch), "count": count, "net": net, "root": root}
        return self.tell("labels.issued", "红星合作社", **{**shape, "packed_on": "2026-10-08", **fields})

    def activate(self, run: str, first: int, end: int) -> Accepted:
        """Activate labels."""
        return self.tell("labels.activated", "红星合作社", run=name(run, 5), first=first, end=end)

    def recall(self, *batches: str) -> Accepted:
        """Recall batches by two persons."""
        ids = [name(batch) for batch in batches]
        proposal = self.tell("recall.proposed", SUPERVISOR, batches=ids, reason="contamination")
        return self.tell("recall.approved", SECOND, recall=proposal.event_id, batches=ids)

    def code(self, run: str, index: int) -> str:
        """Return the code of one package."""
        return make_code(seed(run), name(run, 5), index)

    def audit(self) -> None:
        """Fail unless the ledger and its books are whole."""
        with begin_read(self.house.engine) as connection:
            replay = Replay()
            trust = Trust(LOG, (self.house.keys.checkpoint.verifier,))
            report = Auditor(connection, trust, replay).run()
            assert report.differences == (), report.differences
            assert differences(replay.records(), read_all(connection, LOG)) == []


def new_orchard(data: Path, url: str | None = None) -> Orchard:
    """Return an orchard with its people, two plots in two villages and nothing harvested."""
    orchard = Orchard(data, url)
    orchard.party("红星合作社", "producer", credit_code="93431382MA4PABC59J", place="涟源市桥头河镇")
    orchard.party("市检测站", "laboratory")
    orchard.party("供销直播间", "shop")
    orchard.party("刘记果行", "processor", name="")
    for word in ("金秋梨", "精品梨"):
        orchard.tell("product.registered", "红星合作社", product=name(word), name=word, unit="g")
    orchard.plot("一号地", "桥头河镇华溪村")
    orchard.plot("二号地", "石马山镇新塘村")
    return orchard


FINDINGS = [
    {"item": "吡虫啉", "result": "<0.01", "limit": "0.5", "unit": "mg/kg"},
    {"item": "多菌灵", "result": "0.12", "limit": "3", "unit": "mg/kg"},
]


def grow_season(orchard: Orchard) -> Orchard:
    """Two harvests, one tested, graded into one batch; ten labels (run R1), the first eight active."""
    orchard.harvest("甲", "一号地", 60_000, ref="CS2610-01")
    orchard.harvest("乙", "二号地", 40_000, ref="CS2610-02", backfilled=True, at="2026-09-30T16:00:00+08:00")
    report = {"report": "JC-2026-118", "passed": True, "findings": FINDINGS}
    orchard.tell("test.reported", "市检测站", batch=name("甲"), **report)
    inputs = [{"batch": name("甲"), "amount": 60_000}, {"batch": name("乙"), "amount": 40_000}]
    output = {"batch": name("精"), "product": name("精品梨"), "amount": 95_000, "ref": "JX2610-01"}
    orchard.tell("batch.transformed", "红星合作社", inputs=inputs, outputs=[output], loss_g=5_000)
    orchard.issue("R1", "精", 10)
    orchard.activate("R1", 0, 8)
    orchard.house.checkpoint()
    return orchard


@pytest.fixture
def orchard(tmp_path: Path) -> Iterator[Orchard]:
    """An orchard after its season, for a test that goes on writing; audited when the test is done."""
    grown = grow_season(new_orchard(tmp_path))
    yield grown
    grown.audit()
    grown.house.close()


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchard]:
    """An orchard after its season, for tests that only read."""
    grown = grow_season(new_orchard(tmp_path_factory.mktemp("orchard")))
    yield grown
    grown.house.close()
