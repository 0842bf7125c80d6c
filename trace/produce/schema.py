"""
The published JSON Schema of the events (draft 2020-12), made from the structs that the parser uses.

Whatever ``parse_event`` takes, the schema takes. The parser asks for more: impossible dates, and what rules say.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from .events import AnyEvent

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
EVENT_ID: Final = "urn:suyuan:schema:1:event"

_REF: Final = r"^(?![A-Z0-9-]*[0-9]{11})[A-Z0-9-]{1,20}(?!\n)$"
"""A party's own number that may stand in clear (design.md, "What may never enter an entry in clear")."""

_TEXT: Final = r"^[^\u0000-\u001f\u007f-\u009f]*(?!\n)$"
_MOST_TEXT: Final = 80


def event_schemas() -> dict[str, Any]:
    """Return the schema of an event: one of every type, each under ``$defs`` with the words of its docstring."""
    (union,), parts = msgspec.json.schema_components([AnyEvent], ref_template="#/$defs/{name}")
    return {
        "$schema": DIALECT,
        "$id": EVENT_ID,
        "title": "Event",
        "description": "What a party says happened: the payload of a statement, before RFC 8785 writes it as bytes. "
        "A field that equals its default is left out. Private fields are replaced by SD-JWT digests in _sd.",
        "oneOf": union["anyOf"],
        "$defs": {name: _struct(part) for name, part in parts.items()},
    }


def _struct(part: dict[str, Any]) -> dict[str, Any]:
    properties = {name: _field(name, field) for name, field in part["properties"].items()}
    return {**part, "properties": properties}


def _field(name: str, field: dict[str, Any]) -> dict[str, Any]:
    """Add what the parser asks of a field beyond its struct: plain text, and no default spelled out."""
    if field.get("type") == "string" and "pattern" not in field:
        field = {"maxLength": _MOST_TEXT, **field, "pattern": _REF if name == "ref" else _TEXT}
    return {**field, "not": {"const": field["default"]}} if "default" in field else field
