"""
What every command shares: language and data folder, the opened house, errors as lines, exit codes.

Heavy modules are imported where they are used, so that ``--help`` and ``verify`` stay quick and offline.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

from ..errors import Broken, Language, Missing, Problem, ProofWrong, Refused, SuyuanError, Unavailable

if TYPE_CHECKING:
    from ..capture.office import Office
    from ..ledger.jwk import SigningKey
    from ..server.house import House
    from ..settings import Settings

REFUSED: Final = 1
"""Exit code: the data breaks a rule, a proof or an audit found something wrong."""

UNABLE: Final = 2
"""Exit code: not found, not available, or the command was called wrongly."""

INTERRUPTED: Final = 130
"""Exit code: Ctrl-C (128 + SIGINT)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The options that stand before the command."""

    data: Path | None
    language: Language

    def pick(self, zh: str, en: str) -> str:
        """Return the sentence in the chosen language."""
        return zh if self.language == "zh" else en

    def tell(self, zh: str, en: str) -> None:
        """Write a sentence to standard error: what a person wants to know and a program does not."""
        typer.echo(self.pick(zh, en), err=True)

    def settings(self) -> Settings:
        """Return the settings of this process."""
        from ..settings import load_settings

        return load_settings(self.data)


def frame_of(context: typer.Context) -> Frame:
    """Return the frame of a command."""
    frame = context.find_root().obj
    return frame if isinstance(frame, Frame) else Frame(None, "zh")


@contextmanager
def open_data(frame: Frame) -> Iterator[House]:
    """
    Open the data folder for a command.

    Raises:
        Missing: the folder was never initialised, or its master key is not there.
        Unavailable: the database.
    """
    from ..ledger.engine import translated
    from ..server.house import open_house

    with translated():
        house = open_house(frame.settings())
        try:
            yield house
        finally:
            house.close()


def office_of(house: House, *keys: SigningKey) -> Office:
    """Return what the writing use cases work with, with *keys* lent for this command."""
    from ..capture.office import Office

    return Office(house.engine, house.vault, house.capture, house.pen, keys)


def print_json(value: Any) -> None:
    """Write *value* as the one JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress_bar(frame: Frame, zh: str, en: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told what is done and of how much (0 where nobody knows); drawn on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(frame.pick(zh, en), total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of or None)


def fail(frame: Frame, error: SuyuanError) -> NoReturn:
    """Write *error* to standard error, one line for each problem, and leave with its exit code."""
    for line in lines_of(error, frame.language):
        typer.echo(line, err=True)
    raise typer.Exit(exit_code(error)) from None


def exit_code(error: SuyuanError) -> int:
    """Return 2 for what is missing or not available, 1 for what is refused, wrong or broken."""
    return UNABLE if isinstance(error, Missing | Unavailable) else REFUSED


def lines_of(error: SuyuanError, language: Language) -> list[str]:
    """Return one line for each problem of *error*: its code, where it lies, and the sentence."""
    word = "错误" if language == "zh" else "error"
    colon = "：" if language == "zh" else ": "
    return [f"{word} {head}{colon}{text}" for head, text in _parts(error, language)]


def problem_line(problem: Problem, language: Language) -> tuple[str, str]:
    """Return code and pointer of *problem*, and its sentence on one line."""
    head = f"{problem.code} {problem.pointer}".rstrip()
    return head, " ".join(problem.text(language).split())


def _parts(error: SuyuanError, language: Language) -> list[tuple[str, str]]:
    problem = getattr(error, "problem", None)
    if isinstance(error, Refused):
        return [problem_line(one, language) for one in error.problems]
    if isinstance(problem, Problem):
        head, text = problem_line(problem, language)
        return [(head, text + _evidence(error))]
    if isinstance(error, Broken):
        lead = "数据自相矛盾" if language == "zh" else "the data contradicts itself"
    else:
        lead = "证明不成立" if language == "zh" else "the proof does not hold"
    return [(error.code, f"{lead}: {error}")]


def _evidence(error: SuyuanError) -> str:
    if not isinstance(error, ProofWrong) or (error.expected is None and error.found is None):
        return ""
    return f" (expected {error.expected}, found {error.found})"
