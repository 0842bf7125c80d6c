"""The published log of a log whose id has no path, and of a target that has nothing yet."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI

from suyuan.api.published import build_published

FILES = {
    "checkpoint": b"text",
    "policy": b"quorum none\n",
    "checkpoints/count": b"1\n",
    "tile/0/000.p/1": b"hash",
    "suyuan.json": b"{}",
}


def fetch(files: dict[str, bytes], *paths: str, prefix: str = "") -> list[httpx.Response]:
    """Return the answers to *paths* of a server that publishes *files*."""
    app = FastAPI()
    app.include_router(build_published(prefix, files.get))

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://pear.example"
        ) as http:
            return [await http.get(path) for path in paths]

    return asyncio.run(ask())


def test_a_log_without_a_path_is_served_at_the_root() -> None:
    found = dict(zip(FILES, fetch(FILES, *(f"/{path}" for path in FILES)), strict=True))
    assert {path for path, answer in found.items() if answer.content != FILES[path]} == {"suyuan.json"}
    assert found["policy"].headers["content-type"] == "text/plain; charset=utf-8"


def test_what_is_not_published_yet_is_not_found() -> None:
    answers = fetch({}, *(f"/log/{path}" for path in FILES), prefix="/log")
    assert {answer.status_code for answer in answers} == {404}
