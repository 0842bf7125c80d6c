"""
Write the vocabulary into formats.md: ``python docs/list_events.py``; with ``--check`` only compare.

The table follows from the event structs, so that the page never lags behind them.
"""

import sys
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from list_errors import replace_table

from suyuan.produce import words
from suyuan.produce.event import Event
from suyuan.produce.events import EVENTS

PAGE = Path(__file__).with_name("formats.md")
FORMS = {name: getattr(words, name) for name in
         ("Id", "EventId", "Amount", "Mass", "Count", "Index", "Season", "Day", "Name", "Word", "HexHash",
          "Digest")}  # fmt: skip
PLAIN = {str: "text", int: "number", bool: "boolean"}


def list_events() -> str:
    """Return one row for each event: its type and its own fields with their forms."""
    rows = ["| event | fields |", "| --- | --- |"]
    return "\n".join([*rows, *(f"| `{kind}` | {_fields(cls)} |" for kind, cls in EVENTS.items())])


def _fields(struct: Any) -> str:
    hints = get_type_hints(struct, include_extras=True)
    common = {field.encode_name for field in msgspec.structs.fields(Event)}
    own = [field for field in msgspec.structs.fields(struct) if field.encode_name not in common]
    return "; ".join(f"`{one.encode_name}`{_field(one, hints[one.name])}" for one in own)


def _field(field: Any, hint: Any) -> str:
    if isinstance(field.default, bool):  # the default is left out, so that one value remains
        return f"? `{str(not field.default).lower()}`"
    return f"{'' if field.required else '?'} {_form(hint)}"


def _form(hint: Any) -> str:
    for name, form in FORMS.items():
        if hint == form:
            return name
    if hasattr(hint, "__metadata__"):
        return _form(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return "one of " + " ".join(f"`{word}`" for word in get_args(hint))
    if get_origin(hint) is tuple:
        return f"list of {_form(get_args(hint)[0])}"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return "Jwk" if hint.__name__ == "Jwk" else f"({_fields(hint)})"
    if isinstance(hint, UnionType):
        return " or ".join(_form(one) for one in get_args(hint))
    return PLAIN[hint]


if __name__ == "__main__":
    sys.exit(replace_table(PAGE, "events", list_events()))
