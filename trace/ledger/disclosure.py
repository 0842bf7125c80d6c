"""
Disclosures: private fields of an event, kept apart from the statement that commits to them.

A field is replaced by the hash of salt, name and value; whoever is shown the disclosure can check that it belongs to
the statement, and once salt and value are destroyed the hash tells nothing. Only fields at top level are hidden.

Example of the text before base64url: ``["_26bc4LT-ac6q2KI6cBW5es","family_name","Möbius"]``.

RFC 9901 sections 4.2.1, 4.2.3 and 7.1 (SD-JWT), with the default hash SHA-256 and canonical JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec

from ..errors import Problem, Reason, Refused
from .canonical import encode
from .radix64 import format_base64url, parse_base64url

DIGESTS = "_sd"
"""The field of a payload that lists the digests. RFC 9901 section 4.2.4.1."""

SALT_BYTES = 16
"""At least 128 bits. RFC 9901 section 9.3."""

FORM = Reason("disclosure.form", "不是规范的披露项", "not a disclosure in its one spelling")
NAME = Reason("disclosure.name", "字段名 {name} 不能隐去", "a field named {name} can't be hidden")
SALT = Reason("disclosure.salt", "盐不足 16 字节", "the salt is shorter than 16 bytes")
REPEATED = Reason("disclosure.salt-repeated", "盐重复使用", "a salt is used twice")
MISSING = Reason("disclosure.salt-missing", "盐不够用", "there are fewer salts than fields")
UNNAMED = Reason(
    "disclosure.unnamed", "披露项 {name} 不属于这份声明", "disclosure {name} is not part of this statement"
)
CLASH = Reason("disclosure.clash", "字段 {name} 出现两次", "field {name} is there twice")
LIST = Reason("disclosure.digests", "_sd 必须是不重复的摘要列表", "_sd must be a list of distinct digests")

_RESERVED = frozenset({DIGESTS, "_sd_alg", "..."})


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A hidden field: its salt, name and value, the base64url text of the three, and the digest of that text."""

    salt: bytes
    name: str
    value: Any
    text: str
    digest: str


def hide(fields: Mapping[str, Any], salts: Callable[[], bytes] | Iterable[bytes]) -> tuple[Disclosure, ...]:
    """
    Return one disclosure for each of *fields*, in their order.

    Args:
        salts: gives a fresh random salt (16 bytes or more) for each field.

    Raises:
        Refused: a value outside the model of ``canonical``, a reserved name, a salt that is
            missing, short or used twice.
    """
    drawn = [salts() for _ in fields] if callable(salts) else list(islice(salts, len(fields)))
    if len(drawn) < len(fields):
        raise Refused(MISSING.at())
    hidden = tuple(
        _make(salt, name, value) for salt, (name, value) in zip(drawn, fields.items(), strict=True)
    )
    if len({disclosure.salt for disclosure in hidden}) < len(hidden):
        raise Refused(REPEATED.at())
    return hidden


def digests(disclosures: Iterable[Disclosure]) -> list[str]:
    """Return the digests in rising order, so that their order tells nothing about the fields: the value of ``_sd``."""
    return sorted(disclosure.digest for disclosure in disclosures)


def parse_disclosure(text: str) -> Disclosure:
    """
    Return the disclosure that ``hide`` would write as *text*.

    Raises:
        Refused: any other spelling.
    """
    try:
        data = parse_base64url(text)
        salt, name, value = msgspec.json.decode(data, type=tuple[str, str, Any])
        disclosure = _make(parse_base64url(salt), name, value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, Refused):
        raise Refused(FORM.at()) from None
    if disclosure.text != text:
        raise Refused(FORM.at())
    return disclosure


def reveal(payload: Mapping[str, Any], disclosures: Sequence[Disclosure]) -> dict[str, Any]:
    """
    Return *payload* with the disclosed fields in place and ``_sd`` removed; other hidden fields stay hidden.

    Raises:
        Refused: ``_sd`` is malformed, a disclosure is not named in it, or a name is there twice.

    RFC 9901 section 7.1.
    """
    named = payload.get(DIGESTS, [])
    if not _is_digests(named):
        raise Refused(LIST.at(f"/{DIGESTS}"))
    revealed = {name: value for name, value in payload.items() if name != DIGESTS}
    problems: list[Problem] = []
    for disclosure in disclosures:
        # Name and value follow from the text alone: a disclosure put together by hand proves nothing.
        if disclosure.digest not in named or parse_disclosure(disclosure.text) != disclosure:
            problems.append(UNNAMED.at(name=disclosure.name))
        elif disclosure.name in revealed:
            problems.append(CLASH.at(name=disclosure.name))
        else:
            revealed[disclosure.name] = disclosure.value
    if problems:
        raise Refused(problems)
    return revealed


def _make(salt: bytes, name: str, value: Any) -> Disclosure:
    if name in _RESERVED:
        raise Refused(NAME.at(name=name))
    if len(salt) < SALT_BYTES:
        raise Refused(SALT.at())
    text = format_base64url(encode([format_base64url(salt), name, value]))
    return Disclosure(salt, name, value, text, digest(text))


def digest(text: str) -> str:
    """
    Return the digest of a disclosure's *text*: base64url of SHA-256 over its ASCII bytes.

    RFC 9901 section 4.2.3.
    """
    return format_base64url(hashlib.sha256(text.encode("ascii")).digest())


def _is_digests(named: object) -> bool:
    if not isinstance(named, list) or not all(isinstance(digest, str) for digest in named):
        return False
    return len(set(named)) == len(named)
