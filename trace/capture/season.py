"""
A season's workbooks into the ledger: read, planned row by row, tried on the books, signed, appended in groups.

The dry run does all of this but signing and appending, so that both share one validator. Every accepted step carries a
keyed hash of its row, written in the transaction of its entry: after a crash, or on a second run, what is in is
skipped. Two imports at once agree on the ids of names, and a row that the other entered is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..books.desk import Desk
from ..errors import Problem, Refused, SuyuanError
from ..intake import kinds, making, planning, selling, sequence
from ..intake.rows import (
    FieldworkRow,
    HarvestRow,
    OrderRow,
    PackRow,
    PartyRow,
    PlotRow,
    ProcessingRow,
    Row,
    TestRow,
    kind_of,
)
from ..intake.season import Season, read_season
from ..intake.step import Plan, Step
from ..ledger.engine import begin_read
from ..ledger.store import find_head
from .append import MOST_IN_GROUP
from .directory import Directory, Lists
from .fresh import Fresh
from .keyring import Sources
from .office import Office
from .outcome import Accepted, Submission
from .report import ImportReport
from .rowkey import TAGS, field_of
from .scribe import Scribe

__all__ = ["Office", "import_season"]

Rows = tuple[Row, ...]
"""Rows that are entered by the same steps: one, or all items of a test report."""


_PLANNERS: Mapping[type[Row], Callable[[Any, Directory], Plan]] = {
    PartyRow: planning.plan_party,
    FieldworkRow: planning.plan_fieldwork,
    PackRow: selling.plan_pack,
    OrderRow: selling.plan_order,
}
"""Planners of rows that need nothing but the directory."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Rows whose steps are tried and signed, waiting for their group."""

    rows: Rows
    plan: Plan
    submissions: Sequence[Submission]
    tries: int


