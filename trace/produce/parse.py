"""From a statement's payload to an event: every field checked, every problem named by a JSON pointer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, cast

import msgspec

from ..errors import Problem, Reason, Refused
from .events import EVENTS, Event

UNKNOWN_TYPE = Reason("event.type", "事件类型“{type}”不存在", "there is no event type {type!r}")
FIELD = Reason("event.field", "字段不符合格式：{detail}", "the field does not have its form: {detail}")
SPELLING = Reason(
    "event.spelling",
    "字段等于缺省值时必须省略",
    "a field that equals its default must be left out (one spelling per fact)",
)
MOMENT = Reason("event.moment", "时间“{text}”不存在", "there is no such moment as {text!r}")
REF = Reason(
    "event.ref",
    "编号“{text}”不能公开：只许大写字母、数字和连字符，至多 20 位，且不含连续 11 位数字",
    "the reference {text!r} may not be public: capital letters, digits and hyphens, at most 20, no run of 11 digits",
)
SURROGATE = Reason("event.unicode", "含有不成对的代理字符", "the text holds a lone surrogate")
TEXT = Reason(
    "event.text", "此字段必须为空或至多 {most} 个字", "this field must be empty or at most {most} characters"
)

_REF = re.compile(r"[A-Z0-9-]{1,20}\Z")
_PHONE_LIKE = re.compile(r"\d{11}")
_PATH = re.compile(r" - at `\$?([^`]*)`\Z")
_MOST_TEXT = 80
_TEXTS = frozenset({"name", "place", "registration", "credit_code", "gtin", "station", "crop", "plant"})


def is_public_ref(text: str) -> bool:
    """Tell whether a party's own number may stand in clear (design.md, "What may never enter an entry in clear")."""
    return bool(_REF.match(text)) and not _PHONE_LIKE.search(text)


def parse_event(payload: Mapping[str, Any]) -> Event:
    """
    Return the event that *payload* spells.

    Raises:
        Refused: unknown type, unknown or missing field, value out of its range, a spelled-out default, an impossible
            date. All problems that can be told apart are reported.
    """
    kind = payload.get("type")
    if not isinstance(kind, str) or kind not in EVENTS:
        raise Refused(UNKNOWN_TYPE.at("/type", type=str(kind)[:40]))
    try:
        event = msgspec.convert(dict(payload), EVENTS[kind])
        formed = format_event(event)
    except msgspec.ValidationError as error:
        raise Refused(_problem(str(error))) from None
    except UnicodeEncodeError:
        raise Refused(SURROGATE.at()) from None
    problems = [*_spelled_defaults(dict(payload), formed), *_impossible_times(event), *_bad_texts(event)]
    if problems:
        raise Refused(problems)
    return event


def format_event(event: Event) -> dict[str, Any]:
    """Return the payload of *event*: the exact inverse of ``parse_event``."""
    return cast(dict[str, Any], msgspec.json.decode(msgspec.json.encode(event)))


def moment_of(event: Event) -> datetime:
    """Return the claimed time of *event*."""
    return datetime.fromisoformat(event.at)


def day_of(event: Event) -> date:
    """Return the day of *event* as its own offset names it."""
    return _day(event.at)


@lru_cache(maxsize=1024)
def _day(at: str) -> date:
    """Return the day that *at* names; the rules of one event ask several times."""
    return datetime.fromisoformat(at).date()


def _problem(message: str) -> Problem:
    found = _PATH.search(message)
    pointer = re.sub(r"\[(\d+)\]", r"/\1", found.group(1)).replace(".", "/") if found else ""
    missing = re.search(r"(?:missing required|unknown) field `(.*)`", _PATH.sub("", message))
    if missing:
        pointer += "/" + missing.group(1).replace("~", "~0").replace("/", "~1")
    return FIELD.at(pointer, detail=_PATH.sub("", message))


def _spelled_defaults(payload: Any, formed: Any, pointer: str = "") -> list[Problem]:
    """Return a problem for each name in *payload* that *formed*, the same value without defaults, leaves out."""
    if payload == formed:
        return []
    pairs: Iterable[tuple[Any, Any]]
    if isinstance(payload, dict):
        problems = [SPELLING.at(f"{pointer}/{name}") for name in payload if name not in formed]
        pairs = [(name, value) for name, value in payload.items() if name in formed]
    elif isinstance(payload, list):
        problems, pairs = [], enumerate(payload)
    else:
        return []
    for name, value in pairs:
        problems += _spelled_defaults(value, formed[name], f"{pointer}/{name}")
    return problems


def _impossible_times(event: Event) -> list[Problem]:
    checks: list[tuple[str, Callable[[str], object]]] = [
        ("at", datetime.fromisoformat),
        ("packed_on", date.fromisoformat),
    ]
    problems = []
    for name, check in checks:
        text = getattr(event, name, "")
        try:
            if text:
                check(text)
        except ValueError:
            problems.append(MOMENT.at("/" + name, text=text))
    return problems


@cache
def _texts_of(kind: type[Event]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name in _TEXTS)


def _bad_texts(event: Event) -> list[Problem]:
    texts = _texts_of(type(event))
    problems = [
        TEXT.at("/" + name, most=_MOST_TEXT) for name in texts if len(getattr(event, name)) > _MOST_TEXT
    ]
    refs = [("/ref", getattr(event, "ref", ""))]
    refs += [(f"/outputs/{i}/ref", output.ref) for i, output in enumerate(getattr(event, "outputs", ()))]
    problems += [REF.at(pointer, text=ref[:40]) for pointer, ref in refs if ref and not is_public_ref(ref)]
    return problems
