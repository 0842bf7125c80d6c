"""Keeping watch over a log that grows, falls silent, and then forks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from suyuan.monitor.bookkeeping import Bookkeeper
from suyuan.monitor.crew import Crew
from suyuan.monitor.lookout import Lookout, Sight, Told
from suyuan.monitor.source import open_source
from suyuan.monitor.watch import MOST_PAUSE_S, Pace, Watch
from tests.monitor.published import POLICY, WITNESSED, Publication, codes, grow, grown, look
from tests.monitor.server import hosted
from tests.produce.world import name

NOW = 1_800_000_000


class Day:
    """Runs a watch, doing one act in each pause; the watch ends with the acts."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        self._acts = list(acts)
        self.news: list[str] = []
        self.pauses: list[float] = []

    def run(self, source: str, witnessed: bool = True) -> Sight | None:
        """Watch the log at *source*."""
        pace = Pace(10, 30, lambda: NOW, self._pause)
        with closing(open_source(source)) as opened:
            lookout = Lookout(opened, WITNESSED if witnessed else POLICY, Crew(0))
            return Watch(lookout, pace, lambda problem: self.news.append(problem.code)).run(Told())

    def _pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        if not self._acts:
            return False
        self._acts.pop(0)()
        return True


def test_a_log_that_grows_then_forks(tmp_path: Path) -> None:
    published = Publication(tmp_path / "log", grown(10))
    published.publish(time=NOW)

    def more() -> None:
        grow(published.ledger, len(published.ledger.entries) + 3)
        published.publish(time=NOW)

    def fork() -> None:
        published.ledger = grown(12)
        published.ledger.say("batch.adjusted", "农场", batch=name("another"), amount=-1, reason="shrinkage")
        grow(published.ledger, 16)
        published.publish(time=NOW)

    day = Day(more, lambda: None, more, fork)
    sight = day.run(str(published.folder))
    assert sight is not None
    assert codes(sight) == [("fork", "checkpoint")]
    assert day.news == ["watch.grew"] * 3


def test_a_log_that_can_t_be_read_for_a_while(tmp_path: Path) -> None:
    published = Publication(tmp_path / "log", grown(10))
    published.publish()
    with hosted(published.folder) as host:

        def fail() -> None:
            host.status = 503

        def heal() -> None:
            host.status = 0

        day = Day(fail, *[lambda: None] * 7, heal, lambda: None)
        assert day.run(host.url, witnessed=False) is None
    assert day.news == ["watch.grew", "watch.unreached", "watch.reached"]
    assert day.pauses == [10, 20, 40, 80, 160, MOST_PAUSE_S, MOST_PAUSE_S, MOST_PAUSE_S, MOST_PAUSE_S, 10, 10]


def test_timestamps_that_grow_old_are_told_once(tmp_path: Path) -> None:
    published = Publication(tmp_path / "log", grown(10))
    published.publish(time=NOW - 31 * 60)

    def renew(time: int) -> Callable[[], None]:
        def act() -> None:
            published.publish(time=time)
            published.notes.pop()
            published.write_list()

        return act

    day = Day(lambda: None, renew(NOW), renew(NOW - 40 * 60))
    assert day.run(str(published.folder)) is None
    assert day.news == ["watch.grew", "watch.idle", "watch.idle"]


def test_an_old_checkpoint_that_goes_on_being_shown_is_told_once(tmp_path: Path) -> None:
    published = Publication(tmp_path / "log", grown(12))
    published.publish(10)
    old = published.publish(11)
    published.publish(12)
    published.write("checkpoint", old.encode())
    nothing = [lambda: None] * 3
    day = Day(*nothing, lambda: published.write("checkpoint", published.notes[-1].encode()), *nothing)
    assert day.run(str(published.folder), witnessed=False) is None
    assert day.news == ["watch.grew", "watch.behind", "watch.grew"]


def test_the_books_are_replayed_where_asked(published: Publication) -> None:
    assert look(published.folder).faults == []
    found = codes(look(published.folder, books=Bookkeeper()))
    assert found[0] == ("rule", "entry/3")  # goods that nobody harvested


def test_books_are_told_each_entry_once(published: Publication) -> None:
    keeper = Bookkeeper()
    first, second = published.ledger.entries[:2]
    assert keeper.tell(0, first, 0) == []
    assert keeper.tell(0, first, 0) == []
    assert [fault.problem.code for fault in keeper.tell(0, second, 0)] == ["audit.rewritten"]
    assert keeper.tell(1, second, 1) == []
    assert keeper.tell(2, b"{}", 2) == []
    assert keeper.tell(3, first, 3) == []  # a key event that the rules refuse is named by Signers
