"""What becomes of statements: receipts, refusals, replays; and what stands in the tables afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from suyuan.books.store import read_all
from suyuan.capture.outcome import Accepted, Private, Submission
from suyuan.capture.pen import Hidden
from suyuan.errors import Conflict, Missing, Refused, SuyuanError, TooLarge, Unavailable
from suyuan.ledger import store
from suyuan.ledger.disclosure import hide
from suyuan.ledger.engine import begin_read
from suyuan.ledger.entry import parse_entry
from suyuan.ledger.hashing import ZERO
from suyuan.ledger.jws import MAX_TOKEN_BYTES
from suyuan.ledger.log import find_root
from suyuan.ledger.receipt import open_receipt
from suyuan.ledger.statement import parse_statement, sign_statement
from suyuan.vault import tables as vault_tables
from tests.farm import AT, NOW, Farm, key, name
from tests.ledger import reference


def codes(outcome: object) -> list[str]:
    assert isinstance(outcome, Refused), outcome
    return [problem.code for problem in outcome.problems]


def state(farm: Farm) -> object:
    """Return everything that an append may change."""
    with begin_read(farm.engine) as connection:
        return (
            store.find_head(connection, farm.log),
            read_all(connection, farm.log),
            farm.entries(),
            vaulted(farm),
        )


def vaulted(farm: Farm) -> int:
    with begin_read(farm.engine) as connection:
        table = vault_tables.disclosures
        return connection.scalar(select(func.count()).where(table.c.log_id == farm.log)) or 0


def test_each_entry_names_the_leaf_hash_of_the_one_before(farm: Farm) -> None:
    farm.take(*farm.harvests(5))
    farm.take(*farm.harvests(5))
    entries = farm.entries()
    parsed = [parse_entry(entry.body) for entry in entries]
    assert [entry.index for entry in parsed] == list(range(len(entries)))
    assert [entry.prev for entry in parsed] == [ZERO, *(entry.leaf for entry in entries[:-1])]


def test_each_subject_has_a_chain_from_zero_without_a_gap(farm: Farm) -> None:
    farm.take(*farm.harvests(3))
    farm.take(*farm.harvests(3))
    plot = f"plot:{name('一号地')}"
    ends: dict[str, tuple[int, bytes]] = {}
    for stored in farm.entries():
        for link in parse_entry(stored.body).chains:
            seq, leaf = ends.get(link.id, (-1, ZERO))
            assert (link.seq, link.prev) == (seq + 1, leaf)
            ends[link.id] = (link.seq, stored.leaf)
    with begin_read(farm.engine) as connection:
        assert ends[plot][0] + 1 == len(store.read_chain(connection, farm.log, plot)) == 8


def test_the_root_is_that_of_the_reference(farm: Farm) -> None:
    farm.take(*farm.harvests(300))
    bodies = [entry.body for entry in farm.entries()]
    with begin_read(farm.engine) as connection:
        for size in (1, 2, 255, 256, 257, len(bodies)):
            assert find_root(connection, farm.log, size) == reference.mth(bodies[:size])


def test_a_receipt_names_log_index_leaf_and_time_under_the_logs_key(farm: Farm) -> None:
    [accepted] = farm.take(farm.harvest())
    receipt = open_receipt(accepted.receipt, farm.keys.receipt.public)
    assert (receipt.log, receipt.index, receipt.leaf, receipt.at) == (
        farm.log,
        accepted.index,
        accepted.leaf,
        accepted.at,
    )
    assert farm.entries()[accepted.index].leaf == accepted.leaf


def test_the_same_statement_sent_again_gets_the_same_receipt(farm: Farm) -> None:
    submission = farm.harvest()
    [first] = farm.take(submission)
    farm.take(*farm.harvests(2))
    farm.wait(hours=1)
    before = state(farm)
    assert farm.take(submission) == [replace(first, replayed=True)]
    assert state(farm) == before


def test_the_same_statement_twice_in_one_group_gets_one_entry(farm: Farm) -> None:
    submission = farm.harvest()
    first, again = farm.take(submission, submission)
    assert again == replace(first, replayed=True)


def test_a_statement_can_be_sent_again_after_its_key_was_revoked(farm: Farm) -> None:
    farm.take(farm.registration("牛山", "producer"))
    submission = farm.say("product.registered", "牛山", product=name("油"), name="油", unit="g")
    [first] = farm.take(submission)
    farm.take(farm.say("key.revoked", "牛山", party=name("牛山"), kid=key("牛山").kid, reason="lost"))
    assert farm.take(submission) == [replace(first, replayed=True)]


@pytest.mark.parametrize("later", [True, False], ids=["in a later group", "in one group"])
def test_the_same_id_with_other_bytes_is_a_conflict(farm: Farm, later: bool) -> None:
    payload = farm.pen.payload(
        "product.registered", name("红星"), AT, {"product": name("油"), "name": "油", "unit": "g"}
    )
    first = farm.pen.sign(payload, key("红星"))
    other = farm.pen.sign({**payload, "name": "别的油"}, key("红星"))
    if later:
        farm.take(first)
        [outcome] = farm.submit(other)
    else:
        accepted, outcome = farm.submit(first, other)
        assert isinstance(accepted, Accepted)
    assert isinstance(outcome, Conflict)
    assert codes(outcome) == ["event.other-bytes"]
    assert outcome.problems[0].pointer == "/id"


def test_a_refused_statement_leaves_no_trace(farm: Farm) -> None:
    before = state(farm)
    refused = [
        farm.harvest(product=name("没有")),
        farm.harvest(plot=name("没有")),
        farm.say("quota.granted", "红星", plot=name("一号地"), season=2026, amount=1),
    ]
    assert all(isinstance(outcome, Refused) for outcome in farm.submit(*refused))
    assert state(farm) == before


def test_neighbours_of_a_refused_statement_are_accepted(farm: Farm) -> None:
    size = len(farm.entries())
    good = farm.harvests(2)
    first, refused, garbage, last = farm.submit(
        good[0], farm.harvest(plot=name("没有")), Submission("not.a.statement"), good[1]
    )
    assert isinstance(first, Accepted)
    assert isinstance(last, Accepted)
    assert (first.index, last.index) == (size, size + 1)
    assert isinstance(refused, Refused)
    assert isinstance(garbage, Refused)


def test_a_group_of_nothing_but_nonsense_is_answered_without_the_database(farm: Farm) -> None:
    farm.engine.dispose()
    assert all(isinstance(outcome, Refused) for outcome in farm.submit(Submission("x"), Submission("")))
    assert farm.submit() == []


def test_an_id_refused_once_may_be_used_by_a_better_statement(farm: Farm) -> None:
    payload = farm.pen.payload(
        "product.registered", name("红星"), AT, {"product": name("梨"), "name": "梨", "unit": "g"}
    )
    better = farm.pen.sign({**payload, "product": name("柿")}, key("红星"))
    refused, accepted = farm.submit(farm.pen.sign(payload, key("红星")), better)
    assert isinstance(refused, Refused)
    assert isinstance(accepted, Accepted)


def test_a_later_statement_of_a_group_sees_the_earlier_one(farm: Farm) -> None:
    outcomes = farm.submit(
        farm.registration("牛山", "producer"),
        farm.say("product.registered", "牛山", product=name("油"), name="油", unit="g"),
    )
    assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes


def test_a_partys_first_statement_before_its_registration_is_refused(farm: Farm) -> None:
    early = farm.say("product.registered", "牛山", product=name("油"), name="油", unit="g")
    refused, accepted = farm.submit(early, farm.registration("牛山", "producer"))
    assert "key.unknown" in codes(refused)
    assert isinstance(accepted, Accepted)


def test_more_than_a_group_is_cut_into_groups(farm: Farm) -> None:
    size = len(farm.entries())
    accepted = farm.take(*farm.harvests(600))
    assert [one.index for one in accepted] == list(range(size, size + 600))


class TestTime:
    def test_never_runs_backward(self, farm: Farm) -> None:
        farm.take(farm.harvest())
        farm.wait(seconds=-4.9)
        [accepted] = farm.take(farm.harvest())
        assert accepted.at == NOW

    def test_more_than_five_seconds_behind_stops_writing(self, farm: Farm) -> None:
        farm.take(farm.harvest())
        before = state(farm)
        farm.wait(seconds=-6)
        with pytest.raises(Unavailable) as raised:
            farm.submit(farm.harvest())
        assert raised.value.problem.code == "log.clock"
        assert raised.value.problem.values == {"seconds": 6}
        assert state(farm) == before
        farm.wait(seconds=6)
        farm.take(farm.harvest())

    def test_of_a_group_is_one_moment_in_whole_milliseconds(self, farm: Farm) -> None:
        farm.wait(microseconds=1_234_567)
        accepted = farm.take(*farm.harvests(2))
        assert {one.at.microsecond for one in accepted} == {234_000}


class TestSigners:
    def test_unknown(self, farm: Farm) -> None:
        [refused] = farm.submit(farm.say("batch.harvested", "红星", signer="生人", batch=name("b"),
            plot=name("一号地"), product=name("梨"), season=2026, amount=1))  # fmt: skip
        assert "key.unknown" in codes(refused)

    def test_revoked(self, farm: Farm) -> None:
        farm.take(farm.say("key.revoked", "红星", party=name("红星"), kid=key("红星").kid, reason="stolen"))
        [refused] = farm.submit(farm.harvest())
        assert "key.revoked" in codes(refused)

    def test_revoked_earlier_in_the_same_group(self, farm: Farm) -> None:
        first, accepted, refused = farm.submit(
            farm.harvest(),
            farm.say("key.revoked", "红星", party=name("红星"), kid=key("红星").kid, reason="stolen"),
            farm.harvest(),
        )
        assert isinstance(first, Accepted)
        assert isinstance(accepted, Accepted)
        assert "key.revoked" in codes(refused)

    def test_of_another_party(self, farm: Farm) -> None:
        [refused] = farm.submit(farm.say("product.registered", "红星", signer="农业局",
            product=name("油"), name="油", unit="g"))  # fmt: skip
        assert codes(refused) == ["key.foreign"]

    @pytest.mark.parametrize("first", [False, True], ids=["a known key", "a key of the same group"])
    def test_whose_signature_is_wrong(self, farm: Farm, first: bool) -> None:
        good = farm.say("product.registered", "牛山", product=name("油"), name="油", unit="g")
        registration = farm.registration("牛山", "producer")
        if not first:
            farm.take(registration)
        head, payload, signature = good.token.split(".")
        other = farm.say("product.registered", "牛山", product=name("柿"), name="柿", unit="g")
        bad = Submission(f"{head}.{payload}.{other.token.split('.')[2]}")
        *_, refused = farm.submit(*([registration] if first else []), bad)
        assert codes(refused) == ["statement.signature"]
        assert signature not in str(refused)

    def test_of_a_statement_for_another_log(self, farm: Farm) -> None:
        payload = farm.pen.payload(
            "product.registered", name("红星"), AT, {"product": name("油"), "name": "油", "unit": "g"}
        )
        [refused] = farm.submit(Submission(sign_statement({**payload, "log": "other.example"}, key("红星"))))
        assert codes(refused) == ["log.other"]

    def test_without_possession_of_the_new_key(self, farm: Farm) -> None:
        registration = farm.registration("牛山", "producer")
        other = farm.registration("红旗", "producer")
        payload = {**_payload(registration), "proof": _payload(other)["proof"]}
        [refused] = farm.submit(Submission(sign_statement(payload, key("农业局"))))
        assert "proof.wrong" in codes(refused)


def _payload(submission: Submission) -> dict[str, object]:
    return parse_statement(submission.token).payload


class TestSize:
    def test_of_a_statement_that_fills_an_entry_is_refused(self, farm: Farm) -> None:
        digests = _digests(farm, 1000)
        tokens = (
            farm.say("personal.erased", "农业局", digests=digests[:count]).token
            for count in range(1000, 0, -1)
        )
        token = next(token for token in tokens if len(token) <= MAX_TOKEN_BYTES)
        [refused] = farm.submit(Submission(token))
        assert isinstance(refused, TooLarge)
        assert codes(refused) == ["entry.large"]

    def test_of_a_statement_beyond_any_entry_is_refused(self, farm: Farm) -> None:
        [refused] = farm.submit(Submission("a" * (MAX_TOKEN_BYTES + 1)))
        assert isinstance(refused, TooLarge)
        assert codes(refused) == ["statement.large"]


def _digests(farm: Farm, count: int) -> list[str]:
    return [one.digest for one in hide({f"f{n}": n for n in range(count)}, lambda: farm.mint.random(16))]


def test_a_callers_person_is_one_of_its_own_party(farm: Farm) -> None:
    hidden = (Hidden({"operator": "某人"}, "ABCDEFGH"),)
    own = farm.say("product.registered", "红星", product=name("甲"), name="甲", unit="g", hidden=hidden)
    sent = Submission(own.token, tuple(replace(one, foreign=True) for one in own.private))
    farm.take(sent)
    with farm.vault.begin() as connection:
        assert farm.vault.find_digests(connection, "ABCDEFGH") == []
        person = farm.vault.person_of(farm.parties.get("红星", name("红星")), "ABCDEFGH")
        assert farm.vault.find_digests(connection, person) == [own.private[0].disclosure.digest]
    assert person != farm.vault.person_of(name("别家"), "ABCDEFGH")


class TestDisclosures:
    HIDDEN = Hidden({"household": "向大山", "phone": "13800000000"}, "7K3M9Q2XWA")

    def test_come_with_their_entry(self, farm: Farm) -> None:
        submission = farm.say("product.registered", "红星", hidden=(self.HIDDEN,), product=name("油"),
            name="油", unit="g")  # fmt: skip
        digests = [private.disclosure.digest for private in submission.private]
        [accepted] = farm.take(submission)
        with begin_read(farm.engine) as connection:
            found = farm.vault.find_disclosures(connection, digests)
        assert found == {private.disclosure.digest: private.disclosure.text for private in submission.private}
        assert accepted.index

    def test_of_a_refused_statement_are_not_kept(self, farm: Farm) -> None:
        [refused] = farm.submit(farm.say("product.registered", "红星", hidden=(self.HIDDEN,),
            product=name("梨"), name="梨", unit="g"))  # fmt: skip
        assert isinstance(refused, Refused)
        assert vaulted(farm) == 0

    def test_that_are_missing_are_named(self, farm: Farm) -> None:
        submission = farm.say("product.registered", "红星", hidden=(self.HIDDEN,), product=name("油"),
            name="油", unit="g")  # fmt: skip
        [refused] = farm.submit(replace(submission, private=submission.private[:1]))
        assert codes(refused) == ["private.undisclosed"]

    def test_that_no_statement_names_are_refused(self, farm: Farm) -> None:
        extra = hide({"name2": "x"}, lambda: farm.mint.random(16))
        submission = farm.say("product.registered", "红星", product=name("油"), name="油", unit="g")
        [refused] = farm.submit(replace(submission, private=(Private(extra[0], "7K3M9Q2XWA"),)))
        assert codes(refused) == ["private.unnamed"]

    def test_of_a_field_that_is_also_public_are_refused(self, farm: Farm) -> None:
        [refused] = farm.submit(farm.say("product.registered", "红星",
            hidden=(Hidden({"name": "真名"}, "7K3M9Q2XWA"),), product=name("油"), name="油", unit="g"))  # fmt: skip
        assert codes(refused) == ["private.clash"]

    def test_of_nobody_who_was_minted_are_refused(self, farm: Farm) -> None:
        [refused] = farm.submit(farm.say("product.registered", "红星",
            hidden=(Hidden({"household": "向大山"}, "向大山"),), product=name("油"), name="油", unit="g"))  # fmt: skip
        assert codes(refused) == ["private.person"]
        assert "向大山" not in str(refused)


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x7fb", "a\x9fb"])
def test_text_with_control_characters_is_refused(farm: Farm, text: str) -> None:
    # PostgreSQL can't store the first at all: without this rule it would be a failure of ours
    [refused] = farm.submit(
        farm.say("product.registered", "红星", product=name("油"), name=text, unit="g"),
    )
    assert codes(refused) == ["event.control"]
    assert isinstance(refused, Refused)
    assert refused.problems[0].pointer == "/name"


def test_a_log_that_is_not_there_is_missing(farm: Farm) -> None:
    with pytest.raises(Missing) as raised:
        replace(farm.capture, log_id="other.example/log").submit([farm.harvest()])
    assert raised.value.problem.code == "log.missing"


def test_outcomes_keep_the_order_of_the_statements(farm: Farm) -> None:
    submissions = farm.harvests(4)
    submissions[2] = Submission("nonsense")
    outcomes = farm.submit(*submissions)
    assert [isinstance(outcome, SuyuanError) for outcome in outcomes] == [False, False, True, False]
