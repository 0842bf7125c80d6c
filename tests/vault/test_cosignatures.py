"""Who cosigned what: the latest line of each key at each size."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, update

from suyuan.errors import Broken
from suyuan.ledger.cosignature import MLDSA, Cosigner
from suyuan.ledger.engine import begin_read, begin_write
from suyuan.vault import tables
from suyuan.vault.cosignatures import Cosignature, find_size, key_of, put_cosignatures, read_cosignatures
from tests.keys import seed
from tests.tlogs import GrownLog
from tests.vault.conftest import LOG

GROWN = GrownLog(LOG)
ONE = Cosigner("one.example/w", seed("one"))
TWO = Cosigner("two.example/w", seed("two"), MLDSA)


def cosigned(cosigner: Cosigner, size: int, time: int) -> Cosignature:
    text = GROWN.note(size).partition("\n\n")[0] + "\n"
    return Cosignature(size, cosigner.cosign(text, time))


def put(engine: Engine, *found: Cosignature, log_id: str = LOG) -> None:
    with begin_write(engine) as connection:
        put_cosignatures(connection, log_id, found)


def read(engine: Engine, size: int, log_id: str = LOG) -> list[Cosignature]:
    with begin_read(engine) as connection:
        return read_cosignatures(connection, log_id, size)


def sizes(engine: Engine) -> list[int]:
    with begin_read(engine) as connection:
        return [find_size(connection, LOG, key_of(one.name, one.key_id)) for one in (ONE, TWO)]


def test_each_key_keeps_its_latest_line_of_each_size(engine: Engine) -> None:
    first, later, other = cosigned(ONE, 5, 100), cosigned(ONE, 5, 700), cosigned(TWO, 5, 100)
    put(engine)
    put(engine, first, other)
    assert read(engine, 5) == [first, other]
    put(engine, later)
    put(engine, first)
    assert read(engine, 5) == [later, other]
    assert read(engine, 4) == []
    assert read(engine, 5, "other.example/log") == []


def test_a_hint_is_the_largest_size_of_a_key(engine: Engine) -> None:
    assert sizes(engine) == [0, 0]
    put(engine, *(cosigned(ONE, size, 100) for size in (9, 5, 7)), cosigned(TWO, 3, 100))
    put(engine, cosigned(ONE, 30, 100), log_id="other.example/log")
    assert sizes(engine) == [9, 3]


def test_a_damaged_line_is_not_published(engine: Engine) -> None:
    put(engine, cosigned(ONE, 5, 100))
    with begin_write(engine) as connection:
        connection.execute(update(tables.cosignatures).values(line="\u2014 one.example/w ????\n"))
    with pytest.raises(Broken):
        read(engine, 5)
