"""``suyuan evidence``: everything about a batch or a package in one file that verifies on another machine."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..errors import Missing, Reason, Refused
from .files import write_new
from .frame import Frame, frame_of, open_data

if TYPE_CHECKING:
    from ..publish.evidence import Dossier
    from ..server.house import House

NO_ZIP = Reason("evidence.zip", "{name} 不是完好的 ZIP 文件", "{name} is no sound ZIP file")
LARGE = Reason("evidence.large", "{name} 解开后超过 {most} 字节", "{name} holds more than {most} bytes")

MAX_BYTES: Final = 1 << 30
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def evidence(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="BATCH|CODE", help="批次或溯源码 / batch or code")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="新 ZIP 文件 / new ZIP file")] = None,
    forward: Annotated[
        bool, typer.Option("--forward", help="也包括由它制成的批次 / also what was made of it")
    ] = False,
) -> None:
    """
    把一个批次或一件商品的全部记录连同证明写成一个 ZIP 文件；在别的电脑上用 verify 核验。

    Write all entries about a batch or a package, with their proofs, to a ZIP file; check it anywhere with verify.
    """
    frame = frame_of(context)
    with open_data(frame) as house:
        dossier, members = _gather(frame, house, subject, forward=forward)
    found = dossier.evidence
    target = out or Path(f"suyuan-evidence-{found.subject}.zip")
    write_new(target, pack(members))
    frame.tell(
        f"{len(found.entries)} 条记录及证明已写入 {target}；核验：suyuan verify {target} --policy FILE",
        f"{len(found.entries)} entries with proofs written to {target}; check: suyuan verify {target} --policy FILE",
    )
    if dossier.waiting:
        frame.tell(
            f"另有 {dossier.waiting} 条尚未列入检查点，未收入",
            f"{dossier.waiting} more are not under a checkpoint yet and were left out",
        )


def _gather(frame: Frame, house: House, subject: str, *, forward: bool) -> tuple[Dossier, dict[str, bytes]]:
    from ..capture.register import Register
    from ..ledger.checkpoint import parse_checkpoint
    from ..ledger.engine import begin_read
    from ..ledger.note import split_note
    from ..ledger.radix64 import format_base64
    from ..publish.evidence import gather_evidence, gather_package_evidence
    from ..publish.words import show_moment
    from ..qr.code import CODE_LENGTH
    from ..verify.evidence import PAGE, POLICY, format_evidence
    from ..web.evidence import evidence_page

    with begin_read(house.engine) as connection:
        try:
            batch = Register(connection, house.log_id, house.vault).batch(subject).id
            dossier = gather_evidence(connection, house.log_id, batch, forward=forward)
        except Missing:
            if sum(map(str.isalnum, subject)) != CODE_LENGTH:
                raise
            dossier = gather_package_evidence(connection, house.vault, house.log_id, subject, forward=forward)
    root = format_base64(parse_checkpoint(split_note(dossier.evidence.checkpoint)[0]).root)
    made_at = f"{show_moment(house.mint.clock())} +0800"
    page = evidence_page(dossier, root, made_at, frame.language)
    members = format_evidence(dossier.evidence)
    return dossier, {PAGE: page.encode(), POLICY: house.policy_text().encode(), **members}


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return *members* as a ZIP file, the same bytes for the same members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return target.getvalue()


def unpack(name: str, data: bytes) -> dict[str, bytes]:
    """
    Return the members of the ZIP file *data*, each stored or deflated and there once; *name* is told in errors.

    Raises:
        Refused: ``evidence.zip``, ``evidence.large``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if sum(info.file_size for info in members) > MAX_BYTES:
                raise Refused(LARGE.at(name=name, most=MAX_BYTES))
            # Of two members of one name, or one that not every reader unpacks, others would see something else.
            if any(info.compress_type not in _METHODS for info in members):
                raise zipfile.BadZipFile
            found = {info.filename: archive.read(info) for info in members}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        raise Refused(NO_ZIP.at(name=name)) from None
    if len(found) != len(members):
        raise Refused(NO_ZIP.at(name=name))
    return found
