"""
The paths of a published log under its prefix that C2SP tlog-tiles leaves open, beside tiles and entry bundles.

``checkpoints/<N>[.p/<W>]`` hold every checkpoint ever signed, in order, in bundles of 256 like those of entries;
``checkpoints/count`` says how many there are; ``policy`` names the keys of log and witnesses (C2SP tlog-policy).
"""

from __future__ import annotations

import re
from typing import Final

from ..errors import Reason, Refused
from ..ledger.tiles import WIDTH, format_entries_path, parse_entries_path

CHECKPOINT: Final = "checkpoint"
POLICY: Final = "policy"
COUNT: Final = "checkpoints/count"
CHECKPOINTS: Final = "checkpoints/"
ENTRIES: Final = "tile/entries/"

COUNTED = Reason(
    "list.count",
    "checkpoints/count 不是一行十进制数字",
    "checkpoints/count is not one line with a decimal number",
)

_COUNT: Final = re.compile(rb"(0|[1-9][0-9]{0,17})\n")


def format_checkpoints_path(index: int, width: int = WIDTH) -> str:
    """
    Return the path of checkpoint bundle *index* (from 0) with *width* notes (1 to 256).

    >>> format_checkpoints_path(1234, 17)
    'checkpoints/x001/234.p/17'
    """
    return CHECKPOINTS + format_entries_path(index, width).removeprefix(ENTRIES)


def parse_checkpoints_path(path: str) -> tuple[int, int]:
    """
    Return index and width of the bundle that ``format_checkpoints_path`` would write as *path*.

    Raises:
        Refused: ``tile.path``: any other path.
    """
    found = path.removeprefix(CHECKPOINTS) if path.startswith(CHECKPOINTS) else "/"
    return parse_entries_path(ENTRIES + found)


def format_count(count: int) -> bytes:
    """Return the file ``checkpoints/count`` of *count* checkpoints."""
    return f"{count}\n".encode()


def parse_count(data: bytes) -> int:
    """
    Return the number, below 10^18, that ``format_count`` would write as *data*.

    Raises:
        Refused: ``list.count``: anything else.
    """
    match = _COUNT.fullmatch(data)
    if match is None:
        raise Refused(COUNTED.at())
    return int(match[1])
