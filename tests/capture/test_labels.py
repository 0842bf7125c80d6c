"""Label runs: the secret before the entry, a run of its own, nothing kept of what is refused but a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from suyuan.books.store import read_records
from suyuan.capture.acts import Act, find_signer, find_supervisor, hold_batch, release_hold, say
from suyuan.capture.labels import Order, activate_labels, issue_labels, void_labels
from suyuan.capture.mint import Mint
from suyuan.capture.office import Office
from suyuan.capture.outcome import Outcome, Submission
from suyuan.capture.pen import Pen
from suyuan.capture.register import Register
from suyuan.errors import Missing, Refused, SuyuanError, Unavailable
from suyuan.ledger.engine import GONE, begin_read
from suyuan.ledger.jwk import SigningKey
from suyuan.produce.records import Batch, Hold, Run
from suyuan.publish.sheets import read_run_labels
from suyuan.qr.run import run_root
from suyuan.vault import tables
from suyuan.vault.vault import CustodyKey, Vault
from tests import farm as farms
from tests.farm import Farm, name

OWN = farms.key("红星")


@pytest.fixture
def office(farm: Farm) -> Office:
    """A farm with one batch of 10 kg, called 一号, numbered P-1."""
    farm.take(farm.harvest(10_000, batch=name("一号"), ref="P-1"))
    return Office(farm.engine, farm.vault, farm.capture, farm.pen)


def keep(farm: Farm, word: str) -> None:
    """Give the key of the party called *word* into the service's custody."""
    with farm.vault.begin() as connection:
        key = farms.key(word)
        farm.vault.put_custody_key(
            connection, CustodyKey(key.kid, farm.parties.get(word, name(word)), "x"), key.seed
        )


def order(count: int = 3, net: int = 1000) -> Order:
    """Return an order of labels for the batch."""
    return Order(name("一号"), count, net, "2026-09-21")


@contextmanager
def register(farm: Farm) -> Iterator[Register]:
    """Give the register inside a transaction."""
    with begin_read(farm.engine) as connection:
        yield Register(connection, farm.pen.log_id, farm.vault)


def runs(farm: Farm) -> list[Run]:
    """Return every run in the books."""
    with begin_read(farm.engine) as connection:
        return list(read_records(connection, farm.pen.log_id, Run))


def wrong(act: Callable[[], object]) -> list[str]:
    """Return the codes of the problems with which *act* is refused."""
    with pytest.raises(SuyuanError) as caught:
        act()
    if isinstance(caught.value, Refused):
        return [problem.code for problem in caught.value.problems]
    assert isinstance(caught.value, Missing | Unavailable)
    return [caught.value.problem.code]


def test_the_root_of_a_run_is_that_of_its_secret(farm: Farm, office: Office) -> None:
    issued = issue_labels(office, order(), name("红星"), OWN)
    (run,) = runs(farm)
    with farm.vault.begin() as connection:
        secret = farm.vault.find_run_secret(connection, issued.run)
    assert secret is not None
    assert run.root == run_root(secret, run.id, run.count).hex()
    assert (run.id, run.batch, run.count, run.net) == (issued.run, name("一号"), 3, 1000)


def test_two_runs_have_secrets_of_their_own(farm: Farm, office: Office) -> None:
    made = [issue_labels(office, order(), name("红星"), OWN).run for _ in range(2)]
    with farm.vault.begin() as connection:
        secrets = {farm.vault.find_run_secret(connection, run) for run in made}
    assert len(secrets) == 2


def test_the_key_in_custody_signs_where_none_is_given(farm: Farm, office: Office) -> None:
    assert wrong(lambda: issue_labels(office, order(), name("红星"))) == ["key.not-kept"]
    keep(farm, "红星")
    assert issue_labels(office, order(), name("红星")).run == runs(farm)[0].id


def test_a_key_that_nobody_registered_is_refused(office: Office) -> None:
    stranger = SigningKey(bytes(range(32)))
    assert wrong(lambda: issue_labels(office, order(), name("红星"), stranger)) == ["key.unknown"]


