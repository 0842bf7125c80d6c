"""
Database rows as lines of JSON, the same for every engine.

    ["green.example/log", 7, {"bytes": "AAEC"}, null, true]
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime

from ..errors import Broken


def format_row(values: Sequence[object]) -> bytes:
    """
    Return one line for the *values* of a row.

    Raises:
        Broken: a value of a type that no table of ours holds (a float, for one).
    """
    plain = [_plain(value) for value in values]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def parse_row(line: bytes) -> list[object]:
    """
    Return the values of a row from its line.

    Raises:
        Broken: the line is not one of ours.
    """
    try:
        values = json.loads(line)
        if not isinstance(values, list):
            raise TypeError("not a list")
        return [_value(plain) for plain in values]
    except (ValueError, TypeError) as error:
        raise Broken("a row of the backup is not of its form") from error


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case bytes() | bytearray() | memoryview():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"time": value.isoformat()}
        case list() | dict():
            return {"json": value}
    raise Broken("a backup can't hold a value of this type", found=type(value).__name__)


def _value(plain: object) -> object:
    match plain:
        case None | bool() | int() | str():
            return plain
        case {"bytes": str(text), **rest} if not rest:
            return base64.b64decode(text, validate=True)
        case {"time": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"json": value, **rest} if not rest:
            return value
    raise TypeError("no such form")
