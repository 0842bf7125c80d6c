"""The OpenAPI document: whole, without a CDN, and true about every error."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from suyuan.api.problems import KINDS, kind_of, problems_of, status_of
from suyuan.errors import Broken, Conflict, Missing, ProofWrong, Reason, Refused, SignatureWrong, Unavailable
from suyuan.qr.code import CodeMistyped
from tests.served import Site


@pytest.fixture(scope="module")
def document(reading_site: Site) -> dict[str, Any]:
    found: dict[str, Any] = reading_site.json("/openapi.json")
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, one) for path, methods in document["paths"].items() for one in methods.values()]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])
    assert {"ProblemDocument", "StatementsIn", "StatementIn", "CodeOut"} <= names


def test_every_route_of_the_api_documents_its_errors_as_problems(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        if not path.startswith("/api/"):
            continue
        for status, response in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (path, status)
        assert "default" in operation["responses"]
        assert "503" in operation["responses"]
        assert operation["summary"]


def test_operations_have_stable_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert "post_statements" in names


def test_pages_are_not_part_of_the_document(document: dict[str, Any]) -> None:
    assert all(path.startswith(("/api/", "/healthz", "/readyz", "/problems/")) for path in document["paths"])


def test_every_kind_of_problem_is_listed(document: dict[str, Any]) -> None:
    assert all(f"`/problems/{kind}`" in document["info"]["description"] for kind in KINDS)


def test_each_type_of_problem_explains_itself(reading_site: Site) -> None:
    for kind, found in KINDS.items():
        told = reading_site.json(f"/problems/{kind}")
        assert (told["status"], told["title"]["en"]) == (found.status, found.en)
    assert reading_site.get("/problems/nothing").status_code == 404


def test_no_page_of_docs_loads_from_elsewhere(reading_site: Site) -> None:
    for path in ("/docs", "/redoc"):
        assert reading_site.get(path).status_code == 404


REASON = Reason("x", "某事", "something")


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (Refused(REASON.at()), "refused", 422),
        (Conflict(REASON.at()), "conflict", 422),
        (SignatureWrong(REASON.at()), "statement.signature", 422),
        (CodeMistyped(REASON.at()), "code.mistyped", 400),
        (Missing(REASON.at()), "missing", 404),
        (Unavailable(REASON.at()), "unavailable", 503),
        (Broken("secret detail"), "broken", 500),
        (ProofWrong("secret detail"), "error", 500),
    ],
)
def test_each_error_has_its_kind_and_status(error: Any, kind: str, status: int) -> None:
    assert (kind_of(error), status_of(error)) == (kind, status)


def test_what_is_broken_inside_is_not_told_outside() -> None:
    assert "secret detail" not in str(problems_of(Broken("secret detail")))
