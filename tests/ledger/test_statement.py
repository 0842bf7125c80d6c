"""Statements: one form, one spelling, one signature."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import Refused, SignatureWrong, TooLarge
from suyuan.ledger import canonical
from suyuan.ledger.ed25519 import sign_bytes
from suyuan.ledger.jws import MAX_TOKEN_BYTES, sign_jws
from suyuan.ledger.radix64 import format_base64url
from suyuan.ledger.statement import SigningKey, Statement, check_statement, parse_statement, sign_statement
from tests.keys import seed
from tests.ledger.damage import damaged_text, flip

KEY = SigningKey(seed("party"))
ID = "019aaf2e-5c00-7000-8000-000000000001"
EVENT: dict[str, Any] = {"amount": 1500, "by": "7K3M9Q2XWA", "id": ID, "type": "batch.harvested"}
TOKEN = sign_statement(EVENT, KEY)
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")


def code_of(token: str) -> str:
    with pytest.raises(Refused) as caught:
        parse_statement(token)
    return caught.value.problems[0].code


def b64(data: bytes | str) -> str:
    return format_base64url(data.encode() if isinstance(data, str) else data)


def test_a_statement_is_read_back_and_verified() -> None:
    statement = parse_statement(TOKEN)
    assert statement.token == TOKEN
    assert statement.kid == KEY.kid
    assert statement.payload == EVENT
    assert statement.payload_bytes == canonical.encode(EVENT)
    assert statement.signing_input == f"{HEADER}.{PAYLOAD}".encode()
    assert statement.event_id == ID
    check_statement(statement, KEY.public)


def test_the_header_is_exactly_algorithm_and_key() -> None:
    header = base64.urlsafe_b64decode(HEADER + "=" * (-len(HEADER) % 4))
    assert header == f'{{"alg":"Ed25519","kid":"{KEY.kid}"}}'.encode()


@given(
    st.dictionaries(
        st.from_regex("[a-z]{1,8}", fullmatch=True), st.integers(0, 99) | st.booleans(), max_size=5
    )
)
@settings(deadline=None, max_examples=30)
def test_any_event_is_signed_and_verified(fields: dict[str, Any]) -> None:
    statement = parse_statement(sign_statement(fields | {"id": ID}, KEY))
    assert statement.payload == fields | {"id": ID}
    check_statement(statement, KEY.public)


def test_every_damage_to_a_statement_is_refused() -> None:
    for bad in damaged_text(TOKEN):
        with pytest.raises(Refused):
            check_statement(parse_statement(bad), KEY.public)


def test_every_bit_of_the_signature_matters() -> None:
    signature = parse_statement(TOKEN).signature
    for bit in range(512):
        statement = parse_statement(f"{HEADER}.{PAYLOAD}.{b64(flip(signature, bit))}")
        with pytest.raises(SignatureWrong) as caught:
            check_statement(statement, KEY.public)
        assert caught.value.code == caught.value.problems[0].code == "statement.signature"


def test_another_key_did_not_sign_it() -> None:
    with pytest.raises(SignatureWrong):
        check_statement(parse_statement(TOKEN), SigningKey(seed("other")).public)


def test_a_kid_that_names_another_key_is_refused_even_with_a_good_signature() -> None:
    other = SigningKey(seed("other"))
    header = f'{{"alg":"Ed25519","kid":"{other.kid}"}}'
    signing_input = f"{b64(header)}.{PAYLOAD}"
    statement = parse_statement(f"{signing_input}.{b64(sign_bytes(KEY.seed, signing_input.encode()))}")
    with pytest.raises(SignatureWrong) as caught:
        check_statement(statement, KEY.public)
    assert caught.value.problems[0].code == "statement.kid"


KID = KEY.kid
BAD_HEADERS = [
    "", "{}", f'{{"alg":"Ed25519","kid":"{KID}"}} ', f'{{"alg":"Ed25519", "kid":"{KID}"}}',
    f'{{"kid":"{KID}","alg":"Ed25519"}}', f'{{"alg":"EdDSA","kid":"{KID}"}}', f'{{"alg":"none","kid":"{KID}"}}',
    f'{{"alg":"HS256","kid":"{KID}"}}', f'{{"alg":"Ed25519","kid":"{KID}","typ":"JWT"}}',
    f'{{"alg":"Ed25519","kid":"{KID}","crit":["b64"]}}', f'{{"alg":"Ed25519","kid":"{KID[:-1]}"}}',
    f'{{"alg":"Ed25519","kid":"{KID}A"}}', f'{{"alg":"Ed25519","kid":"{"A" * 42}B"}}', '{"alg":"Ed25519"}',
    f'{{"alg":"Ed25519","kid":"{KID}","jwk":{{}}}}', f'{{"alg":"Ed25519","alg":"none","kid":"{KID}"}}',
    f'{{"alg":"Ed25519","kid":"{KID}"}}\n', "null", "\ufeff{}",
]  # fmt: skip


@pytest.mark.parametrize("header", BAD_HEADERS)
def test_any_other_header_is_refused(header: str) -> None:
    token = f"{b64(header)}.{PAYLOAD}.{SIGNATURE}"
    assert code_of(token) == ("statement.form" if not header else "statement.header")


BAD_FORMS = [
    "", ".", "..", "...", PAYLOAD, f"{HEADER}.{PAYLOAD}", f"{HEADER}.{PAYLOAD}.", f"{HEADER}..{SIGNATURE}",
    f".{PAYLOAD}.{SIGNATURE}", f"{TOKEN}.", f"{TOKEN}.{SIGNATURE}", f"{TOKEN}\n", f" {TOKEN}", f"{TOKEN}=",
    f"{TOKEN}~", "{}", "\ud800", "中.文.字", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("token", BAD_FORMS)
def test_any_other_form_is_refused(token: str) -> None:
    assert code_of(token) == "statement.form"


def test_a_second_spelling_of_any_part_is_refused() -> None:
    # 64 bytes are 86 characters: the last one carries 2 bits, so 15 others decode to the same bytes.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(SIGNATURE[-1])
    for other in range(last + 1, last + 16):
        assert code_of(TOKEN[:-1] + alphabet[other]) == "statement.base64"
    assert code_of(f"{HEADER}A.{PAYLOAD}.{SIGNATURE}").startswith("statement.")
    assert code_of(f"{HEADER}.A.{SIGNATURE}") == "statement.base64"


@pytest.mark.parametrize("length", [1, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    assert code_of(f"{HEADER}.{PAYLOAD}.{b64(bytes(length))}") == "statement.length"


BAD_PAYLOADS = [
    b"{", b"[]", b"null", b'{"a":null}', b'{"a":1.5}', b'{"a": 1}', b'{"b":1,"a":1}', b'{"a":1,"a":1}', b"\xff",
    b'{"a":' * 8000, '{"a":"e\u0301"}'.encode(), b'{"a":9007199254740992}',
]  # fmt: skip


@pytest.mark.parametrize("payload", BAD_PAYLOADS, ids=range(len(BAD_PAYLOADS)))
def test_any_other_payload_is_refused_however_well_signed(payload: bytes) -> None:
    token = sign_jws(payload, KEY)
    assert code_of(token) == "statement.payload"


def test_a_refused_payload_keeps_pointer_and_cause() -> None:
    with pytest.raises(Refused) as caught:
        parse_statement(sign_jws(b'{"a":[1,null],"b":2.5}', KEY))
    problems = caught.value.problems
    assert [problem.pointer for problem in problems] == ["/a/1", "/b"]
    assert {problem.values["cause"] for problem in problems} == {"canonical.type"}


BAD_IDS = [
    None, 1, "", ID.upper(), ID[:-1], ID + "0", ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f" {ID}", f"{ID}\n",
    "019aaf2e-5c00-4000-8000-000000000001", "019aaf2e-5c00-7000-7000-000000000001",
    "019aaf2e-5c00-7000-c000-000000000001", "00000000-0000-0000-0000-000000000000",
]  # fmt: skip


@pytest.mark.parametrize("event_id", BAD_IDS)
def test_an_id_that_is_no_uuid_version_7_is_refused(event_id: object) -> None:
    event = {"type": "x"} if event_id is None else {"id": event_id}
    assert code_of(sign_statement(event, KEY)) == "statement.id"


def test_a_statement_put_together_without_id_says_so() -> None:
    with pytest.raises(Refused):
        _ = Statement(TOKEN, KEY.kid, {}, b"{}", b"", b"").event_id


def test_a_statement_longer_than_an_entry_is_too_large() -> None:
    with pytest.raises(TooLarge) as caught:
        parse_statement("A" * (MAX_TOKEN_BYTES + 1))
    assert caught.value.problems[0].code == "statement.large"
    assert code_of("A" * MAX_TOKEN_BYTES) == "statement.form"


def test_a_payload_outside_the_model_is_not_signed() -> None:
    with pytest.raises(Refused):
        sign_statement({"a": 1.5}, KEY)


@given(st.text(st.sampled_from("AZaz09-_.="), max_size=30) | st.text(max_size=30))
@settings(deadline=None)
def test_any_text_is_refused_without_another_error(text: str) -> None:
    code_of(text)
