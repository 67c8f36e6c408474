"""The OpenAPI document and the application agree: routes, parameters, answers, problems and limits."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from searchsvc import __version__
from searchsvc.api import schema
from searchsvc.api.parameter_reader import LISTING, PARAMETERS, QUOTATION
from searchsvc.config import Settings
from searchsvc.model.article import MAX_VALUE_BYTES
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY, PER_PAGE
from searchsvc.search.quotations import MAX_CHARACTERS
from searchsvc.web.app import create_app
from searchsvc.web.openapi import OPERATIONS, PROBLEMS, document
from searchsvc.web.uploads import OPERATIONS as WRITING

TOKEN = "a-token-for-writers"
READING = document("Archive", OPERATIONS)
WHOLE = document("Archive", (*OPERATIONS, *WRITING))
PROGRAMS = ("/api/", "/search.", "/healthz", "/readyz")
UNDESCRIBED = {("/api/openapi.json", "get"), ("/api/docs", "get")}


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and description of each operation."""
    for path, methods in described["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items())


def named(name: str) -> dict[str, Any]:
    """Return the description of an operation."""
    (found,) = (operation for _, _, operation in operations(WHOLE) if operation["operationId"] == name)
    return found


def query_parameters(name: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each["schema"] for each in named(name)["parameters"] if each["in"] == "query"}


def routes(app: Flask) -> set[tuple[str, str]]:
    """Return path and method of each route for programs, as the document writes them."""
    found = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<anything:(?:article_)?(\w+)>", r"{\1}", rule.rule).replace("{name}", "{field}")
        found |= {(path, method.lower()) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return {(path, method) for path, method in found if path.startswith(PROGRAMS)}


# Routes


@pytest.mark.parametrize(("token", "described"), [("", READING), (TOKEN, WHOLE)], ids=["reading", "writing"])
def test_every_route_is_described_and_every_description_has_a_route(sample: Settings, token: str, described: Any) -> None:
    app = create_app(Settings(corpus=sample.corpus, index=sample.index, write_token=token))
    assert routes(app) - UNDESCRIBED == {(path, method) for path, method, _ in operations(described)}
    assert app.test_client().get("/api/openapi.json").get_json()["paths"] == described["paths"]


def test_operations_that_write_are_described_with_a_token_only() -> None:
    names = {operation["operationId"] for _, _, operation in operations(READING)}
    assert names.isdisjoint(each.name for each in WRITING)
    assert {method for _, method, each in operations(READING) if each["operationId"] != "post_quote"} == {"get"}
    assert {operation["operationId"] for _, _, operation in operations(WHOLE)} - names == {each.name for each in WRITING}


def test_operations_have_unique_names_and_a_summary() -> None:
    names = [each.name for each in (*OPERATIONS, *WRITING)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Z].*[^.]", operation["summary"]) for _, _, operation in operations(WHOLE))


@pytest.mark.parametrize("title", ["Archive", "Ärchive & <co>", ""])
def test_the_document_is_named_after_the_archive(title: str) -> None:
    info = document(title, OPERATIONS)["info"]
    assert (info["title"], info["version"]) == (f"{title}: search", __version__)


# Parameters


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("search", {*PARAMETERS, "FIELD", "facet"}),
        ("values", {*PARAMETERS, "FIELD", *LISTING} - {"per_page", "cursor"}),
        ("feed", {*PARAMETERS, "FIELD"} - {"page", "per_page", "cursor"}),
        ("csv", {*PARAMETERS, "FIELD"} - {"page", "per_page", "cursor"}),
        ("jsonl", {*PARAMETERS, "FIELD"} - {"page", "per_page", "cursor"}),
        ("suggest", {*PARAMETERS, "FIELD", "limit"} - {"page", "per_page", "cursor"}),
        ("similar", {"limit"}),
        ("quote", {*QUOTATION, "FIELD"}),
        ("post_quote", set()),
        ("article", set()),
        ("put", set()),
        ("delete", set()),
        ("reindex", {"full"}),
        ("reindexing", set()),
        ("health", set()),
        ("ready", set()),
    ],
)
def test_parameters_of_each_operation(name: str, expected: set[str]) -> None:
    assert set(query_parameters(name)) == expected


