"""
The one way to write a value as bytes: RFC 8785 for a narrow model of JSON.

Values are strings in NFC, booleans, whole numbers with |n| < 2^53, lists and objects with ASCII names. Without
floats, nulls and other names RFC 8785 asks for sorted names, no white space and shortest escapes only, which is what
msgspec writes. ``decode`` accepts exactly what ``encode`` writes.

Example: ``{"at":"2026-11-23T08:00:00.000Z","count":3}``
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec

from ..errors import Problem, Reason, Refused

MAX_DEPTH = 32
"""Lists and objects inside each other; no event needs more than five."""

MAX_INTEGER = 2**53 - 1
"""RFC 7493 section 2.2: larger whole numbers are not exact everywhere."""

SYNTAX = Reason("canonical.syntax", "不是有效的 JSON", "not valid JSON")
FORM = Reason(
    "canonical.form",
    "不是 RFC 8785 规范写法，第 {offset} 字节起不同",
    "not written as RFC 8785 asks, from byte {offset} on",
)
OBJECT = Reason("canonical.object", "最外层必须是对象", "the top level must be an object")
KIND = Reason("canonical.type", "不允许的数据类型 {kind}", "values of type {kind} are not allowed")
INTEGER = Reason("canonical.integer", "整数超出 ±(2^53-1)", "the whole number is beyond ±(2^53-1)")
UNICODE = Reason("canonical.unicode", "含有不成对的代理字符", "the text holds a lone surrogate")
NFC = Reason("canonical.nfc", "文字不是 Unicode NFC 形式", "the text is not in Unicode form NFC")
NAME = Reason("canonical.name", "字段名必须是 ASCII 文字", "field names must be ASCII text")
DEPTH = Reason("canonical.depth", "嵌套超过 {most} 层", "nested more than {most} deep")

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def encode(value: object) -> bytes:
    """
    Return *value* as RFC 8785 bytes.

    Raises:
        Refused: with one problem for each part of *value* that the model does not know.

    RFC 8785 section 3.2.
    """
    if not _is_plain(value, 0):
        problems: list[Problem] = []
        _check(value, "", 0, problems)
        raise Refused(problems)
    return msgspec.json.encode(value, order="sorted")


def decode(data: bytes) -> dict[str, Any]:
    """
    Return the object that *data* spells, if *data* is what ``encode`` would write for it.

    Raises:
        Refused: anything else, such as white space, a name twice, a float, null or text not in NFC.
    """
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _refuse(SYNTAX.at())
    except RecursionError:
        _refuse(DEPTH.at(most=MAX_DEPTH))
    if not isinstance(value, dict):
        _refuse(OBJECT.at())
    again = encode(value)
    if again != data:
        _refuse(FORM.at(offset=_first_difference(again, data)))
    return value


def _refuse(problem: Problem) -> NoReturn:
    raise Refused(problem) from None


def _first_difference(left: bytes, right: bytes) -> int:
    for offset, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return offset
    return min(len(left), len(right))


def _is_plain(value: object, depth: int) -> bool:
    """Tell whether ``_check`` finds nothing; most values are such, and pointers cost more than the rest."""
    kind = type(value)
    if kind is str:
        return value.isascii() or _is_nfc(value)  # type: ignore[attr-defined, arg-type]  # kind says so
    if kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER  # type: ignore[operator]  # kind says so
    if isinstance(value, dict):
        names = set(map(type, value)) <= {str} and "".join(value).isascii()
        return names and _are_plain(value.values(), depth + 1)
    if isinstance(value, list | tuple):
        return _are_plain(value, depth + 1)
    return kind is bool


def _are_plain(members: Iterable[object], depth: int) -> bool:
    if depth > MAX_DEPTH:
        return False
    for member in members:  # noqa: SIM110  # a generator costs half as much again
        if not _is_plain(member, depth):
            return False
    return True


def _is_nfc(text: str) -> bool:
    return not _SURROGATE.search(text) and unicodedata.is_normalized("NFC", text)


def _check(value: object, pointer: str, depth: int, problems: list[Problem]) -> None:
    """Add a problem for each part of *value* outside the model. Exact types: a subclass may encode otherwise."""
    kind = type(value)
    if kind is str:
        _check_text(value, pointer, problems)  # type: ignore[arg-type]  # kind says so
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:  # type: ignore[operator]  # kind says so
            problems.append(INTEGER.at(pointer))
    elif isinstance(value, dict | list | tuple):
        _check_members(value, pointer, depth + 1, problems)
    elif kind is not bool:
        problems.append(KIND.at(pointer, kind="null" if value is None else kind.__name__))


def _check_text(text: str, pointer: str, problems: list[Problem]) -> None:
    if text.isascii():
        return
    if _SURROGATE.search(text):
        problems.append(UNICODE.at(pointer))
    elif not unicodedata.is_normalized("NFC", text):
        problems.append(NFC.at(pointer))


def _check_members(
    value: dict[Any, Any] | list[Any] | tuple[Any, ...], pointer: str, depth: int, problems: list[Problem]
) -> None:
    if depth > MAX_DEPTH:
        problems.append(DEPTH.at(pointer, most=MAX_DEPTH))
    elif isinstance(value, dict):
        for name, member in value.items():
            if type(name) is not str or not name.isascii():
                problems.append(NAME.at(pointer))
            else:
                _check(member, f"{pointer}/{escape(name)}", depth, problems)
    else:
        for position, member in enumerate(value):
            _check(member, f"{pointer}/{position}", depth, problems)


def escape(name: str) -> str:
    """Return *name* as one part of a JSON pointer. RFC 6901 section 3."""
    return name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name
