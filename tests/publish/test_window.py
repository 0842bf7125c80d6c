"""The window on PostgreSQL: the same questions, the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from suyuan.errors import Missing
from suyuan.ledger.policy import policy_of_keys
from suyuan.verify.bundle import format_bundle, parse_bundle
from suyuan.verify.package import check_bundle
from tests.orchard import Orchard, grow_season, name, new_orchard


@pytest.fixture
def on_postgresql(tmp_path: Path, fresh_postgres: str) -> Iterator[Orchard]:
    grown = grow_season(new_orchard(tmp_path, fresh_postgres))
    yield grown
    grown.house.close()


def test_both_stores_tell_the_same(grown: Orchard, on_postgresql: Orchard) -> None:
    """The clock and the random stream of both orchards are the same, so that their entries are."""
    code = grown.code("R1", 3)
    assert on_postgresql.window.look_up(code) == grown.window.look_up(code)
    assert on_postgresql.window.batch(name("甲")) == grown.window.batch(name("甲"))
    for batch, direction in (("精", "back"), ("甲", "forward")):
        theirs, ours = (o.window.trace(name(batch), direction) for o in (on_postgresql, grown))  # type: ignore[arg-type]
        assert theirs == ours
    assert on_postgresql.window.inclusion(11, 17) == grown.window.inclusion(11, 17)
    bundle = on_postgresql.window.package_bundle(code)
    check_bundle(parse_bundle(format_bundle(bundle)), policy_of_keys([grown.house.keys.checkpoint.verifier]))


@pytest.mark.parametrize("id", ["", "\0", "A\0", "批", "A" * 21, "A B", "\n"])
def test_what_cannot_be_an_id_never_reaches_the_database(grown: Orchard, id: str) -> None:
    for ask in (grown.window.batch, lambda one: grown.window.trace(one, "back")):
        with pytest.raises(Missing):
            ask(id)


def test_a_batch_is_found_in_any_case(grown: Orchard) -> None:
    assert grown.window.batch(name("精").lower()).label == "JX2610-01"