@pytest.mark.parametrize(
    ("name", "parameter", "limits"),
    [
        ("search", "q", {"maxLength": MAX_QUERY}),
        ("search", "page", {"minimum": 1, "maximum": MAX_DEPTH}),
        ("search", "per_page", {"minimum": 1, "maximum": MAX_PER_PAGE, "default": PER_PAGE}),
        ("search", "match", {"enum": ["all", "any"], "default": "all"}),
        ("search", "sort", {"enum": ["relevance", "newest", "oldest"], "default": "relevance"}),
        ("values", "order", {"enum": ["count", "value"], "default": "count"}),
        ("quote", "text", {"minLength": 1, "maxLength": MAX_CHARACTERS}),
        ("quote", "limit", {"minimum": 1, "maximum": MAX_PER_PAGE, "default": PER_PAGE}),
        ("suggest", "limit", {"minimum": 1, "maximum": MAX_PER_PAGE, "default": 5}),
        ("reindex", "full", {"type": "boolean", "default": False}),
    ],
)
def test_limits_and_defaults_are_those_of_the_code(name: str, parameter: str, limits: dict[str, Any]) -> None:
    assert query_parameters(name)[parameter].items() >= limits.items()
    assert query_parameters("search")["FIELD"]["additionalProperties"]["maxLength"] == MAX_VALUE_BYTES


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("2022", True),
        ("2022-1", True),
        ("2022-12-23", True),
        ("22", False),
        ("2022-12-", False),
        ("2022-12-23T10:00", False),
    ],
)
@pytest.mark.parametrize("name", ["from", "to", "date"])
def test_days_have_the_pattern_of_a_period(name: str, text: str, matches: bool) -> None:
    found = query_parameters("search")[name]
    assert bool(re.search(found.get("items", found)["pattern"], text)) == matches


def test_every_parameter_is_described() -> None:
    for path, method, operation in operations(WHOLE):
        for each in operation["parameters"]:
            assert each["in"] == "path" or each["description"].endswith("."), (path, method, each["name"])


def test_parts_of_a_path_are_required_parameters() -> None:
    for path, _, operation in operations(WHOLE):
        found = [each["name"] for each in operation["parameters"] if each["in"] == "path" and each["required"]]
        assert found == re.findall(r"\{(\w+)\}", path)


# Answers


@pytest.mark.parametrize("described", [READING, WHOLE], ids=["reading", "writing"])
def test_every_schema_is_described_and_closed(described: dict[str, Any]) -> None:
    for name, each in described["components"]["schemas"].items():
        assert each["description"], name
        assert each["additionalProperties"] is False, name


def test_references_lead_to_schemas_and_every_schema_is_used() -> None:
    for described in (READING, WHOLE):
        found = set(re.findall(r"'#/components/schemas/(\w+)'", str(described)))
        assert found == set(described["components"]["schemas"])


def test_attributes_are_described_by_their_docstrings() -> None:
    properties = WHOLE["components"]["schemas"]["Hit"]["properties"]
    assert properties["score"]["description"] == "Null if the hits are sorted by date."


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("search", "200 400 401 429 500 503"),
        ("article", "200 400 401 404 429 500 503"),
        ("similar", "200 400 401 404 429 500 503"),
        ("values", "200 400 401 404 429 500 503"),
        ("csv", "200 400 401 429 500 503"),
        ("health", "200 500"),
        ("ready", "200 400 401 429 500 503"),
        ("put", "200 201 202 400 401 413 429 500 503"),
        ("delete", "200 202 400 401 404 429 500 503"),
        ("reindex", "202 400 401 409 429 500 503"),
        ("reindexing", "200 400 401 429 500 503"),
    ],
)
def test_statuses_of_each_operation(name: str, statuses: str) -> None:
    assert " ".join(named(name)["responses"]) == statuses


def test_problems_are_described_by_status() -> None:
    for _, _, operation in operations(WHOLE):
        for status, answer in operation["responses"].items():
            if status < "400":
                continue
            (kind,) = answer["content"]
            assert (kind, answer["content"][kind]["schema"]["$ref"]) == (
                *("application/problem+json", f"#/components/schemas/{schema.Problem.__name__}"),
            )
            assert status == "404" or answer["description"] == PROBLEMS[int(status)][1]


def test_a_missing_article_is_described_as_such() -> None:
    assert named("article")["responses"]["404"]["description"] == "There is no such article."
    assert named("values")["responses"]["404"]["description"] == "No article has that field."


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("feed", "application/atom+xml"),
        ("csv", "text/csv"),
        ("jsonl", "application/x-ndjson"),
        ("search", "application/json"),
    ],
)
def test_media_types_of_answers(name: str, kind: str) -> None:
    assert list(named(name)["responses"]["200"]["content"]) == [kind]


def test_only_an_upload_and_a_quotation_have_a_body() -> None:
    having = [operation["operationId"] for _, _, operation in operations(WHOLE) if "requestBody" in operation]
    assert having == ["put", "post_quote"]
    assert named("put")["requestBody"]["required"] is True
    body = named("post_quote")["requestBody"]
    assert list(body["content"]) == ["application/json", "application/x-www-form-urlencoded"]
    assert set(body["content"]["application/json"]["schema"]["properties"]) == set(QUOTATION)
