"""
The modules that check a proof in the visitor's browser, served as files under a name that holds their hash.

The folder's name is the hash over all modules, so that they are kept for good and never mixed with those of another
version; they import each other by relative names. Comments and indentation stay behind, as with the style sheet.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response

from ..errors import Language, Missing, Reason

NO_FILE = Reason("file.missing", "没有这个文件", "there is no such file")

_ENTRANCE: Final = "page.js"
_SENTENCES: Final = "words."
_MEDIA_TYPE: Final = "text/javascript; charset=utf-8"
_HASH_DIGITS: Final = 16
_BLOCK: Final = re.compile(r"^\s*/\*\*.*?\*/\n", re.S | re.M)


@dataclass(frozen=True, slots=True)
class Scripts:
    """The modules by name, as they stand and compressed by gzip, and the folder that their hash names."""

    files: dict[str, bytes]
    packed: dict[str, bytes]
    folder: str

    def addresses(self, language: Language) -> tuple[str, ...]:
        """Return the addresses of the modules that a page in *language* loads, the one to start with first."""
        names = [name for name in self.files if name != _ENTRANCE and not name.startswith(_SENTENCES)]
        return tuple(f"/s/{self.folder}/{name}" for name in (_ENTRANCE, *names, f"{_SENTENCES}{language}.js"))


def read_scripts(folder: Path) -> Scripts:
    """Return the modules in *folder*."""
    files = {path.name: _bare(path.read_text("utf-8")).encode() for path in sorted(folder.glob("*.js"))}
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name} {len(content)}\n".encode() + content)
    packed = {name: gzip.compress(content, 9, mtime=0) for name, content in files.items()}
    return Scripts(files, packed, digest.hexdigest()[:_HASH_DIGITS])


def _bare(source: str) -> str:
    """Return *source* without comments and indentation; no text of ours runs over a line."""
    source = _BLOCK.sub("", source)
    lines = (line.strip() for line in source.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


SCRIPTS: Final = read_scripts(Path(__file__).parent / "static")
"""Read once; the same bytes for every visitor."""


def build_scripts() -> APIRouter:
    """Return the route of the modules."""
    router = APIRouter(include_in_schema=False)

    @router.get("/s/{folder}/{name}")
    def get_script(folder: str, name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
        if folder != SCRIPTS.folder or name not in SCRIPTS.files:
            raise Missing(NO_FILE.at())
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" not in accept_encoding:
            return Response(SCRIPTS.files[name], 200, headers, _MEDIA_TYPE)
        return Response(SCRIPTS.packed[name], 200, {**headers, "Content-Encoding": "gzip"}, _MEDIA_TYPE)

    return router
