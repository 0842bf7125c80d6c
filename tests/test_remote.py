"""The door out, against a real server that answers badly on purpose."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from suyuan import remote
from suyuan.errors import Unavailable
from suyuan.remote import Answer

RELEASE = Event()


class Bad(BaseHTTPRequestHandler):
    """Answers each path in its own way."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        getattr(self, self.path.strip("/"))()

    def do_POST(self) -> None:
        self.say(
            self.rfile.read(int(self.headers["Content-Length"]))[::-1], status=409, kind="text/x.tlog.size"
        )

    def say(
        self, body: bytes, status: int = 200, kind: str = "text/plain", more: tuple[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if more is not None:
            self.send_header(*more)
        self.end_headers()
        self.wfile.write(body)

    def plain(self) -> None:
        self.say(b"hello")

    def empty(self) -> None:
        self.say(b"")

    def packed(self) -> None:
        self.say(gzip.compress(b"hello" * 1000), more=("Content-Encoding", "gzip"))

    def bomb(self) -> None:
        self.say(gzip.compress(bytes(1 << 24)), more=("Content-Encoding", "gzip"))

    def wrong(self) -> None:
        self.say(b"no", status=500)

    def away(self) -> None:
        self.say(b"", status=302, more=("Location", "/plain"))

    def large(self) -> None:
        self.say(bytes(100_001))

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"only")
        self.close_connection = True

    def silent(self) -> None:
        RELEASE.wait(30)

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        try:
            while not RELEASE.wait(0.01):
                self.wfile.write(b".")
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    RELEASE.set()
    server.shutdown()
    thread.join()
    remote._pool().clear()  # kept connections would keep the server's threads
    server.server_close()


def test_an_answer_has_status_type_and_body(url: str) -> None:
    assert remote.get(f"{url}/plain") == Answer(200, "text/plain", b"hello")
    assert remote.get(f"{url}/empty") == Answer(200, "text/plain", b"")
    assert remote.get(f"{url}/wrong") == Answer(500, "text/plain", b"no")
    assert remote.post(f"{url}/add", b"123") == Answer(409, "text/x.tlog.size", b"321")


def test_what_was_compressed_is_unpacked(url: str) -> None:
    assert remote.get(f"{url}/packed").body == b"hello" * 1000


def test_a_redirect_is_not_followed(url: str) -> None:
    assert remote.get(f"{url}/away") == Answer(302, "text/plain", b"")


@pytest.mark.parametrize("path", ["large", "bomb"])
def test_an_answer_that_is_too_large_is_not_taken(url: str, path: str) -> None:
    with pytest.raises(Unavailable) as caught:
        remote.get(f"{url}/{path}", most=100_000)
    assert caught.value.problem.code == "remote.large"
    assert len(remote.get(f"{url}/large", most=100_001).body) == 100_001


def test_an_answer_that_ends_early_is_none(url: str) -> None:
    with pytest.raises(Unavailable) as caught:
        remote.get(f"{url}/cut")
    assert caught.value.problem.code == "remote.unreached"


def test_a_silent_server_is_not_waited_for(url: str) -> None:
    with pytest.raises(Unavailable) as caught:
        remote.get(f"{url}/silent", seconds=0.05)
    assert caught.value.problem.code == "remote.unreached"


def test_an_answer_that_never_ends_is_left(url: str) -> None:
    with pytest.raises(Unavailable) as caught:
        remote.get(f"{url}/drip", seconds=5, whole_s=0.1)
    assert caught.value.problem.code == "remote.late"


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:{port}/", "http://nowhere.invalid/", "nonsense", "ftp://a.example/"]
)
def test_nobody_there_is_unavailable(where: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        remote.get(where.format(port=port), seconds=5)
    assert caught.value.problem.code == "remote.unreached"


def test_the_door_answers_again_after_all_that(url: str) -> None:
    assert remote.get(f"{url}/plain").body == b"hello"
