"""The pages: one package, one batch, the way in, and what is said when something is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ..errors import Language
from ..publish.lookup import HEADINGS, Verdict
from ..publish.window import Place, Window
from ..publish.words import Words, choose_language
from ..qr.code import CHECK, group_code
from .render import render
from .scripts import SCRIPTS, build_scripts
from .verdicts import LOOKS, UNSEEN, Look
from .views import batch_rows, lay_out_history, lay_out_origins, package_rows
from .words import phrases

MOST_TESTS_SHOWN: Final = 4
_LONGEST_TYPED: Final = 60

_WRONG: Final[dict[str, tuple[str, str]]] = {
    "not_found": ("question", "wait"),
    "unavailable": ("clock", "wait"),
    "broken": ("warning", "bad"),
    "refused": ("pencil", "wait"),
}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads the page: in which language, and whether the address says so."""

    language: Language
    explicit: bool
    other: str
    log: str

    @property
    def t(self) -> dict[str, str]:
        return phrases(self.language)

    def render(self, template: str, status: int, **values: Any) -> HTMLResponse:
        """Return the page for this reader."""
        return render(
            template,
            self.language,
            status,
            explicit=self.explicit,
            other_language=self.other,
            log=self.log,
            **values,
        )


def build_pages(window: Window, witnesses: Sequence[str] = ()) -> APIRouter:
    """
    Return the routes of the pages, which read the log through *window*.

    Args:
        witnesses: vkeys of the witnesses whose cosignatures the visitor's browser counts.
    """
    router = APIRouter(include_in_schema=False)
    router.include_router(build_scripts())

    @router.get("/")
    def get_home(request: Request) -> HTMLResponse:
        return _reader(request, window.log_id).render("home.html", 200, unseen=UNSEEN)

    @router.get("/p")
    def get_typed(request: Request, code: str = "") -> HTMLResponse:
        reader = _reader(request, window.log_id)
        if not code.strip():
            return reader.render("home.html", 200, unseen=UNSEEN)
        return _package(window, reader, code, witnesses)

    def get_package(request: Request, code: str) -> HTMLResponse:
        return _package(window, _reader(request, window.log_id), code, witnesses)

    for path in ("/p/{code}", "/P/{code}", "/01/{gtin}/21/{code}", "/01/{gtin}/10/{batch}/21/{code}"):
        router.add_api_route(path, get_package, methods=["GET"], name="get_package")

    def get_batch(request: Request, batch: str) -> HTMLResponse:
        return _batch(window, _reader(request, window.log_id), batch)

    for path in ("/b/{batch}", "/B/{batch}"):
        router.add_api_route(path, get_batch, methods=["GET"], name="get_batch")
    return router


def wrong_page(request: Request, kind: str, status: int, log: str) -> HTMLResponse:
    """Return the page for something that went wrong: ``not_found``, ``unavailable``, ``broken`` or ``refused``."""
    reader = _reader(request, log)
    icon, tone = _WRONG[kind]
    meaning = Words(phrases("zh").get(f"{kind}_text", ""), phrases("en").get(f"{kind}_text", ""))
    look = Look(tone, icon, status, meaning)
    return reader.render(
        "message.html", status, look=look, heading=reader.t[kind], details=[], code="", typed=""
    )


def _reader(request: Request, log: str) -> _Reader:
    asked = request.query_params.get("lang", "")
    languages: dict[str, Language] = {"zh": "zh", "en": "en"}
    language = languages.get(asked) or choose_language(request.headers.get("accept-language", ""))
    other = "zh" if language == "en" else "en"
    switch = f"?{request.url.include_query_params(lang=other).query}"
    return _Reader(language, asked in languages, switch, log)


def _package(window: Window, reader: _Reader, text: str, witnesses: Sequence[str]) -> HTMLResponse:
    verdict = window.look_up(text)
    look, heading = LOOKS[verdict.state], HEADINGS[verdict.state].text(reader.language)
    if verdict.package is None or verdict.story is None:
        details = [one.text(reader.language) for one in verdict.problems[:6] if one.code != CHECK.code]
        code = group_code(verdict.code) if verdict.code else ""
        return reader.render(
            "message.html",
            look.status,
            look=look,
            heading=heading,
            details=details,
            code=code,
            typed=text[:_LONGEST_TYPED],
        )
    check = _check(window, verdict.code, window.place(verdict.package.entry), reader.t)
    return _whole(reader, verdict, {**check, "witnesses": "\n".join(witnesses)})


def _whole(reader: _Reader, verdict: Verdict, check: dict[str, Any]) -> HTMLResponse:
    story, package = verdict.story, verdict.package
    assert story is not None
    assert package is not None
    t, language = reader.t, reader.language
    look = LOOKS[verdict.state]
    facts = {
        "product": story.product,
        "net": package.net_words.text(language),
        "rows": package_rows(package, story, t, language),
        "sold": package.state == "sold",
        "batch": story.id,
    }
    return reader.render(
        "package.html",
        look.status,
        look=look,
        heading=verdict.heading.text(language),
        code=group_code(verdict.code),
        facts=facts,
        blocks=story.blocks,
        origins=lay_out_origins(story.origins, t),
        tests=story.tests[:MOST_TESTS_SHOWN],
        history=lay_out_history(story.history, t, language),
        check=check,
        scripts=SCRIPTS.addresses(language) if check["ready"] else (),
        unseen=UNSEEN,
    )


def _check(window: Window, code: str, place: Place, t: dict[str, str]) -> dict[str, Any]:
    """Return where the label stands in the log, and the very command that checks its proof."""
    state = window.log_state()
    key = state.checkpoint_key if state else ""
    signing = (
        [one.vkey for one in state.checkpoint_keys if one.signs(place.checkpoint) and not one.extra]
        if state
        else []
    )
    return {
        "position": t["position"].format(n=place.entry, size=place.checkpoint),
        "leaf": place.leaf,
        "ready": place.entry < place.checkpoint,
        "code": code,
        "vkeys": "\n".join(signing),
        "command": f"suyuan verify suyuan-{code}.json --key {quote(key)}",
    }


def _batch(window: Window, reader: _Reader, id: str) -> HTMLResponse:
    story = window.batch(id)
    t, language = reader.t, reader.language
    state = story.blocks[0].cause if story.blocks else "intact"
    facts = {
        "product": story.product,
        "verdict": HEADINGS[state].text(language) if story.blocks else t["batch_free"],
        "rows": batch_rows(story, t, language),
    }
    return reader.render(
        "batch.html",
        200,
        look=LOOKS[state],
        heading=t["batch_title"].format(label=story.label),
        facts=facts,
        blocks=story.blocks,
        origins=lay_out_origins(story.origins, t),
        tests=story.tests[:MOST_TESTS_SHOWN],
        history=lay_out_history(story.history, t, language),
        unseen=UNSEEN,
    )
