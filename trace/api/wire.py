"""The models of what goes over the wire: requests, receipts, problems, health."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..capture.outcome import Accepted
from ..ledger.moment import format_moment


def _moment(value: object) -> object:
    return format_moment(value) if isinstance(value, datetime) else value


def _hex(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


Moment = Annotated[
    str, BeforeValidator(_moment), Field(description="UTC, RFC 3339", examples=["2026-10-08T01:00:11.000Z"])
]
Hex = Annotated[str, BeforeValidator(_hex), Field(description="32 bytes, 64 lower-case hex digits")]
Base64 = Annotated[str, Field(description="RFC 4648 section 4, with padding")]


class Read(BaseModel):
    """What is read off a dataclass with the same fields."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Words(Read):
    """One thing said in both languages."""

    zh: str
    en: str


# Requests


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class DisclosureIn(_Taken):
    """A private field's SD-JWT disclosure (RFC 9901), and the minted id of the person whose key seals it."""

    text: Annotated[str, Field(max_length=20_000)]
    person: Annotated[str, Field(pattern=r"^[0-9A-HJKMNP-TV-Z]{4,40}\z")]


class StatementIn(_Taken):
    """A signed statement: a compact JWS, with the disclosures of the digests in its ``_sd``."""

    statement: str
    disclosures: Annotated[list[DisclosureIn], Field(max_length=64)] = []


class StatementsIn(_Taken):
    """Statements that are independent of each other, taken in order."""

    statements: Annotated[list[StatementIn], Field(min_length=1, max_length=1000)]


class NotInShape(ValueError):
    """A body that is JSON but not a request; ``problems`` holds JSON pointers and what is wrong there."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("the body is not a request")


def read_statements(found: object) -> tuple[bool, list[StatementIn]]:
    """
    Return whether *found*, decoded JSON, is a list of statements or a single one, and the statements.

    Raises:
        NotInShape: it is neither.
    """
    is_many = isinstance(found, dict) and "statements" in found
    try:
        if is_many:
            return True, StatementsIn.model_validate(found).statements
        return False, [StatementIn.model_validate(found)]
    except ValidationError as error:
        raise NotInShape(
            [
                ("".join(f"/{part}" for part in one["loc"]), one["msg"])
                for one in error.errors(include_url=False)
            ]
        ) from None


# Problems, RFC 9457


class FieldProblem(BaseModel):
    """One thing that is wrong: a stable code, a JSON pointer into the request, a sentence, and figures."""

    code: str
    pointer: str
    detail: str
    values: dict[str, str | int] = {}


class Receipt(Read):
    """The log's word that a statement became an entry: a JWS of log, index, leaf and time by its receipt key."""

    event_id: str
    index: int
    leaf: Hex
    at: Moment
    receipt: str
    replayed: bool = Field(description="the same statement had been taken before")


class Result(BaseModel):
    """What became of one statement; an accepted one stays accepted, whatever became of the others."""

    status: Literal["accepted", "refused"]
    receipt: Receipt | None = None
    errors: list[FieldProblem] | None = None


class ProblemDocument(BaseModel):
    """A problem (RFC 9457, application/problem+json)."""

    type: str = Field(
        description="stable path that names the kind of problem", examples=["/problems/refused"]
    )
    title: str
    status: int
    detail: str
    errors: list[FieldProblem]
    results: list[Result] | None = Field(None, description="one for each statement, in order")


class KindOut(BaseModel):
    """A kind of problem, as its ``type`` explains it."""

    type: str
    status: int
    title: Words


class Receipts(BaseModel):
    """A receipt for each statement, in order."""

    receipts: list[Receipt]


def format_receipts(accepted: Sequence[Accepted]) -> bytes:
    """Return ``Receipts`` as JSON; the model would take ten times as long, for each statement that is written."""
    receipts = [
        {
            "event_id": one.event_id,
            "index": one.index,
            "leaf": one.leaf.hex(),
            "at": format_moment(one.at),
            "receipt": one.receipt,
            "replayed": one.replayed,
        }
        for one in accepted
    ]
    return msgspec.json.encode({"receipts": receipts})


# Health


class PointOut(Read):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


class HealthOut(BaseModel):
    """Whether the process may take requests, and why not."""

    ok: bool
    points: list[PointOut]


def schemas() -> dict[str, Any]:
    """Return the JSON Schemas of the models that the OpenAPI document names by reference only."""
    template = "#/components/schemas/{model}"
    made: dict[str, Any] = {}
    for model, mode in _NAMED:
        schema = model.model_json_schema(mode=mode, ref_template=template)
        made |= schema.pop("$defs", {})
        made[model.__name__] = schema
    return made


_NAMED: Final[list[tuple[type[BaseModel], Literal["validation", "serialization"]]]] = [
    (ProblemDocument, "serialization"),
    (StatementsIn, "validation"),
]