def test_more_than_the_batch_holds_is_refused_and_nothing_is_issued(farm: Farm, office: Office) -> None:
    assert wrong(lambda: issue_labels(office, order(11), name("红星"), OWN)) == ["labels.beyond-batch"]
    assert runs(farm) == []
    with farm.vault.begin() as connection:
        kept = connection.execute(tables.runs.select().where(tables.runs.c.log_id == farm.pen.log_id))
        assert kept.all() == []


def test_the_secret_is_committed_before_the_entry(farm: Farm, office: Office) -> None:
    seen: list[str | None] = []

    class Watched(type(office.capture)):  # type: ignore[misc]
        def submit(self, submissions: list[Submission]) -> list[Outcome]:
            from suyuan.ledger.statement import parse_statement

            run = parse_statement(submissions[0].token).payload["run"]
            with begin_read(farm.engine) as connection:
                kept = farm.vault.find_run_secret(connection, run)
            seen.append(None if kept is None else run)
            raise Unavailable(GONE.at())

    capture = office.capture
    watched = Watched(capture.engine, capture.log_id, capture.vault, capture.receipt_key, capture.clock)
    with pytest.raises(Unavailable):
        issue_labels(replace(office, capture=watched), order(), name("红星"), OWN)
    assert seen[0] is not None
    assert runs(farm) == []


def test_a_run_id_that_is_taken_is_passed_over(farm: Farm, office: Office) -> None:
    tries: list[int] = []

    def stuck(size: int) -> bytes:
        if size != 4 or len(tries) == 3:
            return farm.mint.random(size)
        tries.append(size)
        return bytes(size)

    same = replace(office, pen=Pen(farm.pen.log_id, Mint(farm.mint.clock, stuck)))
    first = issue_labels(same, order(1), name("红星"), OWN).run
    tries.clear()
    second = issue_labels(same, order(1), name("红星"), OWN).run
    assert first == "00000"
    assert second != first
    assert len(tries) == 3


def test_a_run_that_another_process_took_meanwhile_is_minted_anew(farm: Farm, office: Office) -> None:
    capture = office.capture
    other: list[str] = []

    class Racing(type(capture)):  # type: ignore[misc]
        def submit(self, submissions: list[Submission]) -> list[Outcome]:
            if not other:
                from suyuan.ledger.statement import parse_statement

                payload = dict(parse_statement(submissions[0].token).payload)
                other.append(payload["run"])
                capture.submit([farm.pen.sign({**payload, "id": farm.mint.event_id()}, OWN)])
            outcomes: list[Outcome] = capture.submit(submissions)
            return outcomes

    racing = Racing(capture.engine, capture.log_id, capture.vault, capture.receipt_key, capture.clock)
    issued = issue_labels(replace(office, capture=racing), order(1), name("红星"), OWN)
    assert {run.id for run in runs(farm)} == {other[0], issued.run}
    assert issued.run != other[0]
    farm.spoiled = True  # the other process kept its secret in a vault of its own


def test_a_mint_that_finds_no_free_run_says_so(farm: Farm, office: Office) -> None:
    same = replace(office, pen=Pen(farm.pen.log_id, Mint(farm.mint.clock, bytes)))
    with farm.vault.begin() as connection:
        farm.vault.put_run_secret(connection, "00000", bytes(32))
    assert wrong(lambda: issue_labels(same, order(1), name("红星"), OWN)) == ["run.none-free"]
    farm.spoiled = True


def test_packages_are_activated_and_voided_by_range_from_zero(farm: Farm, office: Office) -> None:
    issue_labels(office, order(5), name("红星"), OWN)
    activate_labels(office, runs(farm)[0], (0, 3), OWN)
    void_labels(office, runs(farm)[0], (2, 5), "spoilt", OWN)
    assert [(span.first, span.end, span.state) for span in runs(farm)[0].spans] == [
        (0, 2, "activated"),
        (2, 5, "voided"),
    ]
    assert wrong(lambda: activate_labels(office, runs(farm)[0], (2, 3), OWN)) == ["labels.state"]
    assert wrong(lambda: activate_labels(office, runs(farm)[0], (4, 6), OWN)) == ["labels.range"]


