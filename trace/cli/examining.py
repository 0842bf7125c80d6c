"""``suyuan audit``, ``rebuild`` and ``checkpoint``: does all that is stored agree with the entries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Missing, Reason
from .files import read_file, write_new
from .frame import REFUSED, Frame, frame_of, open_data, print_json, progress_bar
from .trusting import KEY, POLICY
from .watching import Errand, audit_published, check_inside

if TYPE_CHECKING:
    from ..publish.examination import Examination
    from ..server.house import House

EMPTY = Reason("checkpoint.none", "账本还没有条目", "the log has no entries yet")


def audit(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL|FOLDER|DATABASE]",
            help="公布的日志或数据库；省略则审计数据文件夹 / a log from outside",
        ),
    ] = None,
    policy: Annotated[Path | None, POLICY] = None,
    key: Annotated[str | None, KEY] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="早先保存的检查点 / a checkpoint saved earlier")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="记住审计到哪里，下次接着审 / go on from where it was left"),
    ] = None,
    books: Annotated[
        bool, typer.Option("--books", help="也重放账目规则（慢）/ replay the books too")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", help="一直盯着，有矛盾就报警 / keep watching")] = False,
    interval: Annotated[float, typer.Option(min=0.1, help="秒 / seconds between looks")] = 10,
    idle: Annotated[float, typer.Option(min=1, help="分钟 / minutes until old timestamps are told of")] = 30,
    jobs: Annotated[int | None, typer.Option(min=0, help="核验进程数 / worker processes")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """
    从条目重算一切，逐条列出不符之处；全部相符才返回 0。

    Recompute everything from the entries and name every difference; the exit code is 0 only when there is none.
    Given the address or the folder of a published log, or the URL of a database, this is done from outside, with the
    log's key or policy alone.
    """
    frame = frame_of(context)
    errand = Errand(source or "", policy, key, against, state, books, jobs, follow, interval, idle, as_json)
    if source is None or _is_data(source):
        check_inside(frame, errand)
        audit_data(Frame(Path(source), frame.language) if source else frame, against, as_json=as_json)
        return
    audit_published(frame, errand)


def _is_data(source: str) -> bool:
    """Tell whether *source* is a data folder, which says so in a file of its own."""
    return (Path(source) / "suyuan.json").is_file()


def audit_data(frame: Frame, against: Path | None, *, as_json: bool) -> None:
    """Audit ledger, books and vault of the data folder."""
    with open_data(frame) as house:
        found = examine_house(frame, house, against)
    if as_json:
        print_json({
            "size": found.size,
            "root": found.root.hex(),
            "differences": list(found.differences),
        })  # fmt: skip
    else:
        for line in found.differences:
            typer.echo(line)
        frame.tell(
            f"共 {found.size} 条，根 {found.root.hex()}，不符 {len(found.differences)} 处",
            f"{found.size} entries, root {found.root.hex()}, {len(found.differences)} differences",
        )
    if found.differences:
        raise typer.Exit(REFUSED)


def examine_house(frame: Frame, house: House, against: Path | None = None) -> Examination:
    """
    Examine the opened house, with a progress bar.

    Raises:
        Missing, Unavailable: the file of the earlier checkpoint.
        Refused: it is no checkpoint that this log signed.
    """
    from ..ledger import store
    from ..ledger.checkpoint import open_checkpoint
    from ..ledger.engine import begin_read
    from ..publish.examination import Subject, examine
    from ..publish.publisher import known_keys

    verifier = house.keys.checkpoint.verifier
    earlier = None
    if against:
        keys = known_keys(house.engine, house.log_id, house.keys.checkpoints)
        earlier = open_checkpoint(read_file(against), keys, house.log_id)
    with begin_read(house.engine) as connection:
        head = store.find_head(connection, house.log_id)
    subject = Subject(house.engine, house.vault, house.log_id, verifier, earlier)
    with progress_bar(frame, "审计", "audit") as progress:
        return examine(subject, lambda done: progress(done, head.size if head else 0))


def rebuild(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="只比较，不改动 / compare, change nothing")] = False,
) -> None:
    """从条目重建帐目表；--check 只比较。 / Make the books anew from the entries; --check only compares."""
    from ..books.rebuild import check_books
    from ..books.rebuild import rebuild as make_anew
    from ..ledger.engine import begin_read, begin_write

    frame = frame_of(context)
    with open_data(frame) as house, progress_bar(frame, "重建", "rebuild") as progress:
        if check:
            with begin_read(house.engine) as connection:
                lines = check_books(connection, house.log_id, lambda done: progress(done, 0))
        else:
            with begin_write(house.engine) as connection:
                records = make_anew(connection, house.log_id, lambda done: progress(done, 0))
            lines = []
            frame.tell(f"已重建 {records} 条记录", f"{records} records made anew")
    for line in lines:
        typer.echo(line)
    if lines:
        raise typer.Exit(REFUSED)


def checkpoint(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="新文件 / new file")] = None,
) -> None:
    """签署并输出最新检查点；请存放在别处，供日后 audit --against。 / Sign and print the latest checkpoint."""
    frame = frame_of(context)
    with open_data(frame) as house:
        stored = house.checkpoint()
    if stored is None:
        raise Missing(EMPTY.at())
    if out is None:
        typer.echo(stored.note, nl=False)
        return
    write_new(out, stored.note.encode())
    frame.tell(
        f"检查点（{stored.size} 条）已写入 {out}", f"checkpoint of {stored.size} entries written to {out}"
    )
