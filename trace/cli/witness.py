"""``suyuan witness``: a witness for other people's logs; it needs no data folder and no database."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .frame import frame_of
from .locks import NoPassphrase, choose_lock, find_lock_for, tell_locked
from .serving import check_port
from .voice import hear_service

if TYPE_CHECKING:
    from ..witness.keys import WitnessKeys

KEEP_ALIVE_S = 75
"""Logs ask every second while they grow: a connection is worth keeping."""

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="见证文件夹 / the witness's folder")]

app = typer.Typer(help="见证 / witness", no_args_is_help=True)


@app.command("init")
def init(
    context: typer.Context,
    folder: Folder,
    name: Annotated[
        str, typer.Option(metavar="NAME", help="见证方名，如 bureau.example/w1 / such as bureau.example/w1")
    ],
    no_passphrase: NoPassphrase = False,
) -> None:
    """
    新建见证方：生成密钥，打印公钥。 / Make the keys of a witness and print the public ones.

    密钥文件用口令加密：在终端输入两次，或取自 SUYUAN_PASSPHRASE。 / The key file is locked with a passphrase, asked for
    twice or taken from SUYUAN_PASSPHRASE.
    """
    from ..witness.keys import FILE, create_keys

    frame = frame_of(context)
    lock = choose_lock(frame, plain=no_passphrase)
    keys = create_keys(folder, name, os.urandom, lock)
    tell_locked(frame, folder / FILE, lock)
    frame.tell("把下面的公钥交给日志运营者和核验者", "give these public keys to logs and to verifiers")
    _show(keys)


@app.command("key")
def key(context: typer.Context, folder: Folder) -> None:
    """打印公钥：先 Ed25519，后 ML-DSA-44。 / Print the public keys: Ed25519 first, then ML-DSA-44."""
    from ..witness.keys import read_keys

    _show(read_keys(folder, find_lock_for(frame_of(context))))


@app.command("serve")
def serve(  # noqa: PLR0913  # options of a command
    context: typer.Context,
    folder: Folder,
    logs: Annotated[Path, typer.Option(metavar="FILE", help="信任的日志清单 / the logs that are trusted")],
    host: Annotated[str, typer.Option(help="监听地址 / address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口 / port")] = 8100,
    mldsa: Annotated[bool, typer.Option("--mldsa", help="另加 ML-DSA-44 会签 / add ML-DSA-44")] = False,
) -> None:
    """启动见证服务，Ctrl-C 停止。 / Serve the witness until Ctrl-C."""
    import uvicorn

    from ..server.witness import create_witness_app
    from ..witness.keys import read_keys
    from ..witness.logs import TrustedLogs
    from ..witness.memory import hold_folder
    from ..witness.witness import Options, Witness

    frame = frame_of(context)
    keys = read_keys(folder, find_lock_for(frame))
    trusted = TrustedLogs(logs)
    with hold_folder(folder):
        witness = Witness(folder, keys, trusted, Options(mldsa=mldsa))
        check_port(host, port)
        signal.signal(signal.SIGHUP, lambda *_: trusted.forget())
        frame.tell(
            f"见证方 {keys.name} 在 http://{host}:{port}", f"{keys.name} witnesses on http://{host}:{port}"
        )
        hear_service()
        uvicorn.run(
            create_witness_app(witness),
            host=host,
            port=port,
            log_level="warning",
            timeout_keep_alive=KEEP_ALIVE_S,
        )
    frame.tell("服务已停止", "stopped")


def _show(keys: WitnessKeys) -> None:
    typer.echo(keys.ed25519.vkey)
    typer.echo(keys.mldsa.vkey)
