"""A key that is revoked: nothing that it signs afterwards is taken, what it signed before stays as it was."""

from __future__ import annotations

import pytest

from suyuan.capture.acts import revoke_key
from suyuan.capture.office import Office
from suyuan.capture.outcome import Accepted
from suyuan.errors import Missing, Refused
from suyuan.ledger.jwk import SigningKey
from tests import keys
from tests.farm import Farm, key


def office(farm: Farm) -> Office:
    return Office(farm.engine, farm.vault, farm.capture, farm.pen)


def test_what_was_signed_before_gets_its_receipt_again(farm: Farm) -> None:
    before, after = farm.harvest(), farm.harvest()
    [first] = farm.take(before)
    end = revoke_key(office(farm), key("红星").kid, "stolen", key("红星"))
    [again, refused] = farm.submit(before, after)
    assert isinstance(again, Accepted)
    assert (again.index, again.receipt) == (first.index, first.receipt)
    assert isinstance(refused, Refused)
    [problem] = refused.problems
    assert (problem.code, problem.values["entry"]) == ("key.revoked", end.index)


def test_in_one_group_the_entry_decides(farm: Farm) -> None:
    [first, end, late] = farm.submit(farm.harvest(), farm.revocation("红星"), farm.harvest())
    assert isinstance(first, Accepted)
    assert isinstance(end, Accepted)
    assert isinstance(late, Refused)
    assert late.problems[0].code == "key.revoked"


def test_a_supervisor_revokes_a_partys_key(farm: Farm) -> None:
    revoke_key(office(farm), key("红星").kid, "lost", key("农业局"))
    [refused] = farm.submit(farm.harvest())
    assert isinstance(refused, Refused)


def test_an_unknown_key_and_the_logs_own_are_not_revoked(farm: Farm) -> None:
    for kid in (SigningKey(keys.seed("nobody")).kid, farm.keys.receipt.kid):
        with pytest.raises(Missing) as caught:
            revoke_key(office(farm), kid, "lost", key("农业局"))
        assert caught.value.problem.code == "key.missing"
