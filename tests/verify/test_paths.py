"""Paths and numbers of a published log have one spelling."""

from __future__ import annotations

import pytest

from suyuan.errors import Refused
from suyuan.verify.paths import format_checkpoints_path, format_count, parse_checkpoints_path, parse_count


@pytest.mark.parametrize("place", [(0, 256), (0, 1), (999, 255), (1234067, 17)])
def test_a_path_of_the_list_is_read_as_it_is_written(place: tuple[int, int]) -> None:
    assert parse_checkpoints_path(format_checkpoints_path(*place)) == place


@pytest.mark.parametrize(
    "path", ["checkpoints/count", "checkpoints/0", "000", "tile/entries/000", "checkpoints/tile/entries/000"]
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(Refused, match=r"tile\.path"):
        parse_checkpoints_path(path)


@pytest.mark.parametrize("count", [0, 1, 10**18 - 1])
def test_a_count_is_read_as_it_is_written(count: int) -> None:
    assert parse_count(format_count(count)) == count


@pytest.mark.parametrize(
    "data", [b"", b"1", b"01\n", b"-1\n", b" 1\n", b"1\n\n", b"1\r\n", b"\xd9\xa1\n", b"9" * 5000 + b"\n"]
)
def test_a_count_of_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match=r"list\.count"):
        parse_count(data)
