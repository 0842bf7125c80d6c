"""
The layout of a published log: which paths there are under its prefix, of what type, and how long they may be kept.

``checkpoint``, ``tile/<L>/<N>[.p/<W>]`` and ``tile/entries/<N>[.p/<W>]`` are those of C2SP tlog-tiles; for the others,
see ``verify.paths``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import Refused
from ..ledger.tiles import parse_entries_path, parse_path
from ..verify.paths import CHECKPOINT, CHECKPOINTS, COUNT, ENTRIES, POLICY, parse_checkpoints_path

FOREVER: Final = "public, max-age=31536000, immutable"
BRIEFLY: Final = "no-cache"
TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"

_CHANGING: Final = (CHECKPOINT, POLICY, COUNT)


@dataclass(frozen=True, slots=True)
class About:
    """What is told with a file: its media type, its ``Cache-Control``, and whether it is worth compressing."""

    media_type: str
    caching: str
    is_bundle: bool = False


def describe_path(path: str) -> About | None:
    """Return what is told with the file at *path*, None where no such path is in the layout."""
    if path in _CHANGING:
        return About(TEXT, BRIEFLY)
    is_bundle = path.startswith((ENTRIES, CHECKPOINTS))
    try:
        if path.startswith(CHECKPOINTS):
            parse_checkpoints_path(path)
        elif is_bundle:
            parse_entries_path(path)
        else:
            parse_path(path)
    except Refused:
        return None
    return About(BYTES, FOREVER, is_bundle)


def prefix_of(log_id: str) -> str:
    """
    Return the path under which a server that stands at the log's origin serves the layout, without a slash at its end.

    >>> prefix_of("pear.example/log")
    '/log'
    """
    _, slash, path = log_id.partition("/")
    return f"{slash}{path}".rstrip("/")
