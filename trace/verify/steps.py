"""The steps of a verification: what each one shows, in Chinese and in English, and how one fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..errors import Language, Problem, ProofWrong, Reason, Value


@dataclass(frozen=True, slots=True)
class Step:
    """
    One thing that was checked and held; with ``done`` False, one thing that this verification does not show.

    ``code`` is stable; ``values`` are the figures in the sentences.
    """

    code: str
    zh: str
    en: str
    done: bool = True
    values: Mapping[str, Value] = field(default_factory=dict)

    def text(self, language: Language = "zh") -> str:
        """Return the sentence in *language*."""
        return self.zh if language == "zh" else self.en


class StepFailed(ProofWrong):
    """A step of a verification does not hold; ``problem`` says which in both languages, beside the evidence."""

    def __init__(self, problem: Problem, *, expected: object = None, found: object = None) -> None:
        self.problem = problem
        super().__init__(problem.en, expected=expected, found=found)


def done(reason: Reason, **values: Value) -> Step:
    """Return the step that *reason* words, with its figures filled in."""
    return Step(reason.code, reason.zh.format(**values), reason.en.format(**values), True, values)


def left_open(reason: Reason) -> Step:
    """Return *reason* as something that was not checked."""
    return Step(reason.code, reason.zh, reason.en, False)


def expect(reason: Reason, expected: object, found: object) -> None:
    """
    Check that what was found is what was expected.

    Raises:
        StepFailed: with *reason* and both as evidence.
    """
    if expected != found:
        raise StepFailed(reason.at(), expected=_shown(expected), found=_shown(found))


@contextmanager
def proving(reason: Reason) -> Iterator[None]:
    """Turn a Merkle proof that fails inside the block into StepFailed, which says in both languages what it was for."""
    try:
        yield
    except ProofWrong as wrong:
        raise StepFailed(reason.at(), expected=wrong.expected, found=wrong.found) from wrong


def _shown(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
