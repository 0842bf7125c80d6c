"""Health: whether the process lives, and whether it may take requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Response

from ..publish.readiness import Point
from .wire import HealthOut, PointOut


def build_health(look: Callable[[], Sequence[Point]]) -> APIRouter:
    """Return the routes of health; *look* says what a process needs before it takes requests."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def get_healthz(response: Response) -> HealthOut:
        """Answer 200 while the process lives; looks at nothing else."""
        response.headers["Cache-Control"] = "no-store"
        return HealthOut(ok=True, points=[])

    @router.get(
        "/readyz", responses={503: {"model": HealthOut, "description": "not ready; the points say why"}}
    )
    def get_readyz(response: Response) -> HealthOut:
        """Answer 200 when database, tables, durability, queue and disk are well, else 503; publishing may wait."""
        response.headers["Cache-Control"] = "no-store"
        points = look()
        ok = all(point.ok for point in points if point.vital)
        response.status_code = 200 if ok else 503
        return HealthOut(ok=ok, points=[PointOut.model_validate(point) for point in points])

    return router
