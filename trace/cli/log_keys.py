"""``suyuan key log``: the keys of the checkpoints, listed, rotated, retired."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Missing, Reason, Refused
from .files import write_key_file
from .frame import Frame, frame_of, office_of, open_data, print_json
from .locks import MasterKey, NoPassphrase, choose_lock, tell_locked

if TYPE_CHECKING:
    from ..ledger.jwk import SigningKey
    from ..produce.log_key import CheckpointKey

DAY = Reason("log-key.day", "“{text}”不是日期，请写成 2026-12-31", "{text!r} is no day such as 2026-12-31")

app = typer.Typer(help="检查点密钥 / the keys of the checkpoints", no_args_is_help=True)


@app.command("list")
def show(context: typer.Context, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """列出检查点密钥：起止条目、是否在手。 / List the keys: from and until which entry, and whether at hand."""
    from ..capture.rekeying import read_log

    frame = frame_of(context)
    with open_data(frame) as house:
        here = {signer.vkey for signer in house.signers()}
        rows = [_row(key, here) for key in read_log(house.engine, house.log_id).checkpoint_keys]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(_line(frame, row))


@app.command("rotate")
def rotate(  # options of a command
    context: typer.Context,
    ends: Annotated[
        str | None, typer.Option(metavar="DAY", help="旧密钥自此日起停用 / the old key retires on this day")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="新密钥写入文件，不入保险库 / put the new key into a file"),
    ] = None,
    no_passphrase: NoPassphrase = False,
    master_key: MasterKey = False,
) -> None:
    """启用新的检查点密钥，与旧的并行签名。 / Announce a new key, which signs beside the old one; prints its vkey."""
    from dataclasses import replace

    from ..capture.rekeying import rotate_key

    frame = frame_of(context)
    end = _moment(ends) if ends else None
    with open_data(frame) as house:
        fresh = _fresh_file(frame, out, no_passphrase, master_key) if out else None
        try:
            signer, accepted = rotate_key(office_of(house), fresh, end)
        except (Refused, Missing):  # nothing was announced; after any other error the key may be in the log
            if out:
                out.unlink()
            raise
        replace(house, handed=(*house.handed, *([fresh] if fresh else []))).checkpoint()
    typer.echo(signer.vkey)
    frame.tell(
        f"已在第 {accepted.index} 条公布，新旧密钥从现在起同时签名；先把新公钥交给见证方和核验者，"
        "再用 suyuan key log retire 停用旧密钥",
        f"announced in entry {accepted.index}; both keys sign from now on: hand the new one to witnesses and verifiers "
        "first, then retire the old one with suyuan key log retire",
    )
    if out:
        frame.tell(
            f"请把 {out} 加入 SUYUAN_LOG_KEY_FILE 并重启服务",
            f"add {out} to SUYUAN_LOG_KEY_FILE and restart the service",
        )


def _fresh_file(frame: Frame, out: Path, plain: bool, master: bool) -> SigningKey:
    """Write a new key to *out*; it signs nothing before it is announced."""
    import os

    from ..ledger.jwk import SigningKey

    lock = choose_lock(frame, plain=plain, master=master)
    key = SigningKey(os.urandom(32))
    write_key_file(out, key, lock)
    tell_locked(frame, out, lock)
    return key


@app.command("retire")
def retire(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="公钥（vkey）或其 8 位编号 / vkey or its key ID")],
) -> None:
    """停用一把检查点密钥。 / Announce that a key of the checkpoints signs no more."""
    from ..capture.rekeying import name_key, read_log, retire_key

    frame = frame_of(context)
    with open_data(frame) as house:
        office = office_of(house)
        found = name_key(read_log(house.engine, house.log_id), key)
        house.checkpoint()  # once more with both, so that whoever knows only the old key can follow
        accepted = retire_key(office, found.vkey, house.signers())
        house.checkpoint()
    frame.tell(f"已停用，第 {accepted.index} 条", f"retired in entry {accepted.index}")


@app.command("mldsa")
def mldsa(context: typer.Context) -> None:
    """为检查点加上 ML-DSA-44 签名（抗量子，每份约 3.3 kB）。 / Sign checkpoints with ML-DSA-44 too, 3.3 kB each."""
    from ..capture.rekeying import add_cosigner

    frame = frame_of(context)
    with open_data(frame) as house:
        cosigner, accepted = add_cosigner(office_of(house))
        house.checkpoint()
    typer.echo(cosigner.vkey)
    frame.tell(f"已在第 {accepted.index} 条公布", f"announced in entry {accepted.index}")


def _moment(text: str) -> datetime:
    from ..capture.acts import CHINA

    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(DAY.at(text=text[:40])) from None
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def _row(key: CheckpointKey, here: set[str]) -> dict[str, Any]:
    from ..ledger.cosignature import parse_key
    from ..ledger.note import Verifier

    parsed = parse_key(key.vkey)
    return {
        "key_id": parsed.key_id.hex(),
        "algorithm": "Ed25519" if isinstance(parsed, Verifier) else "ML-DSA-44",
        "since": key.since,
        "until": key.until if key.until >= 0 else None,
        "ends": key.ends or None,
        "signs": key.until < 0 and key.vkey in here,
        "vkey": key.vkey,
    }


def _line(frame: Frame, row: dict[str, Any]) -> str:
    since = frame.pick(f"第 {row['since']} 条起", f"from entry {row['since']}")
    until = "" if row["until"] is None else frame.pick(f" 至第 {row['until']} 条", f" until {row['until']}")
    ends = "" if not row["ends"] or until else frame.pick(f"，{row['ends']} 停用", f", ends {row['ends']}")
    state = "" if row["signs"] or until else frame.pick("  不在手边", "  not at hand")
    return f"{row['key_id']}  {row['algorithm']}  {since}{until}{ends}{state}  {row['vkey'][:120]}"
