"""The one way in: statements signed by registered keys, one or many, each answered with a receipt or its problems."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from ..capture.outcome import Accepted, Outcome, Private, Submission
from ..errors import Problem, Reason, Refused, SuyuanError
from ..ledger.disclosure import parse_disclosure
from .problems import (
    Malformed,
    WrongMediaType,
    answer,
    documented,
    field_problems,
    kind_of,
    language_of,
    problems_of,
)
from .wire import NotInShape, Receipt, Receipts, Result, StatementIn, format_receipts, read_statements

Submit = Callable[[Sequence[Submission]], Awaitable[list[Outcome]]]
"""What appends submissions: one outcome for each."""

JSON_BODY = Reason("request.json", "不是有效的 JSON", "the body is not valid JSON")
FIELD = Reason("request.field", "字段不符合格式：{detail}", "the field does not have its form: {detail}")
MEDIA = Reason(
    "request.media-type",
    "请用 application/json 或 application/jose",
    "send application/json or application/jose",
)
ASCII = Reason("request.ascii", "紧凑 JWS 只含 ASCII 字符", "a compact JWS is ASCII")

_STATEMENT: Final = {"$ref": "#/components/schemas/StatementIn"}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"anyOf": [{"$ref": "#/components/schemas/StatementsIn"}, _STATEMENT]}
            },
            "application/jose": {"schema": {"type": "string", "description": "one compact JWS (RFC 7515)"}},
        },
    }
}


class _Direct(APIRoute):
    """A route whose function takes the request as it is and makes the answer: described as others, called at once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function itself."""
        return self.endpoint


def build_statements(submit: Submit) -> APIRouter:
    """Return the route that writes, through *submit*."""
    router = APIRouter(tags=["statements"], route_class=_Direct)

    @router.post(
        "/api/v1/statements",
        status_code=201,
        response_model=Receipts,
        responses=documented(
            "malformed", "too-large", "media-type", "refused", "conflict", "statement.signature"
        ),
        openapi_extra=BODY,
    )
    async def post_statements(request: Request) -> Response:
        """
        Append signed statements; nothing else is taken.

        They are independent and taken in order. 201 when all are accepted. Else a problem whose ``results`` say what
        became of each: accepted ones stay accepted. Sending the same bytes again gives the same receipt.
        """
        is_many, statements = _read(request.headers.get("content-type", ""), await request.body())
        read = [_submission(one) for one in statements]
        good = [one for one in read if isinstance(one, Submission)]
        made = iter(await submit(good))
        outcomes = [next(made) if isinstance(one, Submission) else one for one in read]
        return _answer(outcomes, is_many, request)

    return router


def _read(content_type: str, body: bytes) -> tuple[bool, list[StatementIn]]:
    media = content_type.partition(";")[0].strip().lower()
    if media == "application/jose":
        try:
            return False, [StatementIn(statement=body.decode("ascii").strip())]
        except UnicodeDecodeError:
            raise Malformed(ASCII.at()) from None
    if media != "application/json":
        raise WrongMediaType(MEDIA.at())
    try:
        return read_statements(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed(JSON_BODY.at()) from None
    except NotInShape as wrong:
        raise Malformed([FIELD.at(pointer, detail=detail) for pointer, detail in wrong.problems]) from None


def _submission(statement: StatementIn) -> Submission | Refused:
    private: list[Private] = []
    problems: list[Problem] = []
    for number, one in enumerate(statement.disclosures):
        try:
            private.append(Private(parse_disclosure(one.text), one.person, foreign=True))
        except Refused as refused:
            problems += [
                Problem(problem.code, problem.zh, problem.en, f"/disclosures/{number}/text", problem.values)
                for problem in refused.problems
            ]
    return Refused(problems) if problems else Submission(statement.statement, tuple(private))


def _answer(outcomes: Sequence[Outcome], is_many: bool, request: Request) -> Response:
    accepted = [one for one in outcomes if isinstance(one, Accepted)]
    if len(accepted) == len(outcomes):
        return Response(format_receipts(accepted), 201, media_type="application/json")
    language = language_of(request)
    results: list[Result] = []
    problems: list[Problem] = []
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Accepted):
            results.append(Result(status="accepted", receipt=Receipt.model_validate(outcome)))
            continue
        found = _placed(outcome, f"/statements/{number}" if is_many else "")
        problems += found
        results.append(Result(status="refused", errors=field_problems(found, language)))
    kinds = {kind_of(one) for one in outcomes if isinstance(one, SuyuanError)}
    return answer(kinds.pop() if len(kinds) == 1 else "refused", problems, language, results)


def _placed(error: SuyuanError, prefix: str) -> list[Problem]:
    """Return the problems of one statement with pointers into the request."""
    placed = []
    for problem in problems_of(error):
        if problem.pointer.startswith("/disclosures/"):
            pointer = problem.pointer
        elif problem.pointer or not problem.code.startswith("statement."):
            pointer = "/payload" + problem.pointer
        else:
            pointer = "/statement"
        placed.append(Problem(problem.code, problem.zh, problem.en, prefix + pointer, problem.values))
    return placed
