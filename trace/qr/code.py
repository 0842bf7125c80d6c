"""
Package codes: twenty characters that name one package and catch a slip of the finger.

Five characters for the label run, five for the package's index in it, nine for a tag keyed by the run's secret, one
check character. Example: ``7K3MX0001ZAB3DE6GH9C``, printed ``7K3MX-0001Z-AB3DE-6GH9C``. Twenty characters is the length
of a GS1 serial, AI (21).

The check character lives in GF(32), whose elements are the characters of the alphabet: the twenty values, weighted
by falling powers of alpha (a root of x^5 + x^2 + 1, primitive, so of order 31), add up to zero. Twenty weights are
different and none is zero, so each single substitution and each swap of two characters is caught.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from ..errors import Problem, Reason, Refused
from ..produce.crockford import ALPHABET, decode_crockford, encode_crockford

RUN_LENGTH: Final = 5
INDEX_LENGTH: Final = 5
TAG_LENGTH: Final = 9
CODE_LENGTH: Final = RUN_LENGTH + INDEX_LENGTH + TAG_LENGTH + 1
MOST_PACKAGES: Final = 1 << (5 * INDEX_LENGTH)
"""Packages that one run can number: 2**25."""

LENGTH = Reason(
    "code.length",
    "溯源码应为 {expected} 位，输入了 {found} 位",
    "a package code has {expected} characters, this one has {found}",
)
CHARACTER = Reason(
    "code.character",
    "第 {position} 位“{character}”不是溯源码的字符（数字和字母，没有 U）",
    "character {position}, {character!r}, does not occur in package codes (digits and letters, no U)",
)
CHECK = Reason(
    "code.check",
    "溯源码有一位或几位输错了，请对照标签重新输入",
    "one or more characters are mistyped; compare them with the label",
)
RUN = Reason(
    "code.run", "标签批号“{run}”应为 5 位 Crockford 字符", "the run {run!r} is not five Crockford characters"
)
INDEX = Reason(
    "code.index", "包装序号 {index} 不在 0 到 {most} 之间", "the index {index} is not between 0 and {most}"
)
TAG = Reason(
    "code.tag", "校验段“{tag}”应为 9 位 Crockford 字符", "the tag {tag!r} is not nine Crockford characters"
)

_CHARACTERS: Final = frozenset(ALPHABET)
_LONGEST_INPUT = 200
_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212_"
_FOLD = str.maketrans("abcdefghijklmnopqrstuvwxyzILO", "ABCDEFGH1JK1MN0PQRSTUVWXYZ110", _HYPHENS)
_VALUE_OF_BYTE = bytes(max(ALPHABET.find(chr(byte)), 0) for byte in range(256))
_TIMES_ALPHA = bytes(value << 1 ^ (0b100101 if value & 16 else 0) for value in range(32))


class CodeMistyped(Refused):
    """The text is no package code at all: a typing slip (输入有误), as opposed to a code that does not exist."""

    code = "code.mistyped"


@dataclass(frozen=True, slots=True)
class PackageCode:
    """The parts of a package code: run (5 characters), index (0 <= index < 2**25), tag (9 characters, 45 bits)."""

    run: str
    index: int
    tag: str


def check_character(characters: str) -> str:
    """
    Return the check character of the first nineteen *characters* of a code (Crockford alphabet only).

    Raises:
        Refused: ``crockford.character``.
    """
    if not set(characters) <= _CHARACTERS:
        decode_crockford(characters)
    return append_check(characters)[-1]


def append_check(characters: str) -> str:
    """Return *characters* followed by their check character; the caller knows that all are in the alphabet."""
    total = 0
    for value in characters.encode().translate(_VALUE_OF_BYTE):
        total = _TIMES_ALPHA[total ^ value]
    return characters + ALPHABET[total]


def format_run(number: int) -> str:
    """
    Return the run id for a random *number*, 0 <= number < 2**25, such as ``7K3MX``.

    Raises:
        Refused: ``crockford.number``.
    """
    return encode_crockford(number, RUN_LENGTH)


def check_run(run: str) -> None:
    """
    Check that *run* is five characters of the alphabet, in the one spelling.

    Raises:
        Refused: ``code.run``.
    """
    if len(run) != RUN_LENGTH or not set(run) <= _CHARACTERS:
        raise Refused(RUN.at(run=run[:20]))


def format_code(code: PackageCode) -> str:
    """
    Return the twenty characters of *code*.

    Raises:
        Refused: ``code.run``, ``code.index`` or ``code.tag``: a part is out of its range.
    """
    check_run(code.run)
    if not 0 <= code.index < MOST_PACKAGES:
        raise Refused(INDEX.at(index=code.index, most=MOST_PACKAGES - 1))
    if len(code.tag) != TAG_LENGTH or not set(code.tag) <= _CHARACTERS:
        raise Refused(TAG.at(tag=code.tag[:20]))
    return append_check(code.run + encode_crockford(code.index, INDEX_LENGTH) + code.tag)


def parse_code(text: str) -> PackageCode:
    """
    Return the parts of the code that a person or a QR code gave.

    Takes any case, I and L for 1, O for 0, full-width characters, spaces and hyphens.

    Raises:
        CodeMistyped: ``code.length`` and ``code.character`` (each position), or ``code.check``.
    """
    code = _fold(text) if len(text) <= _LONGEST_INPUT else text
    problems = [
        CHARACTER.at(position=position, character=character)
        for position, character in enumerate(code[:CODE_LENGTH], 1)
        if character not in _CHARACTERS
    ]
    if len(code) != CODE_LENGTH:
        problems.append(LENGTH.at(expected=CODE_LENGTH, found=len(code)))
    if not problems:
        problems.extend(_check_problems(code))
    if problems:
        raise CodeMistyped(problems)
    index_end = RUN_LENGTH + INDEX_LENGTH
    return PackageCode(code[:RUN_LENGTH], decode_crockford(code[RUN_LENGTH:index_end]), code[index_end:-1])


def group_code(text: str) -> str:
    """
    Return a code in words of five, as it is printed: ``ABCDE-FGHJK-MNPQR-STVWX``.

    Raises:
        CodeMistyped: as `parse_code`.
    """
    code = format_code(parse_code(text))
    return "-".join(code[start : start + 5] for start in range(0, CODE_LENGTH, 5))


def _fold(text: str) -> str:
    """Return *text* in the alphabet as far as that is possible without guessing."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(folded.split()).translate(_FOLD)


def _check_problems(code: str) -> list[Problem]:
    return [] if append_check(code[:-1]) == code else [CHECK.at()]
