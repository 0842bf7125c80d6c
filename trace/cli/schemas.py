"""``suyuan schemas DIR``: the published JSON Schemas and the API's document, written from the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ..durable import make_folder, reported
from ..ledger.canonical import MAX_INTEGER
from ..ledger.entry import MAX_CHAINS, VERSION
from ..produce.schema import DIALECT, event_schemas
from ..verify.schema import proof_schemas

_HASH: Final = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}(?!\\n)$",
    "description": "SHA-256, lower-case hex.",
}
_INDEX: Final = {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}
_LOG: Final = {
    "type": "string",
    "pattern": "^[!-~]{1,255}(?!\\n)$",
    "description": "The log's id, which is the origin of its checkpoints.",
}
_MOMENT: Final = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z(?!\\n)$",
    "description": "Ledger time, UTC in whole milliseconds.",
}
_JWS: Final = {
    "type": "string",
    "pattern": "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+(?!\\n)$",
    "description": "The event as its party signed it: a compact JWS (RFC 7515, Ed25519).",
}


def write_schemas(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写入的文件夹 / folder to write to")],
) -> None:
    """Write the published JSON Schemas and openapi.json into DIR, replacing those that are there."""
    make_folder(folder)
    for name, schema in all_schemas().items():
        with reported(folder):
            (folder / name).write_text(format_schema(schema), encoding="utf-8", newline="\n")


def format_schema(schema: dict[str, Any]) -> str:
    """Return *schema* as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def all_schemas() -> dict[str, dict[str, Any]]:
    """Return every published schema by the name of its file."""
    from ..api.document import describe_routes

    return {
        "event.json": event_schemas(),
        "entry.json": entry_schema(),
        "receipt.json": receipt_schema(),
        **{f"{name}.json": schema for name, schema in proof_schemas().items()},
        "openapi.json": describe_routes(),
    }


def entry_schema() -> dict[str, Any]:
    """Return the schema of an entry of version 1, as ``ledger.entry`` writes it."""
    link = _closed({
        "id": {
            "type": "string",
            "pattern": "^[!-~]{1,128}(?!\\n)$",
            "description": "A subject that the event touches, such as batch:7K3M9Q2XWA.",
        },
        "prev": {**_HASH, "description": "Leaf hash of the subject's last entry, zeros at the start."},
        "seq": {**_INDEX, "description": "Place in the subject's chain, from 0."},
    })  # fmt: skip
    fields = {
        "at": _MOMENT,
        "chains": {
            "type": "array",
            "items": link,
            "maxItems": MAX_CHAINS,
            "description": "One link for each subject, in rising order of id.",
        },
        "index": {**_INDEX, "description": "Place in the log, from 0."},
        "log": _LOG,
        "prev": {**_HASH, "description": "Leaf hash of the entry before, zeros for entry 0."},
        "statement": _JWS,
        "v": {"const": VERSION},
    }
    words = "What the ledger stores and hashes: RFC 8785 bytes; the leaf hash is SHA-256(0x00 || bytes)."
    return _document("entry", "Entry", words, fields)


def receipt_schema() -> dict[str, Any]:
    """Return the schema of a receipt's payload, as ``ledger.receipt`` writes it."""
    fields = {
        "at": _MOMENT,
        "index": {**_INDEX, "description": "Place of the entry in the log, from 0."},
        "leaf": {**_HASH, "description": "Leaf hash of the entry."},
        "log": _LOG,
    }
    words = "The payload of a receipt, a compact JWS by the log's receipt key."
    return _document("receipt", "Receipt", words, fields)


def _document(name: str, title: str, words: str, fields: dict[str, Any]) -> dict[str, Any]:
    head = {"$schema": DIALECT, "$id": f"urn:suyuan:schema:1:{name}", "title": title, "description": words}
    return head | _closed(fields)


def _closed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
