"""A founded log with a cooperative that harvests, on a given store: fixed keys, fixed clock, real tables."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, make_url

from suyuan.books.rebuild import compare_books
from suyuan.books.replay import Replay
from suyuan.capture.append import Capture
from suyuan.capture.check import prove_possession
from suyuan.capture.founding import Founder, Plan, found_log
from suyuan.capture.logkeys import LogKeys, find_log_keys
from suyuan.capture.mint import Mint
from suyuan.capture.outcome import Accepted, Outcome, Submission
from suyuan.capture.pen import Hidden, Pen
from suyuan.ledger.audit import Auditor, AuditReport, Trust
from suyuan.ledger.checkpoint import Checkpoint
from suyuan.ledger.engine import begin_read, open_engine
from suyuan.ledger.jwk import SigningKey, format_jwk
from suyuan.ledger.store import StoredCheckpoint, StoredEntry, read_entries
from suyuan.produce.crockford import encode_crockford
from suyuan.publish.checkpoints import publish_checkpoint
from suyuan.server.house import METADATA
from suyuan.vault.vault import Vault
from tests import keys

LOG = "farm.example/log"
ADDRESS = "https://farm.example"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
AT = "2026-09-21T08:00:00+08:00"
"""The claimed time of every event."""

PLENTY = 10**12

_numbers = itertools.count()


def name(word: str) -> str:
    """Return the id of what the tests call *word*: ten Crockford characters."""
    return encode_crockford(int.from_bytes(hashlib.sha256(b"farm " + word.encode()).digest()) >> 206, 10)


def key(word: str) -> SigningKey:
    """Return the key of the party called *word*."""
    return SigningKey(keys.seed(word))


class Farm:
    """A log opened once; a *seat* of its own gives each opening other random ids."""

    def __init__(self, url: str, folder: Path, seat: str = "", log: str = LOG) -> None:
        self.url = url
        self.log = log
        self.folder = folder
        self.engine = open_engine(url)
        random = keys.stream(f"farm {seat}")
        self.now = NOW
        self.mint = Mint(lambda: self.now, random)
        self.vault = Vault(self.engine, log, keys.master(), folder / "persons", random)
        self.pen = Pen(log, self.mint)
        self.parties: dict[str, str] = {}
        self.spoiled = False
        """Set by a test that damages the ledger, so that the last audit is left out."""

    def found(self) -> Accepted:
        """Make the tables and entry 0, with two supervisors."""
        for metadata in METADATA:
            metadata.create_all(self.engine)
        founders = [Founder(word, format_jwk(key(word).public)) for word in ("农业局", "市监局")]
        accepted = found_log(self.engine, self.vault, Plan(self.log, ADDRESS), founders, self.mint)
        self.remember()
        return accepted

    def remember(self) -> None:
        """Learn the parties that the log has already."""
        with begin_read(self.engine) as connection:
            replay, _ = self._audit(connection, None)
        for word in ("农业局", "市监局", "红星"):
            found = replay.book.records()
            self.parties.update(
                (word, record.party)  # type: ignore[attr-defined]
                for (kind, id), record in found.items()
                if kind.kind == "key" and id == key(word).kid
            )

    def settle(self) -> Farm:
        """Register the cooperative 红星 with its product and its plot."""
        outcomes = self.capture.submit([
            self.registration("红星", "producer", name="红星合作社"),
            self.say("product.registered", "红星", product=name("梨"), name="梨", unit="g"),
            self.say(
                "site.registered",
                "红星",
                site=name("一号地"),
                kind="plot",
                party=name("红星"),
                crop=name("梨"),
            ),
            self.say("quota.granted", "农业局", plot=name("一号地"), season=2026, amount=PLENTY),
        ])  # fmt: skip
        assert [outcome for outcome in outcomes if not isinstance(outcome, Accepted)] == []
        return self

    @cached_property
    def keys(self) -> LogKeys:
        """The log's own keys; read once, so that they can be had inside a writing transaction."""
        found = find_log_keys(self.vault, self.log)
        assert found is not None
        return found

    @property
    def capture(self) -> Capture:
        """The writer."""
        return Capture(self.engine, self.log, self.vault, self.keys.receipt, lambda: self.now)

    def say(
        self, type: str, by: str, /, *, signer: str = "", hidden: tuple[Hidden, ...] = (), **fields: Any
    ) -> Submission:
        """Return a signed statement of the party called *by*; its key is called like the party unless told."""
        payload = self.pen.payload(type, self.parties.get(by, name(by)), AT, fields)
        payload, private = self.pen.conceal(payload, hidden)
        return self.pen.sign(payload, key(signer or by), private)

    def registration(self, word: str, *roles: str, by: str = "农业局", **fields: Any) -> Submission:
        """Return the registration of a party called *word*, countersigned by its key."""
        fields = {"party": name(word), "roles": roles, "jwk": format_jwk(key(word).public), **fields}
        payload = self.pen.payload("party.registered", self.parties[by], AT, {**fields, "custody": "party"})
        payload["proof"] = prove_possession(payload["id"], self.log, name(word), key(word))
        return self.pen.sign(payload, key(by))

    def revocation(self, word: str, reason: str = "lost") -> Submission:
        """Return the end of the key called *word*, by its party."""
        return self.say(
            "key.revoked", word, kid=key(word).kid, party=self.parties.get(word, name(word)), reason=reason
        )

    def harvest(self, amount: int = 1000, **fields: Any) -> Submission:
        """Return a harvest of a new batch."""
        shape = {"batch": self.mint.id(), "plot": name("一号地"), "product": name("梨"), "season": 2026}
        return self.say("batch.harvested", "红星", amount=amount, **{**shape, **fields})

    def harvests(self, count: int) -> list[Submission]:
        """Return *count* harvests."""
        return [self.harvest(1000 + number) for number in range(count)]

    def submit(self, *submissions: Submission) -> list[Outcome]:
        """Append *submissions*."""
        return self.capture.submit(submissions)

    def take(self, *submissions: Submission) -> list[Accepted]:
        """Append *submissions*, all of which must be accepted."""
        outcomes = self.capture.submit(submissions)
        assert [outcome for outcome in outcomes if not isinstance(outcome, Accepted)] == []
        return [outcome for outcome in outcomes if isinstance(outcome, Accepted)]

    def wait(self, **span: float) -> None:
        """Let the clock run on, or back."""
        self.now += timedelta(**span)

    def checkpoint(self) -> StoredCheckpoint:
        """Sign the log as it stands."""
        signed = publish_checkpoint(self.engine, self.log, self.keys.checkpoints, lambda: self.now)
        assert signed is not None
        return signed

    def entries(self) -> list[StoredEntry]:
        """Return every stored entry."""
        with begin_read(self.engine) as connection:
            return list(read_entries(connection, self.log))

    def audit(self, connection: Connection | None = None, against: Checkpoint | None = None) -> AuditReport:
        """Recompute everything; inside *connection*, or in a transaction of its own."""
        if connection is not None:
            return self._audit(connection, against)[1]
        with begin_read(self.engine) as connection:
            return self._audit(connection, against)[1]

    def _audit(self, connection: Connection, against: Checkpoint | None) -> tuple[Replay, AuditReport]:
        replay = Replay()
        trust = Trust(self.log, (self.keys.checkpoint.verifier,), against)
        return replay, Auditor(connection, trust, replay).run()

    def check(self) -> AuditReport:
        """Audit ledger and books; nothing may differ."""
        with begin_read(self.engine) as connection:
            replay, report = self._audit(connection, None)
            assert report.differences == ()
            assert compare_books(connection, self.log, replay.records().values()) == []
        return report

    def close(self) -> None:
        """Give the store back."""
        self.engine.dispose()


