"""The OpenAPI document: the routes as FastAPI describes them, with the models that they name by reference."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .problems import KINDS
from .wire import schemas

TITLE: Final = "Suyuan 溯源"
DESCRIPTION: Final = (
    "A traceability ledger that strangers can verify. Writing takes a statement signed by a registered key; reading is "
    "free. Every error is a problem document (RFC 9457) in Chinese or, by Accept-Language, in English; its `type` is "
    "one of:\n\n"
    + "\n".join(f"- `/problems/{kind}` ({found.status}): {found.en}" for kind, found in KINDS.items())
)


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of *app*, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=TITLE, version=app.version, description=DESCRIPTION, routes=app.routes, tags=[]
        )
        components = document.setdefault("components", {}).setdefault("schemas", {})
        components.update(schemas())
        app.openapi_schema = document
    return app.openapi_schema
