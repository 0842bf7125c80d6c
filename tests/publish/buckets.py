"""A real server that speaks S3, for tests."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from suyuan.settings import BucketAccess

SECRET = "secret-that-nobody-may-see"


@pytest.fixture(scope="module")
def s3() -> Iterator[BucketAccess]:
    """How to reach a server that speaks S3, with the bucket ``pears``."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    httpx.put(f"{endpoint}/pears").raise_for_status()
    try:
        yield BucketAccess(endpoint, "us-east-1", "key", SECRET, path_style=True, allow_http=True)
    finally:
        server.stop()
