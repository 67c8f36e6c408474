"""The OpenAPI document and the application agree: routes, parameters, answers, problems and limits."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from searchsvc import __version__
from searchsvc.api import schema
from searchsvc.api.filters import spell_name
from searchsvc.api.parameter_reader import CONCORDANCE, LISTING, MAX_FILTERS, PARAMETERS, QUOTATION
from searchsvc.api.parameters import CSV, SHAPE
from searchsvc.config import Settings
from searchsvc.model.article import MAX_VALUE_BYTES, METADATA
from searchsvc.model.periods import Period
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY, PER_PAGE, SNIPPETS
from searchsvc.search.quotations import MAX_CHARACTERS
from searchsvc.web.app import create_app
from searchsvc.web.openapi import document
from searchsvc.web.operations import OPERATIONS, PROBLEMS
from searchsvc.web.uploads import OPERATIONS as WRITING

TOKEN = "a-token-for-writers"
READING = document("Archive", OPERATIONS)
WHOLE = document("Archive", (*OPERATIONS, *WRITING))
PROGRAMS = ("/concordance.", "/api/v1/", "/search.", "/trends.", "/alerts/", "/healthz", "/readyz", "/metrics")
UNDESCRIBED = {("/api/v1/openapi.json", "get"), ("/api/v1/docs", "get")}


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
    return {(path, method) for path, method in found if path.startswith(PROGRAMS) or "{id}." in path}


# Routes


@pytest.mark.parametrize(("token", "described"), [("", READING), (TOKEN, WHOLE)], ids=["reading", "writing"])
def test_every_route_is_described_and_every_description_has_a_route(sample: Settings, token: str, described: Any) -> None:
    app = create_app(Settings(corpus=sample.corpus, index=sample.index, write_token=token))
    assert routes(app) - UNDESCRIBED == {(path, method) for path, method, _ in operations(described)}
    shown = app.test_client().get("/api/openapi.json").get_json()["paths"]
    assert {path: set(methods) for path, methods in shown.items()} == {
        path: set(methods) for path, methods in described["paths"].items()
    }


def test_schemas_are_built_once() -> None:
    schemas = document("Archive", OPERATIONS)["components"]["schemas"]
    assert document("Another", OPERATIONS, "/archive", {"mood"}, private=True)["components"]["schemas"] is schemas
    assert WHOLE["components"]["schemas"].keys() > schemas.keys()


def test_operations_that_write_are_described_with_a_token_only() -> None:
    names = {operation["operationId"] for _, _, operation in operations(READING)}
    assert names.isdisjoint(each.name for each in WRITING)
    posted = {each["operationId"] for _, method, each in operations(READING) if method != "get"}
    assert posted == {"post_search", "post_quote"}
    assert {operation["operationId"] for _, _, operation in operations(WHOLE)} - names == {each.name for each in WRITING}


@pytest.mark.parametrize(
    ("operation", "parameter", "meaning"),
    [
        ("suggest", "limit", "Entries of each kind."),
        ("similar", "limit", "The number of articles."),
        ("search", "q", "The query; leave it empty for all articles."),
        ("article", "q", "A query whose matches are highlighted."),
    ],
)
def test_parameters_say_what_they_do_in_their_operation(operation: str, parameter: str, meaning: str) -> None:
    described = {each["name"]: each["description"] for each in named(operation)["parameters"]}
    assert described[parameter] == meaning


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
        ("search", {*PARAMETERS, *SHAPE}),
        ("post_search", set()),
        ("values", {*PARAMETERS, *LISTING} - {"per_page", "cursor"}),
        ("feed", set(PARAMETERS) - {"page", "per_page", "cursor"}),
        ("csv", {*PARAMETERS, *CSV} - {"page", "per_page", "cursor"}),
        ("jsonl", set(PARAMETERS) - {"page", "per_page", "cursor"}),
        ("suggest", {*PARAMETERS, "limit"} - {"page", "per_page", "cursor"}),
        ("similar", {"limit", "lang"}),
        ("concordance", set(CONCORDANCE)),
        ("concordance_csv", {*CONCORDANCE} - {"page"}),
        ("quote", set(QUOTATION)),
        ("post_quote", set()),
        ("article", {"q", "match", "highlight", "lang"}),
        ("put", set()),
        ("put_all", set()),
        ("metrics", set()),
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
        ("search", "snippets", {"minimum": 0, "maximum": 5, "default": SNIPPETS}),
        ("search", "highlight", {"enum": ["both", "html", "spans"], "default": "both"}),
        ("search", "filter", {"type": "array", "maxItems": MAX_FILTERS}),
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
    for field in METADATA:
        assert query_parameters("search")[field]["items"]["maxLength"] == MAX_VALUE_BYTES


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("2022", True),
        ("2022-1", True),
        ("2022-12-23", True),
        ("22", False),
        ("2022-12-", False),
        ("2022-12-23T10:00", False),
        ("2022-13", False),
        ("2022-02-29", False),
        ("2024-2-29", True),
        ("2000-02-29", True),
        ("1900-02-29", False),
        ("2022-06-31", False),
        ("2022-12-31", True),
        ("0000", False),
        ("0001-01-01", True),
    ],
)
@pytest.mark.parametrize("name", ["from", "to", "date"])
def test_days_have_the_pattern_of_a_period(name: str, text: str, matches: bool) -> None:
    found = query_parameters("search")[name]
    assert bool(re.search(found.get("items", found)["pattern"], text)) == matches


@given(st.dates().map(str) | st.from_regex(r"\d{4}-\d\d?-\d\d?", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_the_pattern_of_days_knows_the_calendar(text: str) -> None:
    assert bool(re.search(query_parameters("search")["from"]["pattern"], text)) == (Period.parse(text) is not None)


FIELDS = ("place", "a.b", "geo:lat", "-x", "a\\b|c", "none")


@pytest.mark.parametrize("field", FIELDS)
def test_the_patterns_of_an_archive_know_its_fields(field: str) -> None:
    (search,) = (
        each for _, _, each in operations(document("A", OPERATIONS, fields=FIELDS)) if each["operationId"] == "search"
    )
    patterns = {each["name"]: each["schema"].get("items", {}).get("pattern") for each in search["parameters"]}
    for excluded in ("", "-"):
        assert re.search(patterns["filter"], f"{excluded}{spell_name(field)}:x")
    assert re.search(patterns["facet"], spell_name(field))
    assert not re.search(patterns["filter"], f"{spell_name(field)}x:x")
    for empty in ("", "\\"):
        assert not re.search(patterns["filter"], f"{spell_name(field)}:{empty}")


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


ALWAYS = {400, 405, 406, 408, 413, 414, 429, 431, 500, 501, 503, 505}
"""Statuses of the server, of the framework, and of parameters that do not exist."""


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("search", {200, 401, 404}),
        ("post_search", {200, 401, 404, 415}),
        ("article", {200, 401, 404}),
        ("similar", {200, 401, 404}),
        ("values", {200, 401, 404}),
        ("csv", {200, 401}),
        ("health", {200}),
        ("ready", {200}),
        ("put", {200, 201, 202, 401}),
        ("put_all", {200, 202, 401}),
        ("delete", {200, 202, 401, 404}),
        ("reindex", {202, 401, 409}),
        ("reindexing", {200, 401}),
    ],
)
def test_statuses_of_each_operation(name: str, others: set[int]) -> None:
    assert {int(status) for status in named(name)["responses"]} == ALWAYS | others


def test_problems_are_described_by_status() -> None:
    described = WHOLE["components"]["responses"]
    for _, _, operation in operations(WHOLE):
        for status, answer in operation["responses"].items():
            if status < "400":
                continue
            if "$ref" in answer:
                assert answer["$ref"] == f"#/components/responses/{PROBLEMS[int(status)][0]}"
                answer = described[PROBLEMS[int(status)][0]]  # noqa: PLW2901
                assert answer["description"] == PROBLEMS[int(status)][1]
            (kind,) = answer["content"]
            assert (kind, answer["content"][kind]["schema"]["$ref"]) == (
                *("application/problem+json", f"#/components/schemas/{schema.Problem.__name__}"),
            )


def test_every_problem_of_a_status_is_used() -> None:
    found = set(re.findall(r"'#/components/responses/([\w-]+)'", str(WHOLE)))
    assert found == set(WHOLE["components"]["responses"])


@pytest.mark.parametrize("private", [False, True])
def test_each_operation_says_which_token_it_needs(private: bool) -> None:
    described = document("Archive", (*OPERATIONS, *WRITING), private=private)
    needing = {each["operationId"] for _, _, each in operations(described) if each["security"] == [{"token": []}]}
    every = {each["operationId"] for _, _, each in operations(described)}
    writing = {each.name for each in WRITING}
    assert needing == (every - {"health", "ready"} if private else writing)


def test_facets_are_told_apart_by_their_kind() -> None:
    facets = WHOLE["components"]["schemas"]["SearchAnswer"]["properties"]["facets"]["items"]
    assert facets["discriminator"]["propertyName"] == "kind"
    assert {each["$ref"] for each in facets["oneOf"]} == set(facets["discriminator"]["mapping"].values())


def test_answers_have_all_of_their_members_unless_a_request_chooses() -> None:
    for name, each in WHOLE["components"]["schemas"].items():
        if name not in ("Hit", "Highlighted"):
            assert each["required"] == list(each["properties"]), name
    assert WHOLE["components"]["schemas"]["Hit"]["required"] == ["id", "title"]


@pytest.mark.parametrize("described", [READING, WHOLE], ids=["reading", "writing"])
def test_the_document_is_valid(described: dict[str, Any]) -> None:
    pytest.importorskip("openapi_spec_validator", reason="install the extra dev").validate(described)


def test_a_missing_article_is_described_as_such() -> None:
    assert named("article")["responses"]["404"]["description"] == "There is no such article."
    assert named("values")["responses"]["404"]["description"] == "No article has that field, or there is no such page."


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


def test_what_is_posted_or_put_has_a_body() -> None:
    having = {operation["operationId"] for _, _, operation in operations(WHOLE) if "requestBody" in operation}
    assert having == {"put", "put_all", "post_quote", "post_search"}
    assert named("put")["requestBody"]["required"] is True
    body = named("post_quote")["requestBody"]
    assert list(body["content"]) == ["application/json", "application/x-www-form-urlencoded"]
    assert set(body["content"]["application/json"]["schema"]["properties"]) == set(QUOTATION)
