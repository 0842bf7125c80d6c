"""
The one tree of errors, and the problems that they carry.

Each class has a stable ``code``; each problem has a stable code of its own, a JSON pointer to the field, the
figures that led to it, and one sentence in Chinese and in English. Only ``api.problems`` knows HTTP statuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Language = Literal["zh", "en"]
Value = str | int


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing that is wrong with one field of the caller's data.

    ``pointer`` is a JSON pointer (RFC 6901) into the event or document, empty for the whole; ``values`` are the
    figures that led to the problem, never personal data.
    """

    code: str
    zh: str
    en: str
    pointer: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)

    def text(self, language: Language = "zh") -> str:
        """Return the sentence in *language*."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        """Return the English sentence, for logs."""
        return self.en


@dataclass(frozen=True, slots=True)
class Reason:
    """
    A kind of problem: its stable code and its sentences with ``{figures}`` in braces.

    >>> SHORT = Reason("batch.short", "批次只有 {held} 克", "the batch holds {held} g only")
    >>> SHORT.at("/amount", held=5).zh
    '批次只有 5 克'
    """

    code: str
    zh: str
    en: str

    def at(self, pointer: str = "", **values: Value) -> Problem:
        """Return this reason as a problem of the field at *pointer*, with its figures filled in."""
        return Problem(self.code, self.zh.format(**values), self.en.format(**values), pointer, values)


class SuyuanError(Exception):
    """The root of the tree; never raised itself. ``str`` is for logs, in English; people read ``Problem.text``."""

    code: ClassVar[str] = "error"


class Refused(SuyuanError):
    """The caller's data breaks a rule. Carries every problem found, not only the first."""

    code = "refused"

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(f"{p.pointer or '/'} {p.code}: {p.en}" for p in self.problems))


class Conflict(Refused):
    """The same identifier came before with other bytes."""

    code = "conflict"


class TooLarge(Refused):
    """The caller's data is larger than an entry or a request may be."""

    code = "too-large"


class SizeBeyondLog(Refused):
    """A size or index reaches past the leaves that there are."""

    code = "size-beyond-log"


class NoteWrong(Refused):
    """A signed note is malformed, badly signed, or signed by nobody who is trusted."""

    code = "note-wrong"


class SignatureWrong(Refused):
    """A signature does not belong to these bytes and this key."""

    code = "statement.signature"


class ProofWrong(SuyuanError):
    """A Merkle proof does not lead from what was shown to the root that is trusted."""

    code = "proof-wrong"

    def __init__(self, what: str, *, expected: object = None, found: object = None) -> None:
        self.what = what
        self.expected = expected
        self.found = found
        detail = "" if expected is None and found is None else f" (expected {expected}, found {found})"
        super().__init__(what + detail)


class Missing(SuyuanError):
    """No such batch, entry, run or code."""

    code = "missing"

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.code}: {problem.en}")


class Broken(SuyuanError):
    """Stored or signed data contradicts itself. Never caught below ``server``; appending stops."""

    code = "broken"

    def __init__(self, what: str, *, expected: object = None, found: object = None) -> None:
        self.what = what
        self.expected = expected
        self.found = found
        detail = "" if expected is None and found is None else f" (expected {expected}, found {found})"
        super().__init__(what + detail)


class Forked(Broken):
    """A signed checkpoint proves that this database is not the log it was: to go on writing would fork the log."""

    code = "forked"

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.en)


class Unavailable(SuyuanError):
    """The service can't take this now (database gone, disk full, queue full, clock set back); trying again may help."""

    code = "unavailable"

    def __init__(self, problem: Problem, *, retry_after_s: int = 2) -> None:
        self.problem = problem
        self.retry_after_s = retry_after_s
        super().__init__(f"{problem.code}: {problem.en}")