def twin(farm: Farm, seat: str) -> Farm:
    """Return the same log opened once more, as another process would."""
    other = Farm(farm.url, farm.folder, seat, farm.log)
    other.parties = dict(farm.parties)
    other.now = farm.now
    return other


@contextmanager
def new_postgres(url: str, database: str) -> Iterator[str]:
    """Give the URL of a new database beside *url*, dropped afterwards; for fixtures of wider scope than one test."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def tell(statement: str) -> None:  # a connection each time: the test may stop the server in between
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(database)))

    tell("CREATE DATABASE {}")
    try:
        yield make_url(url).set(database=database).render_as_string(hide_password=False)
    finally:
        tell("DROP DATABASE {} WITH (FORCE)")


@pytest.fixture(scope="session")
def farms_url(postgres_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL database that the farms of many tests share, each with a log of its own."""
    with new_postgres(postgres_url, f"suyuan_farms_{os.getpid()}_{next(_numbers)}") as url:
        yield url


def settled(farm: Farm) -> Farm:
    """Found *farm* and settle its cooperative."""
    farm.found()
    return farm.settle()


def _kept(farm: Farm) -> Iterator[Farm]:
    settled(farm)
    yield farm
    if not farm.spoiled:
        farm.check()
    farm.close()


@pytest.fixture
def sqlite_farm(tmp_path: Path) -> Iterator[Farm]:
    """A farm on SQLite; ledger and books are audited after the test."""
    yield from _kept(Farm(f"sqlite:///{tmp_path / 'suyuan.db'}", tmp_path))


@pytest.fixture
def postgres_farm(farms_url: str, tmp_path: Path) -> Iterator[Farm]:
    """A farm on PostgreSQL, beside those of other tests; ledger and books are audited after the test."""
    yield from _kept(Farm(farms_url, tmp_path, log=f"{LOG}/{next(_numbers)}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def farm(request: pytest.FixtureRequest) -> Farm:
    """A farm once on SQLite and once on PostgreSQL; ledger and books are audited after the test."""
    found = request.getfixturevalue("sqlite_farm" if request.param == "sqlite" else "postgres_farm")
    assert isinstance(found, Farm)
    return found
