"""
Statements: an event as one party signed it.

A statement is a compact JWS whose payload is the event in RFC 8785 bytes. The text is stored and hashed as it came,
and never written again.

Example of the header: ``{"alg":"Ed25519","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}``; of the payload:
``{"at":"2026-11-23T16:00:00+08:00","id":"019aaf2e-5c00-7000-8000-000000000001",...}``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec

from ..errors import Reason, Refused
from .canonical import decode, encode
from .jwk import SigningKey, format_jwk, parse_jwk, thumbprint
from .jws import check_jws, parse_jws, sign_jws

__all__ = [
    "SigningKey",
    "Statement",
    "check_statement",
    "format_jwk",
    "parse_jwk",
    "parse_statement",
    "sign_statement",
    "thumbprint",
]

PAYLOAD = "statement.payload"
ID = Reason("statement.id", "id 必须是小写的 UUIDv7", "id must be a UUIDv7 in lower case")

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Statement(msgspec.Struct, frozen=True):
    """A statement that has the right form; ``check_statement`` verifies its signature."""

    token: str
    kid: str
    payload: dict[str, Any]
    payload_bytes: bytes
    signing_input: bytes
    signature: bytes

    @property
    def event_id(self) -> str:
        """
        The event's id, a UUIDv7 in lower case.

        Raises:
            Refused: the payload has none. Never after ``parse_statement``.
        """
        found = self.payload.get("id")
        if not isinstance(found, str) or not _UUID7.fullmatch(found):
            raise Refused(ID.at("/id"))
        return found


def sign_statement(payload: dict[str, Any], key: SigningKey) -> str:
    """
    Return *payload* as a statement signed by *key*.

    Raises:
        Refused: *payload* is outside the model of ``canonical``.
    """
    return sign_jws(encode(payload), key)


def parse_statement(token: str) -> Statement:
    """
    Return the statement that *token* is, with its signature still unverified.

    Raises:
        TooLarge: longer than MAX_TOKEN_BYTES.
        Refused: anything that ``sign_statement`` would not have written, or an id that is not a UUIDv7.
    """
    jws = parse_jws(token)
    try:
        payload = decode(jws.payload_bytes)
    except Refused as refused:
        # One stable code for the payload as a whole; what exactly is wrong with it stays in words and figures.
        problems = [
            replace(problem, code=PAYLOAD, values={**problem.values, "cause": problem.code})
            for problem in refused.problems
        ]
        raise Refused(problems) from None
    statement = Statement(jws.token, jws.kid, payload, jws.payload_bytes, jws.signing_input, jws.signature)
    _ = statement.event_id
    return statement


def check_statement(statement: Statement, public: bytes) -> None:
    """
    Check that the key *public* (32 bytes) signed *statement*, and that its ``kid`` names that key.

    Raises:
        Refused: *public* is not a key.
        SignatureWrong: another key signed, or other bytes.
    """
    check_jws(statement.kid, statement.signing_input, statement.signature, public)