def import_season(
    office: Office,
    folder: Path,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> ImportReport:
    """
    Import every table of *folder*; *progress* is told rows done and rows in all.

    Raises:
        Refused: no such folder.
        Missing: no supervisor's key is at hand.
        Unavailable: the database; what was appended before stays, and a second run goes on from there.
    """
    season = read_season(folder)
    return _Import(office, season, dry_run).run(progress)


class _Import:
    def __init__(self, office: Office, season: Season, dry_run: bool) -> None:
        self._office = office
        self._season = season
        self._year = season.year or office.pen.mint.clock().year
        self._report = ImportReport(self._year, dry_run, ignored=season.ignored)
        self._report.take(season.problems)
        households = {row.ref: row.household for row in season.plots}
        shops = [row.name for row in season.parties if "shop" in kinds.roles_of(row.kind)]
        self._lists = Lists(households, shops, self._report.places)
        self._used_later = sequence.find_used_later(season.processing, season.packs)
        self._waiting: list[_Waiting] = []
        self._bundles = 0
        self._open()

    def _open(self) -> None:
        """Begin with an empty desk: at the start, and when others wrote what the trial did not know of."""
        office = self._office
        self._fresh = Fresh()
        self._desk = Desk(office.engine, office.pen.log_id)
        sources = Sources(
            office.engine, office.pen.log_id, office.vault, self._desk, office.pen.mint, self._fresh
        )
        now = office.pen.mint.clock().isoformat(timespec="milliseconds")
        self._directory = Directory(sources, now, self._lists)
        for key in office.keys:
            self._directory.keys.lend_key(key)
        self._scribe = Scribe(office.pen, self._directory.keys, self._fresh, office.vault.row_hash)
        self._size = self._find_size()

    def _find_size(self) -> int:
        """Return how many entries the log has."""
        with begin_read(self._office.engine) as connection:
            head = find_head(connection, self._office.pen.log_id)
        return head.size if head is not None else 0

    def run(self, progress: Callable[[int, int], None]) -> ImportReport:
        season = self._season
        reports = selling.group_reports(season.tests)
        stages: list[Sequence[Rows]] = [
            *(_single(rows) for rows in (season.parties, season.plots, season.fieldwork, season.harvests)),
            sequence.weave(season.processing, reports),
            *(_single(rows) for rows in (season.packs, selling.sort_orders(season.orders))),
        ]
        total, done = sum(len(stage) for stage in stages), 0
        for stage in stages:
            for rows, known in self._with_known(stage):
                self._enter(rows, known)
                done += 1
                progress(done, total)
            while self._waiting:
                self._flush()
        self._report.close(season.repeats)
        return self._report

    def _with_known(self, stage: Sequence[Rows]) -> Iterator[tuple[Rows, set[str]]]:
        """Yield each group of rows with the tags of its steps that were entered before."""
        marks = [
            {tag: self._scribe.mark(rows[0], tag).row for tag in TAGS[kind_of(rows[0])]} for rows in stage
        ]
        with begin_read(self._office.engine) as connection:
            found = self._office.vault.find_rows(
                connection, [hash for tags in marks for hash in tags.values()]
            )
        for rows, tags in zip(stage, marks, strict=True):
            yield rows, {tag for tag, hash in tags.items() if hash in found}

    def _plan(self, rows: Rows) -> Plan:
        row, directory = rows[0], self._directory
        if isinstance(row, TestRow):
            return selling.plan_report(cast("tuple[TestRow, ...]", rows), directory)
        if isinstance(row, ProcessingRow):
            return making.plan_processing(row, directory, self._used_later[row.where])
        if isinstance(row, PlotRow):
            return planning.plan_plot(row, self._year, directory)
        if isinstance(row, HarvestRow):
            return planning.plan_harvest(row, self._year, directory)
        return _PLANNERS[type(row)](row, directory)

    def _enter(self, rows: Rows, known: set[str], tries: int = 0) -> None:
        kind, stand = kind_of(rows[0]), self._fresh.stand()
        plan = self._plan(rows)
        if TAGS[kind][0] in known and kind != "order":
            self._fresh.go_back(stand)
            self._report.accept(plan, known=True)
            return
        steps = [step for step in plan.steps if step.tag not in known]
        problems = plan.problems
        if steps and not problems:
            problems = self._try(plan, steps, tries)
        if problems:
            self._fresh.go_back(stand)
            self._turn_down(plan, problems, tries)
        elif not steps:
            self._report.accept(plan, known=True)

    def _try(self, plan: Plan, steps: Sequence[Step], tries: int) -> tuple[tuple[Problem, str], ...]:
        """Try *steps* on the books and let them wait for their group; return what is wrong with them."""
        try:
            written = self._scribe.write(plan.rows, steps)
            self._scribe.try_on(self._desk, written, self._office.pen.mint.clock())
        except Refused as refused:
            return _pointed(plan, refused)
        if isinstance(plan.rows[0], PackRow):
            self._directory.note_packer(steps[-1].fields["batch"], steps[-1].by)
        if self._report.dry_run:
            self._report.accept(plan, known=False)
            return ()
        self._bundles += 1
        waits = _Waiting(plan.rows, plan, self._scribe.sign(written, str(self._bundles)), tries)
        desk = self._desk
        if sum(len(one.submissions) for one in self._waiting) + len(written) > MOST_IN_GROUP:
            self._flush()
        if self._desk is desk:
            self._waiting.append(waits)
        else:  # others wrote: the books on which these steps were tried are not those that there are
            self._enter_again(waits)
        return ()

    def _enter_again(self, waits: _Waiting) -> None:
        [(rows, known)] = self._with_known([waits.rows])
        self._enter(rows, known, waits.tries)

    def _turn_down(self, plan: Plan, problems: Sequence[tuple[Problem, str]], tries: int) -> None:
        """
        Report *problems*, unless others wrote meanwhile.

        What another import entered of these files was perhaps counted twice here: as stored, and as tried.
        """
        if not tries and not self._report.dry_run and self._find_size() != self._size:
            while self._waiting:
                self._flush()
            self._open()
            self._enter_again(_Waiting(plan.rows, plan, (), 1))
            return
        [(rows, known)] = self._with_known([plan.rows])
        if TAGS[kind_of(rows[0])][0] in known:
            self._report.accept(plan, known=True)
        else:
            self._report.refuse(plan.rows, problems)

    def _flush(self) -> None:
        """Append what waits; what was planned on books that others have changed meanwhile is planned anew, once."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if not self._fresh.keep(self._office.vault):
            self._replan(waiting)
            return
        outcomes = iter(self._office.capture.submit([one for waits in waiting for one in waits.submissions]))
        late = []
        for waits in waiting:
            mine = [next(outcomes) for _ in waits.submissions]
            fresh = [one for one in mine if isinstance(one, Accepted) and not one.replayed]
            self._report.entries += len(fresh)
            self._size += len(fresh)
            error = next((one for one in mine if isinstance(one, SuyuanError)), None)
            if error is None:
                self._report.accept(waits.plan, known=not fresh)
            elif not isinstance(error, Refused):
                raise error
            elif waits.tries:
                self._report.refuse(waits.rows, _pointed(waits.plan, error))
            else:
                late.append(_Waiting(waits.rows, waits.plan, (), 1))
        if late:
            self._replan(late)

    def _replan(self, waiting: Sequence[_Waiting]) -> None:
        self._open()
        for waits in waiting:
            self._enter_again(waits)


def _pointed(plan: Plan, refused: Refused) -> tuple[tuple[Problem, str], ...]:
    """Return the problems of an event with the fields of the row that they lead back to."""
    row, problems = plan.rows[0], list(refused.problems)
    if isinstance(
        row, OrderRow
    ):  # the clerk did not say who sold: that is found, and wrong where nothing is packed
        problems = [problem for problem in problems if problem.pointer != "/by"] or problems
    return tuple((problem, field_of(row, problem)) for problem in problems)


def _single(rows: Sequence[Row]) -> list[Rows]:
    return [(row,) for row in rows]
