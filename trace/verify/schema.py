"""The published JSON Schemas of the proof documents (draft 2020-12), made from the structs that read them."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ..produce.schema import DIALECT
from .bundle import DOCUMENTS

_BASE64: Final = {
    "entry": "^([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?(?!\\n)$",
    "blinding": "^[A-Za-z0-9+/]{21}[AQgw]==(?!\\n)$",
    "inclusion": "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=(?!\\n)$",
    "hashes": "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=(?!\\n)$",
}
"""Base64 with padding in its one spelling: any length, 16 bytes, 32 bytes."""

_CODE: Final = "^[0-9A-HJKMNP-TV-Z]{20}(?!\\n)$"

_WORDS: Final = {
    "entry": "The stored bytes of the entry, base64.",
    "index": "The place in the log, or of the package in its run, from 0.",
    "inclusion": "Hashes from the entry's leaf up to the checkpoint's root (RFC 9162 section 2.1.3.1).",
    "log": "The log's id, which is the origin of its checkpoints.",
    "checkpoint": "A signed checkpoint of the log (C2SP tlog-checkpoint, signed-note).",
    "code": "The code on the package, without spaces.",
    "package": "The package in its run.",
    "blinding": "16 bytes that keep neighbouring codes from being guessed, base64.",
    "count": "Packages of the run.",
    "hashes": "Hashes from the package's leaf up to the root that labels.issued commits to.",
    "keys": "Entries from entry 0 to the one that registered the signer's key, in rising order.",
}


def proof_schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each kind of proof document by its name, such as ``package-proof``."""
    found = {}
    for format, kind in DOCUMENTS.items():
        name = format.removeprefix("suyuan.").split("/")[0]
        (top,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
        own = top["$ref"].rsplit("/", 1)[1]
        found[name] = {
            "$schema": DIALECT,
            "$id": f"urn:suyuan:schema:1:{name}",
            "title": name.replace("-", " ").capitalize(),
            "description": f"A proof document of format {format}, RFC 8785 bytes.",
            **_struct(parts.pop(own)),
            "$defs": {part.lstrip("_"): _struct(schema) for part, schema in parts.items()},
        }
    return found


def _struct(part: dict[str, Any]) -> dict[str, Any]:
    properties = {name: _field(name, field) for name, field in part["properties"].items()}
    return {"type": "object", "properties": properties, "required": part["required"]} | {
        "additionalProperties": False
    }


def _field(name: str, field: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in field:  # keys: absent, or a list; never null
        field = next(choice for choice in field["anyOf"] if choice.get("type") != "null")
    words = {"description": _WORDS[name]} if name in _WORDS else {}
    field = _public(field)
    if name == "code":
        return {**words, **field, "pattern": _CODE}
    if name not in _BASE64:
        return {**words, **field}
    texts = {"type": "string", "contentEncoding": "base64", "pattern": _BASE64[name]}
    return {**words, **field, "items": texts} if "items" in field else {**words, **field, **texts}


def _public(field: dict[str, Any]) -> dict[str, Any]:
    """Return *field* with the names of our private structs as they stand under ``$defs``."""
    if "items" in field:
        return {**field, "items": _public(field["items"])}
    return {**field, "$ref": field["$ref"].replace("/_", "/")} if "$ref" in field else field
