"""Locked files: what opens them, what does not, and that other tools read them."""

from __future__ import annotations

import json

import pytest

from suyuan.errors import Missing, Refused
from suyuan.ledger.canonical import encode
from suyuan.ledger.jwk import SigningKey
from suyuan.ledger.radix64 import format_base64url, parse_base64url
from suyuan.vault import seal
from suyuan.vault.keyfile import format_key_file, parse_key_file
from suyuan.vault.locked import CLOSED, MASTER, PASSPHRASE, Lock, is_locked, lock_bytes, unlock_bytes
from tests import keys

WORD = Lock(passphrase="四月的梨花 white as snow")
MASTER_LOCK = Lock(master=keys.master())
LOCKS = pytest.mark.parametrize("lock", [WORD, MASTER_LOCK], ids=["passphrase", "master"])
KEY = SigningKey(keys.seed("红星"))


def code_of(data: bytes, lock: Lock) -> str:
    """Return why *data* does not open with *lock*."""
    with pytest.raises(Refused) as caught:
        unlock_bytes(data, "k", lambda kind: lock)
    return caught.value.problems[0].code


def rewritten(data: bytes, **header: object) -> bytes:
    """Return *data* with some fields of its header changed, or left out where they are None."""
    first, rest = data.split(b".", 1)
    fields = {**json.loads(parse_base64url(first.decode())), **header}
    kept = {name: value for name, value in fields.items() if value is not None}
    return format_base64url(encode(kept)).encode() + b"." + rest


@LOCKS
def test_a_locked_file_opens_with_its_lock(lock: Lock) -> None:
    asked: list[str] = []

    def find_lock(kind: str) -> Lock:
        asked.append(kind)
        return lock

    data = lock_bytes("梨".encode(), lock, keys.stream())
    assert is_locked(data)
    assert unlock_bytes(data, "k", find_lock).decode() == "梨"
    assert asked == [PASSPHRASE if lock.passphrase else MASTER]


@LOCKS
def test_another_lock_does_not_open_it(lock: Lock) -> None:
    data = lock_bytes(b"x", lock, keys.stream())
    other = Lock(passphrase="another word", master=keys.seed("other master"))
    assert code_of(data, other) == "lock.closed"


@LOCKS
def test_each_part_that_is_changed_keeps_it_shut(lock: Lock) -> None:
    data = lock_bytes(b"some key", lock, keys.stream())
    first, *parts = data.decode().strip().split(".")
    for place, part in enumerate(parts):
        changed = bytearray(parse_base64url(part))
        changed[-1] ^= 1
        spelled = [*parts[:place], format_base64url(bytes(changed)), *parts[place + 1 :]]
        assert code_of(".".join([first, *spelled]).encode(), lock) == "lock.closed"
        short = [*parts[:place], "", *parts[place + 1 :]]
        assert code_of(".".join([first, *short]).encode(), lock) == "lock.closed"


@pytest.mark.parametrize(
    "header",
    [
        {"p2c": 0},
        {"p2c": 1_000_001},
        {"p2c": True},
        {"p2c": None},
        {"p2s": None},
        {"p2s": 7},
        {"p2s": "+"},
        {"enc": "A128GCM"},
        {"alg": "dir"},
        {"zip": "DEF"},
    ],
)
def test_another_header_is_refused(header: dict[str, object]) -> None:
    assert code_of(rewritten(lock_bytes(b"x", WORD, keys.stream()), **header), WORD) == "lock.form"


@pytest.mark.parametrize("data", [b"", b"eyJ....", b"eyJ.a.b.c", b"\xff.a.b.c.d", b"e30.a.b.c.d.e"])
def test_what_is_no_locked_file_is_refused(data: bytes) -> None:
    assert code_of(data, WORD) == "lock.form"


def test_a_passphrase_has_some_length() -> None:
    with pytest.raises(Refused) as caught:
        lock_bytes(b"x", Lock(passphrase="seven77"), keys.stream())
    assert caught.value.problems[0].code == "lock.short"


def test_a_passphrase_is_the_same_however_a_keyboard_spells_it() -> None:
    data = lock_bytes(b"x", Lock(passphrase="caf\u00e9 au lait"), keys.stream())
    assert unlock_bytes(data, "k", lambda kind: Lock(passphrase="cafe\u0301 au lait")) == b"x"


def test_a_key_file_opens_locked_and_plain() -> None:
    def never(kind: str) -> Lock:
        raise AssertionError(kind)

    assert parse_key_file(format_key_file(KEY, None, keys.stream()), "k", never) == KEY
    locked = format_key_file(KEY, WORD, keys.stream())
    assert parse_key_file(locked, "k", lambda kind: WORD) == KEY
    assert format_base64url(KEY.seed).encode() not in locked


@pytest.mark.parametrize("data", [b"[]", b"{}", b"not json", b"[" * 100_000, b"\xff"])
def test_what_is_no_key_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        parse_key_file(data, "k", lambda kind: WORD)
    assert caught.value.problems[0].code == "file.key"


def test_without_a_lock_the_reason_is_the_callers() -> None:
    def absent(kind: str) -> Lock:
        raise Missing(CLOSED.at(name="nobody"))

    with pytest.raises(Missing, match="nobody"):
        parse_key_file(format_key_file(KEY, WORD, keys.stream()), "k", absent)


def test_no_lock_shows_its_secret() -> None:
    assert repr(WORD) == repr(MASTER_LOCK) == "Lock()"


def test_another_implementation_opens_the_file_by_passphrase() -> None:
    jwe = pytest.importorskip("joserfc.jwe")
    jwk = pytest.importorskip("joserfc.jwk")
    data = format_key_file(KEY, WORD, keys.stream()).decode().strip()
    secret = jwk.OctKey.import_key(WORD.passphrase.encode())
    found = jwe.decrypt_compact(data, secret, algorithms=[PASSPHRASE, "A256GCM"])
    assert json.loads(found.plaintext)["d"] == format_base64url(KEY.seed)


def test_another_implementation_opens_the_file_by_the_master_key() -> None:
    jwe = pytest.importorskip("joserfc.jwe")
    jwk = pytest.importorskip("joserfc.jwk")
    data = format_key_file(KEY, MASTER_LOCK, keys.stream()).decode().strip()
    secret = jwk.OctKey.import_key(seal.derive(MASTER_LOCK.master, "file"))
    found = jwe.decrypt_compact(data, secret, algorithms=[MASTER, "A256GCM"])
    assert json.loads(found.plaintext)["kid"] == KEY.kid
