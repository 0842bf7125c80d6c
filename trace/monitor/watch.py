"""Keeping watch: one look after another, a line for each new checkpoint, an alarm at the first contradiction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import Missing, Problem, Reason, Unavailable
from .lookout import Lookout, Sight, Told

MOST_PAUSE_S: Final = 300.0
"""Between questions to a log that can't be read, at most."""

GREW = Reason(
    "watch.grew",
    "新检查点：{size} 条，根 {root}，见证 {witnesses} 个",
    "new checkpoint: {size} entries, root {root}, {witnesses} witnesses",
)
UNREACHED = Reason("watch.unreached", "日志暂时读不到：{zh}", "the log can't be read now: {en}")
REACHED = Reason("watch.reached", "日志又能读到了", "the log can be read again")
IDLE = Reason(
    "watch.idle",
    "见证方的时间戳已有 {minutes} 分钟没有更新：日志停了，或者有新的检查点没有给你看",
    "the witnesses' timestamps are {minutes} minutes old: the log has stopped, or newer ones are kept from you",
)
BEHIND = Reason(
    "watch.behind",
    "日志已签署 {ahead} 条的检查点，出示的却仍是 {size} 条的：发布停了，或者有人出示旧的检查点",
    "the log has signed {ahead} entries, yet shows that of {size}: publishing has stopped, or an old one is shown",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """
    Seconds between looks, minutes after which old timestamps of witnesses are told of.

    *clock* gives POSIX seconds; *pause* waits so many seconds and returns False where the watch is to end.
    """

    interval_s: float
    idle_minutes: float
    clock: Callable[[], float]
    pause: Callable[[float], bool]


class Watch:
    """A watch over one log; *tell* is given each thing that happens."""

    def __init__(self, lookout: Lookout, pace: Pace, tell: Callable[[Problem], None]) -> None:
        self._lookout = lookout
        self._pace = pace
        self._tell = tell
        self._failures = 0
        self._size = -1
        self._ahead = 0
        self._idle = False

    def run(self, told: Told) -> Sight | None:
        """Look until there is a fault, and return that sight; None where the pause ended the watch."""
        while True:
            sight = self._look(told)
            if sight is not None and sight.faults:
                return sight
            if not self._pace.pause(self._wait_s()):
                return None

    def _look(self, told: Told) -> Sight | None:
        try:
            sight = self._lookout.look(told)
        except (Missing, Unavailable) as error:
            if not self._failures:
                self._tell(UNREACHED.at(zh=error.problem.zh, en=error.problem.en))
            self._failures += 1
            return None
        if self._failures:
            self._tell(REACHED.at())
            self._failures = 0
        if not sight.faults:
            self._tell_growth(sight)
            self._tell_idle(sight)
        return sight

    def _tell_growth(self, sight: Sight) -> None:
        shown = sight.checkpoint
        assert shown is not None
        if shown.size == self._size and 0 < sight.ahead == self._ahead:
            self._tell(BEHIND.at(ahead=sight.ahead, size=shown.size))
            self._ahead = -1  # once
        elif self._ahead >= 0 or shown.size != self._size:
            self._ahead = sight.ahead
        if shown.size != self._size:
            self._size = shown.size
            self._tell(GREW.at(size=shown.size, root=shown.root.hex(), witnesses=len(sight.cosigned)))

    def _tell_idle(self, sight: Sight) -> None:
        """Tell once when the latest timestamp of any witness grows old; a log without witnesses shows no time."""
        latest = max((one.time for one in sight.cosigned), default=None)
        age = 0.0 if latest is None else (self._pace.clock() - latest) / 60
        old = age > self._pace.idle_minutes
        if old and not self._idle:
            self._tell(IDLE.at(minutes=int(age)))
        self._idle = old

    def _wait_s(self) -> float:
        interval_s = self._pace.interval_s
        return min(interval_s * (1 << min(self._failures, 16)), max(MOST_PAUSE_S, interval_s))
