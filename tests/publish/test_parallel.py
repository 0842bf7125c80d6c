"""Questions asked side by side: what is late is left out, what is wrong is told, nobody is asked twice at a time."""

from __future__ import annotations

from threading import Event

import pytest

from suyuan.errors import Broken
from suyuan.publish.parallel import Parallel


def test_what_is_late_is_left_out_and_not_asked_again_while_it_hangs() -> None:
    parallel, free, asked = Parallel(), Event(), []

    def hang() -> int:
        asked.append(1)
        free.wait(10)
        return 1

    assert parallel.run({"slow": hang, "quick": lambda: 2}, 0.05) == {"quick": 2}
    assert parallel.run({"slow": hang, "quick": lambda: 3}, 0.05) == {"quick": 3}
    assert asked == [1]
    free.set()


def test_an_error_is_not_taken_for_being_late() -> None:
    def fail() -> int:
        raise Broken("the tiles contradict themselves")

    with pytest.raises(Broken, match="contradict"):
        Parallel().run({"one": fail}, 10)
