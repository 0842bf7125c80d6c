"""The small file in each data folder: which log it holds, under which address; it travels with a backup."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .durable import make_folder, write_file
from .errors import Broken, Missing, Reason

NO_FOLDER = Reason(
    "settings.no-folder",
    "{data} 不是 Suyuan 的数据文件夹，请先运行 suyuan init",
    "{data} is no data folder of Suyuan: run suyuan init first",
)


@dataclass(frozen=True, slots=True)
class Folder:
    """
    What a data folder holds: one log, under one public address.

    ``log`` is the log's id, which is also its checkpoint origin (``green.example/log``); ``address`` stands on the
    labels, so that it must not change once labels are printed; ``demo`` as in the log's first entry.
    """

    log: str
    address: str
    demo: bool = False


FOLDER_FILE = "suyuan.json"
_FORMAT = 1


def read_folder(data: Path) -> Folder:
    """
    Read *data*/suyuan.json.

    Raises:
        Missing: the folder was never initialised.
        Broken: the file is damaged or of a later version.
    """
    path = data / FOLDER_FILE
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise Missing(NO_FOLDER.at(data=str(data))) from None
    except ValueError as error:
        raise Broken(f"{FOLDER_FILE} is not JSON") from error
    if not isinstance(found, dict) or found.pop("format", None) != _FORMAT:
        raise Broken(f"{FOLDER_FILE} is of another version", expected=_FORMAT)
    expected = {"log": str, "address": str, "demo": bool}
    if {name: type(value) for name, value in found.items()} != expected:
        raise Broken(f"{FOLDER_FILE} has other fields", expected=sorted(expected), found=sorted(found))
    return Folder(**found)


def write_folder(data: Path, folder: Folder) -> None:
    """
    Write *data*/suyuan.json, whole or not at all.

    Raises:
        Unavailable: the file can't be written.
    """
    make_folder(data)
    text = json.dumps({"format": _FORMAT, **asdict(folder)}, ensure_ascii=False, indent=2, sort_keys=True)
    write_file(data / FOLDER_FILE, text.encode() + b"\n")
