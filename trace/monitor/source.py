"""
Where a published log is read: a folder, or a server that serves one over HTTP.

Both give files by their path below the log's prefix, such as ``checkpoint`` or ``tile/0/x001/234``.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol

from .. import remote
from ..durable import reported
from ..errors import Missing, Reason, Unavailable

MOST_BYTES: Final = 32_000_000
"""Twice the largest entry bundle: 256 entries of 65,535 bytes."""

AHEAD: Final = 16
"""Questions to a server that are under way at once."""

_GZIP: Final = b"\x1f\x8b\x08"
_GONE: Final = (404, 410)

NO_SOURCE = Reason("audit.no-source", "没有文件夹 {name}", "there is no folder {name}")
STATUS = Reason(
    "audit.status", "{url} 的回答是 HTTP {status}，无法核对", "{url} answered HTTP {status}; can't be checked"
)
GZIP = Reason("audit.gzip", "{path} 的 gzip 压缩已损坏或过大", "the gzip of {path} is damaged or too large")


class Source(Protocol):
    """A published log."""

    def read(self, path: str) -> bytes | None:
        """
        Return the file at *path*, None where the source says that there is none.

        Raises:
            Unavailable: the source can't be asked, or does not say.
        """

    def read_all(self, paths: Iterable[str]) -> Iterator[bytes | None]:
        """Yield the files at *paths* in order, reading ahead; errors as for ``read``."""

    def files(self) -> Iterator[str]:
        """Yield the paths of all files, if the source can list them."""

    def close(self) -> None:
        """Give back what the source holds."""


def open_source(spec: str) -> Source:
    """
    Return the source that *spec* names, an ``http(s)://`` address or a folder.

    Raises:
        Missing: ``audit.no-source``.
    """
    if spec.startswith(("http://", "https://")):
        return UrlSource(spec)
    folder = Path(spec)
    if not folder.is_dir():
        raise Missing(NO_SOURCE.at(name=spec))
    return FolderSource(folder)


class FolderSource:
    """A log in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        """Return the file at *path*, unpacked where it lies there as gzip."""
        file = self._folder / path
        with reported(file):
            try:
                data = file.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None
        return unpack(path, data) if data.startswith(_GZIP) else data

    def read_all(self, paths: Iterable[str]) -> Iterator[bytes | None]:
        """Yield the files at *paths* in order."""
        return map(self.read, paths)

    def files(self) -> Iterator[str]:
        """Yield the paths of all files in the folder, sorted."""
        with reported(self._folder):
            for file in sorted(self._folder.rglob("*")):
                if file.is_file():
                    yield file.relative_to(self._folder).as_posix()

    def close(self) -> None:
        """Nothing is held."""


class UrlSource:
    """A log behind a server; connections stay open, and reading ahead is done by threads."""

    def __init__(self, prefix: str, get: Callable[[str], remote.Answer] | None = None) -> None:
        self._prefix = prefix.rstrip("/")
        self._get = get or (lambda url: remote.get(url, most=MOST_BYTES))
        self._threads = ThreadPoolExecutor(AHEAD // 2, "suyuan-read")

    def read(self, path: str) -> bytes | None:
        """Ask for the file at *path*."""
        url = f"{self._prefix}/{path}"
        answer = self._get(url)
        if answer.status in _GONE:
            return None
        if answer.status != 200:  # the one status with a body that counts
            raise Unavailable(STATUS.at(url=url, status=answer.status))
        return answer.body

    def read_all(self, paths: Iterable[str]) -> Iterator[bytes | None]:
        """Yield the files at *paths* in order, with up to 16 questions under way."""
        under_way: deque[Future[bytes | None]] = deque()
        try:
            for path in paths:
                under_way.append(self._threads.submit(self.read, path))
                if len(under_way) >= AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for question in under_way:
                question.cancel()

    def files(self) -> Iterator[str]:
        """Yield nothing: a server does not say what it has."""
        return iter(())

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)


def unpack(path: str, data: bytes) -> bytes:
    """
    Return what *data*, one gzip member, holds.

    A plain bundle can't begin like gzip: its third byte is the ``{`` of an entry.

    Raises:
        Unavailable: ``audit.gzip``: damaged, or larger than any file of a log.
    """
    inflater = zlib.decompressobj(wbits=31)
    try:
        found = inflater.decompress(data, MOST_BYTES)
    except zlib.error:
        raise Unavailable(GZIP.at(path=path)) from None
    if not inflater.eof or inflater.unused_data:
        raise Unavailable(GZIP.at(path=path))
    return found
