"""
The logs that a witness trusts: a file of ``log <vkey> [url]`` lines, read again when it changes.

Example::

    log green.example/log+4b4e501a+AY9a6DPScZ1WZQql+UMTWH9vTje1jCQLG64H2M6eMi43 https://green.example/log

A log is known by its keys, never by its name alone. Other lines of a policy may stand there and mean nothing here.

C2SP tlog-policy.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..durable import reported
from ..errors import Missing, NoteWrong, Reason, Refused, SuyuanError
from ..ledger.note import NoteKey
from ..ledger.policy import parse_policy

NO_FILE = Reason("witness.no-logs", "找不到日志清单 {name}", "there is no list of logs {name}")
ENCODING = Reason(
    "witness.encoding", "日志清单 {name} 不是 UTF-8 文本", "the list of logs {name} is not UTF-8"
)
WRONG = Reason("witness.logs", "日志清单 {name} 有误：{zh}", "the list of logs {name} is wrong: {en}")

_log: Final = logging.getLogger("suyuan.witness")

_QUORUM: Final = re.compile(r"^[ \t]*quorum[ \t]", re.MULTILINE)
_Stamp = tuple[int, int, int]


class TrustedLogs:
    """
    The keys that are trusted for each origin, as the file at *path* says.

    Raises:
        Missing: there is no such file.
        Refused: it is not in the syntax of a policy.
        Unavailable: it may not be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: _Stamp | None = self._look()
        self._keys = self._read()

    def keys_of(self, origin: str) -> tuple[NoteKey, ...]:
        """
        Return the keys of the log *origin*, none where it is not trusted.

        A file that was changed is read again; one that can't be read changes nothing and is complained of once.
        """
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._keys = self._read()
            except SuyuanError as error:
                _log.error("the list of logs stays as it was: %s", error)
        return self._keys.get(origin, ())

    def forget(self) -> None:
        """Read the file again at the next question, also where it looks unchanged."""
        self._stamp = None

    def _look(self) -> _Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Mapping[str, tuple[NoteKey, ...]]:
        with reported(self._path):
            try:
                text = self._path.read_text("utf-8")
            except FileNotFoundError:
                raise Missing(NO_FILE.at(name=str(self._path))) from None
            except UnicodeDecodeError:
                raise Refused(ENCODING.at(name=str(self._path))) from None
        try:
            return _group(text)
        except NoteWrong as wrong:
            first = wrong.problems[0]
            raise Refused(WRONG.at(name=str(self._path), zh=first.zh, en=first.en)) from wrong


def _group(text: str) -> dict[str, tuple[NoteKey, ...]]:
    """Return the log keys of a policy by their names; a list without a quorum line is one that wants no witnesses."""
    if not _QUORUM.search(text):
        text += "quorum none\n"
    found: dict[str, tuple[NoteKey, ...]] = {}
    for log in parse_policy(text).logs:
        found[log.key.name] = (*found.get(log.key.name, ()), log.key)
    return found
