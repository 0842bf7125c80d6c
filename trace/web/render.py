"""Rendering: the templates and the one style sheet, read once, and the headers that every page carries."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..errors import Language
from ..ledger.radix64 import format_base64
from .words import phrases

_HERE: Final = Path(__file__).parent


def _read_style() -> str:
    lines = (line.strip() for line in (_HERE / "style.css").read_text("utf-8").splitlines())
    return "".join(lines)


STYLE: Final = _read_style()
"""The style sheet as it stands inside every page: no request of its own."""

_STYLE_HASH: Final = format_base64(hashlib.sha256(STYLE.encode()).digest())

POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: no script, no picture, no host but this one."""

SCRIPT_POLICY: Final = (
    f"{POLICY}; script-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The same for the page that checks itself: our own modules as files, never in the page; they ask this host only."""

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, language: Language, status: int, **values: Any) -> HTMLResponse:
    """Return the page made of *template*, in *language*; with ``scripts`` it may load our own modules."""
    text = render_text(template, language, **values)
    headers = {
        "Content-Language": phrases(language)["lang"],
        "Content-Security-Policy": SCRIPT_POLICY if values.get("scripts") else POLICY,
        "Cache-Control": "public, max-age=10, stale-while-revalidate=20" if status == 200 else "no-store",
        "Vary": "Accept-Language",
    }
    return HTMLResponse(text, status, headers)


def render_text(template: str, language: Language, **values: Any) -> str:
    """Return *template* filled in, in *language*; with ``explicit`` its links keep the language."""
    explicit = values.pop("explicit", False)
    t = {**phrases(language), "query": f"?lang={language}" if explicit else ""}
    return _TEMPLATES.get_template(template).render(t=t, language=language, style=_Safe(STYLE), **values)


class _Safe(str):
    """Text of our own that goes into a page as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self
