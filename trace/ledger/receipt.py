"""
Receipts: the log's signed word that a statement became a certain entry.

A receipt is a compact JWS by the log's receipt key, so that a lost acknowledgement can be proved.

Example of the payload: ``{"at":"2026-11-23T08:00:00.000Z","index":5,"leaf":"6e34...","log":"example.com/suyuan"}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..errors import Reason, Refused
from .canonical import decode, encode
from .hashing import Hash
from .jwk import SigningKey
from .jws import check_jws, parse_jws, sign_jws
from .moment import format_moment, parse_moment

FORM = Reason("receipt.form", "回执格式不对", "the receipt is malformed")

_HEX = re.compile(r"[0-9a-f]{64}")
_LOG = re.compile(r"[!-~]{1,255}")
_FIELDS = ["at", "index", "leaf", "log"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Entry *index* of *log*, with leaf hash *leaf*, was taken in at *at*."""

    log: str
    index: int
    leaf: Hash
    at: datetime


def sign_receipt(receipt: Receipt, key: SigningKey) -> str:
    """
    Return *receipt* as a compact JWS signed by the log's receipt *key*.

    Raises:
        Refused: a field that no receipt can have.
    """
    fields = {
        "at": format_moment(receipt.at),
        "index": receipt.index,
        "leaf": receipt.leaf.hex(),
        "log": receipt.log,
    }
    _read(fields)
    return sign_jws(encode(fields), key)


def open_receipt(token: str, public: bytes) -> Receipt:
    """
    Return the receipt that the holder of the key *public* (32 bytes) signed.

    Raises:
        TooLarge, Refused: *token* is not exactly a receipt, or *public* not a key.
        SignatureWrong: another key signed, or other bytes.
    """
    jws = parse_jws(token)
    check_jws(jws.kid, jws.signing_input, jws.signature, public)
    return _read(decode(jws.payload_bytes))


def _read(fields: Mapping[str, object]) -> Receipt:
    if list(fields) != _FIELDS:
        raise Refused(FORM.at())
    at, index, leaf, log = fields.values()
    if (
        not isinstance(at, str)
        or type(index) is not int
        or not isinstance(leaf, str)
        or not isinstance(log, str)
    ):
        raise Refused(FORM.at())
    if index < 0 or not _HEX.fullmatch(leaf) or not _LOG.fullmatch(log):
        raise Refused(FORM.at())
    return Receipt(log, index, Hash(bytes.fromhex(leaf)), parse_moment(at))
