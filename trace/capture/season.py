"""
A season's workbooks into the ledger: read, planned row by row, tried on the books, signed, appended in groups.

The dry run does all of this but signing and appending, so that both share one validator. Every accepted step carries a
keyed hash of its row, written in the transaction of its entry: after a crash, or on a second run, what is in is
skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..books.desk import Desk
from ..errors import Problem, Reason, Refused, SuyuanError
from ..intake import planning, selling
from ..intake.problems import RowProblem
from ..intake.rows import OrderRow, PackRow, PartyRow, Row, kind_of
from ..intake.season import Season, read_season
from ..intake.step import Plan, Step
from ..ledger.engine import begin_read
from ..ledger.jwk import SigningKey, format_jwk
from ..produce.parse import parse_event
from ..produce.rights import Signed
from ..qr.run import run_root
from .append import MOST_IN_GROUP
from .check import prove_possession
from .directory import Directory, Sources
from .mint import RUN_LENGTH
from .office import Office
from .outcome import Accepted, Private, RowMark, Submission
from .pen import Hidden
from .report import ImportReport
from .rowkey import TAGS, field_of, identity_of

__all__ = ["Office", "import_season"]

NO_KEY = Reason(
    "row.key", "主体的密钥不由服务代管，须由本主体自行签名", "the party's key is not in the service's custody"
)


@dataclass(slots=True)
class _Waiting:
    """Rows whose steps are tried and signed, waiting for their group."""

    rows: tuple[Row, ...]
    submissions: list[Submission] = field(default_factory=list)


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
        self._report = ImportReport(self._year, dry_run, list(season.problems), ignored=season.ignored)
        self._waiting: list[_Waiting] = []
        self._open()

    def _open(self) -> None:
        """Begin with an empty desk: at the start, and when the real append refused what the trial had taken."""
        office = self._office
        self._desk = Desk(office.engine, office.pen.log_id)
        sources = Sources(office.engine, office.pen.log_id, office.vault, self._desk, office.pen.mint)
        now = office.pen.mint.clock().isoformat(timespec="milliseconds")
        households = {row.ref: row.household for row in self._season.plots}
        self._directory = Directory(sources, now, households)
        for key in office.keys:
            self._directory.lend_key(key)

    def run(self, progress: Callable[[int, int], None]) -> ImportReport:
        season = self._season
        stages: list[tuple[Sequence[tuple[Row, ...]], Callable[[Any], Plan]]] = [
            (_single(season.parties), lambda rows: planning.plan_party(rows[0], self._directory)),
            (_single(season.plots), lambda rows: planning.plan_plot(rows[0], self._year, self._directory)),
            (_single(season.fieldwork), lambda rows: planning.plan_fieldwork(rows[0], self._directory)),
            (
                _single(season.harvests),
                lambda rows: planning.plan_harvest(rows[0], self._year, self._directory),
            ),
            (_single(season.processing), lambda rows: planning.plan_processing(rows[0], self._directory)),
            (selling.group_reports(season.tests), lambda rows: selling.plan_report(rows, self._directory)),
            (_single(season.packs), lambda rows: selling.plan_pack(rows[0], self._directory)),
            (_single(season.orders), lambda rows: selling.plan_order(rows[0], self._directory)),
        ]
        total, done = sum(len(groups) for groups, _ in stages), 0
        for groups, plan in stages:
            for rows, known in self._with_known(groups):
                self._enter(rows, known, plan)
                done += 1
                progress(done, total)
            self._flush()
        self._report.problems.sort(key=lambda problem: (problem.file, problem.sheet, problem.row))
        return self._report

    def _with_known(self, groups: Sequence[tuple[Row, ...]]) -> Iterator[tuple[tuple[Row, ...], set[str]]]:
        """Yield each group of rows with the tags of its steps that were entered before."""
        marks = [{tag: self._mark(rows[0], tag).row for tag in TAGS[kind_of(rows[0])]} for rows in groups]
        with begin_read(self._office.engine) as connection:
            found = self._office.vault.find_rows(
                connection, [hash for tags in marks for hash in tags.values()]
            )
        for rows, tags in zip(groups, marks, strict=True):
            yield rows, {tag for tag, hash in tags.items() if hash in found}

    def _mark(self, row: Row, tag: str) -> RowMark:
        kind = kind_of(row)
        return RowMark(self._office.vault.row_hash(kind, [*identity_of(row), tag]), kind)

    def _enter(self, rows: tuple[Row, ...], known: set[str], plan: Callable[[Any], Plan]) -> None:
        kind = kind_of(rows[0])
        if isinstance(rows[0], PartyRow) and any(word in rows[0].kind for word in ("网店", "店铺", "经销商")):
            self._directory.note_shop(rows[0].name)
        if TAGS[kind][0] in known and kind != "order":
            self._count(rows, known=True)
            return
        stand = self._directory.stand()
        planned = plan(rows)
        self._warn(rows, planned.warnings)
        if planned.problems:
            self._directory.go_back(stand)
            self._refuse(rows, planned.problems)
            return
        steps = [step for step in planned.steps if step.tag not in known]
        sold = not isinstance(rows[0], OrderRow) or [step.tag for step in planned.steps] == ["sold"]
        if not steps:
            self._count(rows, known=True, sold=sold)
            return
        if not self._try(rows, steps, sold):
            self._directory.go_back(stand)

    def _try(self, rows: tuple[Row, ...], steps: Sequence[Step], sold: bool) -> bool:
        """Try *steps* on the books and let them wait for their group; tell whether they were accepted."""
        try:
            written = self._write(rows, steps)
            self._desk.try_all([self._provisional(payload, key) for payload, _, key, _ in written])
        except Refused as refused:
            self._refuse(rows, [(problem, field_of(rows[0], problem)) for problem in refused.problems])
            return False
        self._count(rows, known=False, sold=sold)
        if isinstance(rows[0], PackRow):
            self._directory.note_packer(steps[-1].fields["batch"], steps[-1].by)
        if self._report.dry_run:
            return True
        submissions = [self._office.pen.sign(payload, key, private) for payload, private, key, _ in written]
        marked = [
            Submission(one.token, one.private, marks)
            for one, (_, _, _, marks) in zip(submissions, written, strict=True)
        ]
        if sum(len(one.submissions) for one in self._waiting) + len(marked) > MOST_IN_GROUP:
            self._flush()
        self._waiting.append(_Waiting(rows, marked))
        return True

    def _provisional(self, payload: dict[str, Any], key: SigningKey) -> Signed:
        """Return the event as the fold sees it before it has an index: a beginning that no key is younger than."""
        return Signed(parse_event(payload), key.kid, 1, self._office.pen.mint.clock())

    def _write(
        self, rows: tuple[Row, ...], steps: Sequence[Step]
    ) -> list[tuple[dict[str, Any], tuple[Private, ...], SigningKey, tuple[RowMark, ...]]]:
        """Return payload, disclosures, key and marks of each step."""
        written = []
        shipments: dict[str, str] = {}
        for step in steps:
            key = self._directory.find_key(step.by)
            if key is None:
                raise Refused(NO_KEY.at(""))
            payload = self._office.pen.payload(
                step.type, step.by, step.at, {**step.fields, "backfilled": True}
            )
            if step.type == "batch.shipped":
                shipments[payload["batch"]] = payload["id"]
            self._complete(payload, shipments)
            hidden = tuple(Hidden(secret.fields, secret.person) for secret in step.secrets)
            payload, private = self._office.pen.conceal(payload, hidden)
            marks = tuple(self._mark(row, step.tag) for row in rows)
            written.append((payload, private, key, marks))
        return written

    def _complete(self, payload: dict[str, Any], shipments: dict[str, str]) -> None:
        """Fill in what a planner cannot know: a new party's key, a run's secret, the shipment that is received."""
        match payload["type"]:
            case "party.registered":
                key = self._directory.new_key(payload["party"])
                payload |= {"jwk": format_jwk(key.public), "custody": "service"}
                payload["proof"] = prove_possession(payload["id"], payload["log"], payload["party"], key)
            case "labels.issued":
                mint = self._office.pen.mint
                run, secret = mint.id(RUN_LENGTH), mint.random(32)
                self._directory.new_run(run, secret)
                payload |= {"run": run, "root": run_root(secret, run, payload["count"]).hex()}
            case "batch.received":
                payload["shipment"] = shipments[payload["batch"]]
            case _:
                pass

    def _flush(self) -> None:
        """Append what waits. What the real append refuses, because others wrote meanwhile, is refused after all."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self._directory.keep()
        outcomes = iter(self._office.capture.submit([one for waits in waiting for one in waits.submissions]))
        stale = False
        for waits in waiting:
            mine = [next(outcomes) for _ in waits.submissions]
            self._report.entries += sum(isinstance(one, Accepted) and not one.replayed for one in mine)
            failed = [one for one in mine if isinstance(one, SuyuanError)]
            if failed:
                stale = True
                self._refuse_late(waits.rows, failed[0])
        if stale:
            self._open()

    def _refuse_late(self, rows: tuple[Row, ...], error: SuyuanError) -> None:
        if not isinstance(error, Refused):
            raise error
        for row in rows:
            self._report.entered[kind_of(row)] -= 1
            self._report.totals.remove(row)
        self._refuse(rows, [(problem, field_of(rows[0], problem)) for problem in error.problems])

    def _count(self, rows: Iterable[Row], *, known: bool, sold: bool = True) -> None:
        for row in rows:
            self._report.count(row, known=known, sold=sold)

    def _refuse(self, rows: Iterable[Row], problems: Sequence[tuple[Problem, str]]) -> None:
        self._report.problems += [
            RowProblem.of(row, problem, name) for row in rows for problem, name in problems
        ]

    def _warn(self, rows: Iterable[Row], problems: Sequence[tuple[Problem, str]]) -> None:
        self._report.problems += [
            RowProblem.of(row, problem, name, "warned") for row in rows for problem, name in problems
        ]


def _single(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    return [(row,) for row in rows]
