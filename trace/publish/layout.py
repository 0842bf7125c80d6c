"""
The layout of a published log: which paths there are under its prefix, of what type, and how long they may be kept.

``checkpoint``, ``tile/<L>/<N>[.p/<W>]`` and ``tile/entries/<N>[.p/<W>]`` are those of C2SP tlog-tiles. Beside them are
``checkpoints/<N>[.p/<W>]``, every checkpoint ever signed, in order, in bundles of 256 like those of entries;
``checkpoints/count``, how many there are; and ``policy``, the keys of the log and its witnesses (C2SP tlog-policy).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import Refused
from ..ledger.tiles import WIDTH, format_entries_path, parse_entries_path, parse_path

CHECKPOINT: Final = "checkpoint"
POLICY: Final = "policy"
COUNT: Final = "checkpoints/count"

FOREVER: Final = "public, max-age=31536000, immutable"
BRIEFLY: Final = "no-cache"
TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"

_ENTRIES: Final = "tile/entries/"
_CHECKPOINTS: Final = "checkpoints/"
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
    is_bundle = path.startswith((_ENTRIES, _CHECKPOINTS))
    try:
        if is_bundle:
            parse_entries_path(_ENTRIES + path.removeprefix(_CHECKPOINTS).removeprefix(_ENTRIES))
        else:
            parse_path(path)
    except Refused:
        return None
    return About(BYTES, FOREVER, is_bundle)


def format_checkpoints_path(index: int, width: int = WIDTH) -> str:
    """
    Return the path of checkpoint bundle *index* (from 0) with *width* notes (1 to 256).

    >>> format_checkpoints_path(1234, 17)
    'checkpoints/x001/234.p/17'
    """
    return _CHECKPOINTS + format_entries_path(index, width).removeprefix(_ENTRIES)


def prefix_of(log_id: str) -> str:
    """
    Return the path under which a server that stands at the log's origin serves the layout, without a slash at its end.

    >>> prefix_of("pear.example/log")
    '/log'
    """
    _, slash, path = log_id.partition("/")
    return f"{slash}{path}".rstrip("/")
