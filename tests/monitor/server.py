"""A folder served over HTTP on the loopback: plain or packed, or out of order on cue."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class Host:
    """What the server does: *status* answers everything where it is set; *packed* sends gzip; *asked* lists paths."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.status = 0
        self.packed = False
        self.asked: list[str] = []
        self.url = ""

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and body."""
        self.asked.append(path)
        file = self.folder / path
        if self.status or not file.is_file():
            return self.status or 404, b"no"
        return 200, file.read_bytes()


@contextmanager
def hosted(folder: Path) -> Iterator[Host]:
    """Serve *folder* below ``/log`` on a free port."""
    host = Host(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = host.answer(self.path.removeprefix("/log/"))
            self.send_response(status)
            if host.packed:
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_address[1]}/log/"
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
