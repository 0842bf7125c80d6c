"""
Problems: every error as an HTTP answer of RFC 9457. The only module that knows HTTP statuses.

``type`` is a stable path such as ``/problems/refused``; each thing wrong stands in ``errors`` with a code of its own,
a JSON pointer into the request and its figures. Example::

    {"type": "/problems/refused", "title": "声明不符合规则", "status": 422, "detail": "批次只剩 5 公斤",
     "errors": [{"code": "batch.short", "pointer": "/statements/0/payload/amount", "detail": "...", "values": {}}]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ..errors import Language, Missing, Problem, Reason, Refused, SuyuanError, Unavailable
from ..publish.words import choose_language
from .wire import FieldProblem, ProblemDocument, Result


class Malformed(Refused):
    """The request can't be read: broken JSON, a parameter of the wrong kind."""

    code = "malformed"


class WrongMediaType(Refused):
    """The body is of a kind that is not taken."""

    code = "media-type"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status and its title in both languages."""

    status: int
    zh: str
    en: str

    def title(self, language: Language) -> str:
        """Return the title in *language*."""
        return self.zh if language == "zh" else self.en


KINDS: Final[Mapping[str, Kind]] = {
    "malformed": Kind(400, "请求无法读懂", "The request cannot be read"),
    "code.mistyped": Kind(400, "溯源码输入有误", "The package code is mistyped"),
    "missing": Kind(404, "没有这项记录", "There is no such record"),
    "size-beyond-log": Kind(404, "超出账本范围", "Beyond the end of the log"),
    "path": Kind(404, "没有这个地址", "There is nothing at this address"),
    "method": Kind(405, "此地址不接受这种请求方法", "The address does not take this method"),
    "too-large": Kind(413, "内容过大", "The content is too large"),
    "media-type": Kind(415, "不接受这种内容类型", "This kind of content is not taken"),
    "refused": Kind(422, "声明不符合规则", "The rules refuse what was said"),
    "conflict": Kind(422, "同一编号已用于其他内容", "The same id was used with other bytes"),
    "statement.signature": Kind(422, "签名不符", "The signature is wrong"),
    "note-wrong": Kind(422, "签名文本不符", "The signed note is wrong"),
    "broken": Kind(
        500, "账本数据自相矛盾，已停止写入", "The ledger contradicts itself; appending has stopped"
    ),
    "error": Kind(500, "服务出错", "The service failed"),
    "unavailable": Kind(503, "暂时无法处理，请稍后再试", "Not possible right now, try again later"),
}
"""Every kind of problem that the service answers with, by the last part of its ``type``."""

PARAMETER = Reason(
    "request.parameter", "参数不符合要求：{detail}", "the parameter is not as required: {detail}"
)
UNREADABLE = Reason("request.unreadable", "请求无法读懂", "the request cannot be read")
NO_PATH = Reason("request.path", "没有这个地址", "there is nothing at this address")
NO_METHOD = Reason("request.method", "此地址不接受这种请求方法", "the address does not take this method")
TOO_LARGE = Reason("request.too-large", "请求超过 {most} 字节", "the request is larger than {most} bytes")
FAILED = Reason("service.failed", "服务出错，已记录", "the service failed; the failure is logged")
CONTRADICTION = Reason(
    "ledger.contradiction",
    "账本数据自相矛盾，已停止写入，请联系运维",
    "the ledger contradicts itself; appending has stopped",
)

MEDIA_TYPE: Final = "application/problem+json"


def kind_of(error: SuyuanError) -> str:
    """Return the kind of *error*: its own code, or that of the nearest class above it which has one."""
    for cls in type(error).__mro__:
        code = getattr(cls, "code", "")
        if code in KINDS:
            return str(code)
    return "error"


def status_of(error: SuyuanError) -> int:
    """Return the HTTP status that *error* is answered with."""
    return KINDS[kind_of(error)].status


def problems_of(error: SuyuanError) -> tuple[Problem, ...]:
    """Return what *error* says to the caller; of what is broken inside, only that it is."""
    if isinstance(error, Refused):
        return error.problems
    if isinstance(error, Missing | Unavailable):
        return (error.problem,)
    return (CONTRADICTION.at(),)


def language_of(request: Request) -> Language:
    """Return the language that the caller asks for; Chinese where it names none."""
    return choose_language(request.headers.get("accept-language", ""))


def answer(
    kind: str, problems: Sequence[Problem], language: Language, results: Sequence[Result] | None = None
) -> JSONResponse:
    """Return the problem document of *kind* that lists *problems*."""
    found = KINDS[kind]
    document = ProblemDocument(
        type=f"/problems/{kind}",
        title=found.title(language),
        status=found.status,
        detail=problems[0].text(language) if problems else found.title(language),
        errors=field_problems(problems, language),
        results=list(results) if results is not None else None,
    )
    content = document.model_dump(mode="json", exclude_none=True)
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    return JSONResponse(content, found.status, headers, MEDIA_TYPE)


def field_problems(problems: Iterable[Problem], language: Language) -> list[FieldProblem]:
    """Return *problems* as they stand in a document."""
    return [
        FieldProblem(code=one.code, pointer=one.pointer, detail=one.text(language), values=dict(one.values))
        for one in problems
    ]


def answer_error(error: SuyuanError, language: Language) -> JSONResponse:
    """Return the problem document of *error*."""
    response = answer(kind_of(error), problems_of(error), language)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def answer_http(error: HTTPException, language: Language) -> JSONResponse:
    """Return the problem document of an error that the router found: no such path, no such method."""
    kinds = {404: ("path", NO_PATH), 405: ("method", NO_METHOD)}
    kind, reason = kinds.get(error.status_code, ("malformed", UNREADABLE))
    response = answer(kind, [reason.at()], language)
    response.headers.update(error.headers or {})
    return response


def answer_parameters(error: RequestValidationError, language: Language) -> JSONResponse:
    """Return the problem document of parameters that are not as the route asks."""
    problems = [
        PARAMETER.at("/" + "/".join(str(part) for part in one["loc"]), detail=str(one["msg"]))
        for one in error.errors()
    ]
    return answer("malformed", problems, language)


def answer_failure(language: Language) -> JSONResponse:
    """Return the problem document of a failure that nobody foresaw."""
    return answer("error", [FAILED.at()], language)


def documented(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of *kinds*, by status; every route adds ``unavailable``, ``error`` and the rest."""
    by_status: dict[int, list[str]] = {}
    for kind in (*kinds, "unavailable", "error", "broken"):
        by_status.setdefault(KINDS[kind].status, []).append(kind)
    responses: dict[int | str, dict[str, Any]] = {
        status: _response("; ".join(f"`/problems/{kind}`: {KINDS[kind].en}" for kind in found))
        for status, found in by_status.items()
    }
    return {**responses, "default": _response("Any other problem, in the same form")}


def _response(description: str) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/ProblemDocument"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": reference}}}
