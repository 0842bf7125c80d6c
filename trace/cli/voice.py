"""What the program says by the way: warnings of a command in its reader's language, a service's with the time."""

from __future__ import annotations

import logging
from typing import Final

import typer

from ..errors import Language, Problem

OURS: Final = logging.getLogger("suyuan")
"""The loggers of all rooms are below it."""


def hear_warnings(language: Language) -> None:
    """Write warnings to standard error, those that are problems in *language*."""
    _hear(_Voice(language))


def hear_service() -> None:
    """Write warnings to standard error as the lines of a service: in English, with the time."""
    voice = logging.StreamHandler()
    voice.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    _hear(voice)


def _hear(voice: logging.Handler) -> None:
    OURS.handlers[:] = [voice]


class _Voice(logging.Handler):
    """A handler for people at a terminal."""

    def __init__(self, language: Language) -> None:
        super().__init__(logging.WARNING)
        self._language = language

    def emit(self, record: logging.LogRecord) -> None:
        """Write one warning."""
        given = record.args if isinstance(record.args, tuple) else ()
        words = [one.text(self._language) if isinstance(one, Problem) else one for one in given]
        typer.echo(str(record.msg) % tuple(words), err=True)
