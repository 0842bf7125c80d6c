"""``suyuan audit URL|FOLDER|DATABASE``: a log audited from outside, once or for as long as it lives."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Final

import typer

from ..errors import Language, Missing, Problem, Reason, Refused, Unavailable
from .files import read_file
from .frame import REFUSED, UNABLE, Frame, lines_of, progress_bar
from .trusting import read_policy

if TYPE_CHECKING:
    from ..ledger.policy import Policy
    from ..monitor.lookout import Lookout, Sight
    from ..monitor.memory import Memory
    from ..verify.fault import Fault

SAVE_EVERY_S: Final = 60
"""An audit that is interrupted has to read again what it read in this time."""

TOGETHER: Final = Reason(
    "audit.options",
    "{one} 不能与 {other} 一起使用",
    "{one} does not go together with {other}",
)

INSIDE: Final = Reason(
    "audit.inside",
    "{option} 用于公布的日志：请写出它的地址或文件夹，不是数据文件夹",
    "{option} is for a published log: name its address or folder, not a data folder",
)


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be audited, who is trusted, and how."""

    source: str
    policy: Path | None = None
    key: str | None = None
    against: Path | None = None
    state: Path | None = None
    books: bool = False
    jobs: int | None = None
    follow: bool = False
    interval_s: float = 10
    idle_minutes: float = 30
    as_json: bool = False


def audit_published(frame: Frame, errand: Errand) -> None:
    """Audit the log from outside and leave with 0 (sound), 1 (broken) or 2 (could not check)."""
    with _usable(frame), _opened(errand) as lookout:
        keeper = _Keeper(errand.state, lookout)
        sight = _follow(frame, errand, lookout, keeper) if errand.follow else _once(frame, lookout, keeper)
        _report(frame, errand, sight, lookout.memory)
    if sight.faults:
        raise typer.Exit(REFUSED)


def check_inside(frame: Frame, errand: Errand) -> None:
    """Leave with 2 where options are given that an audit of a data folder would ignore."""
    given = {
        "--policy": errand.policy,
        "--key": errand.key,
        "--state": errand.state,
        "--follow": errand.follow,
    }
    with _usable(frame):
        for option, value in given.items():
            if value:
                raise Refused(INSIDE.at(option=option))


@contextmanager
def _usable(frame: Frame) -> Iterator[None]:
    """Leave with 2 where trust, state or options are refused: what the log itself does wrong is never raised."""
    try:
        yield
    except Refused as refused:
        for line in lines_of(refused, frame.language):
            typer.echo(line, err=True)
        raise typer.Exit(UNABLE) from None


@contextmanager
def _opened(errand: Errand) -> Iterator[Lookout]:
    from ..monitor.bookkeeping import Bookkeeper
    from ..monitor.crew import Crew, count_cores
    from ..monitor.lookout import Lookout
    from ..monitor.source import open_source
    from ..monitor.state import load_memory
    from ..monitor.stored import is_database, open_database

    if errand.state and (errand.books or errand.against):
        raise Refused(TOGETHER.at(one="--state", other="--books" if errand.books else "--against"))
    policy = read_policy(errand.policy, errand.key)
    memory = load_memory(errand.state) if errand.state else None
    jobs = count_cores() if errand.jobs is None else errand.jobs
    stored = is_database(errand.source)
    opened = open_database(errand.source, policy) if stored else open_source(errand.source)
    with closing(opened) as source, closing(Crew(jobs)) as crew:
        lookout = Lookout(source, policy, crew, Bookkeeper() if errand.books else None)
        lookout.memory = _remember(errand.against, policy) if errand.against else memory
        yield lookout


def _remember(against: Path, policy: Policy) -> Memory:
    """Return the memory of somebody who knows nothing of the log but an earlier checkpoint."""
    from ..ledger.policy import open_policed
    from ..monitor.memory import Memory
    from ..verify.trail import Trail

    note = read_file(against)
    checkpoint = open_policed(note, policy).checkpoint
    return Memory(Trail(checkpoint.origin), checkpoint, note)


