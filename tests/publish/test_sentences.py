"""Sentences: one for each event of the vocabulary, in both languages, without what is private."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from suyuan.produce.events import EVENTS
from suyuan.produce.parse import parse_event
from suyuan.produce.records import Batch, Party, Product, Site
from suyuan.publish.sentences import _SENTENCES, REASONS, Names, describe, mentioned

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "events.json").read_text("utf-8")
)


def test_every_event_has_a_sentence() -> None:
    assert set(_SENTENCES) == set(EVENTS.values())


@pytest.mark.parametrize("payload", VECTORS, ids=lambda payload: str(payload["type"]))
def test_a_sentence_is_said_in_both_languages_even_where_no_name_is_known(payload: dict[str, Any]) -> None:
    event = parse_event(payload)
    words = describe(event, Names())
    assert words.zh
    assert words.en
    assert words.zh != words.en
    assert "{" not in words.zh + words.en


@pytest.mark.parametrize("payload", VECTORS, ids=lambda payload: str(payload["type"]))
def test_an_event_mentions_records_that_there_can_be(payload: dict[str, Any]) -> None:
    for kind, id in mentioned(parse_event(payload)):
        assert kind.kind
        assert id


def test_every_reason_an_event_may_give_has_words() -> None:
    hints = [get_type_hints(kind).get("reason") for kind in EVENTS.values()]
    given = {word for hint in hints for word in get_args(hint)} - {
        "lost",
        "stolen",
        "retired",
        "staff-change",
    }
    assert len(given) > 10
    assert given <= set(REASONS)  # why a key was revoked is not told


def payload(kind: str, **fields: Any) -> dict[str, Any]:
    head = {"id": "019aaf10-5c00-7000-8000-000000000001", "log": "demo.invalid/log", "by": "AAAAAAAAAA"}
    return {"type": kind, **head, "at": "2026-10-08T08:00:00+08:00", **fields}


NAMES = Names(
    {
        (Product, "PPPPPPPPPP"): Product(id="PPPPPPPPPP", name="茶油", unit="ml", unit_mass_mg=910),
        (Batch, "BBBBBBBBBB"): Batch(
            id="BBBBBBBBBB",
            how="bought",
            product="PPPPPPPPPP",
            maker="A",
            made=1,
            entry=1,
            day="",
            ref="CY-1",
        ),
        (Site, "SSSSSSSSSS"): Site(id="SSSSSSSSSS", what="plot", party="A", place="湄江镇"),
        (Party, "TTTTTTTTTT"): Party(id="TTTTTTTTTT", roles=("shop",), registered=1),
    }
)


def test_amounts_are_said_in_the_products_unit() -> None:
    event = parse_event(payload("batch.destroyed", batch="BBBBBBBBBB", amount=2500, reason="spoilt"))
    assert describe(event, NAMES).zh == "销毁 2.5 升（损坏）"


def test_the_receiver_with_a_private_name_is_an_individual_business() -> None:
    event = parse_event(payload("batch.shipped", batch="BBBBBBBBBB", amount=500, to="TTTTTTTTTT"))
    assert describe(event, NAMES).zh == "发出 500 毫升，交给个体经营者"


def test_a_harvest_names_its_village() -> None:
    fields = {
        "batch": "BBBBBBBBBB",
        "plot": "SSSSSSSSSS",
        "product": "PPPPPPPPPP",
        "amount": 10,
        "season": 2026,
    }
    assert (
        describe(parse_event(payload("batch.harvested", **fields)), NAMES).en
        == "Harvested 10 ml of 茶油 in 湄江镇"
    )
