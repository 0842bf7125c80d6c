"""``suyuan key``: new keys, and the list of those that are registered. No private key is ever printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from ..errors import Missing, Reason, Refused
from . import log_keys
from .files import read_file, read_key_file, write_key_file
from .frame import Frame, frame_of, office_of, open_data, print_json
from .locks import MasterKey, NoPassphrase, choose_lock, find_lock_for, tell_locked

if TYPE_CHECKING:
    from ..ledger.jwk import SigningKey

WHAT = Reason(
    "key.what",
    "请给出 --party（登记新密钥）、--out（写入密钥文件）或两者",
    "give --party (register a new key), --out (write a key file), or both",
)

RevokeReason = Literal["lost", "stolen", "retired", "staff-change"]

HYPHENS: Final = {"ignore_unknown_options": True}
"""For commands that take a kid: one in 64 begins with a hyphen."""

app = typer.Typer(help="密钥 / keys", no_args_is_help=True)
app.add_typer(log_keys.app, name="log")


@app.command("new")
def new(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    party: Annotated[str | None, typer.Option(metavar="ID|NAME", help="主体编号或名称 / party")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="新密钥文件 / new key file")] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="该主体现有的密钥 / a key that the party has")
    ] = None,
    no_passphrase: NoPassphrase = False,
    master_key: MasterKey = False,
) -> None:
    """
    新建密钥。 / Make a key.

    只给 --out：写入密钥文件，不登记。只给 --party：登记，由服务代管。两者都给：登记，由主体自己保管。 /
    --out alone writes a key file; --party alone registers a key that the service keeps; both register the file's key.

    密钥文件用口令加密：在终端输入两次，或取自 SUYUAN_PASSPHRASE。 / The file is locked with a passphrase, asked for
    twice or taken from SUYUAN_PASSPHRASE.
    """
    import os

    from ..ledger.jwk import SigningKey, format_jwk

    frame = frame_of(context)
    if party is None and out is None:
        raise Refused(WHAT.at())
    fresh = SigningKey(os.urandom(32))
    lock = None
    if out is not None:
        lock = choose_lock(frame, plain=no_passphrase, master=master_key)
        write_key_file(out, fresh, lock)
    if party is not None:
        signer = read_key_file(key, frame) if key else None
        try:
            _register(frame, party, fresh, out is None, signer)
        except (Refused, Missing):  # nothing was registered; after any other error the key may be in the log
            if out is not None:
                out.unlink()
            raise
    if out is not None:
        tell_locked(frame, out, lock)
    print_json({"kid": fresh.kid, "jwk": format_jwk(fresh.public)})


def _register(frame: Frame, party: str, fresh: SigningKey, kept: bool, signer: SigningKey | None) -> None:
    from ..capture.acts import add_key
    from ..capture.register import Register
    from ..ledger.engine import begin_read

    with open_data(frame) as house:
        with begin_read(house.engine) as connection:
            found = Register(connection, house.log_id, house.vault).party(party)
        accepted = add_key(office_of(house), found.id, fresh, kept=kept, key=signer)
    frame.tell(
        f"已为 {found.name or found.id} 登记，第 {accepted.index} 条",
        f"registered for {found.name or found.id} in entry {accepted.index}",
    )


@app.command("encrypt")
def encrypt(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="密钥文件 / key file")],
    no_passphrase: NoPassphrase = False,
    master_key: MasterKey = False,
) -> None:
    """
    加密密钥文件，或更换口令。 / Lock a key file, or change its passphrase.

    旧口令取自 SUYUAN_PASSPHRASE，新口令取自 SUYUAN_NEW_PASSPHRASE；没有就在终端询问。 /
    The old passphrase is SUYUAN_PASSPHRASE, the new one SUYUAN_NEW_PASSPHRASE; else both are asked for.
    """
    import os

    from ..durable import write_file
    from ..vault.keyfile import open_key_file
    from ..vault.locked import lock_bytes

    frame = frame_of(context)
    plain, kind = open_key_file(read_file(file), str(file), find_lock_for(frame))
    lock = choose_lock(frame, plain=no_passphrase, master=master_key)
    write_file(file, plain if lock is None else lock_bytes(plain, lock, os.urandom, kind))
    tell_locked(frame, file, lock)


@app.command("revoke", context_settings=HYPHENS)
def revoke(
    context: typer.Context,
    kid: Annotated[str, typer.Argument(metavar="KID", help="密钥编号 / the key's kid")],
    reason: Annotated[RevokeReason, typer.Option(help="原因 / reason")],
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="本主体或监管部门的密钥 / a key of the party or a supervisor"),
    ] = None,
) -> None:
    """吊销密钥：此后它签的声明一律拒收，此前的仍然有效。 / Revoke a key: what it signed before stays valid."""
    from ..capture.acts import revoke_key

    frame = frame_of(context)
    with open_data(frame) as house:
        signer = read_key_file(key, frame) if key else None
        accepted = revoke_key(office_of(house), kid, reason, signer)
        house.checkpoint()
    frame.tell(
        f"密钥 {kid} 自第 {accepted.index} 条起吊销", f"the key {kid} is revoked since entry {accepted.index}"
    )


@app.command("list")
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """列出登记的密钥及保管者。 / List the registered keys and who keeps them."""
    from ..books.store import read_records
    from ..ledger.engine import begin_read
    from ..produce.records import Key, Party
    from ..produce.rights import LOG

    frame = frame_of(context)
    with open_data(frame) as house, begin_read(house.engine) as connection:
        parties = {party.id: party for party in read_records(connection, house.log_id, Party)}
        here = {kept.kid for kept in house.vault.keys_of(connection)}
        rows = [
            {
                "party": key.party,
                "name": parties[key.party].name if key.party in parties else "",
                "kid": key.id,
                "custody": key.custody,
                "here": key.id in here,
                "since": key.since,
                "until": key.until if key.until >= 0 else None,
            }
            for key in read_records(connection, house.log_id, Key)
            if key.party != LOG
        ]
    rows.sort(key=lambda row: (str(row["party"]), str(row["since"])))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(_line(frame, row))


def _line(frame: Frame, row: Mapping[str, object]) -> str:
    keeper = (
        frame.pick("服务代管", "kept by the service")
        if row["custody"] == "service"
        else frame.pick("本人保管", "kept by the party")
    )
    until = (
        ""
        if row["until"] is None
        else frame.pick(f"，自第 {row['until']} 条起吊销", f", revoked since entry {row['until']}")
    )
    since = frame.pick(f"第 {row['since']} 条起", f"from entry {row['since']}")
    return f"{row['kid']}  {row['party']} {row['name']}  {keeper}  {since}{until}"