class _Keeper:
    """Saves the memory of an audit now and then; called only where all of it was found sound."""

    def __init__(self, state: Path | None, lookout: Lookout) -> None:
        self._state = state
        self._lookout = lookout
        self._saved_at = monotonic()
        self._saved = b"", -1

    def halt(self) -> None:
        """Save where the last time was long ago."""
        if monotonic() - self._saved_at > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Save where there is something new."""
        from ..monitor.state import save_memory

        memory = self._lookout.memory
        if self._state is None or memory is None or self._saved == (memory.note, memory.trail.size):
            return
        save_memory(self._state, memory)
        self._saved_at = monotonic()
        self._saved = memory.note, memory.trail.size


def _once(frame: Frame, lookout: Lookout, keeper: _Keeper) -> Sight:
    from ..monitor.lookout import Told

    with progress_bar(frame, "审计", "audit") as progress:
        try:
            sight = lookout.look(Told(progress, keeper.halt))
        except (Missing, Unavailable):
            keeper.save()
            raise
    if not sight.faults:
        keeper.save()
    return sight


def _follow(frame: Frame, errand: Errand, lookout: Lookout, keeper: _Keeper) -> Sight:
    """Watch until there is a fault; Ctrl-C between two looks saves what is known."""
    from ..monitor.lookout import Told
    from ..monitor.watch import Pace, Watch

    def pause(seconds: float) -> bool:
        try:
            keeper.halt()
            sleep(seconds)
        except KeyboardInterrupt:
            keeper.save()
            raise
        return True

    pace = Pace(errand.interval_s, errand.idle_minutes, time, pause)
    sight = Watch(lookout, pace, lambda news: _tell(frame, errand, news)).run(Told(halt=keeper.halt))
    assert sight is not None  # the pause never ends the watch
    return sight


def _tell(frame: Frame, errand: Errand, news: Problem) -> None:
    if errand.as_json:
        shown = {"code": news.code, "text": news.text(frame.language), **news.values}
        typer.echo(json.dumps(shown, ensure_ascii=False))
    else:
        typer.echo(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {news.text(frame.language)}")
    sys.stdout.flush()


def _report(frame: Frame, errand: Errand, sight: Sight, memory: Memory | None) -> None:
    size = memory.trail.size if memory else 0
    root = memory.trail.crown.root().hex() if memory else ""
    listed = memory.listed if memory else 0
    if sight.ahead and memory:
        from ..monitor.watch import BEHIND

        news = BEHIND.at(ahead=sight.ahead, size=size)
        frame.tell(news.zh, news.en)
    if errand.as_json:
        document = {
            "sound": not sight.faults,
            "log": memory.trail.log if memory else "",
            "size": size,
            "root": root,
            "checkpoints": listed,
            "witnesses": [{"name": one.name, "time": one.time} for one in sight.cosigned],
            "differences": [_fields(fault, frame.language) for fault in sight.faults],
            "shown": sight.shown.decode("utf-8", "replace"),
            "ahead": sight.ahead,
            "seen": sight.seen.decode("utf-8", "replace"),
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=None if errand.follow else 2))
        return
    for fault in sight.faults:
        typer.echo(fault.line(frame.language))
    if sight.seen:
        typer.echo(
            f"\n{sight.seen.decode('utf-8', 'replace')}\n{sight.shown.decode('utf-8', 'replace')}", nl=False
        )
    frame.tell(*_summary(sight, size, root, listed))


def _summary(sight: Sight, size: int, root: str, listed: int) -> tuple[str, str]:
    """Return the last line in both languages; what comes after the first fault often follows from it."""
    from ..monitor.lookout import MOST_FAULTS

    if not sight.faults:
        witnesses = len(sight.cosigned)
        return (
            f"全部相符：核对了 {size} 条，根 {root}，检查点 {listed} 个，见证 {witnesses} 个",
            f"sound: {size} entries checked, root {root}, {listed} checkpoints, {witnesses} witnesses",
        )
    count, head = len(sight.faults), f"{sight.faults[0].problem.code} {sight.faults[0].place}"
    if count == 1:
        return f"不符 1 处：{head}", f"broken: 1 difference, {head}"
    zh, en = ("至少", "at least ") if count >= MOST_FAULTS else ("", "")
    return (
        f"不符{zh} {count} 处，第一处是 {head}；之后的可能由它引起",
        f"broken: {en}{count} differences, the first is {head}; later ones may follow from it",
    )


def _fields(fault: Fault, language: Language) -> dict[str, str]:
    return {
        "code": fault.problem.code,
        "place": fault.place,
        "text": fault.text(language),
        "expected": fault.expected,
        "found": fault.found,
    }
