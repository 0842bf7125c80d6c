"""The OpenAPI document: the routes as FastAPI describes them, with the models that they name by reference."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final, cast

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from ..errors import Missing
from .health import build_health
from .problems import KINDS, NO_PATH, documented
from .reads import build_reads
from .statements import build_statements
from .wire import KindOut, Words, schemas

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


def describe_routes() -> dict[str, Any]:
    """Return the same document without a log behind it: its routes are described, never called."""
    app = FastAPI(version=version("suyuan"), generate_unique_id_function=lambda route: route.name)
    nobody = cast(Any, None)
    for router in (build_statements(nobody), build_reads(nobody), build_health(nobody), build_kinds()):
        app.include_router(router)
    return describe(app)


def build_kinds() -> APIRouter:
    """Return the route that explains each kind of problem at its own ``type``."""
    router = APIRouter(tags=["problems"])

    @router.get("/problems/{kind}", responses=documented("missing"))
    def get_problem(kind: str) -> KindOut:
        """Return what a problem of this ``type`` is about."""
        found = KINDS.get(kind)
        if found is None:
            raise Missing(NO_PATH.at())
        return KindOut(type=f"/problems/{kind}", status=found.status, title=Words(zh=found.zh, en=found.en))

    return router