def test_a_supervisor_holds_and_releases_with_a_key_of_their_own(farm: Farm, office: Office) -> None:
    held = hold_batch(office, name("一号"), "suspicion", farms.key("农业局"))
    assert wrong(lambda: issue_labels(office, order(), name("红星"), OWN)) == ["batch.blocked"]
    with register(farm) as found:
        (hold,) = found.holds("P-1")
        assert found.holds(held.event_id) == [hold]
    release_hold(office, hold, farms.key("市监局"))
    issue_labels(office, order(), name("红星"), OWN)


def test_without_a_supervisors_key_nobody_is_held(office: Office) -> None:
    assert wrong(lambda: hold_batch(office, name("一号"), "suspicion")) == ["key.no-supervisor"]


def test_a_supervisors_key_in_custody_does_not_count_outside_a_demo(farm: Farm, office: Office) -> None:
    keep(farm, "农业局")
    by, key = find_supervisor(office)
    assert (by, key.kid) == (farm.parties["农业局"], farms.key("农业局").kid)


def test_a_key_that_was_revoked_no_longer_signs(farm: Farm, office: Office) -> None:
    keep(farm, "红星")
    say(
        office,
        Act("key.revoked", name("红星"), {"party": name("红星"), "kid": OWN.kid, "reason": "lost"}),
        OWN,
    )
    assert wrong(lambda: find_signer(office, name("红星"))) == ["key.not-kept"]


def test_a_batch_is_found_by_id_number_or_private_number(farm: Farm, office: Office) -> None:
    with farm.vault.begin() as connection:
        farm.vault.put_name(connection, "batch", "王家-13800000000", name("一号"))
    with register(farm) as found:
        for text in (name("一号"), "P-1", "王家-13800000000"):
            assert found.batch(text).id == name("一号")
        assert wrong(lambda: found.batch("P-2")) == ["batch.missing"]


def test_a_number_that_two_parties_use_asks_for_the_id(farm: Farm, office: Office) -> None:
    farm.take(
        farm.registration("青山", "producer", name="青山合作社"),
        farm.say("batch.bought", "青山", batch=name("二号"), product=name("梨"), amount=5, ref="P-1"),
    )
    with register(farm) as found:
        assert wrong(lambda: found.batch("P-1")) == ["name.several"]
        assert found.party("青山合作社").id == name("青山")
        assert found.holder(found.batch(name("二号"))) == name("青山")


def test_the_holder_of_a_batch_that_is_used_up_is_its_maker(farm: Farm, office: Office) -> None:
    issue_labels(office, order(10), name("红星"), OWN)
    with register(farm) as found:
        assert found.holder(found.batch("P-1")) == name("红星")
        assert [run.batch for run in found.runs(found.batch("P-1"))] == [name("一号")]
        assert found.find(Hold, "none") is None
        assert found.find(Batch, name("一号")) is not None


def test_labels_carry_what_the_books_say(farm: Farm, office: Office) -> None:
    issue_labels(office, order(4, 1500), name("红星"), OWN)
    (run,) = runs(farm)
    with begin_read(farm.engine) as connection:
        labels = read_run_labels(connection, farm.vault, farm.pen.log_id, run, "https://farm.example")
    text = labels.label(2).text
    assert (text.product, text.net_content, text.batch, text.producer) == (
        "梨",
        "1.5 kg",
        "P-1",
        "红星合作社",
    )
    assert (text.domain, text.packed_on.isoformat()) == ("farm.example", "2026-09-21")
    assert len({label.url for label in labels.labels(0, 4)}) == 4
    assert "secret" not in repr(labels)


def test_labels_of_a_run_without_secret_are_broken_not_missing(
    farm: Farm, office: Office, tmp_path: Path
) -> None:
    from suyuan.errors import Broken
    from tests import keys

    issue_labels(office, order(), name("红星"), OWN)
    (run,) = runs(farm)
    empty = Vault(farm.engine, "another.example/log", keys.master(), tmp_path / "persons", keys.stream())
    with begin_read(farm.engine) as connection, pytest.raises(Broken):
        read_run_labels(connection, empty, farm.pen.log_id, run, "https://farm.example")
